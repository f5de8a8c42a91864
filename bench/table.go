package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A sample is what one run of a benchmark gave.
type sample struct {
	Name    string   `json:"name"`
	Seconds float64  `json:"seconds"`
	PeakMB  float64  `json:"peak_rss_mb"`
	Torch   string   `json:"torch"`
	Threads int      `json:"threads"`
	Check   *float64 `json:"check"` // the same in all languages; nil where it cannot be
	wall    float64
}

// value returns a quantity: seconds, or MiB of memory.
func (s sample) value(of quantity) float64 {
	switch of {
	case wall:
		return s.wall
	case peak:
		return s.PeakMB
	}
	return s.Seconds
}

// samples holds, by language and benchmark, one sample a round.
type samples [languages]map[string][]sample

func newSamples() (s samples) {
	for l := range s {
		s[l] = map[string][]sample{}
	}
	return s
}

// median returns the middle of the values, or NaN where there are none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	values = slices.Sorted(slices.Values(values))
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// ratios divides what two benchmarks gave in the same round.
func ratios(a, b []sample, of quantity) []float64 {
	list := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		if d := b[i].value(of); d > 0 {
			list = append(list, a[i].value(of)/d)
		}
	}
	return list
}

// spread formats ratios as their median and range.
func spread(ratios []float64) string {
	switch len(ratios) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.2f", ratios[0])
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}

// amount formats the median of a quantity.
func amount(list []sample, of quantity) string {
	values := make([]float64, len(list))
	for i, s := range list {
		values[i] = s.value(of)
	}
	v := median(values)
	switch {
	case math.IsNaN(v):
		return "–"
	case of == peak:
		return fmt.Sprintf("%.0f MB", v)
	case v < 1e-5:
		return fmt.Sprintf("%.0f ns", v*1e9)
	case v < 1e-3:
		return fmt.Sprintf("%.0f µs", v*1e6)
	case v < 0.1:
		return fmt.Sprintf("%.2f ms", v*1e3)
	}
	return fmt.Sprintf("%.2f s", v)
}

// verdict says what a row's targets are, and for each if the median meets it.
func verdict(r row, toCpp, toPython []float64) (target, met string) {
	var targets, answers []string
	judge := func(limit float64, other language, measured []float64) {
		if limit == 0 {
			return
		}
		targets = append(targets, fmt.Sprintf("≤ %.2f × %v", limit, other))
		switch m := median(measured); {
		case math.IsNaN(m):
			answers = append(answers, "not measured")
		case m <= limit:
			answers = append(answers, "yes")
		default:
			answers = append(answers, "**no**")
		}
	}
	judge(r.atMost, inCpp, toCpp)
	judge(r.atMostPy, inPython, toPython)
	return strings.Join(targets, ", "), strings.Join(answers, ", ")
}

// table returns the rows that were measured in Markdown.
func table(rows []row, s samples) string {
	var out strings.Builder
	out.WriteString("| | Go ÷ C++ | Go ÷ Python | C++ ÷ Python | Target | Met | Go | C++ | Python |\n")
	out.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		g, cpp, python := s[inGo][r.goName], s[inCpp][r.cpp], s[inPython][r.python]
		if len(g) == 0 {
			continue
		}
		toCpp, toPython := ratios(g, cpp, r.of), ratios(g, python, r.of)
		target, met := verdict(r, toCpp, toPython)
		cells := []string{r.label, spread(toCpp), spread(toPython), spread(ratios(cpp, python, r.of)), target, met,
			amount(g, r.of), amount(cpp, r.of), amount(python, r.of)}
		out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	return out.String()
}

// differences says where languages computed different values, or where their
// libtorch differs.
func differences(rows []row, s samples) []string {
	var list []string
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for _, r := range rows {
		ours := s[inGo][r.goName]
		for l := inCpp; l < languages; l++ {
			theirs := s[l][r.name(l)]
			if len(ours) == 0 || len(theirs) == 0 {
				continue
			}
			a, b := ours[0], theirs[0]
			if va, vb := baseVersion(a.Torch), baseVersion(b.Torch); va != vb {
				say("Go uses libtorch %s, %v %s: the ratios compare versions too.", va, l, vb)
			}
			if a.Threads != b.Threads {
				say("%s: Go ran with %d threads, %v with %d.", r.goName, a.Threads, l, b.Threads)
			}
			// A row that sets different ways against each other has no name in common.
			same := r.cpp != "" || r.goName == r.python
			if same && a.Check != nil && b.Check != nil && math.Abs(*a.Check-*b.Check) > 1e-4*math.Max(1, math.Abs(*b.Check)) {
				say("%s: Go computed %v, %v %v: this is not the same work.", r.goName, *a.Check, l, *b.Check)
			}
		}
	}
	return list
}

// baseVersion cuts the build from a version such as "2.15.0+cpu".
func baseVersion(version string) string {
	base, _, _ := strings.Cut(version, "+")
	return base
}

package benchmark

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Colorize says which measurements of a table are compared by colors.
type Colorize int

// What is compared.
const (
	ColorizeNone       Colorize = iota // nothing: no colors
	ColorizeColumnwise                 // those of a column with as many threads
	ColorizeRowwise                    // those of a row
)

// Compare makes tables of measurements, one for each label. Measurements of the same task
// are merged; rows are sub-labels, or what statements are called, by the number of threads;
// columns are descriptions.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Compare
type Compare struct {
	results []*Measurement

	TrimSignificantFigures bool // show no more digits than mean something
	HighlightWarnings      bool // show the spread where it is large
	Colorize               Colorize
}

// NewCompare returns a comparison of measurements. It panics as [Compare.Extend] does.
func NewCompare(results ...*Measurement) *Compare {
	c := new(Compare)
	c.Extend(results...)
	return c
}

// Extend adds measurements. It panics if one is nil, or has no times or one that is not above 0.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Compare.extend_results
func (c *Compare) Extend(results ...*Measurement) {
	for _, m := range results {
		argument.NotNil("benchmark.Compare", "a measurement", m)
		for _, time := range m.Times() {
			if !(time > 0) || math.IsInf(time, 1) {
				panic(torch.Errorf("benchmark.Compare", torch.ValueError, "%s: a run took %v seconds", m.Title(), time))
			}
		}
		if len(m.RawTimes) == 0 {
			panic(torch.Errorf("benchmark.Compare", torch.ValueError, "%s: there are no times", m.Title()))
		}
	}
	c.results = append(c.results, results...)
}

// String returns the tables as PyTorch prints them.
func (c *Compare) String() string {
	var labels []string
	groups := map[string][]*Measurement{}
	for _, m := range Merge(c.results...) {
		if groups[m.Label] == nil {
			labels = append(labels, m.Label)
		}
		groups[m.Label] = append(groups[m.Label], m)
	}
	tables := make([]string, len(labels))
	for i, label := range labels {
		tables[i] = c.table(groups[label])
	}
	return strings.Join(tables, "\n")
}

// row is a row of a table.
type row struct {
	threads   int
	env, name string
	cells     []*Measurement // by column, nil where there is none
	group     int            // rows of the same number of threads
}

// column is how the cells of a column are written.
type column struct {
	width, decimals int
	spread          bool // whether there is room for warnings
	trim            bool
}

// table returns the table of one label.
func (c *Compare) table(results []*Measurement) string {
	var names []string // of columns
	var rows []*row
	for _, m := range results {
		if !slices.Contains(names, m.Description) {
			names = append(names, m.Description)
		}
	}
	least := math.Inf(1)
	envs := map[string]bool{}
	envWidth, warned := 0, false
	for _, m := range results {
		least = min(least, m.Median())
		envs[m.Env] = true
		envWidth = max(envWidth, utf8.RuneCountInString(m.Env))
		warned = warned || m.Warnings() != nil
		at := slices.IndexFunc(rows, func(r *row) bool { return r.threads == m.NumThreads && r.env == m.Env && r.name == m.rowName() })
		if at < 0 {
			at = len(rows)
			rows = append(rows, &row{threads: m.NumThreads, env: m.Env, name: m.rowName(), cells: make([]*Measurement, len(names))})
		}
		rows[at].cells[slices.Index(names, m.Description)] = m
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		if a.threads != b.threads {
			return a.threads - b.threads
		}
		return strings.Compare(a.env, b.env)
	})
	if len(envs) < 2 {
		envWidth = 0
	}
	unit, scale := SelectUnit(least)
	columns := make([]column, len(names))
	for j := range columns {
		columns[j] = c.column(rows, j, scale)
	}

	texts := [][]string{append([]string{""}, names...)}
	for i, r := range rows {
		if r.group = 0; i > 0 {
			r.group = rows[i-1].group
		}
		before := ""
		if i > 0 && rows[i-1].threads == r.threads {
			before = rows[i-1].env
		} else if i > 0 {
			r.group++
		}
		env := ""
		if len(envs) > 1 && r.env != before {
			env = "(" + r.env + ")"
		}
		cells := []string{"  " + padded(env, envWidth+4) + r.name}
		for j, m := range r.cells {
			cells = append(cells, columns[j].text(m, scale))
		}
		texts = append(texts, cells)
	}
	return c.layout(results[0].Label, rows, texts, unit, c.HighlightWarnings && warned)
}

// column finds out how to write the cells of a column.
func (c *Compare) column(rows []*row, j int, scale float64) column {
	k := column{trim: c.TrimSignificantFigures, decimals: math.MaxInt}
	digits := math.MinInt
	for _, r := range rows {
		m := r.cells[j]
		if m == nil {
			continue
		}
		leading := int(math.Ceil(log10(m.Median() / scale)))
		digits = max(digits, leading)
		k.decimals = min(k.decimals, max(m.SignificantFigures()-leading, 0))
		k.spread = k.spread || c.HighlightWarnings && m.Warnings() != nil
	}
	if !c.TrimSignificantFigures {
		k.decimals = 1
	}
	k.width = digits + k.decimals
	if k.decimals > 0 {
		k.width++
	}
	return k
}

// text writes a cell, as blanks where there is no measurement.
func (k column) text(m *Measurement, scale float64) string {
	if m == nil {
		one := &Measurement{NumberPerRun: 1, RawTimes: []float64{scale}}
		return strings.Repeat(" ", utf8.RuneCountInString(k.text(one, scale)))
	}
	value := m.Median() / scale
	if k.trim {
		value = TrimSigfig(value, m.SignificantFigures())
	}
	text := fmt.Sprintf("%*.*f", max(k.width, 0), k.decimals, value)
	if !k.spread {
		return text
	}
	spread := ""
	if m.Warnings() != nil {
		spread = fmt.Sprintf(" (! %.0f%%)", m.IQR()/m.Median()*100)
	}
	return text + fmt.Sprintf("%7s", spread)
}

// layout puts the texts of a table together.
func (c *Compare) layout(label string, rows []*row, texts [][]string, unit string, warned bool) string {
	widths := make([]int, len(texts[0]))
	for _, cells := range texts {
		for j, text := range cells {
			widths[j] = max(widths[j], utf8.RuneCountInString(text))
		}
	}
	const between = "  |  "
	head := make([]string, len(widths))
	for j, text := range texts[0] {
		head[j] = centered(text, widths[j], " ")
	}
	lines := []string{strings.Join(head, between)}
	whole := utf8.RuneCountInString(lines[0])
	for i, r := range rows {
		if i == 0 || rows[i-1].group != r.group {
			title := fmt.Sprintf("%d threads: ", r.threads)
			lines = append(lines, title+strings.Repeat("-", max(0, whole-len(title))))
		}
		cells := []string{padded(texts[i+1][0], widths[0])}
		for j, m := range r.cells {
			cell := centered(texts[i+1][j+1], widths[j+1], " ")
			if best := c.best(rows, r, j); m != nil && c.Colorize != ColorizeNone {
				cell = colored(cell, m.Median(), best)
			}
			cells = append(cells, cell)
		}
		lines = append(lines, strings.Join(cells, between))
	}
	end := ""
	if warned {
		end = "(! XX%) Measurement has high variance, where XX is the IQR / median * 100.\n"
	}
	english := map[string]string{"ns": "nanosecond", "us": "microsecond", "ms": "millisecond", "s": "second"}[unit]
	return fmt.Sprintf("[%s]\n%s\n\nTimes are in %ss (%s).\n%s", centered(" "+label+" ", whole-2, "-"), strings.Join(lines, "\n"),
		english, unit, end)
}

// best returns the shortest of those that a cell is compared with.
func (c *Compare) best(rows []*row, r *row, j int) float64 {
	best := math.Inf(1)
	for _, other := range rows {
		for k, m := range other.cells {
			if m != nil && (c.Colorize == ColorizeRowwise && other == r || c.Colorize == ColorizeColumnwise && other.group == r.group && k == j) {
				best = min(best, m.Median())
			}
		}
	}
	return best
}

// colored returns a cell in a color that says how much longer it is than the best: green,
// blue, none, light red and red.
func colored(cell string, value, best float64) string {
	const end = "\033[0m"
	switch {
	case value <= best*1.01 || value <= best+100e-9:
		return "\033[92m\033[1m" + cell + end + end
	case value <= best*1.1:
		return "\033[34m\033[1m" + cell + end + end
	case value >= best*5:
		return "\033[31m\033[1m" + cell + end + end
	case value >= best*2:
		return "\033[2m\033[91m" + cell + end + end
	}
	return cell
}

// padded puts blanks behind a text.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// centered puts fill on both sides of a text as Python does.
func centered(text string, width int, fill string) string {
	room := width - utf8.RuneCountInString(text)
	if room <= 0 {
		return text
	}
	left := room/2 + room&width&1
	return strings.Repeat(fill, left) + text + strings.Repeat(fill, room-left)
}

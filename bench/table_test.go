package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMedian(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{3, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{4, 1, 3, 2}))
	assert.True(t, math.IsNaN(median(nil)))

	values := []float64{3, 1, 2}
	median(values)
	assert.Equal(t, []float64{3, 1, 2}, values, "median must not sort its argument")
}

// timed returns samples that differ in their seconds only.
func timed(seconds ...float64) []sample {
	var list []sample
	for _, s := range seconds {
		list = append(list, sample{Seconds: s, PeakMB: 100 * s, wall: 10 * s})
	}
	return list
}

func TestRatiosCompareWithinARound(t *testing.T) {
	a, b := timed(1, 4, 9), timed(2, 2, 3)
	assert.Equal(t, []float64{0.5, 2, 3}, ratios(a, b, runTime))
	assert.Equal(t, []float64{0.5, 2, 3}, ratios(a, b, peak))
	assert.Equal(t, []float64{0.5, 2, 3}, ratios(a, b, wall))
	assert.Equal(t, []float64{0.5}, ratios(a[:1], b, runTime), "a round that one of them lacks does not count")
	assert.Empty(t, ratios(a, timed(0, 0, 0), runTime))
	assert.Empty(t, ratios(a, nil, runTime))
}

func TestSpread(t *testing.T) {
	assert.Equal(t, "–", spread(nil))
	assert.Equal(t, "0.50", spread([]float64{0.5}))
	assert.Equal(t, "2.00 (0.50–3.00)", spread([]float64{3, 0.5, 2}))
}

func TestAmount(t *testing.T) {
	assert.Equal(t, "–", amount(nil, runTime))
	assert.Equal(t, "850 ns", amount(timed(850e-9), runTime))
	assert.Equal(t, "90 µs", amount(timed(90e-6), runTime))
	assert.Equal(t, "1.50 ms", amount(timed(1e-3, 2e-3), runTime))
	assert.Equal(t, "2.05 s", amount(timed(2, 2.05, 3), runTime))
	assert.Equal(t, "200 MB", amount(timed(2), peak))
	assert.Equal(t, "20.00 s", amount(timed(2), wall))
}

func TestVerdictJudgesTheMedian(t *testing.T) {
	for _, c := range []struct {
		cpp, python float64 // targets
		toCpp, toPy []float64
		target, met string
	}{
		{0, 0, []float64{9}, []float64{9}, "", ""},
		{1.03, 0, []float64{1, 1.03, 9}, nil, "≤ 1.03 × C++", "yes"},
		{1.03, 1, []float64{1.04}, []float64{0.9}, "≤ 1.03 × C++, ≤ 1.00 × Python", "**no**, yes"},
		{0, 0.6, nil, nil, "≤ 0.60 × Python", "not measured"},
	} {
		target, met := verdict(row{atMost: c.cpp, atMostPy: c.python}, c.toCpp, c.toPy)
		assert.Equal(t, c.target, target)
		assert.Equal(t, c.met, met)
	}
}

func TestTable(t *testing.T) {
	s := newSamples()
	s[inGo]["x"], s[inCpp]["y"], s[inPython]["z"] = timed(1, 2, 3), timed(2, 2, 2), timed(4, 4, 4)
	rows := []row{
		{"work", runTime, "x", "y", "z", 0.9, 0.6},
		{"work without C++", runTime, "x", "", "z", 0, 0},
		{"not run", runTime, "w", "y", "z", 1, 1},
	}
	assert.Equal(t, `| | Go ÷ C++ | Go ÷ Python | C++ ÷ Python | Target | Met | Go | C++ | Python |
|---|---|---|---|---|---|---|---|---|
| work | 1.00 (0.50–1.50) | 0.50 (0.25–0.75) | 0.50 (0.50–0.50) | ≤ 0.90 × C++, ≤ 0.60 × Python | **no**, yes | 2.00 s | 2.00 s | 4.00 s |
| work without C++ | – | 0.50 (0.25–0.75) | – |  |  | 2.00 s | – | 4.00 s |
`, table(rows, s))
}

func TestDifferences(t *testing.T) {
	check := func(v float64) *float64 { return &v }
	rows := []row{{"work", runTime, "x", "y", "z", 0, 0}, {"its memory", peak, "x", "y", "z", 0, 0}}
	s := newSamples()
	s[inGo]["x"] = []sample{{Torch: "2.15.0", Threads: 2, Check: check(2.5)}}
	s[inCpp]["y"] = []sample{{Torch: "2.15.0", Threads: 2, Check: check(2.5)}}
	s[inPython]["z"] = []sample{{Torch: "2.15.0+cu132", Threads: 2}}
	assert.Empty(t, differences(rows, s))

	s[inCpp]["y"][0].Check = check(3)
	s[inPython]["z"][0].Torch, s[inPython]["z"][0].Threads = "2.11.0", 1
	assert.Equal(t, []string{
		"x: Go computed 2.5, C++ 3: this is not the same work.",
		"Go uses libtorch 2.15.0, Python 2.11.0: the ratios compare versions too.",
		"x: Go ran with 2 threads, Python with 1.",
	}, differences(rows, s))
}

func TestGroupsJoinWhatIsCompared(t *testing.T) {
	assert.Equal(t, []group{
		{{"a", "b"}, {"x"}, {"p", "q"}},
		{{"c"}, nil, {"r"}},
	}, groups([]row{
		{goName: "a", cpp: "x", python: "p"},
		{goName: "b", cpp: "x", python: "p"},
		{goName: "c", python: "r"},
		{goName: "a", python: "q"},
		{goName: "a", of: peak, cpp: "x", python: "p"},
	}))
}

func TestEachBenchmarkRunsOnceARound(t *testing.T) {
	var seen [languages][]string
	for _, g := range groups(rows) {
		for l := range languages {
			for _, name := range g[l] {
				assert.NotContains(t, seen[l], name)
				seen[l] = append(seen[l], name)
			}
		}
	}
	for _, r := range rows {
		for l := range languages {
			if r.name(l) != "" {
				assert.Contains(t, seen[l], r.name(l))
			}
		}
	}
}

func TestChoose(t *testing.T) {
	chosen, err := choose(rows, "epoch,startup")
	require.NoError(t, err)
	assert.Equal(t, []string{"epoch", "startup"}, names(chosen))

	all, err := choose(rows, "")
	require.NoError(t, err)
	assert.Equal(t, len(rows), len(all))

	_, err = choose(rows, "epoch,nonsense")
	assert.ErrorContains(t, err, `no benchmark "nonsense"; there are add-close, `)
}

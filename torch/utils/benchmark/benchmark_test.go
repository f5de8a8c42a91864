package benchmark_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/benchmark"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// group is a case of scripts/golden/benchmarks.py.
type group struct {
	Name         string
	Measurements []struct {
		Label, Sub, Description, Env, Stmt, Text string
		Threads, Number, Figures                 int
		Times                                    []float64
		Median, Mean, IQR                        float64
		Warns                                    bool
	}
	Tables []struct {
		Trim, Highlight bool
		Colorize        benchmark.Colorize
		Text            string
	}
	Units []struct {
		Seconds float64
		Unit    string
	}
	Trims []struct {
		X, Trimmed float64
		N          int
	}
}

func TestGolden(t *testing.T) {
	var groups []group
	torchtest.Golden(t, "testdata/benchmark.json.gz", &groups)
	require.Len(t, groups, 10)
	for _, g := range groups {
		t.Run(g.Name, func(t *testing.T) {
			var list []*benchmark.Measurement
			for _, m := range g.Measurements {
				x := &benchmark.Measurement{NumberPerRun: m.Number, RawTimes: m.Times, TaskSpec: benchmark.TaskSpec{
					Stmt: m.Stmt, Label: m.Label, SubLabel: m.Sub, Description: m.Description, Env: m.Env, NumThreads: m.Threads}}
				list = append(list, x)
				assert.InEpsilon(t, m.Median, x.Median(), 1e-12)
				assert.InEpsilon(t, m.Mean, x.Mean(), 1e-12)
				assert.InDelta(t, m.IQR, x.IQR(), 1e-9*m.Median)
				assert.Equal(t, m.Figures, x.SignificantFigures())
				assert.Equal(t, m.Warns, x.Warnings() != nil)
				_, text, _ := strings.Cut(x.String(), "\n")
				assert.Equal(t, m.Text, text)
			}
			for _, want := range g.Tables {
				c := benchmark.NewCompare(list...)
				c.TrimSignificantFigures, c.HighlightWarnings, c.Colorize = want.Trim, want.Highlight, want.Colorize
				assert.Equal(t, want.Text, c.String())
			}
			for _, u := range g.Units {
				unit, _ := benchmark.SelectUnit(u.Seconds)
				assert.Equal(t, u.Unit, unit, u.Seconds)
			}
			for _, n := range g.Trims {
				assert.Equal(t, n.Trimmed, benchmark.TrimSigfig(n.X, n.N), n)
			}
		})
	}
}

// clock is a clock that goes on by so much in each run of tick, and by a little when it is
// asked.
type clock struct{ now, tick float64 }

func (c *clock) run() { c.now += c.tick }

func (c *clock) read() float64 { c.now += 1e-8; return c.now }

func TestTimer(t *testing.T) {
	c, setups := &clock{tick: 1e-3}, 0
	before := torch.NumThreads()
	var threads int
	timer := benchmark.NewTimer(func() { c.run(); threads = torch.NumThreads() }, benchmark.TimerOptions{
		Clock: c.read, Setup: func() { setups++ }, Label: "label", NumThreads: new(3)})

	m := timer.Timeit(500)
	assert.Equal(t, benchmark.TaskSpec{Stmt: "stmt", Label: "label", NumThreads: 3}, m.TaskSpec)
	assert.Equal(t, 500, m.NumberPerRun)
	assert.InEpsilon(t, 1e-3, m.Median(), 1e-4)
	assert.Equal(t, 2, setups, "the warm-up, and the runs")
	assert.Equal(t, 3, threads)
	assert.Equal(t, before, torch.NumThreads())

	// The clock takes 1e-8 of 1e-3 for one run.
	m = timer.BlockedAutorange(benchmark.BlockedAutorangeOptions{MinRunTime: new(0.0105)})
	assert.Equal(t, 1, m.NumberPerRun)
	assert.Len(t, m.RawTimes, 11)

	// 10 runs of 1e-5 are enough for the clock, and 1000 for the least time.
	c.tick = 1e-5
	assert.Equal(t, 10, timer.BlockedAutorange(benchmark.BlockedAutorangeOptions{MinRunTime: new(0.01)}).NumberPerRun)
	assert.Equal(t, 100, timer.BlockedAutorange(benchmark.BlockedAutorangeOptions{MinRunTime: new(0.5)}).NumberPerRun)

	c.tick = 1e-3
	m = timer.AdaptiveAutorange()
	assert.Len(t, m.RawTimes, 10, "10 ms")
	c.tick = 5e-3
	assert.Len(t, timer.AdaptiveAutorange().RawTimes, 4, "four at least")
	wild := benchmark.NewTimer(func() { c.tick *= 1.5; c.run() }, benchmark.TimerOptions{Clock: c.read})
	c.tick = 1e-2
	assert.Greater(t, wild.AdaptiveAutorange(benchmark.AdaptiveAutorangeOptions{MaxRunTime: new(2.0)}).IQR(), 0.1, "they go on until the most time")

	// A function that panics leaves the number of threads as it was.
	assert.Panics(t, func() {
		benchmark.NewTimer(func() { panic("no") }, benchmark.TimerOptions{NumThreads: new(5)}).Timeit(1)
	})
	assert.Equal(t, before, torch.NumThreads())
}

func TestRefused(t *testing.T) {
	stmt := func() {}
	for want, f := range map[string]func(){
		"the statement must not be nil":                    func() { benchmark.NewTimer(nil) },
		"NumThreads must be positive, got 0":               func() { benchmark.NewTimer(stmt, benchmark.TimerOptions{NumThreads: new(0)}) },
		"the number of runs must be positive, got 0":       func() { benchmark.NewTimer(stmt).Timeit(0) },
		"benchmark.Compare: a measurement must not be nil": func() { benchmark.NewCompare(nil) },
		"x: there are no times":                            func() { benchmark.NewCompare(&benchmark.Measurement{TaskSpec: benchmark.TaskSpec{Stmt: "x"}}) },
		": a run took +Inf seconds":                        func() { benchmark.NewCompare(&benchmark.Measurement{RawTimes: []float64{1}}) },
		": a run took 0 seconds":                           func() { benchmark.NewCompare(&benchmark.Measurement{NumberPerRun: 1, RawTimes: []float64{1, 0}}) },
	} {
		assert.ErrorContains(t, torch.Try(f), want)
	}
	assert.Equal(t, "", benchmark.NewCompare().String())
	assert.True(t, math.IsNaN((&benchmark.Measurement{}).Median()))
}

func TestMerge(t *testing.T) {
	a := &benchmark.Measurement{NumberPerRun: 2, RawTimes: []float64{2, 4}}
	b := &benchmark.Measurement{TaskSpec: benchmark.TaskSpec{Label: "b"}, NumberPerRun: 1, RawTimes: []float64{7}}
	c := &benchmark.Measurement{NumberPerRun: 5, RawTimes: []float64{15}}
	merged := benchmark.Merge(a, b, c)
	require.Len(t, merged, 2)
	assert.Equal(t, []float64{1, 2, 3}, merged[0].RawTimes)
	assert.Equal(t, 1, merged[0].NumberPerRun)
	assert.Equal(t, "b", merged[1].Label)
	assert.Equal(t, []float64{2, 4}, a.RawTimes)
}

func ExampleCompare() {
	at := func(sub, description string, threads int, seconds ...float64) *benchmark.Measurement {
		return &benchmark.Measurement{NumberPerRun: 1, RawTimes: seconds, TaskSpec: benchmark.TaskSpec{
			Label: "matmul", SubLabel: sub, Description: description, NumThreads: threads}}
	}
	fmt.Println(benchmark.NewCompare(
		at("64 x 64", "float32", 1, 20e-6, 21e-6), at("64 x 64", "float64", 1, 40e-6, 41e-6),
		at("512 x 512", "float32", 1, 900e-6), at("512 x 512", "float64", 1, 1850e-6)))
	// Output:
	// [--------------- matmul --------------]
	//                  |  float32  |  float64
	// 1 threads: ----------------------------
	//       64 x 64    |    20.5   |     40.5
	//       512 x 512  |   900.0   |   1850.0
	//
	// Times are in microseconds (us).
}

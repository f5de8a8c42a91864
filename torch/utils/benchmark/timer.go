// Package benchmark measures how long code takes and compares measurements, as
// torch.utils.benchmark does.
//
//	timer := benchmark.NewTimer(func() { x.Matmul(x) }, benchmark.TimerOptions{Label: "matmul", Description: "64 x 64"})
//	fmt.Println(timer.BlockedAutorange())
//
// A Timer warms up, chooses how many runs to time at once so that the clock does not matter,
// waits for devices, and uses one thread unless it is told otherwise, so that measurements
// can be compared.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html
package benchmark

import (
	"slices"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// TimerOptions are the options of [NewTimer].
type TimerOptions struct {
	Setup       func() // is called before each series of runs, and not timed
	Stmt        string // what the statement is called where there is no label; default: "stmt"
	Label       string // see TaskSpec
	SubLabel    string
	Description string
	Env         string
	NumThreads  *int           // how many threads an operator may use on the CPU; default: 1
	Clock       func() float64 // seconds; default: the machine's clock, when all devices are done
}

// Timer measures a statement.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Timer
type Timer struct {
	stmt, setup func()
	clock       func() float64
	spec        TaskSpec
}

// NewTimer returns a timer for a function. It panics if stmt is nil, or for a number of
// threads that [torch.SetNumThreads] refuses.
func NewTimer(stmt func(), options ...TimerOptions) *Timer {
	argument.NotNil("benchmark.NewTimer", "the statement", stmt)
	o := option.First(options)
	threads := option.Or(o.NumThreads, 1)
	if threads < 1 {
		panic(torch.Errorf("benchmark.NewTimer", torch.ValueError, "NumThreads must be positive, got %d", threads))
	}
	t := &Timer{stmt: stmt, setup: o.Setup, clock: o.Clock}
	if t.clock == nil {
		t.clock = deviceClock
	}
	if o.Stmt == "" {
		o.Stmt = "stmt"
	}
	t.spec = TaskSpec{Stmt: o.Stmt, Label: o.Label, SubLabel: o.SubLabel, Description: o.Description, Env: o.Env, NumThreads: threads}
	return t
}

// began is where the default clock begins.
var began = time.Now()

// deviceClock is the default clock.
func deviceClock() float64 {
	for i := range cuda.DeviceCount() {
		torch.CUDA(i).Synchronize()
	}
	return time.Since(began).Seconds()
}

// run times so many runs, in seconds: no less than a nanosecond, so that it can be divided by.
func (t *Timer) run(number int) float64 {
	if t.setup != nil {
		t.setup()
	}
	start := t.clock()
	for range number {
		t.stmt()
	}
	return max(t.clock()-start, 1e-9)
}

// alone calls f with the timer's number of threads, and then sets back the former.
func (t *Timer) alone(f func()) {
	before := torch.NumThreads()
	defer torch.SetNumThreads(before)
	torch.SetNumThreads(t.spec.NumThreads)
	f()
}

// measurement returns times of so many runs each.
func (t *Timer) measurement(number int, times []float64) *Measurement {
	return &Measurement{TaskSpec: t.spec, NumberPerRun: number, RawTimes: times}
}

// Timeit times so many runs at once, after a hundredth of them, and at least two, as
// warm-up. It panics if number is below 1.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Timer.timeit
func (t *Timer) Timeit(number int) *Measurement {
	if number < 1 {
		panic(torch.Errorf("benchmark.Timer.Timeit", torch.ValueError, "the number of runs must be positive, got %d", number))
	}
	var took float64
	t.alone(func() {
		t.run(max(number/100, 2))
		took = t.run(number)
	})
	return t.measurement(number, []float64{took})
}

// blockSize returns how many runs to time at once: the clock takes less than a ten-thousandth
// of them, and they at least a thousandth of the least time.
func (t *Timer) blockSize(least float64) (number int) {
	t.alone(func() {
		var clock [5]float64
		for i := range clock {
			clock[i] = t.run(0)
		}
		slices.Sort(clock[:])
		for number = 1; number <= (1<<31-1)/10; number *= 10 {
			took := t.run(number)
			if clock[len(clock)/2]/took <= 1e-4 && took >= least/1000 || took > least {
				return
			}
		}
	})
	return number
}

// loop times blocks until they took the least time together and enough says so, or the most
// time, if that is not 0.
func (t *Timer) loop(number int, least, most float64, enough func(times []float64) bool) (times []float64) {
	t.alone(func() {
		for total, stop := 0.0, false; total < least || !stop; {
			took := t.run(number)
			times = append(times, took)
			total += took
			stop = enough(times)
			if most > 0 && total > most {
				return
			}
		}
	})
	return times
}

// BlockedAutorangeOptions are the options of [Timer.BlockedAutorange].
type BlockedAutorangeOptions struct {
	MinRunTime *float64 // seconds that are measured at least; default: 0.2
}

// BlockedAutorange times blocks of runs until that took a while. A block is so large that
// the clock does not matter.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Timer.blocked_autorange
func (t *Timer) BlockedAutorange(options ...BlockedAutorangeOptions) *Measurement {
	least := option.Or(option.First(options).MinRunTime, 0.2)
	number := t.blockSize(least)
	return t.measurement(number, t.loop(number, least, 0, func([]float64) bool { return true }))
}

// AdaptiveAutorangeOptions are the options of [Timer.AdaptiveAutorange].
type AdaptiveAutorangeOptions struct {
	Threshold  *float64 // the interquartile range that is small enough, in medians; default: 0.1
	MinRunTime *float64 // seconds that are measured at least; default: 0.01
	MaxRunTime *float64 // and at most; default: 10
}

// AdaptiveAutorange is BlockedAutorange that goes on until the times differ little.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Timer.adaptive_autorange
func (t *Timer) AdaptiveAutorange(options ...AdaptiveAutorangeOptions) *Measurement {
	o := option.First(options)
	threshold := option.Or(o.Threshold, 0.1)
	number := t.blockSize(0.05)
	return t.measurement(number, t.loop(number, option.Or(o.MinRunTime, 0.01), option.Or(o.MaxRunTime, 10), func(times []float64) bool {
		return len(times) > 3 && t.measurement(number, times).MeetsConfidence(threshold)
	}))
}

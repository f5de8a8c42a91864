package profiler

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Action is what a profiler does in a step.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.ProfilerAction
type Action int

// The actions.
const (
	None          Action = iota // nothing
	Warmup                      // what is needed before recording; operators are not recorded yet
	Record                      // record
	RecordAndSave               // record; the trace is ready when the step ends
)

// String returns the action's name.
func (a Action) String() string {
	if names := []string{"None", "Warmup", "Record", "RecordAndSave"}; a >= 0 && int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("Action(%d)", int(a))
}

// ScheduleOptions are the options of [NewSchedule].
type ScheduleOptions struct {
	Repeat        int  // how many cycles; 0 for as many as there are steps for
	SkipFirst     int  // steps before the first cycle, in which nothing is done
	SkipFirstWait bool // the first cycle begins with its warm-up
}

// NewSchedule returns a schedule for [Options]: it waits for so many steps, warms up for
// the next, records the active ones, and begins again. It panics with a ValueError if a
// number is below 0 or active is not above.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.schedule
func NewSchedule(wait, warmup, active int, options ...ScheduleOptions) func(step int) Action {
	o := option.First(options)
	if wait < 0 || warmup < 0 || active <= 0 || o.Repeat < 0 || o.SkipFirst < 0 {
		panic(torch.Errorf("profiler.NewSchedule", torch.ValueError, "Invalid profiler schedule arguments. "+
			"Got wait=%d (need >= 0), warmup=%d (need >= 0), active=%d (need > 0), Repeat=%d (need >= 0), SkipFirst=%d (need >= 0).",
			wait, warmup, active, o.Repeat, o.SkipFirst))
	}
	cycle := wait + warmup + active
	return func(step int) Action {
		if step < 0 {
			panic(torch.Errorf("profiler.NewSchedule", torch.ValueError, "Step must be non-negative. Got %d.", step))
		}
		if step < o.SkipFirst {
			return None
		}
		step -= o.SkipFirst
		if o.SkipFirstWait {
			step += wait
		}
		at := step % cycle
		switch {
		case o.Repeat > 0 && step/cycle >= o.Repeat, at < wait:
			return None
		case at < wait+warmup:
			return Warmup
		case at < cycle-1:
			return Record
		}
		return RecordAndSave
	}
}

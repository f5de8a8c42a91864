// Package profiler says where a program's time and memory go, by operator, as
// torch.profiler does.
//
//	p := profiler.New(profiler.Options{RecordShapes: true})
//	err := p.Run(func() { net.Forward(x).Sum().Backward() })
//	...
//	fmt.Println(p.KeyAverages().Table(profiler.TableOptions{SortBy: profiler.SortSelfCPUTime, RowLimit: new(10)}))
//	err = p.ExportChromeTrace("trace.json") // for https://ui.perfetto.dev or chrome://tracing
//
// A loop of many steps is profiled by a [NewSchedule] and [Profile.Step], which hand over
// a trace whenever one is ready.
//
// # What is seen
//
// All operators of all goroutines, and the nodes of backward passes. They are watched where
// libtorch's own profiler watches them, and have its names. Operators that run as parts of
// others are among them. [RecordFunction] adds regions of one's own, as optimizers do for
// their steps. An operator or a region that has not ended when recording stops is left out.
//
// A thread in a trace is one of the system's. A goroutine may change its thread between two
// operators, but not within one or within a region.
//
// # Goroutines beside operators
//
// Regions and steps are regions of runtime/trace, too, where that is on:
//
//	trace.Start(file)
//	defer trace.Stop()
//	p.Run(train)
//
// Then "go tool trace FILE" shows under "User-defined regions" what goroutines did in them,
// when they ran, waited and on which processor; cgo calls, in which operators run, are
// syscalls there. The operators are in the Chrome trace. Both have the machine's clock.
//
// # CUDA
//
// Operators on CUDA are seen when they are called, which takes less time than they run.
// Kernels are not recorded.
//
// https://docs.pytorch.org/docs/stable/profiler.html
package profiler

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// RecordFunction calls f. In a trace that is a region of this name around all that f does in
// the calling goroutine, which is locked to its thread until f returns; goroutines that f
// starts are outside of it. Where nothing is recorded it only calls f. It panics if f is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler.record_function.html
func RecordFunction(name string, f func()) {
	argument.NotNil("profiler.RecordFunction", "the function", f)
	internals.Region(name, f)
}

// Activity is a kind of event.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.ProfilerActivity
type Activity string

// The activities.
const (
	CPU  Activity = "CPU"  // operators and regions
	CUDA Activity = "CUDA" // kernels, which cannot be recorded yet
)

// SupportedActivities returns the activities that can be recorded.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.supported_activities
func SupportedActivities() []Activity { return []Activity{CPU} }

// Options are the options of [New].
type Options struct {
	// Activities are what to record; none stands for all that can be.
	Activities []Activity
	// Schedule says what is done in each step, which [Profile.Step] ends; see [NewSchedule].
	// Nil records all from the beginning to the end.
	Schedule func(step int) Action
	// OnTraceReady is called when a trace is ready: after a step whose action is
	// RecordAndSave, and at the end of recording. Its error is that of [Profile.Stop].
	OnTraceReady func(p *Profile) error
	// RecordShapes notes the shapes and dtypes of operators' inputs.
	RecordShapes bool
	// ProfileMemory notes what CPU memory tensors get and give back.
	ProfileMemory bool
	// WithStack notes the functions and lines of the program that operators were called in.
	WithStack bool
	// WithFLOPs estimates floating-point operations of matrix products, 2d convolutions, and
	// elementwise additions and products, by shapes.
	WithFLOPs bool
	// AccEvents keeps the events of earlier cycles among those of later ones.
	AccEvents bool
}

// Profile records operators. With a schedule one goroutine calls Start, Step and Stop, and is
// locked to its thread in steps that are recorded.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.profile
type Profile struct {
	options   Options
	mutex     sync.Mutex
	step      int
	action    Action
	started   bool
	recording bool
	region    region // the step's
	failed    []error
	stacks    *stacks
	began     time.Time
	trace     *trace
	events    []*Event // of trace, and before that of earlier cycles if they are kept
}

// New returns a profile, which records nothing yet.
func New(options ...Options) *Profile { return &Profile{options: option.First(options)} }

// Run starts the profile, calls f and stops the profile, also where f panics or ends its
// goroutine. It returns the error of Start or of Stop. It panics if f is nil.
func (p *Profile) Run(f func()) (err error) {
	argument.NotNil("profiler.Profile.Run", "the function", f)
	if err := p.Start(); err != nil {
		return err
	}
	defer func() { err = p.Stop() }()
	f()
	return nil
}

// Start begins the first step. It fails if a profile records already, this one or another:
// there is one recorder in a process; for an activity that cannot be recorded; and if there
// is no libtorch.
func (p *Profile) Start() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.started {
		return errors.New("the profile has been started already")
	}
	for _, activity := range p.options.Activities {
		if !slices.Contains(SupportedActivities(), activity) {
			return fmt.Errorf("the activity %q cannot be recorded, only %v; without Activities all is that can be", activity, SupportedActivities())
		}
	}
	p.step, p.failed = 0, nil
	p.action = p.actionOf(0)
	if p.action >= Record {
		if err := p.record(); err != nil {
			return err
		}
	}
	p.started = true
	p.enterStep()
	return nil
}

// Step ends a step and begins the next one, in which the profile does what its schedule
// says. A trace that is ready goes to OnTraceReady first. It panics if the profile has not
// been started, or, where there is a schedule, by another goroutine.
func (p *Profile) Step() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.started {
		panic(torch.Errorf("profiler.Profile.Step", torch.RuntimeError, "the profile has not been started"))
	}
	internals.OnThread(p.next)
}

// next is Step.
func (p *Profile) next() {
	p.mustLeaveStep()
	before := p.action
	p.step++
	p.action = p.actionOf(p.step)
	if p.recording && (before == RecordAndSave || p.action < Record) {
		p.finish()
		if before == RecordAndSave {
			p.ready()
		} else {
			p.failed = append(p.failed, fmt.Errorf("incorrect schedule: Record followed by %v in step %d", p.action, p.step))
		}
	}
	if p.action >= Record && !p.recording {
		if err := p.record(); err != nil {
			p.failed = append(p.failed, err)
		}
	}
	p.enterStep()
}

// Stop ends the last step and what is being recorded, which goes to OnTraceReady. It returns
// what has failed since Start: OnTraceReady, or recording, because of another profile. A
// profile that was not started is an error. It can be started again.
func (p *Profile) Stop() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.started {
		return errors.New("the profile has not been started")
	}
	p.started = false
	if err := p.leaveStep(); err != nil {
		p.failed, p.region = append(p.failed, err), nil
	}
	if p.recording {
		p.finish()
		p.ready()
	}
	return errors.Join(p.failed...)
}

// StepNum returns the number of the step, from 0 on.
func (p *Profile) StepNum() int { return p.step }

// actionOf asks the schedule.
func (p *Profile) actionOf(step int) Action {
	if p.options.Schedule == nil {
		return Record
	}
	action := p.options.Schedule(step)
	if action < None || action > RecordAndSave {
		panic(torch.Errorf("profiler.Options.Schedule", torch.ValueError, "there is no action %d", int(action)))
	}
	return action
}

// record begins to record.
func (p *Profile) record() error {
	p.stacks = nil
	var stack func() int
	if p.options.WithStack {
		p.stacks = new(stacks)
		stack = p.stacks.here
	}
	p.began = time.Now()
	if err := internals.StartProfiler(p.options.RecordShapes, p.options.ProfileMemory, p.options.WithFLOPs, stack); err != nil {
		return err
	}
	p.recording = true
	return nil
}

// finish ends that and reads what was recorded.
func (p *Profile) finish() {
	recorded, err := internals.StopProfiler()
	p.recording = false
	if err != nil {
		p.failed = append(p.failed, err)
		return
	}
	var earlier []*Event
	if p.options.AccEvents {
		earlier = p.events
	}
	p.trace = readTrace(recorded.Texts, recorded.Numbers, p.began, time.Now(), p.stacks)
	p.events = append(eventsOf(p.trace), earlier...)
}

// ready hands a trace over.
func (p *Profile) ready() {
	if p.options.OnTraceReady == nil {
		return
	}
	p.mutex.Unlock() // for its methods
	defer p.mutex.Lock()
	if err := p.options.OnTraceReady(p); err != nil {
		p.failed = append(p.failed, err)
	}
}

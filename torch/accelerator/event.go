package accelerator

import (
	"sync"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Event is a mark in a [Stream]: others wait for it, and two of them tell how long a device
// took for what lies between them. The garbage collector frees it. Goroutines may use one at
// the same time.
//
//	start, end := accelerator.NewEvent(timing), accelerator.NewEvent(timing)
//	start.Record()
//	y := x.Matmul(x)
//	end.Record()
//	end.Synchronize()
//	milliseconds := start.ElapsedTime(end)
//
// https://docs.pytorch.org/docs/stable/generated/torch.Event.html
type Event struct {
	device torch.Device
	timing bool
	object *torch.Object
	mutex  sync.RWMutex // recording changes the event
}

// EventOptions are the options of [NewEvent].
type EventOptions struct {
	Device       torch.Device // default: the accelerator
	EnableTiming bool         // measure time, for ElapsedTime
}

// NewEvent returns an event. It panics where there is no accelerator.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Event.html
func NewEvent(options ...EventOptions) *Event {
	const op = "accelerator.NewEvent"
	o := option.First(options)
	e := &Event{device: o.Device, timing: o.EnableTiming}
	if e.device == (torch.Device{}) {
		e.device = mustBe(op)
	}
	internals.Accelerator(op, "event.new", func(c *torch.Call) {
		c.Device(e.device)
		c.Bool(e.timing)
	}, func(r *torch.Results) { e.object = r.Object() })
	return e
}

// pass passes the event. It panics with an error of op for nil and the zero Event.
func (e *Event) pass(op string, c *torch.Call) {
	if e == nil || e.object == nil {
		panic(torch.Errorf(op, torch.TypeError, "the event is nil, or one that NewEvent did not make"))
	}
	c.Object(e.object)
}

// on calls a method of the event with a stream, or with the current one of its device.
func (e *Event) on(op, method string, stream []Stream) {
	internals.Accelerator(op, method, func(c *torch.Call) {
		e.pass(op, c)
		if len(stream) > 0 {
			stream[0].pass(op, c)
		} else {
			CurrentStream(e.device).pass(op, c)
		}
	}, nil)
}

// Record puts the event at the end of a stream, or of the current one. Recording it again
// moves it.
func (e *Event) Record(stream ...Stream) {
	if e != nil {
		e.mutex.Lock()
		defer e.mutex.Unlock()
	}
	e.on("accelerator.Event.Record", "event.record", stream)
}

// Wait lets what a stream, or the current one, is told to do from now on wait for the event.
// It returns at once. There is nothing to wait for before the event is recorded.
func (e *Event) Wait(stream ...Stream) {
	defer e.share()()
	e.on("accelerator.Event.Wait", "event.block", stream)
}

// share lets other goroutines use the event meanwhile, but not record it.
func (e *Event) share() (done func()) {
	if e == nil {
		return func() {}
	}
	e.mutex.RLock()
	return e.mutex.RUnlock
}

// Query reports whether all before the event is done, which it is if the event was never
// recorded.
func (e *Event) Query() (done bool) {
	const op = "accelerator.Event.Query"
	defer e.share()()
	internals.Accelerator(op, "event.query", func(c *torch.Call) { e.pass(op, c) },
		func(r *torch.Results) { done = r.Bool() })
	return done
}

// Synchronize waits until all before the event is done. It fails where something of that has
// failed.
func (e *Event) Synchronize() error {
	const op = "accelerator.Event.Synchronize"
	defer e.share()()
	return torch.Try(func() {
		internals.Accelerator(op, "event.synchronize", func(c *torch.Call) { e.pass(op, c) }, nil)
	})
}

// ElapsedTime returns how many milliseconds the device took from this event to a later one.
// It panics unless both measure time, were recorded, and are done.
func (e *Event) ElapsedTime(end *Event) (milliseconds float64) {
	const op = "accelerator.Event.ElapsedTime"
	if e != nil && end != nil && (!e.timing || !end.timing) {
		panic(torch.Errorf(op, torch.ValueError, "Both events must be created with EventOptions.EnableTiming"))
	}
	defer e.share()()
	if end != e {
		defer end.share()()
	}
	internals.Accelerator(op, "event.elapsed", func(c *torch.Call) {
		e.pass(op, c)
		end.pass(op, c)
	}, func(r *torch.Results) { milliseconds = r.Float() })
	return milliseconds
}

// Device returns the event's device, without an index.
func (e *Event) Device() torch.Device { return e.device }

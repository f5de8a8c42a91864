package accelerator

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Stream is a queue of what a device is to do, in order. What is in different streams may be
// done at the same time. Streams are comparable, and need not be closed: libtorch has a pool
// of them for each device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Stream.html
type Stream struct {
	device torch.Device
	id     int
}

// StreamOptions are the options of [NewStream].
type StreamOptions struct {
	Device   torch.Device // default: the current one
	Priority int          // below 0 is a higher priority
}

// NewStream returns a stream of a device. It panics where there is no accelerator. The CPU has
// one stream, in which everything is done at once.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Stream.html
func NewStream(options ...StreamOptions) Stream {
	o := option.First(options)
	return streamOf("accelerator.NewStream", "stream.new", o.Device, func(c *torch.Call) { c.Int(o.Priority) })
}

// CurrentStream returns the stream that a device, or the current one, is told by the calling
// goroutine what to do: that of [WithStream], else the default one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.current_stream.html
func CurrentStream(device ...torch.Device) Stream {
	return streamOf("accelerator.CurrentStream", "stream.current", option.First(device), nil)
}

// DefaultStream returns the stream that a device, or the current one, has at first.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.default_stream.html
func DefaultStream(device ...torch.Device) Stream {
	return Stream{device: streamDevice("accelerator.DefaultStream", option.First(device))} // libtorch's number of it is 0
}

// GetStreamFromExternal returns the stream of a device that another library made, by its
// [Stream.NativeHandle]. Who made it must keep it as long as it is used. It panics for devices
// other than CUDA's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_stream_from_external.html
func GetStreamFromExternal(handle uintptr, device torch.Device) Stream {
	return streamOf("accelerator.GetStreamFromExternal", "stream.external", device, func(c *torch.Call) { c.Int(int(handle)) })
}

// streamDevice returns the device that a function was given, or the current one, with its index.
func streamDevice(op string, device torch.Device) torch.Device {
	if device.IsCPU() {
		return device
	}
	return internals.DeviceAt(mustBe(op), indexOf(op, []torch.Device{device}))
}

// streamOf returns the stream that a method gives for a device, or for the current one.
func streamOf(op, method string, device torch.Device, more func(c *torch.Call)) (s Stream) {
	device = streamDevice(op, device)
	internals.Accelerator(op, method, func(c *torch.Call) {
		c.Device(device)
		if more != nil {
			more(c)
		}
	}, func(r *torch.Results) { s = takeStream(r) })
	return s
}

func takeStream(r *torch.Results) Stream { return Stream{device: r.Device(), id: r.Int()} }

// pass passes the stream. It panics with an error of op for the zero Stream.
func (s Stream) pass(op string, c *torch.Call) {
	if s == (Stream{}) {
		panic(torch.Errorf(op, torch.TypeError, "the stream is none that NewStream or CurrentStream returned"))
	}
	c.Device(s.device)
	c.Int(s.id)
}

// call calls a method of the stream.
func (s Stream) call(op, method string, take func(r *torch.Results)) {
	internals.Accelerator(op, method, func(c *torch.Call) { s.pass(op, c) }, take)
}

// Device returns the stream's device.
func (s Stream) Device() torch.Device { return s.device }

// ID returns libtorch's number of the stream, Python's stream_id; 0 is the default stream's.
func (s Stream) ID() int { return s.id }

// String returns what Python prints.
func (s Stream) String() string {
	return fmt.Sprintf("torch.Stream device_type=%s, device_index=%d, stream_id=%d", s.device.Type(), s.device.Index(), s.id)
}

// Query reports whether all that the stream was told to do is done.
func (s Stream) Query() (done bool) {
	s.call("accelerator.Stream.Query", "stream.query", func(r *torch.Results) { done = r.Bool() })
	return done
}

// Synchronize waits until all that the stream was told to do is done. It fails where something
// of that has failed.
func (s Stream) Synchronize() error {
	return torch.Try(func() { s.call("accelerator.Stream.Synchronize", "stream.synchronize", nil) })
}

// IsCapturing reports whether what the stream is told to do is captured as a [Graph].
func (s Stream) IsCapturing() (capturing bool) {
	s.call("accelerator.Stream.IsCapturing", "stream.capturing", func(r *torch.Results) { capturing = r.Bool() })
	return capturing
}

// NativeHandle returns the device's own handle of the stream, CUDA's cudaStream_t, for
// libraries that take one.
func (s Stream) NativeHandle() (handle uintptr) {
	s.call("accelerator.Stream.NativeHandle", "stream.handle", func(r *torch.Results) { handle = uintptr(r.Int()) })
	return handle
}

// WaitEvent lets what the stream is told to do from now on wait for an event. It returns at
// once.
func (s Stream) WaitEvent(event *Event) { event.Wait(s) }

// WaitStream lets what the stream is told to do from now on wait for all that another stream
// was told before. It returns at once.
func (s Stream) WaitStream(other Stream) { s.WaitEvent(other.RecordEvent()) }

// RecordEvent puts an event at the end of the stream, a new one if none is given, and returns
// it.
func (s Stream) RecordEvent(event ...*Event) *Event {
	e := option.First(event)
	if e == nil {
		e = NewEvent(EventOptions{Device: s.device})
	}
	e.Record(s)
	return e
}

// RecordTensor says that the stream uses a tensor that was made in another one: its memory is
// given to nobody else before what the stream was told by then is done, even if the tensor is
// closed. It is Python's tensor.record_stream(stream). It panics for tensors of the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.record_stream.html
func (s Stream) RecordTensor(x *torch.Tensor) {
	const op = "accelerator.Stream.RecordTensor"
	argument.NotNil(op, "x", x)
	internals.Accelerator(op, "stream.record", func(c *torch.Call) {
		c.Tensor(x)
		s.pass(op, c)
	}, nil)
}

// WithStream calls f with a stream as the current one of its device, which is the current
// device meanwhile, as Python does the body of "with stream:". What f asks of that device is
// done in the stream. Tensors that other streams use, too, need [Stream.WaitStream] and
// [Stream.RecordTensor].
//
//	side := accelerator.NewStream()
//	side.WaitStream(accelerator.CurrentStream())
//	accelerator.WithStream(side, func() { y = net.Forward(x) })
//	accelerator.CurrentStream().WaitStream(side)
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.set_stream.html
func WithStream(stream Stream, f func()) {
	const op = "accelerator.WithStream"
	argument.NotNil(op, "f", f)
	if stream.device.IsCPU() {
		f() // it has no other
		return
	}
	exchange := func(s Stream) (before Stream) {
		s.call(op, "stream.exchange", func(r *torch.Results) { before = takeStream(r) })
		return before
	}
	withDevice(op, indexed(op, stream.device), func() {
		before := exchange(stream)
		defer exchange(before)
		f()
	})
}

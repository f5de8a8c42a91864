package cuda

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

// Stream is a queue of what a device is to do.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.Stream.html
type Stream = accelerator.Stream

// StreamOptions are the options of [NewStream].
type StreamOptions = accelerator.StreamOptions

// NewStream returns a stream of a device. It panics where there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.Stream.html
func NewStream(options ...StreamOptions) Stream { return accelerator.NewStream(options...) }

// CurrentStream returns the stream in which a device, or the current one, does what the calling
// goroutine asks of it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.current_stream.html
func CurrentStream(device ...torch.Device) Stream { return accelerator.CurrentStream(device...) }

// DefaultStream returns the stream that a device, or the current one, has at first.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.default_stream.html
func DefaultStream(device ...torch.Device) Stream { return accelerator.DefaultStream(device...) }

// GetStreamFromExternal returns the stream of a device, or of the current one, that another
// library made, by its cudaStream_t. Who made it must keep it as long as it is used. It panics
// where there is no such device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_stream_from_external.html
func GetStreamFromExternal(handle uintptr, device ...torch.Device) Stream {
	return accelerator.GetStreamFromExternal(handle, mustBe("cuda.GetStreamFromExternal", device))
}

// WithStream calls f with a stream as the current one of its device, as Python does the body of
// "with torch.cuda.stream(s)".
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.stream.html
func WithStream(stream Stream, f func()) { accelerator.WithStream(stream, f) }

// Event is a mark in a [Stream].
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.Event.html
type Event = accelerator.Event

// EventOptions are the options of [NewEvent].
type EventOptions = accelerator.EventOptions

// NewEvent returns an event. It panics where there is no device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.Event.html
func NewEvent(options ...EventOptions) *Event { return accelerator.NewEvent(options...) }

// CUDAGraph is what a stream was told to do, to be done again by one call. Its Capture is
// Python's "with torch.cuda.graph(g)". Package graph's Capture with the option CUDAGraph is
// Python's make_graphed_callables: it makes one of a function by itself.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.CUDAGraph.html
type CUDAGraph = accelerator.Graph //nolint:revive // PyTorch's name

// GraphOptions are the options of [NewCUDAGraph].
type GraphOptions = accelerator.GraphOptions

// NewCUDAGraph returns a graph to be captured. It panics where there is no device, and on a
// libtorch before 2.15.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.CUDAGraph.html
func NewCUDAGraph(options ...GraphOptions) *CUDAGraph { return accelerator.NewGraph(options...) }

// IsCurrentStreamCapturing reports whether what the calling goroutine asks of the current
// device is captured. Without a device nothing is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_current_stream_capturing.html
func IsCurrentStreamCapturing() bool { return IsAvailable() && CurrentStream().IsCapturing() }

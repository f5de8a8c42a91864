package accelerator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/cuda"
)

// withoutAccelerator skips a test of what programs get where there is none.
func withoutAccelerator(t *testing.T) (why string) {
	if accelerator.IsAvailable() {
		t.Skip("this machine has an accelerator")
	}
	return "there is no accelerator: " + cuda.WhyUnavailable()
}

func TestWithoutAccelerator(t *testing.T) {
	why := withoutAccelerator(t)
	device, ok := accelerator.Current()
	assert.False(t, ok)
	assert.Equal(t, torch.Device{}, device)
	assert.Zero(t, accelerator.DeviceCount())

	assert.Empty(t, accelerator.MemoryStats())
	assert.Empty(t, accelerator.HostMemoryStats())
	accelerator.ResetPeakHostMemoryStats()
	accelerator.ResetAccumulatedHostMemoryStats()
	for name, f := range map[string]func(...torch.Device) int{
		"MemoryAllocated": accelerator.MemoryAllocated, "MaxMemoryAllocated": accelerator.MaxMemoryAllocated,
		"MemoryReserved": accelerator.MemoryReserved, "MaxMemoryReserved": accelerator.MaxMemoryReserved,
	} {
		assert.Zero(t, f(), name)
	}
	accelerator.EmptyCache()
	accelerator.EmptyHostCache()
	accelerator.ResetPeakMemoryStats()
	accelerator.ResetAccumulatedMemoryStats()

	for op, f := range map[string]func(){
		"CurrentDeviceIndex": func() { accelerator.CurrentDeviceIndex() },
		"SetDeviceIndex":     func() { accelerator.SetDeviceIndex(torch.CUDA(0)) },
		"WithDeviceIndex":    func() { accelerator.WithDeviceIndex(torch.CUDA(0), func() { t.Error("called") }) },
		"SupportedDTypes":    func() { accelerator.SupportedDTypes() },
		"CurrentStream":      func() { accelerator.CurrentStream() },
		"DefaultStream":      func() { accelerator.DefaultStream() },
		"NewStream":          func() { accelerator.NewStream() },
		"NewEvent":           func() { accelerator.NewEvent() },
		"NewGraph":           func() { accelerator.NewGraph() },
		"GetMemoryInfo":      func() { accelerator.GetMemoryInfo() },

		"GetStreamFromExternal": func() { accelerator.GetStreamFromExternal(0, torch.CUDA(0)) },
	} {
		assert.EqualError(t, torch.Try(f), "accelerator."+op+": "+why)
	}
	assert.EqualError(t, accelerator.Synchronize(), "accelerator.Synchronize: "+why)
}

// The CPU has one stream, in which everything is done at once, and no events, as in Python.
func TestStreamsOfTheCPU(t *testing.T) {
	if torchtest.Old() {
		err := torch.Try(func() { accelerator.NewStream(accelerator.StreamOptions{Device: torch.CPU}) })
		assert.EqualError(t, err, "accelerator.NewStream: Backend doesn't support acquiring a stream from pool.")
		return
	}
	s := accelerator.NewStream(accelerator.StreamOptions{Device: torch.CPU})
	assert.Equal(t, s, accelerator.CurrentStream(torch.CPU))
	assert.Equal(t, s, accelerator.DefaultStream(torch.CPU))
	assert.True(t, s.Device().IsCPU())
	assert.Zero(t, s.ID())
	assert.Equal(t, "torch.Stream device_type=cpu, device_index=-1, stream_id=0", s.String())
	assert.True(t, s.Query())
	require.NoError(t, s.Synchronize())
	called := false
	accelerator.WithStream(s, func() { called = true })
	assert.True(t, called)

	x := torch.Ones([]int{2})
	defer x.Close()
	assert.ErrorContains(t, torch.Try(func() { s.RecordTensor(x) }), "aten::record_stream")

	for name, f := range map[string]func(){
		"Stream.RecordEvent": func() { s.RecordEvent() },
		"Event.Record": func() {
			accelerator.NewEvent(accelerator.EventOptions{Device: torch.CPU}).Record(s)
		},
	} {
		assert.ErrorContains(t, torch.Try(f), "doesn't support events", name)
	}
	e := accelerator.NewEvent(accelerator.EventOptions{Device: torch.CPU, EnableTiming: true})
	assert.True(t, e.Query(), "nothing is before it")
	s.WaitEvent(e)
	require.NoError(t, e.Synchronize())
	assert.ErrorContains(t, torch.Try(func() { e.ElapsedTime(e) }), "recorded")
}

func TestRefused(t *testing.T) {
	var none *accelerator.Event
	for want, f := range map[string]func(){
		"accelerator.Event.Record: the event is nil":         func() { none.Record() },
		"accelerator.Event.Query: the event is nil":          func() { new(accelerator.Event).Query() },
		"accelerator.Event.Wait: the event is nil":           func() { accelerator.Stream{}.WaitEvent(none) },
		"accelerator.Stream.Query: the stream is none":       func() { accelerator.Stream{}.Query() },
		"accelerator.Stream.RecordTensor: x must not be nil": func() { accelerator.Stream{}.RecordTensor(nil) },
		"accelerator.Graph.Replay: the graph is nil":         func() { new(accelerator.Graph).Replay() },
		"accelerator.Graph.Capture: f must not be nil":       func() { new(accelerator.Graph).Capture(nil) },
		"accelerator.WithStream: f must not be nil":          func() { accelerator.WithStream(accelerator.Stream{}, nil) },
		"accelerator.WithDeviceIndex: f must not be nil":     func() { accelerator.WithDeviceIndex(torch.CPU, nil) },
		"accelerator.Event.ElapsedTime: Both events must be created": func() {
			e := accelerator.NewEvent(accelerator.EventOptions{Device: torch.CPU})
			e.ElapsedTime(e)
		},
		"Unknown capture error mode": func() {
			new(accelerator.Graph).Capture(func() {}, accelerator.CaptureOptions{CaptureErrorMode: "none"})
		},
	} {
		assert.ErrorContains(t, torch.Try(f), want)
	}
}

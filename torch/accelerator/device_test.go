package accelerator_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

var opJournal = torch.NewOperator("gotorch_device::journal() -> str[]")

// journal returns what the device was told since it was last asked.
func journal() (lines []string) {
	var c torch.Call
	r := c.Results(opJournal)
	for range r.List() {
		lines = append(lines, r.Text())
	}
	return lines
}

// TestDevice tells a device of the test's own, which libtorch takes for an accelerator, all
// that gotorch tells one. The device is compiled, which takes half a minute: make
// accelerator-check.
func TestDevice(t *testing.T) {
	path := os.Getenv("GOTORCH_ACCELERATOR_CHECK") // of one that is compiled, or another text
	if path == "" {
		t.Skip("make accelerator-check runs it")
	}
	if filepath.Ext(path) != ".so" {
		path = filepath.Join(t.TempDir(), "libdevice.so")
		torchtest.Compile(t, path, "-shared", "-O1", filepath.Join("testdata", "device", "device.cc"), "-ltorch_cpu", "-lc10")
	}
	require.NoError(t, torch.LoadLibrary(path))
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"current", testCurrent}, {"streams", testStreams}, {"events", testEvents}, {"graphs", testGraphs},
		{"memory", testMemory}, {"host memory", testHostMemory}, {"allocate", testAllocate}, {"collector", testCollector}, {"out of memory", testOutOfMemory},
	} {
		t.Run(test.name, func(t *testing.T) {
			journal()
			test.run(t)
		})
	}
}

// device returns the accelerator's device of an index.
func device(t *testing.T, index int) torch.Device {
	d, err := torch.ParseDevice(fmt.Sprintf("privateuseone:%d", index))
	require.NoError(t, err)
	return d
}

func testCurrent(t *testing.T) {
	current, ok := accelerator.Current()
	assert.True(t, ok)
	assert.Equal(t, "privateuseone", current.String())
	assert.Equal(t, 2, accelerator.DeviceCount())
	assert.Equal(t, 0, accelerator.CurrentDeviceIndex())
	made := func() string {
		x := torch.Zeros([]int{2}, torch.TensorOptions{Device: current})
		defer x.Close()
		assert.Equal(t, []float32{0, 0}, torch.ToSlice[float32](x))
		return x.Device().String()
	}
	assert.Equal(t, "privateuseone:0", made())

	accelerator.WithDeviceIndex(device(t, 1), func() {
		assert.Equal(t, 1, accelerator.CurrentDeviceIndex())
		assert.Equal(t, "privateuseone:1", made())
		var other sync.WaitGroup
		other.Go(func() { assert.Equal(t, "privateuseone:0", made()) })
		other.Wait()
	})
	assert.Equal(t, "privateuseone:0", made())

	// Panics and Goexit put things right, too.
	assert.Panics(t, func() { accelerator.WithDeviceIndex(device(t, 1), func() { panic("no") }) })
	var gone sync.WaitGroup
	gone.Go(func() {
		defer func() { assert.Equal(t, 0, accelerator.CurrentDeviceIndex()) }()
		accelerator.WithDeviceIndex(device(t, 1), runtime.Goexit)
	})
	gone.Wait()
	assert.Equal(t, "privateuseone:0", made())

	accelerator.SetDeviceIndex(device(t, 1))
	assert.Equal(t, 1, accelerator.CurrentDeviceIndex())
	assert.Equal(t, "privateuseone:1", made())
	gone.Go(func() { assert.Equal(t, "privateuseone:1", made()) })
	gone.Wait()
	accelerator.WithDeviceIndex(device(t, 0), func() { assert.Equal(t, "privateuseone:0", made()) })
	accelerator.SetDeviceIndex(device(t, 0))

	assert.ErrorContains(t, torch.Try(func() { accelerator.SetDeviceIndex(device(t, 2)) }), "invalid device ordinal")
	assert.ErrorContains(t, torch.Try(func() { accelerator.SetDeviceIndex(current) }), "Expected a device with an index")
	assert.ErrorContains(t, torch.Try(func() { accelerator.MemoryStats(torch.CPU) }), "cpu doesn't match the current accelerator privateuseone.")
	journal()
	require.NoError(t, accelerator.Synchronize(device(t, 1)))
	assert.Equal(t, []string{"synchronize device 1"}, journal())
	if dtypes := accelerator.SupportedDTypes(); assert.NotEmpty(t, dtypes) {
		assert.Equal(t, []torch.DType{torch.Float32}, dtypes)
	}
}

func testStreams(t *testing.T) {
	main := accelerator.CurrentStream()
	assert.Equal(t, main, accelerator.DefaultStream())
	assert.Equal(t, "privateuseone:0", main.Device().String())
	side := accelerator.NewStream(accelerator.StreamOptions{Device: device(t, 1), Priority: -1})
	assert.Equal(t, []string{"new stream of priority -1"}, journal())
	assert.Equal(t, uintptr(side.ID()+0x1000), side.NativeHandle())
	assert.False(t, side.IsCapturing())
	assert.True(t, side.Query())
	x := torch.Ones([]int{3}, torch.TensorOptions{Device: device(t, 1)})
	defer x.Close()
	journal()

	side.WaitStream(main)
	accelerator.WithStream(side, func() {
		assert.Equal(t, side, accelerator.CurrentStream())
		assert.Equal(t, 1, accelerator.CurrentDeviceIndex())
		var other sync.WaitGroup
		other.Go(func() { assert.Equal(t, main, accelerator.CurrentStream()) })
		other.Wait()
		accelerator.CurrentStream().RecordTensor(x)
	})
	assert.Equal(t, main, accelerator.CurrentStream())
	require.NoError(t, side.Synchronize())
	name := fmt.Sprintf("1/%d", side.ID())
	assert.Equal(t, []string{"record 0/0", "wait " + name, "device 1", "stream " + name, "record stream " + name,
		"stream 1/0", "device 0", "synchronize " + name}, journal())

	assert.Panics(t, func() { accelerator.WithStream(side, func() { panic("no") }) })
	assert.Equal(t, main, accelerator.CurrentStream())
	assert.Equal(t, 0, accelerator.DefaultStream(device(t, 1)).ID())

	err := torch.Try(func() { accelerator.GetStreamFromExternal(0x1000, device(t, 1)) })
	assert.EqualError(t, err, "accelerator.GetStreamFromExternal: streams of others are for CUDA, not for privateuseone:1")

	journal()
	y := x.To(torch.CPU, torch.ToOptions{NonBlocking: true})
	defer y.Close()
	assert.Equal(t, []string{"pinned memory", "non-blocking copy"}, journal())
	assert.Equal(t, []float32{1, 1, 1}, torch.ToSlice[float32](y))
	z := y.PinMemory()
	defer z.Close()
	assert.Equal(t, []string{"pinned memory"}, journal())
}

func testEvents(t *testing.T) {
	timing := accelerator.EventOptions{EnableTiming: true}
	start, end := accelerator.NewEvent(timing), accelerator.NewEvent(timing)
	assert.Equal(t, "privateuseone", start.Device().String())
	start.Record()
	end.Record(accelerator.CurrentStream())
	assert.Equal(t, 5.0, start.ElapsedTime(end))
	end.Wait()
	assert.True(t, end.Query())
	require.NoError(t, end.Synchronize())
	assert.Equal(t, []string{"record 0/0 timed", "record 0/0 timed", "wait 0/0", "synchronize event"}, journal())

	// Many goroutines may use one.
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				start.Record()
				start.Query()
				start.ElapsedTime(end)
			}
		})
	}
	all.Wait()
}

func testGraphs(t *testing.T) {
	g := accelerator.NewGraph()
	g.EnableDebugMode()
	journal()
	g.Capture(func() {})
	lines := journal()
	assert.Equal(t, "synchronize device 0", lines[1])
	assert.Equal(t, []string{"capture pool 0 mode 2", "captured"}, lines[3:5])
	g.Replay()
	g.Instantiate()
	require.NoError(t, g.DebugDump("graph.dot"))
	assert.Equal(t, accelerator.Pool{7, 0}, g.Pool())
	assert.Equal(t, []string{"replay", "instantiate", "dump graph.dot"}, journal())

	side := accelerator.NewStream()
	journal()
	options := accelerator.CaptureOptions{Pool: g.Pool(), Stream: side, CaptureErrorMode: accelerator.CaptureRelaxed}
	assert.PanicsWithValue(t, "no", func() { g.Capture(func() { panic("no") }, options) })
	name := fmt.Sprintf("0/%d", side.ID())
	assert.Equal(t, []string{"synchronize device 0", "stream " + name, "capture pool 7 mode 3", "captured", "reset",
		"stream 0/0"}, journal())
}

func testMemory(t *testing.T) {
	d := device(t, 1)
	before := accelerator.MemoryAllocated(d)
	x := torch.Zeros([]int{1 << 20}, torch.TensorOptions{Device: d})
	assert.Equal(t, before+4<<20, accelerator.MemoryAllocated(d))
	assert.Equal(t, before+4<<20, accelerator.MemoryReserved(d))
	free, total := accelerator.GetMemoryInfo(d)
	assert.Equal(t, 256<<20, total)
	assert.Equal(t, total-accelerator.MemoryAllocated(d), free)
	x.Close()
	assert.Equal(t, before, accelerator.MemoryAllocated(d))
	assert.GreaterOrEqual(t, accelerator.MaxMemoryAllocated(d), before+4<<20)
	accelerator.ResetPeakMemoryStats(d)
	assert.Equal(t, before, accelerator.MaxMemoryAllocated(d))
	accelerator.ResetAccumulatedMemoryStats(d)
	assert.Zero(t, accelerator.MemoryStats(d)["allocated_bytes.all.freed"])
	accelerator.EmptyCache()
	assert.Contains(t, journal(), "empty cache")
	assert.Zero(t, accelerator.MemoryAllocated(), "of the current device")
}

func testAllocate(t *testing.T) {
	d := device(t, 1)
	before := accelerator.MemoryAllocated(d)
	address := accelerator.Allocate(d, 1<<20)
	assert.NotZero(t, address)
	assert.Equal(t, before+1<<20, accelerator.MemoryAllocated(d))
	assert.Equal(t, 0, accelerator.CurrentDeviceIndex())
	accelerator.Free(address)
	assert.Equal(t, before, accelerator.MemoryAllocated(d))
	assert.Error(t, torch.Try(func() { accelerator.Free(address) }), "it is free")
}

func testHostMemory(t *testing.T) {
	stats := accelerator.HostMemoryStats()
	assert.Equal(t, 4096, stats["active_bytes.peak"])
	assert.Equal(t, 2, stats["num_host_alloc"])
	for name, want := range map[string]int{"total": 8, "max": 6, "min": 2, "count": 2, "avg": 4} {
		assert.Equal(t, want, stats["host_alloc_time."+name], name)
	}
	journal()
	accelerator.ResetPeakHostMemoryStats()
	accelerator.ResetAccumulatedHostMemoryStats()
	accelerator.EmptyHostCache()
	assert.Equal(t, []string{"reset peak host stats", "reset accumulated host stats", "empty host cache"}, journal())
}

// Tensors that nobody refers to go before they fill the device, though Go's collector does
// not see its memory.
func testCollector(t *testing.T) {
	d := device(t, 0)
	accelerator.ResetPeakMemoryStats(d)
	for range 2000 {
		torch.Zeros([]int{1 << 18}, torch.TensorOptions{Device: d})
	}
	assert.Less(t, accelerator.MaxMemoryAllocated(d), 128<<20, "2 GB went through it")
	assert.Zero(t, accelerator.MemoryStats(d)["num_ooms"])
}

// Where memory is short, the collector runs and the operator is called again.
func testOutOfMemory(t *testing.T) {
	d := device(t, 0)
	runtime.GC()
	torch.Zeros([]int{40 << 20}, torch.TensorOptions{Device: d}) // garbage of 160 MB
	x := torch.Zeros([]int{40 << 20}, torch.TensorOptions{Device: d})
	assert.Equal(t, 1, accelerator.MemoryStats(d)["num_ooms"], "the first call failed")
	assert.Equal(t, 160<<20, accelerator.MemoryAllocated(d))
	err := torch.Try(func() { torch.Zeros([]int{40 << 20}, torch.TensorOptions{Device: d}) })
	assert.True(t, errors.Is(err, &torch.Error{Kind: torch.OutOfMemoryError}), "%v", err)
	x.Close()
	assert.Zero(t, accelerator.MemoryAllocated(d))
}

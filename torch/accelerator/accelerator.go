// Package accelerator is PyTorch's torch.accelerator: devices that compute beside the CPU,
// whatever their type, with their streams, events, memory and graphs. CUDA's are the ones
// that gotorch loads; what a library registers with libtorch as another backend is one, too.
// Package cuda has the same functions for CUDA's devices, and more.
//
// Programs run with and without an accelerator: [IsAvailable] says whether there is one,
// memory statistics are 0 without one, and whatever needs one panics with a *torch.Error that
// says so.
//
// None of it has run on a GPU yet: it was tested on libtorch's CPU and on a device that a test
// registers. docs/cuda.md says how to check it on a machine that has a GPU.
//
// # Threads
//
// The current device and the current stream belong to a thread. Goroutines change threads, so
// both are set for the length of a function: [WithDeviceIndex] and [WithStream] lock the
// goroutine to its thread and set back what was there, also when the function panics.
// Goroutines that the function starts have the device that [SetDeviceIndex] sets, and its
// default stream.
package accelerator

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Current returns the accelerator as a device without an index, and whether there is one that
// can be used.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.current_accelerator.html
func Current() (device torch.Device, ok bool) {
	if DeviceCount() == 0 {
		return torch.Device{}, false
	}
	internals.Accelerator("accelerator.Current", "current", nil, func(r *torch.Results) { device = r.Device() })
	return device, true
}

// IsAvailable reports whether there is an accelerator that can be used.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.is_available.html
func IsAvailable() bool { return DeviceCount() > 0 }

// DeviceCount returns how many devices the accelerator has, 0 where there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.device_count.html
func DeviceCount() (n int) {
	internals.Accelerator("accelerator.DeviceCount", "count", nil, func(r *torch.Results) { n = r.Int() })
	return n
}

// CurrentDeviceIndex returns the index of the device that is meant where a device of the
// accelerator has no index: that of [WithDeviceIndex] or [SetDeviceIndex], at first 0. It
// panics where there is no accelerator.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.current_device_index.html
func CurrentDeviceIndex() (index int) {
	accelerator := mustBe("accelerator.CurrentDeviceIndex")
	if device := internals.CurrentDevice(); device.Type() == accelerator.Type() {
		return device.Index()
	}
	internals.Accelerator("accelerator.CurrentDeviceIndex", "index", nil, func(r *torch.Results) { index = r.Int() })
	return index
}

// SetDeviceIndex makes a device the current one of all goroutines, but for those within
// [WithDeviceIndex] and [WithStream]. In Python it is that of the calling thread. It panics
// where the device has no index, is not the accelerator's, or is not there.
//
//	accelerator.SetDeviceIndex(torch.CUDA(rank))
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.set_device_index.html
func SetDeviceIndex(device torch.Device) {
	internals.SetCurrentDevice(indexed("accelerator.SetDeviceIndex", device))
}

// WithDeviceIndex calls f with a device as the current one, as Python does the body of "with
// torch.accelerator.device_index(i)". It panics where the device has no index, is not the
// accelerator's, or is not there.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.device_index.html
func WithDeviceIndex(device torch.Device, f func()) {
	const op = "accelerator.WithDeviceIndex"
	argument.NotNil(op, "f", f)
	withDevice(op, indexed(op, device), f)
}

// withDevice calls f on a thread whose current device is the given one.
func withDevice(op string, device torch.Device, f func()) {
	internals.WithCurrentDevice(device, func() {
		before := exchange(op, device.Index())
		defer exchange(op, before)
		f()
	})
}

// exchange makes a device libtorch's current one on the calling thread, and returns the one
// before.
func exchange(op string, index int) (before int) {
	internals.Accelerator(op, "exchange", func(c *torch.Call) { c.Int(index) },
		func(r *torch.Results) { before = r.Int() })
	return before
}

// Synchronize waits until all that was asked of a device, or of the current one, is done.
// It fails where there is no accelerator, the device is not its, or what it did has failed.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.synchronize.html
func Synchronize(device ...torch.Device) error {
	const op = "accelerator.Synchronize"
	return torch.Try(func() {
		index := indexOf(op, device)
		internals.Accelerator(op, "synchronize", func(c *torch.Call) { c.Int(index) }, nil)
	})
}

// SupportedDTypes returns the dtypes of which there are tensors on a device, or on the current
// one, the supported_dtypes of Python's get_device_capability. It panics where there is no
// accelerator, and on a libtorch that does not tell.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.get_device_capability.html
func SupportedDTypes(device ...torch.Device) (dtypes []torch.DType) {
	const op = "accelerator.SupportedDTypes"
	index := indexOf(op, device)
	internals.Accelerator(op, "dtypes", func(c *torch.Call) { c.Int(index) }, func(r *torch.Results) {
		for range r.List() {
			dtypes = append(dtypes, r.DType())
		}
	})
	return dtypes
}

// mustBe returns the accelerator, or panics with an error of op that says why there is none.
func mustBe(op string) torch.Device {
	device, ok := Current()
	if !ok {
		panic(torch.Errorf(op, torch.RuntimeError, "there is no accelerator: %s", cgotorch.CUDATrouble()))
	}
	return device
}

// indexOf returns the index of the device that a function was given, or of the current one.
func indexOf(op string, device []torch.Device) int {
	accelerator := mustBe(op)
	if len(device) == 0 || device[0] == (torch.Device{}) {
		return CurrentDeviceIndex()
	}
	if device[0].Type() != accelerator.Type() {
		panic(torch.Errorf(op, torch.ValueError, "%s doesn't match the current accelerator %s.", device[0], accelerator))
	}
	if device[0].Index() < 0 {
		return CurrentDeviceIndex()
	}
	if n := DeviceCount(); device[0].Index() >= n {
		panic(torch.Errorf(op, torch.RuntimeError, "invalid device ordinal: there is no %s, only %d device(s)", device[0], n))
	}
	return device[0].Index()
}

// indexed returns a device that is the accelerator's and has an index.
func indexed(op string, device torch.Device) torch.Device {
	index := indexOf(op, []torch.Device{device})
	if device.Index() < 0 || device == (torch.Device{}) {
		panic(torch.Errorf(op, torch.ValueError, "Expected a device with an index, but got %s", device))
	}
	return internals.DeviceAt(device, index)
}

// Package cuda is PyTorch's torch.cuda: CUDA's devices, their streams, events, memory, graphs
// and random numbers. The same program runs with and without them: libtorch's CUDA library is
// loaded at start if it is installed and a driver answers. Without one, memory statistics are
// 0, seeds are ignored, and whatever needs a device panics with a *torch.Error that says why.
//
// What is the same for all accelerators is package accelerator's, under the same names. What
// package accelerator says of threads holds here: the current device and the current stream
// are set for the length of a function.
//
// None of it has run on a GPU yet; docs/cuda.md says how to check it on a machine that has
// one.
//
// https://docs.pytorch.org/docs/stable/cuda.html
package cuda

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

// IsAvailable reports whether a CUDA device can be used.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_available.html
func IsAvailable() bool { return WhyUnavailable() == "" }

// WhyUnavailable returns in words why CUDA cannot be used, or "" if it can.
func WhyUnavailable() string { return cgotorch.CUDATrouble() }

// DeviceCount returns how many CUDA devices can be used.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.device_count.html
func DeviceCount() int { return cgotorch.CUDACount() }

// Synchronize waits until all work on a device is done. It fails where the
// device is not CUDA's or not there.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.synchronize.html
func Synchronize(device torch.Device) error {
	return torch.Try(func() { device.Synchronize() })
}

// CurrentDevice returns the index of the device that torch.CUDA(-1) is. It panics where there
// is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.current_device.html
func CurrentDevice() int { return accelerator.CurrentDeviceIndex() }

// SetDevice makes a device the current one of all goroutines: accelerator.SetDeviceIndex.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.set_device.html
func SetDevice(device torch.Device) { accelerator.SetDeviceIndex(device) }

// WithDevice calls f with a device as the current one, as Python does the body of "with
// torch.cuda.device(i)": accelerator.WithDeviceIndex.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.device.html
func WithDevice(device torch.Device, f func()) { accelerator.WithDeviceIndex(device, f) }

// WithDeviceOf calls f with a tensor's device as the current one, or with the one that there
// is if the tensor is not on CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.device_of.html
func WithDeviceOf(x *torch.Tensor, f func()) {
	if device := x.Device(); device.IsCUDA() {
		WithDevice(device, f)
		return
	}
	f()
}

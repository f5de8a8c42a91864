// Package cuda is PyTorch's torch.cuda: what CUDA devices there are. The same
// program runs with and without them: libtorch's CUDA library is loaded at start
// if it is installed and a driver answers.
package cuda

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
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

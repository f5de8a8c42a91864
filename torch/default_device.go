package torch

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// factoryDevice is the default device.
var factoryDevice = deviceMode{slot: cgotorch.FactoryDevice}

// SetDefaultDevice sets the device on which functions such as [Zeros], [Rand] and
// [NewTensor], and so new modules, make tensors where their options give none. It is
// the CPU at first, and with the zero Device again. It is that of all goroutines,
// but within [WithDevice].
//
// It does not concern tensors that are made from others or share memory: those of
// [ZerosLike], [Tensor.NewZeros], [FromSlice], [FromFile], [Load] and [Normal].
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_default_device.html
func SetDefaultDevice(device Device) {
	if device.IsCPU() {
		device = Device{}
	}
	factoryDevice.set(device)
}

// WithDevice calls f with another default device, as Python does the body of "with
// torch.device(...)". The device is that of the calling goroutine, which is locked
// to its thread for the length of f; goroutines that f starts have the one that
// [SetDefaultDevice] sets.
//
//	torch.WithDevice(torch.CUDA(0), func() { net = NewNet() })
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-device
func WithDevice(device Device, f func()) {
	mustCall("torch.WithDevice", f)
	factoryDevice.with(cmp.Or(device, CPU), f)
}

// DefaultDevice returns the device that [WithDevice] or [SetDefaultDevice] set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_default_device.html
func DefaultDevice() Device { return cmp.Or(defaultDevice(), CPU) }

// defaultDevice is [DefaultDevice] with the zero Device where none was set.
func defaultDevice() Device { return factoryDevice.get() }

package torch

import (
	"cmp"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// deviceMode holds the default device in its low bits and above them how many
// [WithDevice] run, in whatever goroutines. It is 0 most of the time, and then a
// factory looks no further.
var deviceMode atomic.Int64

// oneWithDevice is what a running [WithDevice] adds to deviceMode.
const oneWithDevice = 1 << 16

// word returns the device as a number of 16 bits, which is 0 for the zero Device.
func (d Device) word() uint32 { return uint32(d.kind)<<8 | uint32(uint8(d.index)) }

func deviceOfWord(word uint32) Device { return Device{kind: uint8(word >> 8), index: int8(word)} }

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
	for {
		old := deviceMode.Load()
		if deviceMode.CompareAndSwap(old, old/oneWithDevice*oneWithDevice+int64(device.word())) {
			return
		}
	}
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
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	before := cgotorch.SetThreadDevice(cmp.Or(device, CPU).word())
	deviceMode.Add(oneWithDevice)
	defer func() {
		deviceMode.Add(-oneWithDevice)
		cgotorch.SetThreadDevice(before)
	}()
	f()
}

// DefaultDevice returns the device that [WithDevice] or [SetDefaultDevice] set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_default_device.html
func DefaultDevice() Device { return cmp.Or(defaultDevice(), CPU) }

// defaultDevice is [DefaultDevice] with the zero Device where none was set.
func defaultDevice() Device {
	mode := deviceMode.Load()
	if mode == 0 {
		return Device{}
	}
	if mode >= oneWithDevice {
		if word := cgotorch.ThreadDevice(); word != 0 {
			return deviceOfWord(word)
		}
	}
	return deviceOfWord(uint32(mode % oneWithDevice))
}

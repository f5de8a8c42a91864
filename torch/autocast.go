package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// AutocastOptions are the options of [Autocast].
type AutocastOptions struct {
	Enabled      *bool // false suspends autocast in a part of a region; default: true
	DType        DType // Float16 (on the CPU not in libtorch 1.13) or BFloat16; default: BFloat16 on the CPU, Float16 on CUDA
	CacheEnabled *bool // keep the casts of weights; default: as around the region
}

// Autocast calls f in mixed precision: operators that gain from it, such as matrix
// products and convolutions, cast their inputs to a dtype of lower precision,
// those that need precision cast them to Float32, and the others take them as they
// are. It is for operators whose tensors are on a device of the given type; the
// index does not matter. Only the forward pass and the loss belong into it:
// gradients get the dtypes that their operators had.
//
//	torch.Autocast(torch.CPU, func() { loss = criterion.Forward(net.Forward(x), y) })
//	loss.Backward()
//
// Weights are cast once for all of the outermost region. Where nothing can use
// CUDA a region for it has no effect. Autocast panics on devices other than the CPU
// and CUDA, and on dtypes that they do not have it for.
//
// The mode is that of the calling goroutine, which is locked to its thread for the
// length of f; goroutines that f starts are outside of it.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
func Autocast(device Device, f func(), options ...AutocastOptions) {
	mustCall("torch.Autocast", f)
	const op = "torch.Autocast"
	if !IsAutocastAvailable(device) {
		panic(Errorf(op, RuntimeError, "User specified an unsupported autocast device_type '%s'", device.Type()))
	}
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	kind, before := autocastOf(op, device)
	mode := before
	o := option.First(options)
	mode.Enabled = o.Enabled == nil || *o.Enabled
	if o.DType != 0 {
		mode.DType = o.DType.scalarType()
	}
	if o.CacheEnabled != nil {
		mode.Cache = *o.CacheEnabled
	}
	if dtype := dtypeOf(mode.DType); mode.Enabled && dtype != Float16 && dtype != BFloat16 {
		panic(Errorf(op, RuntimeError, "In %s autocast, but the target dtype %v is not supported. "+
			"Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.", device.Type(), dtype))
	}
	if device.IsCUDA() && cgotorch.CUDATrouble() != "" {
		mode.Enabled = false
	}
	check(op, cgotorch.EnterAutocast(kind, mode))
	defer func() { check(op, cgotorch.LeaveAutocast(kind, before)) }()
	f()
}

// autocastOf returns the calling thread's autocast for devices of a type, and the
// type's number.
func autocastOf(op string, device Device) (int32, cgotorch.Autocast) {
	kind, _ := device.raw()
	mode, err := cgotorch.GetAutocast(kind)
	check(op, err)
	return kind, mode
}

// IsAutocastAvailable reports whether there is autocast for devices of a type: for
// the CPU and CUDA, even where CUDA cannot be used.
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.autocast_mode.is_autocast_available
func IsAutocastAvailable(device Device) bool { return device.IsCPU() || device.IsCUDA() }

// IsAutocastEnabled reports whether this is within [Autocast] for devices of a
// type.
func IsAutocastEnabled(device Device) bool {
	if !IsAutocastAvailable(device) {
		return false
	}
	_, mode := autocastOf("torch.IsAutocastEnabled", device)
	return mode.Enabled
}

// AutocastDType returns the dtype that [Autocast] casts to on devices of a type. It
// panics where there is no autocast for them.
func AutocastDType(device Device) DType {
	const op = "torch.AutocastDType"
	if !IsAutocastAvailable(device) {
		panic(Errorf(op, RuntimeError, "unsupported scalarType"))
	}
	_, mode := autocastOf(op, device)
	return dtypeOf(mode.DType)
}

// IsAutocastCacheEnabled reports whether [Autocast] keeps the casts of weights
// here.
func IsAutocastCacheEnabled() bool {
	_, mode := autocastOf("torch.IsAutocastCacheEnabled", CPU)
	return mode.Cache
}

// ClearAutocastCache forgets the casts of weights. It is for weights that change
// within a region, which are cast anew afterwards.
func ClearAutocastCache() { check("torch.ClearAutocastCache", cgotorch.ClearAutocastCache()) }

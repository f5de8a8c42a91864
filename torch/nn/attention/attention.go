// Package attention is PyTorch's torch.nn.attention: which kernel computes
// functional.ScaledDotProductAttention, and attention of other kinds: with functions that change
// scores and say who attends to whom ([FlexAttention]), with causal biases ([CausalBias]), and of
// sequences that lie one after the other ([VarlenAttn]).
//
// https://docs.pytorch.org/docs/stable/nn.attention.html
package attention

import (
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// SDPBackend is a kernel that computes functional.ScaledDotProductAttention.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.SDPBackend.html
type SDPBackend int

// The kernels, with PyTorch's numbers.
const (
	Math               SDPBackend = iota // step by step, for all devices
	FlashAttention                       // without the matrix of weights, for the CPU, too
	EfficientAttention                   // the same for older GPUs and more kinds of masks
	CuDNNAttention                       // cuDNN's
	Overrideable                         // of a device that a library registers
)

// kernels are names and switches of the backends.
var kernels = []struct {
	name   string
	enable cgotorch.Setting
}{
	{"MATH", cgotorch.SDPMath},
	{"FLASH_ATTENTION", cgotorch.SDPFlash},
	{"EFFICIENT_ATTENTION", cgotorch.SDPMemEfficient},
	{"CUDNN_ATTENTION", cgotorch.SDPCuDNN},
	{"OVERRIDEABLE", cgotorch.SDPOverrideable},
}

// String returns PyTorch's name, such as "FLASH_ATTENTION".
func (b SDPBackend) String() string {
	if b < 0 || int(b) >= len(kernels) {
		return "ERROR"
	}
	return kernels[b].name
}

// SDPAKernelOptions are the options of [SDPAKernel].
type SDPAKernelOptions struct {
	SetPriority bool // the backends are tried in the order in which they are given
}

// SDPAKernel calls f while functional.ScaledDotProductAttention may take only the given
// backends, as Python does the body of "with sdpa_kernel(backends):". Where none of them can do
// a call it panics. What was allowed before is so again afterwards, also when f panics.
//
//	attention.SDPAKernel([]attention.SDPBackend{attention.Math}, func() { y = net.Forward(x) })
//
// The switches are those of the process, as in PyTorch: other goroutines see them, too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.sdpa_kernel.html
func SDPAKernel(backends []SDPBackend, f func(), options ...SDPAKernelOptions) {
	const op = "attention.SDPAKernel"
	argument.NotNil(op, "f", f)
	for _, b := range backends {
		if b < 0 || int(b) >= len(kernels) {
			panic(torch.Errorf(op, torch.ValueError, "there is no backend %d; the last one is %d, %s", int(b), int(Overrideable), Overrideable))
		}
		kernels[b].enable.Get() // it panics where libtorch has it not
	}
	if option.First(options).SetPriority {
		before := cgotorch.SDPOrder.Get()
		cgotorch.SDPOrder.Change(order(backends, before))
		defer cgotorch.SDPOrder.Change(before)
	}
	for b, kernel := range kernels {
		before, err := kernel.enable.Read()
		if err != nil {
			continue // nor has it the backend
		}
		value := int64(0)
		if slices.Contains(backends, SDPBackend(b)) {
			value = 1
		}
		kernel.enable.Change(value)
		defer kernel.enable.Change(before)
	}
	f()
}

// order returns the backends' numbers and after them the others, as they were before, 4 bits
// each, the first in the lowest.
func order(backends []SDPBackend, before int64) (packed int64) {
	list := slices.Clone(backends)
	for i := range kernels {
		list = append(list, SDPBackend(before>>(4*i)&15))
	}
	place := 0
	for i, b := range list {
		if !slices.Contains(list[:i], b) {
			packed |= int64(b) << (4 * place)
			place++
		}
	}
	return packed
}

// EnabledBackends returns the backends that may be taken now, in the order in which libtorch
// tries them.
func EnabledBackends() (backends []SDPBackend) {
	order, err := cgotorch.SDPOrder.Read()
	if err != nil {
		order = 0x43021 // as libtorch had it before it could be changed
	}
	for i := range kernels {
		b := SDPBackend(order >> (4 * i) & 15)
		if enabled, err := kernels[b].enable.Read(); err == nil && enabled != 0 {
			backends = append(backends, b)
		}
	}
	return backends
}

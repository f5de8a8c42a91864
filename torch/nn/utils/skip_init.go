package utils

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// SkipInitOptions are the options of [SkipInit].
type SkipInitOptions struct {
	Device torch.Device // of the module; default: the CPU
}

// SkipInit returns the module that construct makes, a network too, without the time
// for first values: parameters and buffers hold whatever is in their memory, and no
// random numbers are drawn. It is for modules whose values are loaded or computed
// afterwards, all of them, also buffers such as running means.
//
//	l := utils.SkipInit(func() *nn.Linear { return nn.NewLinear(5, 1) })
//
// The construction has [torch.Meta] for its default device, and must give none
// itself. It may do with tensors only what that allows, as nn/nninit does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.skip_init.html
func SkipInit[M nn.AnyModule](construct func() M, options ...SkipInitOptions) (module M) {
	torch.WithDevice(torch.Meta, func() { module = construct() })
	nn.Base(module).ToEmpty(cmp.Or(option.First(options).Device, torch.CPU))
	return module
}

package amp

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// CustomFunctionOptions are the options of [CustomFunction].
type CustomFunctionOptions struct {
	CastInputs torch.DType // the dtype that Forward gets; default: that of the inputs
}

// CustomFunction returns f for use with [Autocast] on devices of a type. It is
// both PyTorch's custom_fwd and custom_bwd: Backward runs in the autocast that
// Forward ran in, wherever it is called.
//
// With CastInputs, Forward and Backward run without autocast. Where Apply is
// called within it, Forward gets floating-point inputs on such a device in that
// dtype; Float64 stays.
//
//	y := autograd.Apply1(amp.CustomFunction(MatMul{}, torch.CUDA(0)), x, w)
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.custom_fwd
func CustomFunction(f autograd.Function, device torch.Device, options ...CustomFunctionOptions) autograd.Function {
	argument.NotNil("amp.CustomFunction", "the function", f)
	c := custom{f, device, option.First(options).CastInputs}
	if forward, ok := f.(autograd.ForwardFunction); ok {
		return customForward{c, forward}
	}
	return c
}

type custom struct {
	autograd.Function
	device torch.Device
	dtype  torch.DType // of Forward's inputs, or 0
}

// region is the autocast of a Forward. It takes the place of the context's Value,
// and has that as well.
type region struct {
	AutocastOptions
	value any
}

// Unwrap returns the function itself, after which the node is named.
func (c custom) Unwrap() autograd.Function { return c.Function }

func (c custom) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) (outputs []*torch.Tensor) {
	argument.NotNil("amp.CustomFunction", "the context", ctx)
	on := torch.IsAutocastEnabled(c.device)
	r := region{AutocastOptions: AutocastOptions{Enabled: new(on && c.dtype == 0), DType: torch.AutocastDType(c.device)}}
	if on && c.dtype != 0 {
		Autocast(c.device, func() { outputs = c.Function.Forward(ctx, c.cast(inputs)...) }, r.AutocastOptions)
	} else {
		outputs = c.Function.Forward(ctx, inputs...)
	}
	r.value = ctx.Value
	ctx.Value = r
	return outputs
}

func (c custom) cast(inputs []*torch.Tensor) []*torch.Tensor {
	casts := make([]*torch.Tensor, len(inputs))
	for i, x := range inputs {
		if casts[i] = x; x != nil && x.IsFloatingPoint() && x.DType() != torch.Float64 && x.Device().Type() == c.device.Type() {
			casts[i] = x.To(c.dtype)
		}
	}
	return casts
}

func (c custom) Backward(ctx *autograd.Context, grads ...*torch.Tensor) (results []*torch.Tensor) {
	r := regionOf(ctx)
	own := *ctx
	own.Value = r.value
	Autocast(c.device, func() { results = c.Function.Backward(&own, grads...) }, r.AutocastOptions)
	return results
}

// regionOf returns what Forward noted in ctx, and panics where it did not run.
func regionOf(ctx *autograd.Context) region {
	argument.NotNil("amp.CustomFunction", "the context", ctx)
	r, ok := ctx.Value.(region)
	if !ok {
		panic(torch.Errorf("amp.CustomFwd", torch.RuntimeError,
			"the context is not one that the function's Forward was called with"))
	}
	return r
}

// customForward is a custom that forward gradients go through.
type customForward struct {
	custom
	f autograd.ForwardFunction
}

func (c customForward) JVP(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	own := *ctx
	own.Value = regionOf(ctx).value
	return c.f.JVP(&own, grads...)
}

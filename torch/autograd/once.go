package autograd

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// OnceDifferentiable returns f with a Backward that cannot be differentiated: it
// runs with gradients off, and a second Backward through its results panics. It
// is for a Backward that is not made of differentiable operations.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.once_differentiable.html
func OnceDifferentiable(f Function) Function {
	argument.NotNil("autograd.OnceDifferentiable", "the function", f)
	if forward, ok := f.(ForwardFunction); ok {
		return onceForward{once{f}, forward}
	}
	return once{f}
}

// onceForward is a once that forward gradients go through.
type onceForward struct {
	once
	forward ForwardFunction
}

func (f onceForward) JVP(ctx *Context, grads ...*torch.Tensor) []*torch.Tensor {
	return f.forward.JVP(ctx, grads...)
}

type once struct{ Function }

func (f once) Unwrap() Function { return f.Function }

func (f once) Backward(ctx *Context, grads ...*torch.Tensor) (results []*torch.Tensor) {
	torch.NoGrad(func() { results = f.Function.Backward(ctx, grads...) })
	requires := func(x *torch.Tensor) bool { return x != nil && x.RequiresGrad() }
	recorded := false
	for _, x := range grads {
		recorded = recorded || requires(x)
	}
	if !torch.IsGradEnabled() || !recorded {
		return results
	}
	// Differentiable copies of the results, whose derivative is an error.
	copies := make([]*torch.Tensor, len(results))
	for i, x := range results {
		if x != nil {
			copies[i] = x.Detach().SetRequiresGrad(true)
		}
	}
	return Apply(delayedError{}, copies...)
}

// delayedError gives its inputs and panics in Backward.
type delayedError struct{}

func (delayedError) Forward(_ *Context, inputs ...*torch.Tensor) []*torch.Tensor {
	outputs := make([]*torch.Tensor, len(inputs))
	for i, x := range inputs {
		if x != nil {
			outputs[i] = x.Detach()
		}
	}
	return outputs
}

func (delayedError) Backward(*Context, ...*torch.Tensor) []*torch.Tensor {
	panic(torch.Errorf("autograd.OnceDifferentiable", torch.RuntimeError,
		"trying to differentiate twice a function that was marked with @once_differentiable"))
}

package fn

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// GradOptions are the options of [Grad] and its kin.
type GradOptions struct {
	ArgNum int // which input the gradient is of; default: the first
}

// Grad returns a function that gives the gradient of f with respect to one input.
// f returns a tensor without dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.grad.html
func Grad(f func(x ...*torch.Tensor) *torch.Tensor, options ...GradOptions) func(x ...*torch.Tensor) *torch.Tensor {
	g := GradAndValue(f, options...)
	return func(x ...*torch.Tensor) *torch.Tensor {
		gradient, _ := g(x...)
		return gradient
	}
}

// GradAndValue returns a function that gives the gradient of f with respect to one
// input, and f's value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
func GradAndValue(f func(x ...*torch.Tensor) *torch.Tensor, options ...GradOptions) func(x ...*torch.Tensor) (gradient, value *torch.Tensor) {
	argument.NotNil("fn.GradAndValue", "the function", f)
	argnum := option.First(options).ArgNum
	return func(x ...*torch.Tensor) (gradient, value *torch.Tensor) {
		gradients, value := gradients(f, x, []int{argnum})
		return gradients[0], value
	}
}

// Grads returns a function that gives the gradients of f with respect to the inputs
// argnums, of all if there are none.
func Grads(f func(x ...*torch.Tensor) *torch.Tensor, argnums ...int) func(x ...*torch.Tensor) []*torch.Tensor {
	argument.NotNil("fn.Grads", "the function", f)
	return func(x ...*torch.Tensor) []*torch.Tensor {
		which := argnums
		for i := 0; len(argnums) == 0 && i < len(x); i++ {
			which = append(which, i)
		}
		list, _ := gradients(f, x, which)
		return list
	}
}

func gradients(f func(x ...*torch.Tensor) *torch.Tensor, x []*torch.Tensor, argnums []int) (list []*torch.Tensor, value *torch.Tensor) {
	const op = "fn.Grad"
	atLevel(op, cgotorch.TransformGrad, 0, 0, func(level int) {
		torch.EnableGrad(func() {
			inputs, watched := wrapInputs(op, level, x, argnums)
			y := f(inputs...)
			if y == nil {
				panic(torch.Errorf(op, torch.RuntimeError,
					"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got nil"))
			}
			if dim := y.Dim(); dim != 0 {
				panic(torch.Errorf(op, torch.RuntimeError, "grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor,"+
					" got tensor with %d dims. Maybe you wanted to use the vjp or jacrev APIs instead?", dim))
			}
			list = unwrapAll(level, gradOf([]*torch.Tensor{y}, watched, nil, true))
			value = unwrap(level, y)
		})
	})
	return list, value
}

// wrapInputs returns the inputs as they are in the layer, and those among them that
// are differentiated; argnums nil stands for all.
func wrapInputs(op string, level int, x []*torch.Tensor, argnums []int) (inputs, watched []*torch.Tensor) {
	wanted := make([]bool, len(x))
	for i := range argnums {
		n := argnums[i]
		if n < -len(x) || n >= len(x) {
			panic(torch.Errorf(op, torch.RuntimeError, "Got argnum=%d, but only %d positional inputs", n, len(x)))
		}
		wanted[(n+len(x))%len(x)] = true
	}
	inputs = make([]*torch.Tensor, len(x))
	for i := range x {
		inputs[i] = wrap(level, x[i], argnums == nil || wanted[i])
		if argnums == nil {
			watched = append(watched, inputs[i])
		}
	}
	for _, n := range argnums {
		watched = append(watched, inputs[(n+len(x))%len(x)])
	}
	return inputs, watched
}

// gradOf is autograd.Grad, with zeros for what the outputs do not depend on.
func gradOf(outputs, inputs, cotangents []*torch.Tensor, create bool) []*torch.Tensor {
	var differentiable, given []*torch.Tensor
	for i, y := range outputs {
		if y.RequiresGrad() {
			differentiable = append(differentiable, y)
			if cotangents != nil {
				given = append(given, cotangents[i])
			}
		}
	}
	list := make([]*torch.Tensor, len(inputs))
	if len(differentiable) > 0 {
		list = autograd.Grad(differentiable, inputs, autograd.GradOptions{GradOutputs: given,
			RetainGraph: new(true), CreateGraph: create, AllowUnused: true})
	}
	for i := range list {
		if list[i] == nil {
			list[i] = torch.ZerosLike(inputs[i])
		}
	}
	return list
}

// VJP returns f's outputs and a function that multiplies a vector, a tensor for each
// output, by f's Jacobian: it returns a gradient for each of the primals. It can be
// called many times.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.vjp.html
func VJP[F Func](f F, primals ...*torch.Tensor) (outputs []*torch.Tensor, vjp func(cotangents ...*torch.Tensor) []*torch.Tensor) {
	argument.NotNil("fn.VJP", "the function", f)
	return vjpOf(autograd.Outputs(f), primals, nil)
}

func vjpOf(f func(x ...*torch.Tensor) []*torch.Tensor, primals []*torch.Tensor, argnums []int) (outputs []*torch.Tensor, vjp func(cotangents ...*torch.Tensor) []*torch.Tensor) {
	const op = "fn.VJP"
	var raw, watched []*torch.Tensor
	atLevel(op, cgotorch.TransformGrad, 0, 0, func(level int) {
		torch.EnableGrad(func() {
			var inputs []*torch.Tensor
			inputs, watched = wrapInputs(op, level, primals, argnums)
			raw = f(inputs...)
			for _, y := range raw {
				if d := y.DType(); !d.IsFloatingPoint() && !d.IsComplex() {
					panic(torch.Errorf(op, torch.RuntimeError, "vjp(f, ...): All outputs of f must be floating-point or complex Tensors,"+
						" got Tensor with dtype %v", d))
				}
			}
			outputs = unwrapAll(level, raw)
		})
	})
	return outputs, func(cotangents ...*torch.Tensor) []*torch.Tensor {
		if len(cotangents) != len(raw) {
			panic(torch.Errorf(op, torch.RuntimeError, "Expected pytree structure of cotangents to be the same as pytree structure of"+
				" outputs to the function: %d cotangents, %d outputs", len(cotangents), len(raw)))
		}
		return gradOf(raw, watched, cotangents, torch.IsGradEnabled())
	}
}

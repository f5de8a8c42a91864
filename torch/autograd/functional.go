package autograd

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Func is a function of tensors that gives one tensor or several.
type Func interface {
	func(x ...*torch.Tensor) *torch.Tensor | func(x ...*torch.Tensor) []*torch.Tensor
}

// Outputs returns f as a function that gives a list.
func Outputs[F Func](f F) func(x ...*torch.Tensor) []*torch.Tensor {
	argument.NotNil("autograd", "the function", f)
	switch f := any(f).(type) {
	case func(x ...*torch.Tensor) []*torch.Tensor:
		return f
	case func(x ...*torch.Tensor) *torch.Tensor:
		return func(x ...*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(x...)} }
	}
	panic("unreachable: F is one of the two")
}

// FunctionalOptions are the options of [Jacobian], [Hessian] and the products with
// them.
type FunctionalOptions struct {
	CreateGraph bool // the results can be differentiated themselves
	Strict      bool // panic where an output does not depend on an input; default: zeros
}

// request is a function with its inputs made ready for gradients.
type request struct {
	op string
	FunctionalOptions
	inputs []*torch.Tensor
}

func newRequest(op string, inputs []*torch.Tensor, options []FunctionalOptions) *request {
	r := &request{op: "autograd." + op, FunctionalOptions: option.First(options)}
	r.inputs = make([]*torch.Tensor, len(inputs))
	for i, x := range inputs {
		if r.CreateGraph { // stay in the graph, but apart from the input itself
			r.inputs[i] = x.ViewAs(x)
		} else {
			r.inputs[i] = x.Detach()
		}
		if !r.inputs[i].RequiresGrad() {
			r.inputs[i].SetRequiresGrad(true)
		}
	}
	return r
}

// outputs calls f.
func (r *request) outputs(f func(x ...*torch.Tensor) []*torch.Tensor) []*torch.Tensor {
	outputs := f(r.inputs...)
	for i, y := range outputs {
		if r.Strict && !y.RequiresGrad() {
			panic(torch.Errorf(r.op, torch.RuntimeError, "Output %d of the user-provided function does not require gradients. The outputs must be computed"+
				" in a differentiable manner from the input when running in strict mode.", i))
		}
	}
	return outputs
}

// scalar calls f, which must give one element.
func (r *request) scalar(f func(x ...*torch.Tensor) *torch.Tensor) *torch.Tensor {
	y := r.outputs(Outputs(f))[0]
	if y.Numel() != 1 {
		panic(torch.Errorf(r.op, torch.RuntimeError,
			"The Tensor returned by the function given to %s should contain a single element", r.op))
	}
	return y
}

// vector returns v, which must have the shapes of like; nil stands for 1 where like
// is a single element.
func (r *request) vector(v, like []*torch.Tensor, whose string) []*torch.Tensor {
	if v == nil {
		if len(like) != 1 || like[0].Numel() != 1 {
			panic(torch.Errorf(r.op, torch.RuntimeError, "The vector v can only be None if the %s the user-provided function is a single Tensor with a"+
				" single element.", whose))
		}
		return []*torch.Tensor{torch.OnesLike(like[0])}
	}
	if len(v) != len(like) {
		panic(torch.Errorf(r.op, torch.RuntimeError, "v is a tuple of invalid length: should be %d but got %d.",
			len(like), len(v)))
	}
	for i := range v {
		if want, got := like[i].Shape(), v[i].Shape(); !slices.Equal(want, got) {
			panic(torch.Errorf(r.op, torch.RuntimeError, "Entry %d in v has invalid size: should be %v but got %v.",
				i, want, got))
		}
	}
	return v
}

// gradOf is Grad for outputs of which some may not require gradients, and which may
// not depend on an input: its gradient is nil.
func gradOf(outputs, inputs, v []*torch.Tensor, create, retain bool) []*torch.Tensor {
	var differentiable, given []*torch.Tensor
	for i, y := range outputs {
		if y != nil && y.RequiresGrad() {
			differentiable = append(differentiable, y)
			if v != nil {
				given = append(given, v[i])
			}
		}
	}
	if len(differentiable) == 0 {
		return make([]*torch.Tensor, len(inputs))
	}
	return Grad(differentiable, inputs,
		GradOptions{GradOutputs: given, CreateGraph: create, RetainGraph: new(create || retain), AllowUnused: true})
}

// finish returns gradients with zeros for nil ones, and without their graph unless
// that was asked for. independent says in strict mode what a nil one means, with a
// %d for its index; what names the derivative.
func (r *request) finish(gradients, like []*torch.Tensor, independent, what string) []*torch.Tensor {
	list := make([]*torch.Tensor, len(gradients))
	for i, g := range gradients {
		switch {
		case g == nil && r.Strict:
			panic(torch.Errorf(r.op, torch.RuntimeError, independent+" This is not allowed in strict mode.", i))
		case g == nil:
			g = torch.ZerosLike(like[i])
		case r.Strict && r.CreateGraph && !g.RequiresGrad():
			panic(torch.Errorf(r.op, torch.RuntimeError, "The %s of the user-provided function is independent of input %d. This is not allowed in strict"+
				" mode when create_graph=True.", what, i))
		}
		list[i] = r.result(g)
	}
	return list
}

func (r *request) result(x *torch.Tensor) *torch.Tensor {
	if r.CreateGraph {
		return x
	}
	return x.Detach()
}

func (r *request) results(list []*torch.Tensor) []*torch.Tensor {
	results := make([]*torch.Tensor, len(list))
	for i, x := range list {
		results[i] = r.result(x)
	}
	return results
}

// Jacobian returns the derivatives of f's outputs with respect to the inputs:
// element i, j is that of output i with respect to input j, in the output's shape
// followed by the input's. It takes one backward pass for each element of the
// outputs; fn.JacRev and fn.JacFwd take one for all.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
func Jacobian[F Func](f F, inputs []*torch.Tensor, options ...FunctionalOptions) [][]*torch.Tensor {
	r := newRequest("Jacobian", inputs, options)
	var result [][]*torch.Tensor
	torch.EnableGrad(func() {
		for i, y := range r.outputs(Outputs(f)) {
			result = append(result, r.rows(i, y))
		}
	})
	return result
}

// rows returns the derivatives of one output.
func (r *request) rows(index int, y *torch.Tensor) []*torch.Tensor {
	columns := make([][]*torch.Tensor, len(r.inputs))
	flat := y.Reshape(-1)
	for k := range y.Numel() {
		gradients := gradOf([]*torch.Tensor{flat.Select(0, k)}, r.inputs, nil, r.CreateGraph, true)
		for j, g := range gradients {
			switch {
			case g == nil && r.Strict:
				panic(torch.Errorf(r.op, torch.RuntimeError,
					"Output %d of the user-provided function is independent of input %d. This is not allowed in strict mode.", index, j))
			case g == nil:
				g = torch.ZerosLike(r.inputs[j])
			case r.Strict && r.CreateGraph && !g.RequiresGrad():
				panic(torch.Errorf(r.op, torch.RuntimeError, "The jacobian of the user-provided function is independent of input %d. This is not allowed in"+
					" strict mode when create_graph=True.", j))
			}
			columns[j] = append(columns[j], g)
		}
	}
	row := make([]*torch.Tensor, len(r.inputs))
	for j, list := range columns {
		shape := slices.Concat(y.Shape(), r.inputs[j].Shape())
		if len(list) == 0 {
			row[j] = torch.Zeros(shape, torch.TensorOptions{DType: r.inputs[j].DType(), Device: r.inputs[j].Device()})
			continue
		}
		row[j] = r.result(torch.Stack(list, 0).Reshape(shape...))
	}
	return row
}

// Hessian returns the second derivatives of f, which gives a single element: element
// i, j is that with respect to inputs i and j, in the shape of input i followed by
// that of input j.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html
func Hessian(f func(x ...*torch.Tensor) *torch.Tensor, inputs []*torch.Tensor, options ...FunctionalOptions) [][]*torch.Tensor {
	r := newRequest("Hessian", inputs, options)
	gradient := func(x ...*torch.Tensor) []*torch.Tensor {
		inner := request{op: r.op, FunctionalOptions: FunctionalOptions{CreateGraph: true, Strict: r.Strict}, inputs: x}
		y := inner.scalar(f)
		return inner.finish(gradOf([]*torch.Tensor{y.Reshape()}, x, nil, true, true), x,
			"Output 0 of the user-provided function is independent of input %d.", "jacobian")
	}
	return Jacobian(gradient, inputs, options...)
}

// VJP returns f's outputs and the product of v, a tensor for each output, with f's
// Jacobian: a gradient for each input. v may be nil for a single element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html
func VJP[F Func](f F, inputs, v []*torch.Tensor, options ...FunctionalOptions) (outputs, vjp []*torch.Tensor) {
	r := newRequest("VJP", inputs, options)
	torch.EnableGrad(func() {
		outputs = r.outputs(Outputs(f))
		v = r.vector(v, outputs, "output of")
		vjp = r.finish(gradOf(outputs, r.inputs, v, r.CreateGraph, false), r.inputs,
			"The output of the user-provided function is independent of input %d.", "jacobian")
	})
	return r.results(outputs), vjp
}

// JVP returns f's outputs and the product of f's Jacobian with v, a tensor for each
// input: a tangent for each output. v may be nil for a single element. It goes
// backward twice; fn.JVP goes forward once.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html
func JVP[F Func](f F, inputs, v []*torch.Tensor, options ...FunctionalOptions) (outputs, jvp []*torch.Tensor) {
	r := newRequest("JVP", inputs, options)
	v = r.vector(v, r.inputs, "input to")
	torch.EnableGrad(func() {
		outputs = r.outputs(Outputs(f))
		// The backward pass is linear in these, so their values do not matter.
		weights := make([]*torch.Tensor, len(outputs))
		for i, y := range outputs {
			weights[i] = torch.ZerosLike(y).SetRequiresGrad(true)
		}
		gradients := gradOf(outputs, r.inputs, weights, true, true)
		r.mustDepend(gradients, "The output of the user-provided function is independent of input %d.")
		jvp = r.finish(gradOf(gradients, weights, v, r.CreateGraph, false), outputs,
			"The gradient with respect to the input is independent of entry %d in the grad_outputs when using the double"+
				" backward trick to compute forward mode gradients.", "jacobian")
	})
	return r.results(outputs), jvp
}

// mustDepend panics in strict mode where a gradient is nil.
func (r *request) mustDepend(gradients []*torch.Tensor, independent string) {
	for i, g := range gradients {
		if g == nil && r.Strict {
			panic(torch.Errorf(r.op, torch.RuntimeError, independent+" This is not allowed in strict mode.", i))
		}
	}
}

// VHP returns f's value, a single element, and the product of v, a tensor for each
// input, with its Hessian. v may be nil for a single element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html
func VHP(f func(x ...*torch.Tensor) *torch.Tensor, inputs, v []*torch.Tensor, options ...FunctionalOptions) (output *torch.Tensor, vhp []*torch.Tensor) {
	r := newRequest("VHP", inputs, options)
	v = r.vector(v, r.inputs, "input to")
	torch.EnableGrad(func() {
		output = r.scalar(f)
		gradients := gradOf([]*torch.Tensor{output}, r.inputs, nil, true, true)
		r.mustDepend(gradients, "The output of the user-provided function is independent of input %d.")
		vhp = r.finish(gradOf(gradients, r.inputs, v, r.CreateGraph, false), r.inputs,
			"The jacobian of the user-provided function is independent of input %d.", "hessian")
	})
	return r.result(output), vhp
}

// HVP is the product of the Hessian with v: [VHP], where the second derivatives are
// continuous, but it takes one backward pass more.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html
func HVP(f func(x ...*torch.Tensor) *torch.Tensor, inputs, v []*torch.Tensor, options ...FunctionalOptions) (output *torch.Tensor, hvp []*torch.Tensor) {
	r := newRequest("HVP", inputs, options)
	v = r.vector(v, r.inputs, "input to")
	torch.EnableGrad(func() {
		output = r.scalar(f)
		gradients := gradOf([]*torch.Tensor{output}, r.inputs, nil, true, true)
		r.mustDepend(gradients, "The output of the user-provided function is independent of input %d.")
		weights := make([]*torch.Tensor, len(r.inputs))
		for i, x := range r.inputs {
			weights[i] = torch.ZerosLike(x).SetRequiresGrad(true)
		}
		twice := gradOf(gradients, r.inputs, weights, true, true)
		hvp = r.finish(gradOf(twice, weights, v, r.CreateGraph, false), r.inputs,
			"The hessian of the user-provided function is independent of entry %d in the grad_jacobian.", "hessian")
	})
	return r.result(output), hvp
}

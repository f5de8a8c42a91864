package autograd

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// GradcheckOptions are the options of [Gradcheck] and [Gradgradcheck].
type GradcheckOptions struct {
	Eps                *float64 // how far an input is moved; default: 1e-6
	Atol               *float64 // absolute tolerance; default: 1e-5
	Rtol               *float64 // relative tolerance; default: 0.001
	NondetTol          float64  // by how much two backward passes may differ
	CheckUndefinedGrad *bool    // check that backward takes outputs without gradients; default: true
	CheckGradDTypes    bool     // check that gradients have the inputs' dtypes
	CheckForwardAD     bool     // check forward gradients too
	CheckBackwardAD    *bool    // default: true

	// GradOutputs are the outputs' gradients, for Gradgradcheck; default: random
	// ones between -1 and 1.
	GradOutputs []*torch.Tensor
}

// GradcheckError is what a check found wrong.
type GradcheckError struct{ Message string }

// Error returns the message.
func (e *GradcheckError) Error() string { return e.Message }

func wrong(format string, args ...any) error {
	return &GradcheckError{fmt.Sprintf(format, args...)}
}

// check is a gradcheck under way.
type check struct {
	f          func(x ...*torch.Tensor) []*torch.Tensor
	inputs     []*torch.Tensor
	eps        float64
	atol, rtol float64
	GradcheckOptions
}

// Gradcheck compares the gradients of f's outputs with respect to the inputs that
// require gradients with differences: the inputs' elements are moved by Eps in both
// directions. It returns a *[GradcheckError] that shows both Jacobians where they
// differ by more than Atol + Rtol·|difference quotient|, and nil where all is well.
// It also checks that backward gives the same twice and is linear in the outputs'
// gradients. Complex inputs and outputs are checked by their real and imaginary
// parts. Outputs that require no gradient are left out; if all do, the differences
// must be zero.
//
// The inputs should be of double precision: with float32 the differences are too
// coarse. f must be deterministic, and is called twice for each element. Gradcheck
// panics where no input requires gradients, and where f or its backward does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
func Gradcheck[F Func](f F, inputs []*torch.Tensor, options ...GradcheckOptions) error {
	c := newCheck(Outputs(f), inputs, options)
	var err error
	torch.EnableGrad(func() { err = c.run() })
	return err
}

// Gradgradcheck is [Gradcheck] for second derivatives: it checks the gradients of
// the function that gives the gradients.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
func Gradgradcheck[F Func](f F, inputs []*torch.Tensor, options ...GradcheckOptions) error {
	c := newCheck(Outputs(f), inputs, options)
	var err error
	torch.EnableGrad(func() {
		grads := c.GradOutputs
		if grads == nil {
			for _, y := range differentiable(c.f(c.inputs...)) {
				grads = append(grads, randomLike(y))
			}
		}
		n := len(inputs)
		f := c.f
		second := *c
		second.inputs = append(append([]*torch.Tensor{}, inputs...), grads...)
		second.f = func(x ...*torch.Tensor) []*torch.Tensor {
			outputs := differentiable(f(x[:n]...))
			var gradients []*torch.Tensor
			for _, g := range Grad(outputs, requiring(x[:n]), GradOptions{GradOutputs: x[n:], CreateGraph: true, AllowUnused: true}) {
				if g != nil {
					gradients = append(gradients, g)
				}
			}
			return gradients
		}
		err = second.run()
	})
	return err
}

func newCheck(f func(x ...*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor, options []GradcheckOptions) *check {
	c := &check{GradcheckOptions: option.First(options), f: f, inputs: inputs, eps: 1e-6, atol: 1e-5, rtol: 1e-3}
	if c.Eps != nil {
		c.eps = *c.Eps
	}
	if c.Atol != nil {
		c.atol = *c.Atol
	}
	if c.Rtol != nil {
		c.rtol = *c.Rtol
	}
	if len(requiring(inputs)) == 0 {
		panic(torch.Errorf("autograd.Gradcheck", torch.ValueError,
			"gradcheck expects at least one input tensor to require gradient, but none of them does: SetRequiresGrad(true) makes it."))
	}
	return c
}

// randomLike returns random numbers between -1 and 1 for the gradient of y.
func randomLike(y *torch.Tensor) *torch.Tensor {
	part := func() *torch.Tensor {
		return torch.Empty(y.Shape(), torch.TensorOptions{DType: torch.Float64, Device: y.Device()}).UniformInplace(-1, 1, nil)
	}
	x := part()
	if y.DType().IsComplex() {
		x = x.Add(part().Mul(1i))
	}
	return x.To(y.DType()).Detach().SetRequiresGrad(true)
}

// requiring returns those of the tensors that require gradients.
func requiring(list []*torch.Tensor) (result []*torch.Tensor) {
	for _, x := range list {
		if x != nil && x.RequiresGrad() {
			result = append(result, x)
		}
	}
	return result
}

// differentiable returns those of the outputs that require gradients.
func differentiable(outputs []*torch.Tensor) []*torch.Tensor { return requiring(outputs) }

func (c *check) run() error {
	outputs := c.f(c.inputs...)
	backward := c.CheckBackwardAD == nil || *c.CheckBackwardAD
	var problems []error
	if backward {
		problems = append(problems, c.parts(outputs))
	}
	if c.CheckForwardAD {
		problems = append(problems, c.forward(outputs))
	}
	if err := errors.Join(problems...); err != nil {
		return first(problems)
	}
	if !backward {
		return nil
	}
	if err := c.linear(differentiable(outputs)); err != nil {
		return err
	}
	if c.CheckUndefinedGrad == nil || *c.CheckUndefinedGrad {
		return c.undefined()
	}
	return nil
}

// first returns the first error.
func first(list []error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// parts compares the Jacobians of all outputs, those of complex ones by parts.
func (c *check) parts(outputs []*torch.Tensor) error {
	isComplex := make([]bool, len(outputs))
	any := false
	for i, y := range outputs {
		isComplex[i] = y != nil && y.DType().IsComplex()
		any = any || isComplex[i]
	}
	if !any {
		return c.backward(c.f, isComplex, "")
	}
	for _, part := range []string{"imaginary", "real"} {
		f := func(x ...*torch.Tensor) []*torch.Tensor {
			list := c.f(x...)
			for i := range list {
				switch {
				case !isComplex[i]:
				case part == "real":
					list[i] = list[i].Real()
				default:
					list[i] = list[i].Imag()
				}
			}
			return list
		}
		if err := c.backward(f, isComplex, part); err != nil {
			return err
		}
	}
	return nil
}

// linear checks that backward gives zeros for zeros.
func (c *check) linear(outputs []*torch.Tensor) error {
	if len(outputs) == 0 {
		return nil
	}
	zeros := make([]*torch.Tensor, len(outputs))
	for i, y := range outputs {
		zeros[i] = torch.ZerosLike(y)
	}
	inputs := requiring(c.inputs)
	for i, g := range Grad(outputs, inputs, GradOptions{GradOutputs: zeros, RetainGraph: new(true), AllowUnused: true}) {
		switch {
		case g == nil:
		case !allZero(g):
			return wrong("backward not multiplied by grad_output")
		case g.DType() != inputs[i].DType():
			return wrong("grad is incorrect type")
		case g.Device() != inputs[i].Device():
			return wrong("grad is incorrect device")
		}
	}
	return nil
}

func allZero(x *torch.Tensor) bool { return x.Eq(0).All().Bool() }

// undefined checks that backward takes outputs without gradients, all and one by
// one.
func (c *check) undefined() error {
	count := len(differentiable(c.f(c.inputs...)))
	for which := -1; which < count; which++ {
		if count == 0 || which >= 0 && count == 1 {
			break
		}
		outputs := differentiable(c.f(c.inputs...))
		zeros := make([]*torch.Tensor, len(outputs))
		for i := range outputs {
			if which < 0 || which == i {
				outputs[i] = Apply1(undefinedGrad{}, outputs[i])
			}
			zeros[i] = torch.ZerosLike(outputs[i])
		}
		const hint = `Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"`
		var gradients []*torch.Tensor
		err := torch.Try(func() {
			gradients = Grad(outputs, requiring(c.inputs), GradOptions{GradOutputs: zeros, AllowUnused: true})
		})
		if err != nil {
			return wrong("Expected backward function to handle undefined output grads. %s: %v", hint, err)
		}
		for _, g := range gradients {
			if g != nil && !allZero(g) {
				return wrong("Expected all input grads to be undefined or zero when all output grads are undefined or zero. %s", hint)
			}
		}
	}
	return nil
}

// undefinedGrad gives its input, which gets no gradient.
type undefinedGrad struct{}

func (undefinedGrad) Forward(_ *Context, inputs ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{inputs[0].ViewAs(inputs[0])}
}

func (undefinedGrad) Backward(*Context, ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{nil}
}

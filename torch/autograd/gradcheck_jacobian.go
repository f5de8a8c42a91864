package autograd

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// matrix is a Jacobian as gradcheck shows it: a row for each element of the input,
// a column for each of the output.
type matrix [][]complex128

func newMatrix(rows, columns int) matrix {
	m := make(matrix, rows)
	for i := range m {
		m[i] = make([]complex128, columns)
	}
	return m
}

// tensor returns the matrix as a tensor of real numbers, or of complex ones.
func (m matrix) tensor(isComplex bool) *torch.Tensor {
	columns := 0
	if len(m) > 0 {
		columns = len(m[0])
	}
	x := torch.FromSlice(slices.Concat(m...), len(m), columns)
	if isComplex {
		return x
	}
	return x.Real().Clone()
}

// compare returns an error that shows both Jacobians where they differ.
func (c *check) compare(numerical, analytical matrix, isComplex bool, prefix, mode string, output, input int) error {
	n, a := numerical.tensor(isComplex), analytical.tensor(isComplex)
	if a.AllClose(n, torch.AllCloseOptions{Rtol: &c.rtol, Atol: &c.atol}) {
		return nil
	}
	return wrong("%sJacobian %smismatch for output %d with respect to input %d,\nnumerical:%v\nanalytical:%v\n",
		prefix, mode, output, input, n, a)
}

// moved returns the inputs with one element of input i moved by delta, and with
// the gradients that they required.
func (c *check) moved(i, element int, delta torch.Number) []*torch.Tensor {
	inputs := slices.Clone(c.inputs)
	torch.NoGrad(func() {
		x := inputs[i].Detach().Contiguous().Clone()
		x.View(-1).Select(0, element).AddInplace(delta)
		inputs[i] = x
	})
	inputs[i].SetRequiresGrad(true)
	return inputs
}

// slope returns, for each output of f, how its elements change when one of input i
// is moved in a direction: 1 or the imaginary unit.
func (c *check) slope(f func(x ...*torch.Tensor) []*torch.Tensor, i, element int, direction complex128) [][]complex128 {
	at := func(delta complex128) (values [][]complex128) {
		number := torch.Number(real(delta))
		if imag(delta) != 0 {
			number = delta
		}
		for _, y := range f(c.moved(i, element, number)...) {
			if y == nil {
				values = append(values, nil)
				continue
			}
			values = append(values, torch.ToSlice[complex128](y))
		}
		return values
	}
	step := complex(c.eps, 0)
	up, down := at(step*direction), at(-step*direction)
	for k := range up {
		for e := range up[k] {
			up[k][e] = (up[k][e] - down[k][e]) / (2 * step)
		}
	}
	return up
}

// numerical returns the Jacobians of f's outputs with respect to input i. For a
// complex input the two directions make the gradient as autograd defines it.
func (c *check) numerical(f func(x ...*torch.Tensor) []*torch.Tensor, i int) []matrix {
	rows := c.inputs[i].Numel()
	var result []matrix
	for element := range rows {
		change := c.slope(f, i, element, 1)
		if c.inputs[i].DType().IsComplex() {
			for k, other := range c.slope(f, i, element, 1i) {
				for e := range other {
					change[k][e] += other[e] * 1i
				}
			}
		}
		for k := range change {
			if len(result) <= k {
				result = append(result, newMatrix(rows, len(change[k])))
			}
			result[k][element] = change[k]
		}
	}
	return result
}

// analytical returns the Jacobians of one output, by backward, with respect to all
// inputs that require gradients.
func (c *check) analytical(y *torch.Tensor, inputs []*torch.Tensor) ([]matrix, error) {
	result := make([]matrix, len(inputs))
	for i, x := range inputs {
		result[i] = newMatrix(x.Numel(), y.Numel())
	}
	for column := range y.Numel() {
		one := torch.Zeros([]int{y.Numel()}, torch.TensorOptions{DType: y.DType(), Device: y.Device()})
		one.Select(0, column).FillInplace(1)
		gradients := Grad([]*torch.Tensor{y}, inputs, GradOptions{
			GradOutputs: []*torch.Tensor{one.Reshape(y.Shape()...)}, RetainGraph: new(true), AllowUnused: true})
		for i, g := range gradients {
			if g == nil {
				continue
			}
			if c.CheckGradDTypes && g.DType() != inputs[i].DType() {
				return nil, wrong("Gradient has dtype mismatch")
			}
			if !slices.Equal(g.Shape(), inputs[i].Shape()) {
				return nil, wrong("Analytical gradient has incorrect size")
			}
			for row, v := range torch.ToSlice[complex128](g) {
				result[i][row][column] = v
			}
		}
	}
	return result, nil
}

// backward compares the Jacobians of f's outputs. part names the part of complex
// outputs that f gives.
func (c *check) backward(f func(x ...*torch.Tensor) []*torch.Tensor, isComplex []bool, part string) error {
	outputs := f(c.inputs...)
	inputs := requiring(c.inputs)
	var numerical [][]matrix // by input, output
	for i, x := range c.inputs {
		if x != nil && x.RequiresGrad() {
			numerical = append(numerical, c.numerical(f, i))
		}
	}
	if len(differentiable(outputs)) == 0 {
		return zeroSlopes(numerical)
	}
	position := 0 // among the outputs that require gradients
	for k, y := range outputs {
		if y == nil || !y.RequiresGrad() {
			continue
		}
		first, err := c.analytical(y, inputs)
		if err != nil {
			return err
		}
		again, _ := c.analytical(y, inputs)
		for i, x := range inputs {
			complexInput := x.DType().IsComplex()
			a, b := first[i].tensor(complexInput), again[i].tensor(complexInput)
			if !a.AllClose(b, torch.AllCloseOptions{Rtol: new(0.0), Atol: &c.NondetTol, EqualNaN: true}) && !a.Equal(b) {
				return wrong("Backward is not reentrant, i.e., running backward with same input and grad_output multiple"+
					" times gives different values, although analytical gradient matches numerical gradient."+
					"The tolerance for nondeterminism was %v.", c.NondetTol)
			}
			prefix := ""
			if isComplex[k] {
				prefix = "While considering the " + part + " part of complex outputs only, "
			}
			if err := c.compare(numerical[i][k], first[i], complexInput, prefix, "", position, i); err != nil {
				return err
			}
		}
		position++
	}
	return nil
}

// zeroSlopes checks that nothing changes where nothing can be differentiated.
func zeroSlopes(numerical [][]matrix) error {
	for _, list := range numerical {
		for _, m := range list {
			for _, v := range slices.Concat(m...) {
				if v != 0 {
					return wrong("Numerical gradient for function expected to be zero")
				}
			}
		}
	}
	return nil
}

// forward compares forward gradients with differences, for each direction in which
// an element of an input can move.
func (c *check) forward(outputs []*torch.Tensor) error {
	for i, x := range c.inputs {
		if x == nil || !x.RequiresGrad() {
			continue
		}
		for _, direction := range []complex128{1i, 1} {
			prefix := ""
			if x.DType().IsComplex() {
				part := map[complex128]string{1: "real", 1i: "imaginary"}[direction]
				prefix = "While considering the " + part + " part of complex inputs only, "
			} else if direction == 1i {
				continue
			}
			var numerical, analytical []matrix
			for _, y := range outputs {
				numerical = append(numerical, newMatrix(x.Numel(), y.Numel()))
				analytical = append(analytical, newMatrix(x.Numel(), y.Numel()))
			}
			for element := range x.Numel() {
				for k, change := range c.slope(c.f, i, element, direction) {
					numerical[k][element] = change
				}
				for k, tangent := range c.tangents(i, element, direction) {
					if tangent != nil {
						analytical[k][element] = tangent
					}
				}
			}
			for k, y := range outputs {
				err := c.compare(numerical[k], analytical[k], y.DType().IsComplex(), prefix, "computed with forward mode ", k, i)
				if y.RequiresGrad() && err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tangents returns the forward gradients of all outputs for one element of input i
// that moves in a direction; nil stands for zeros.
func (c *check) tangents(i, element int, direction complex128) (result [][]complex128) {
	DualLevel(func() {
		x := c.inputs[i].Detach().Contiguous()
		tangent := torch.Zeros([]int{x.Numel()}, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
		number := torch.Number(real(direction))
		if imag(direction) != 0 {
			number = direction
		}
		tangent.Select(0, element).FillInplace(number)
		inputs := slices.Clone(c.inputs)
		inputs[i] = MakeDual(x, tangent.Reshape(x.Shape()...))
		for _, y := range c.f(inputs...) {
			if _, t := UnpackDual(y); t != nil {
				result = append(result, torch.ToSlice[complex128](t))
			} else {
				result = append(result, nil)
			}
		}
	})
	return result
}

package torch

import "github.com/wangkuiyi/gotorch/internal/option"

// TrapezoidOptions are the options of [Trapezoid] and [CumulativeTrapezoid].
type TrapezoidOptions struct {
	X   *Tensor // the points at which y is known; default: Dx apart
	Dx  Number  // the distance of points; default: 1
	Dim *int    // default: −1
}

// Trapezoid returns the integrals of y along Dim by the trapezoidal rule.
//
// https://docs.pytorch.org/docs/stable/generated/torch.trapezoid.html
func Trapezoid(y *Tensor, options ...TrapezoidOptions) *Tensor {
	return trapezoid("torch.trapezoid", y, option.First(options), opTrapezoidX, opTrapezoidDx)
}

// Trapz is [Trapezoid] by another name.
func Trapz(y *Tensor, options ...TrapezoidOptions) *Tensor { return Trapezoid(y, options...) }

// CumulativeTrapezoid returns the running integrals of y along Dim by the
// trapezoidal rule, one fewer than y has elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html
func CumulativeTrapezoid(y *Tensor, options ...TrapezoidOptions) *Tensor {
	return trapezoid("torch.cumulative_trapezoid", y, option.First(options), opCumulativeTrapezoidX, opCumulativeTrapezoidDx)
}

func trapezoid(name string, y *Tensor, o TrapezoidOptions, atPoints, evenly *Operator) *Tensor {
	op := evenly
	var c Call
	c.Tensor(y)
	if o.X != nil && o.Dx != nil {
		panic(Errorf(name, TypeError, "X gives the points and Dx their distance; want one of them"))
	}
	if o.X != nil {
		op = atPoints
		c.Tensor(o.X)
	} else {
		c.Number(o.Dx)
	}
	c.OptionalInt(o.Dim)
	return c.One(op)
}

// GradientOptions are the options of [Gradient].
type GradientOptions struct {
	// Spacing is the distance of neighbours in all dimensions, if it has one
	// number, or in each of Dim. Default: 1.
	Spacing []Number
	// Coordinates are the points along each of Dim, in place of Spacing.
	Coordinates []*Tensor
	Dim         []int // default: all
	EdgeOrder   *int  // of the estimates at the edges, 1 or 2; default: 1
}

// Gradient returns estimates of the derivatives of x along each of Dim, by second
// order central differences.
//
// https://docs.pytorch.org/docs/stable/generated/torch.gradient.html
func Gradient(x *Tensor, options ...GradientOptions) []*Tensor {
	o := option.First(options)
	if o.Spacing != nil && o.Coordinates != nil {
		panic(Errorf("torch.gradient", TypeError, "Coordinates are in place of Spacing; want one of them"))
	}
	if o.Dim == nil {
		for d := range x.Dim() {
			o.Dim = append(o.Dim, d)
		}
	}
	op := opGradientArray
	var c Call
	c.Tensor(x)
	switch {
	case o.Coordinates != nil:
		op = opGradientTensorarray
		c.Tensors(o.Coordinates)
	case len(o.Spacing) == 1:
		op = opGradientScalararray
		c.Number(o.Spacing[0])
	case len(o.Spacing) > 1:
		op = opGradientScalarrayarray
		c.Numbers(o.Spacing)
	}
	c.Ints(o.Dim)
	c.Int(option.Or(o.EdgeOrder, 1))
	r := c.Results(op)
	return r.Tensors()
}

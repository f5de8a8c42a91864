package torch

// ReduceOptions are the options of reductions. The zero value reduces all
// dimensions.
type ReduceOptions struct {
	Dim     []int // the dimensions to reduce; negative ones count from the last
	Keepdim bool  // leave them in the shape, with size 1
	DType   DType // convert to this first; default: x's, and Int64 for sums of integers
}

// Sum returns the sum of all elements, or the sums along the given dimensions.
// [Tensor.SumWith] has the other options. Integers and bools are added as Int64.
//
// https://docs.pytorch.org/docs/stable/generated/torch.sum.html
func (x *Tensor) Sum(dim ...int) *Tensor { return x.SumWith(ReduceOptions{Dim: dim}) }

// Sum is [Tensor.Sum] as a function.
func Sum(x *Tensor, dim ...int) *Tensor { return x.Sum(dim...) }

// SumWith is [Tensor.Sum] with options.
func (x *Tensor) SumWith(o ReduceOptions) *Tensor { return x.reduce(opSum, opSumDimIntList, o) }

// Mean returns the mean of all elements, or the means along the given
// dimensions, of a floating-point or complex tensor. [Tensor.MeanWith] has the
// other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.mean.html
func (x *Tensor) Mean(dim ...int) *Tensor { return x.MeanWith(ReduceOptions{Dim: dim}) }

// Mean is [Tensor.Mean] as a function.
func Mean(x *Tensor, dim ...int) *Tensor { return x.Mean(dim...) }

// MeanWith is [Tensor.Mean] with options.
func (x *Tensor) MeanWith(o ReduceOptions) *Tensor { return x.reduce(opMean, opMeanDim, o) }

// reduce calls whole, which reduces everything, or along, which takes dimensions.
func (x *Tensor) reduce(whole, along *Operator, o ReduceOptions) *Tensor {
	var c Call
	c.Tensor(x)
	if len(o.Dim) == 0 && !o.Keepdim {
		c.DType(o.DType)
		return c.One(whole)
	}
	if len(o.Dim) == 0 {
		c.None()
	} else {
		c.Ints(o.Dim)
	}
	c.Bool(o.Keepdim)
	c.DType(o.DType)
	return c.One(along)
}

// Prod returns the product of all elements, or the products along one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.prod.html
func (x *Tensor) Prod(dim ...int) *Tensor { return x.along("torch.prod", opProd, opProdDimInt, dim) }

// All returns whether all elements, or all along one dimension, are nonzero, as a
// Bool tensor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.all.html
func (x *Tensor) All(dim ...int) *Tensor { return x.along("torch.all", opAll, opAllDim, dim) }

// Any returns whether any element, or any along one dimension, is nonzero, as a
// Bool tensor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.any.html
func (x *Tensor) Any(dim ...int) *Tensor { return x.along("torch.any", opAny, opAnyDim, dim) }

// along calls whole, or the operator that takes one dimension.
func (x *Tensor) along(name string, whole, one *Operator, dim []int) *Tensor {
	var c Call
	c.Tensor(x)
	switch len(dim) {
	case 0:
		return c.One(whole)
	case 1:
		c.Int(dim[0])
		return c.One(one)
	}
	raise(name, TypeError, "takes at most one dimension, but got %d", len(dim))
	return nil
}

// Max returns the greatest element; NaN wins. [Tensor.MaxDim] works along a
// dimension, [Tensor.Maximum] compares two tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.max.html
func (x *Tensor) Max() *Tensor { return x.along("torch.max", opMax, nil, nil) }

// Min returns the smallest element; NaN wins. [Tensor.MinDim] works along a
// dimension, [Tensor.Minimum] compares two tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.min.html
func (x *Tensor) Min() *Tensor { return x.along("torch.min", opMin, nil, nil) }

// Argmax returns the index (Int64) of the greatest element: of all elements as if
// flat, or along one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.argmax.html
func (x *Tensor) Argmax(dim ...int) *Tensor { return x.along("torch.argmax", opArgmax, opArgmax, dim) }

// Argmax is [Tensor.Argmax] as a function.
func Argmax(x *Tensor, dim ...int) *Tensor { return x.Argmax(dim...) }

// Argmin is [Tensor.Argmax] for the smallest element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.argmin.html
func (x *Tensor) Argmin(dim ...int) *Tensor { return x.along("torch.argmin", opArgmin, opArgmin, dim) }

// Argmin is [Tensor.Argmin] as a function.
func Argmin(x *Tensor, dim ...int) *Tensor { return x.Argmin(dim...) }

// VarOptions are the options of [Tensor.VarWith] and [Tensor.StdWith].
type VarOptions struct {
	Dim        []int  // the dimensions to reduce; default: all
	Correction Number // taken from the count of elements that is divided by; default: 1
	Keepdim    bool   // leave the dimensions in the shape, with size 1
}

// Var returns the variance of all elements, or along the given dimensions, with
// Bessel's correction. [Tensor.VarWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.var.html
func (x *Tensor) Var(dim ...int) *Tensor { return x.VarWith(VarOptions{Dim: dim}) }

// VarWith is [Tensor.Var] with options.
func (x *Tensor) VarWith(o VarOptions) *Tensor { return x.spread(opVarCorrection, o) }

// Std returns the standard deviation of all elements, or along the given
// dimensions, with Bessel's correction. [Tensor.StdWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.std.html
func (x *Tensor) Std(dim ...int) *Tensor { return x.StdWith(VarOptions{Dim: dim}) }

// StdWith is [Tensor.Std] with options.
func (x *Tensor) StdWith(o VarOptions) *Tensor { return x.spread(opStdCorrection, o) }

func (x *Tensor) spread(op *Operator, o VarOptions) *Tensor {
	var c Call
	c.Tensor(x)
	if len(o.Dim) == 0 {
		c.None()
	} else {
		c.Ints(o.Dim)
	}
	if o.Correction == nil {
		c.Int(1)
	} else {
		c.Number(o.Correction)
	}
	c.Bool(o.Keepdim)
	return c.One(op)
}

// Norm returns the p-norm of all elements as if flat, or along the given
// dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.norm.html
func (x *Tensor) Norm(p Number, dim ...int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Number(p)
	if len(dim) == 0 {
		return c.One(opNormScalar)
	}
	c.Ints(dim)
	c.Bool(false)
	return c.One(opNormScalarOptDim)
}

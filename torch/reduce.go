package torch

// ReduceOptions are the options of reductions to numbers: sums, means, products and
// norms. The zero value reduces all dimensions.
type ReduceOptions struct {
	Dim     []int // the dimensions to reduce; negative ones count from the last; default: all
	Keepdim bool  // leave them in the shape, with size 1
	DType   DType // convert to this first; default: x's, and Int64 for sums and products of integers
}

// DimOptions are the options of reductions to truth values and indices. The zero
// value reduces all dimensions.
type DimOptions struct {
	Dim     []int // the dimensions to reduce; negative ones count from the last; default: all
	Keepdim bool  // leave them in the shape, with size 1
}

// Sum returns the sum of all elements, or the sums along the given dimensions.
// [Tensor.SumWith] has the other options. Integers and bools are added as Int64. An
// empty list stands for all dimensions, as Python's dim=() does, here and in the
// other reductions that take several, but for [Tensor.All] and [Tensor.Any].
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

// NanSum is [Tensor.Sum] with NaN taken as 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nansum.html
func (x *Tensor) NanSum(dim ...int) *Tensor { return x.NanSumWith(ReduceOptions{Dim: dim}) }

// NanSum is [Tensor.NanSum] as a function.
func NanSum(x *Tensor, dim ...int) *Tensor { return x.NanSum(dim...) }

// NanSumWith is [Tensor.NanSum] with options.
func (x *Tensor) NanSumWith(o ReduceOptions) *Tensor { return x.reduce(nil, opNansum, o) }

// NanMean is [Tensor.Mean] of the elements that are not NaN.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nanmean.html
func (x *Tensor) NanMean(dim ...int) *Tensor { return x.NanMeanWith(ReduceOptions{Dim: dim}) }

// NanMean is [Tensor.NanMean] as a function.
func NanMean(x *Tensor, dim ...int) *Tensor { return x.NanMean(dim...) }

// NanMeanWith is [Tensor.NanMean] with options.
func (x *Tensor) NanMeanWith(o ReduceOptions) *Tensor { return x.reduce(nil, opNanmean, o) }

// CountNonzero returns how many elements are nonzero (Int64), of all or along the
// given dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.count_nonzero.html
func (x *Tensor) CountNonzero(dim ...int) *Tensor {
	var c Call
	c.Tensor(x)
	if len(dim) == 0 {
		return c.One(opCountNonzero)
	}
	c.Ints(dim)
	return c.One(opCountNonzeroDimIntList)
}

// CountNonzero is [Tensor.CountNonzero] as a function.
func CountNonzero(x *Tensor, dim ...int) *Tensor { return x.CountNonzero(dim...) }

// reduce calls whole, which reduces everything, or along, which takes dimensions
// and stands for both where whole is nil.
func (x *Tensor) reduce(whole, along *Operator, o ReduceOptions) *Tensor {
	var c Call
	c.Tensor(x)
	if whole != nil && len(o.Dim) == 0 && !o.Keepdim {
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
// [Tensor.ProdWith] has the other options. Integers and bools are multiplied as
// Int64.
//
// https://docs.pytorch.org/docs/stable/generated/torch.prod.html
func (x *Tensor) Prod(dim ...int) *Tensor { return x.ProdWith(ReduceOptions{Dim: dim}) }

// Prod is [Tensor.Prod] as a function.
func Prod(x *Tensor, dim ...int) *Tensor { return x.Prod(dim...) }

// ProdWith is [Tensor.Prod] with options. It panics for several dimensions, and for
// Keepdim without one.
func (x *Tensor) ProdWith(o ReduceOptions) *Tensor {
	const op = "torch.prod"
	var c Call
	c.Tensor(x)
	switch {
	case !oneDim(op, o.Dim) && o.Keepdim:
		panic(Errorf(op, TypeError, "Keepdim needs a dimension"))
	case o.Dim == nil:
		c.DType(o.DType)
		return c.One(opProd)
	}
	c.Int(o.Dim[0])
	c.Bool(o.Keepdim)
	c.DType(o.DType)
	return c.One(opProdDimInt)
}

// All returns whether all elements, or all along the given dimensions, are
// nonzero, as a Bool tensor. An empty list that is not nil names no dimension, as
// Python's dim=() does: then each element is asked by itself. [Tensor.AllWith] has
// the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.all.html
func (x *Tensor) All(dim ...int) *Tensor { return x.AllWith(DimOptions{Dim: dim}) }

// All is [Tensor.All] as a function.
func All(x *Tensor, dim ...int) *Tensor { return x.All(dim...) }

// AllWith is [Tensor.All] with options.
func (x *Tensor) AllWith(o DimOptions) *Tensor {
	return x.alongDims(opAll, opAllDim, opAllDims, o)
}

// Any returns whether any element, or any along the given dimensions, is nonzero,
// as a Bool tensor. An empty list is as for [Tensor.All]. [Tensor.AnyWith] has the
// other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.any.html
func (x *Tensor) Any(dim ...int) *Tensor { return x.AnyWith(DimOptions{Dim: dim}) }

// Any is [Tensor.Any] as a function.
func Any(x *Tensor, dim ...int) *Tensor { return x.Any(dim...) }

// AnyWith is [Tensor.Any] with options.
func (x *Tensor) AnyWith(o DimOptions) *Tensor { return x.alongDims(opAny, opAnyDim, opAnyDims, o) }

// alongDims is along, with all dimensions kept if o says so.
func (x *Tensor) alongDims(whole, one, several *Operator, o DimOptions) *Tensor {
	if !o.Keepdim {
		return x.along(whole, one, several, o.Dim)
	}
	op := several
	var c Call
	c.Tensor(x)
	switch {
	case o.Dim == nil:
		c.None()
	case len(o.Dim) == 1:
		op = one
		c.Int(o.Dim[0])
	default:
		c.Ints(o.Dim)
	}
	c.Bool(true)
	return c.One(op)
}

// along calls whole, or the operator that takes one dimension, or that which takes
// several, or none of them where the list is empty but not nil, which older versions
// of libtorch lack.
func (x *Tensor) along(whole, one, several *Operator, dim []int) *Tensor {
	var c Call
	c.Tensor(x)
	switch {
	case dim == nil:
		return c.One(whole)
	case len(dim) == 1:
		c.Int(dim[0])
		return c.One(one)
	}
	c.Ints(dim)
	return c.One(several)
}

// oneDim reports whether there is a dimension. It panics on a list that neither is
// nil nor has one.
func oneDim(name string, dim []int) bool {
	if dim != nil && len(dim) != 1 {
		panic(Errorf(name, TypeError, "takes one dimension, or no argument for all of them, but got %d dimensions",
			len(dim)))
	}
	return dim != nil
}

// reduceAll calls an operator that reduces everything.
func (x *Tensor) reduceAll(op *Operator) *Tensor {
	var c Call
	c.Tensor(x)
	return c.One(op)
}

// Max returns the greatest element; NaN wins. [Tensor.MaxDim] works along a
// dimension, [Tensor.Maximum] compares two tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.max.html
func (x *Tensor) Max() *Tensor { return x.reduceAll(opMax) }

// Max is [Tensor.Max] as a function.
func Max(x *Tensor) *Tensor { return x.Max() }

// Min returns the smallest element; NaN wins. [Tensor.MinDim] works along a
// dimension, [Tensor.Minimum] compares two tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.min.html
func (x *Tensor) Min() *Tensor { return x.reduceAll(opMin) }

// Min is [Tensor.Min] as a function.
func Min(x *Tensor) *Tensor { return x.Min() }

// Median returns the median of all elements, the lower one of an even number; NaN
// wins. [Tensor.MedianDim] works along a dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.median.html
func (x *Tensor) Median() *Tensor { return x.reduceAll(opMedian) }

// Median is [Tensor.Median] as a function.
func Median(x *Tensor) *Tensor { return x.Median() }

// NanMedian is [Tensor.Median] without the NaNs.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nanmedian.html
func (x *Tensor) NanMedian() *Tensor { return x.reduceAll(opNanmedian) }

// NanMedian is [Tensor.NanMedian] as a function.
func NanMedian(x *Tensor) *Tensor { return x.NanMedian() }

// Argmax returns the index (Int64) of the greatest element: of all elements as if
// flat, or along one dimension. [Tensor.ArgmaxWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.argmax.html
func (x *Tensor) Argmax(dim ...int) *Tensor { return x.ArgmaxWith(DimOptions{Dim: dim}) }

// Argmax is [Tensor.Argmax] as a function.
func Argmax(x *Tensor, dim ...int) *Tensor { return x.Argmax(dim...) }

// ArgmaxWith is [Tensor.Argmax] with options. It panics for several dimensions.
func (x *Tensor) ArgmaxWith(o DimOptions) *Tensor { return x.extreme("torch.argmax", opArgmax, o) }

// Argmin is [Tensor.Argmax] for the smallest element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.argmin.html
func (x *Tensor) Argmin(dim ...int) *Tensor { return x.ArgminWith(DimOptions{Dim: dim}) }

// Argmin is [Tensor.Argmin] as a function.
func Argmin(x *Tensor, dim ...int) *Tensor { return x.Argmin(dim...) }

// ArgminWith is [Tensor.Argmin] with options. It panics for several dimensions.
func (x *Tensor) ArgminWith(o DimOptions) *Tensor { return x.extreme("torch.argmin", opArgmin, o) }

// extreme returns the index of an extreme element.
func (x *Tensor) extreme(name string, op *Operator, o DimOptions) *Tensor {
	var c Call
	c.Tensor(x)
	if oneDim(name, o.Dim) {
		c.Int(o.Dim[0])
	} else {
		c.None()
	}
	c.Bool(o.Keepdim)
	return c.One(op)
}

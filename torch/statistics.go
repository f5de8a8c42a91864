package torch

import "github.com/wangkuiyi/gotorch/internal/option"

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

// Var is [Tensor.Var] as a function.
func Var(x *Tensor, dim ...int) *Tensor { return x.Var(dim...) }

// VarWith is [Tensor.Var] with options.
func (x *Tensor) VarWith(o VarOptions) *Tensor {
	c := x.spread(o)
	return c.One(opVarCorrection)
}

// Std returns the standard deviation of all elements, or along the given
// dimensions, with Bessel's correction. [Tensor.StdWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.std.html
func (x *Tensor) Std(dim ...int) *Tensor { return x.StdWith(VarOptions{Dim: dim}) }

// Std is [Tensor.Std] as a function.
func Std(x *Tensor, dim ...int) *Tensor { return x.Std(dim...) }

// StdWith is [Tensor.Std] with options.
func (x *Tensor) StdWith(o VarOptions) *Tensor {
	c := x.spread(o)
	return c.One(opStdCorrection)
}

// VarMean returns the variance and the mean of all elements, or along the given
// dimensions. [VarMeanWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html
func VarMean(x *Tensor, dim ...int) (variance, mean *Tensor) {
	return VarMeanWith(x, VarOptions{Dim: dim})
}

// VarMeanWith is [VarMean] with options.
func VarMeanWith(x *Tensor, o VarOptions) (variance, mean *Tensor) {
	c := x.spread(o)
	r := c.Results(opVarMeanCorrection)
	return r.Tensor(), r.Tensor()
}

// StdMean returns the standard deviation and the mean of all elements, or along
// the given dimensions. [StdMeanWith] has the other options.
//
// https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html
func StdMean(x *Tensor, dim ...int) (std, mean *Tensor) { return StdMeanWith(x, VarOptions{Dim: dim}) }

// StdMeanWith is [StdMean] with options.
func StdMeanWith(x *Tensor, o VarOptions) (std, mean *Tensor) {
	c := x.spread(o)
	r := c.Results(opStdMeanCorrection)
	return r.Tensor(), r.Tensor()
}

// spread starts the call of an operator that takes VarOptions.
func (x *Tensor) spread(o VarOptions) (c Call) {
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
	return c
}

// Norm returns the p-norm, p being a number or nil for 2, of all elements as if
// flat, or along Dim. Package linalg has the norms of matrices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.norm.html
func (x *Tensor) Norm(p Number, options ...ReduceOptions) *Tensor {
	o := option.First(options)
	if p == nil {
		p = 2
	}
	var c Call
	c.Tensor(x)
	c.Number(p)
	c.OptionalInts(o.Dim)
	c.Bool(o.Keepdim)
	c.DType(o.DType)
	return c.One(opLinalgVectorNorm)
}

// Norm is [Tensor.Norm] as a function.
func Norm(x *Tensor, p Number, options ...ReduceOptions) *Tensor { return x.Norm(p, options...) }

// UniqueOptions are the options of [Tensor.Unique].
type UniqueOptions struct {
	Sorted        *bool // false leaves the elements in any order; PyTorch sorts them on the CPU all the same; default: true
	ReturnInverse bool  // give the index of each of x's elements in the result
	ReturnCounts  bool  // give how often each element occurs
	Dim           *int  // compare the parts of x along this dimension, not its elements
}

// Unique returns the different elements of x, sorted; for each element of x its
// index (Int64) among them; and how often each occurs (Int64). What is not asked
// for is nil. [Tensor.UniqueConsecutive] compares neighbours only.
//
// https://docs.pytorch.org/docs/stable/generated/torch.unique.html
func (x *Tensor) Unique(options ...UniqueOptions) (unique, inverse, counts *Tensor) {
	o := option.First(options)
	op := opUnique2
	var c Call
	c.Tensor(x)
	if o.Dim != nil {
		op = opUniqueDim
		c.Int(*o.Dim)
	}
	c.Bool(option.Or(o.Sorted, true))
	c.Bool(o.ReturnInverse)
	c.Bool(o.ReturnCounts)
	r := c.Results(op)
	unique, inverse, counts = r.Tensor(), r.Tensor(), r.Tensor()
	return unique, ifWanted(inverse, o.ReturnInverse), ifWanted(counts, o.ReturnCounts)
}

// Unique is [Tensor.Unique] as a function.
func Unique(x *Tensor, options ...UniqueOptions) (unique, inverse, counts *Tensor) {
	return x.Unique(options...)
}

// UniqueConsecutiveOptions are the options of [Tensor.UniqueConsecutive].
type UniqueConsecutiveOptions struct {
	ReturnInverse bool // give the index of each of x's elements in the result
	ReturnCounts  bool // give how often each element occurs
	Dim           *int // compare the parts of x along this dimension, not its elements
}

// UniqueConsecutive returns x without repetitions of neighbours; for each element
// of x its index (Int64) among them; and how often each occurs (Int64). What is
// not asked for is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.unique_consecutive.html
func (x *Tensor) UniqueConsecutive(options ...UniqueConsecutiveOptions) (unique, inverse, counts *Tensor) {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	c.Bool(o.ReturnInverse)
	c.Bool(o.ReturnCounts)
	c.OptionalInt(o.Dim)
	r := c.Results(opUniqueConsecutive)
	unique, inverse, counts = r.Tensor(), r.Tensor(), r.Tensor()
	return unique, ifWanted(inverse, o.ReturnInverse), ifWanted(counts, o.ReturnCounts)
}

// UniqueConsecutive is [Tensor.UniqueConsecutive] as a function.
func UniqueConsecutive(x *Tensor, options ...UniqueConsecutiveOptions) (unique, inverse, counts *Tensor) {
	return x.UniqueConsecutive(options...)
}

// ifWanted returns x if it was ifWanted for; libtorch gives an empty tensor otherwise.
func ifWanted(x *Tensor, wanted bool) *Tensor {
	if wanted {
		return x
	}
	x.Close()
	return nil
}

// HistogramDDOptions are the options of [HistogramDD].
type HistogramDDOptions struct {
	Range   []float64 // the least and greatest edge of each dimension; default: those of x
	Weight  *Tensor   // of each point; default: 1
	Density bool      // scale the result to an integral of 1
}

// HistogramDD returns how many of the points in the rows of x (… × d), or how much
// weight, falls into each of the boxes of a grid of bins, and the grid's edges
// along each dimension. bins are numbers of intervals, one a dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.histogramdd.html
func HistogramDD(x *Tensor, bins []int, options ...HistogramDDOptions) (hist *Tensor, edges []*Tensor) {
	var c Call
	c.Tensor(x)
	c.Ints(bins)
	return histogramDD(c, opHistogramdd, option.First(options))
}

// HistogramDDBins is [HistogramDD] with the edges of the boxes along each
// dimension.
func HistogramDDBins(x *Tensor, bins []*Tensor, options ...HistogramDDOptions) (hist *Tensor, edges []*Tensor) {
	var c Call
	c.Tensor(x)
	c.Tensors(bins)
	return histogramDD(c, opHistogramddTensorListBins, option.First(options))
}

func histogramDD(c Call, op *Operator, o HistogramDDOptions) (hist *Tensor, edges []*Tensor) {
	c.OptionalFloats(o.Range)
	c.Tensor(o.Weight)
	c.Bool(o.Density)
	r := c.Results(op)
	return r.Tensor(), r.Tensors()
}

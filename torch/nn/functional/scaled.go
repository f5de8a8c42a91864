package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var (
	opGroupedMM          = torch.NewOperator("aten::_grouped_mm(Tensor self, Tensor mat2, Tensor? offs=None, Tensor? bias=None, ScalarType? out_dtype=None) -> Tensor")
	opScaledMM           = torch.NewOperator("aten::_scaled_mm_v2(Tensor self, Tensor mat2, Tensor[] scale_a, int[] recipe_a, int[] swizzle_a, Tensor[] scale_b, int[] recipe_b, int[] swizzle_b, Tensor? bias, ScalarType? out_dtype, int[] contraction_dim=[], bool use_fast_accum=False) -> Tensor")
	opScaledGroupedMM    = torch.NewOperator("aten::_scaled_grouped_mm_v2(Tensor self, Tensor mat2, Tensor[] scale_a, int[] recipe_a, int[] swizzle_a, Tensor[] scale_b, int[] recipe_b, int[] swizzle_b, Tensor? offs=None, Tensor? bias=None, ScalarType? out_dtype=None, int[] contraction_dim=[], bool use_fast_accum=False) -> Tensor")
	opScaledAddmm        = torch.NewOperator("aten::_scaled_addmm(Tensor self, Tensor mat1, Tensor mat2, Tensor[] scale_a, int[] recipe_a, int[] swizzle_a, Tensor[] scale_b, int[] recipe_b, int[] swizzle_b, int[] contraction_dim=[], *, Scalar beta=1, Scalar alpha=1, bool use_fast_accum=False) -> Tensor")
	opScaledAddmmInplace = torch.NewOperator("aten::_scaled_addmm_(Tensor(a!) self, Tensor mat1, Tensor mat2, Tensor[] scale_a, int[] recipe_a, int[] swizzle_a, Tensor[] scale_b, int[] recipe_b, int[] swizzle_b, int[] contraction_dim=[], *, Scalar beta=1, Scalar alpha=1, bool use_fast_accum=False) -> Tensor(a!)")
)

// GroupedMMOptions are the options of [GroupedMM].
type GroupedMMOptions struct {
	Offs     *torch.Tensor // where each group ends (Int32), of the dimension that two-dimensional matrices share out
	Bias     *torch.Tensor // added to the results
	OutDType torch.DType   // default: that of a
}

// GroupedMM multiplies groups of matrices, as a mixture of experts does: a (2 or 3
// dimensions) and b (2 or 3). Of three dimensions the first is the groups; two are
// cut into groups where Offs says. It panics if rows are no multiples of 16 bytes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grouped_mm.html
func GroupedMM(a, b *torch.Tensor, options ...GroupedMMOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(a)
	c.Tensor(b)
	c.Tensor(o.Offs)
	c.Tensor(o.Bias)
	c.DType(o.OutDType)
	return c.One(opGroupedMM)
}

// ScalingType says what each number of a scale belongs to.
//
// https://docs.pytorch.org/docs/stable/nn.functional.html
type ScalingType int

// The scaling types.
const (
	TensorWise       ScalingType = iota // the whole matrix
	RowWise                             // a row
	BlockWise1x16                       // 16 neighbours of a row
	BlockWise1x32                       // 32
	BlockWise1x128                      // 128
	BlockWise128x128                    // a square
)

// SwizzleType says how the numbers of a scale are ordered.
//
// https://docs.pytorch.org/docs/stable/nn.functional.html
type SwizzleType int

// The swizzle types.
const (
	NoSwizzle SwizzleType = iota
	Swizzle32x4x4
	Swizzle32x8
)

// Scaling is how the numbers of a matrix are scaled: the scales to multiply them
// with, each with its type and order. Most matrices have one.
type Scaling struct {
	Scales   []*torch.Tensor
	Types    []ScalingType
	Swizzles []SwizzleType // default: none
}

// ScaledBy returns the Scaling by one scale.
func ScaledBy(scale *torch.Tensor, kind ScalingType) Scaling {
	return Scaling{Scales: []*torch.Tensor{scale}, Types: []ScalingType{kind}}
}

// pass passes a scaling as the three lists that operators take.
func (s Scaling) pass(c *torch.Call) {
	c.Tensors(s.Scales)
	c.Ints(ints(s.Types))
	c.Ints(ints(s.Swizzles))
}

func ints[T ~int](list []T) []int {
	values := make([]int, len(list))
	for i, v := range list {
		values[i] = int(v)
	}
	return values
}

// ScaledMMOptions are the options of [ScaledMM] and [ScaledGroupedMM].
type ScaledMMOptions struct {
	Bias           *torch.Tensor // added to the result
	Offs           *torch.Tensor // of ScaledGroupedMM: where each group ends (Int32)
	OutputDType    torch.DType   // default: BFloat16
	ContractionDim []int         // the dimensions that are summed over; default: those of matrices
	UseFastAccum   bool          // add up less precisely, on a Hopper GPU
}

// passRest passes what follows the bias.
func (o *ScaledMMOptions) passRest(c *torch.Call) {
	if o.OutputDType == 0 {
		o.OutputDType = torch.BFloat16
	}
	c.DType(o.OutputDType)
	c.Ints(o.ContractionDim)
	c.Bool(o.UseFastAccum)
}

// ScaledMM returns the product of two matrices of 8 or 4 bits per number, such as
// Float8E4M3FN, whose scales are given.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_mm.html
func ScaledMM(a, b *torch.Tensor, scaleA, scaleB Scaling, options ...ScaledMMOptions) *torch.Tensor {
	o := option.First(options)
	if o.Offs != nil {
		panic(torch.Errorf("functional.ScaledMM", torch.TypeError, "Offs is an option of ScaledGroupedMM"))
	}
	c := scaled(scaleA, scaleB, a, b)
	c.Tensor(o.Bias)
	o.passRest(c)
	return c.One(opScaledMM)
}

// scaled passes matrices, of which the last two have scales.
func scaled(scaleA, scaleB Scaling, matrices ...*torch.Tensor) *torch.Call {
	c := new(torch.Call)
	for _, x := range matrices {
		c.Tensor(x)
	}
	scaleA.pass(c)
	scaleB.pass(c)
	return c
}

// ScaledGroupedMM is [GroupedMM] of matrices with scales. It is for CUDA only, and
// panics with a NotImplementedError on the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_grouped_mm.html
func ScaledGroupedMM(a, b *torch.Tensor, scaleA, scaleB Scaling, options ...ScaledMMOptions) *torch.Tensor {
	o := option.First(options)
	c := scaled(scaleA, scaleB, a, b)
	c.Tensor(o.Offs)
	c.Tensor(o.Bias)
	o.passRest(c)
	return c.One(opScaledGroupedMM)
}

// ScaledAddmmOptions are the options of [ScaledAddmm].
type ScaledAddmmOptions struct {
	ContractionDim []int        // the dimensions that are summed over; default: those of matrices
	UseFastAccum   bool         // add up less precisely, on a Hopper GPU
	Beta, Alpha    torch.Number // factors of input and of the product; default: 1
}

// ScaledAddmm returns Beta × input + Alpha × [ScaledMM](a, b), in input's dtype. It
// is for CUDA only, and panics with a NotImplementedError on the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_addmm.html
func ScaledAddmm(input, a, b *torch.Tensor, scaleA, scaleB Scaling, options ...ScaledAddmmOptions) *torch.Tensor {
	return scaledAddmm(input, a, b, scaleA, scaleB, option.First(options)).One(opScaledAddmm)
}

// ScaledAddmmInplace is [ScaledAddmm] that writes its result into input and returns
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_addmm_.html
func ScaledAddmmInplace(input, a, b *torch.Tensor, scaleA, scaleB Scaling, options ...ScaledAddmmOptions) *torch.Tensor {
	scaledAddmm(input, a, b, scaleA, scaleB, option.First(options)).Do(opScaledAddmmInplace)
	return input
}

func scaledAddmm(input, a, b *torch.Tensor, scaleA, scaleB Scaling, o ScaledAddmmOptions) *torch.Call {
	c := scaled(scaleA, scaleB, input, a, b)
	c.Ints(o.ContractionDim)
	c.Number(o.Beta)
	c.Number(o.Alpha)
	c.Bool(o.UseFastAccum)
	return c
}

package functional

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// LossOptions are the options of losses that have no others.
type LossOptions struct {
	Reduction Reduction // default: ReductionMean
}

// WeightedLossOptions are the options of losses with a weight for each element.
type WeightedLossOptions struct {
	Weight    *torch.Tensor // a factor for each element, of input's size
	Reduction Reduction     // default: ReductionMean
}

// loss calls an operator that takes input, target and a reduction.
func loss(name string, op *torch.Operator, input, target *torch.Tensor, how Reduction) *torch.Tensor {
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Int(reduction("functional."+name, how))
	return c.One(op)
}

// reduce applies a reduction to losses.
func reduce(name string, x *torch.Tensor, how Reduction) *torch.Tensor {
	switch reduction("functional."+name, how) {
	case 0:
		return x
	case 1:
		return x.Mean()
	default:
		return x.Sum()
	}
}

// weighted is a loss whose elements have weights: the mean is divided by their sum.
func weighted(name string, input, losses, weight *torch.Tensor, how Reduction) *torch.Tensor {
	if !slices.Equal(weight.Shape(), input.Shape()) {
		panic(torch.Errorf("functional."+name, torch.ValueError, "Weights and input must have the same size."))
	}
	losses = losses.Mul(weight)
	if how == ReductionMean || how == "" {
		return losses.Sum().Div(weight.Sum())
	}
	return reduce(name, losses, how)
}

// L1Loss returns the loss |input − target|.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
func L1Loss(input, target *torch.Tensor, options ...WeightedLossOptions) *torch.Tensor {
	o := option.First(options)
	if o.Weight != nil {
		return weighted("L1Loss", input, input.Sub(target).Abs(), o.Weight, o.Reduction)
	}
	return loss("L1Loss", opL1Loss, input, target, o.Reduction)
}

// MSELoss returns the loss (input − target)².
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
func MSELoss(input, target *torch.Tensor, options ...WeightedLossOptions) *torch.Tensor {
	o := option.First(options)
	if o.Weight != nil {
		return weighted("MSELoss", input, input.Sub(target).Pow(2), o.Weight, o.Reduction)
	}
	return loss("MSELoss", opMseLoss, input, target, o.Reduction)
}

// SmoothL1LossOptions are the options of [SmoothL1Loss].
type SmoothL1LossOptions struct {
	Beta      *float64  // the error at which squares become absolute values; default: 1
	Reduction Reduction // default: ReductionMean
}

// SmoothL1Loss returns the loss ½(input − target)² ÷ Beta for small errors, and
// |input − target| − ½Beta for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
func SmoothL1Loss(input, target *torch.Tensor, options ...SmoothL1LossOptions) *torch.Tensor {
	o := option.First(options)
	if o.Beta != nil && *o.Beta == 0 {
		return loss("SmoothL1Loss", opL1Loss, input, target, o.Reduction)
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Int(reduction("functional.SmoothL1Loss", o.Reduction))
	c.OptionalFloat(o.Beta)
	return c.One(opSmoothL1Loss)
}

// HuberLossOptions are the options of [HuberLoss].
type HuberLossOptions struct {
	Delta     *float64      // the error at which squares become absolute values; default: 1
	Weight    *torch.Tensor // a factor for each element, of input's size
	Reduction Reduction     // default: ReductionMean
}

// HuberLoss returns the loss ½(input − target)² for small errors, and Delta ×
// (|input − target| − ½Delta) for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
func HuberLoss(input, target *torch.Tensor, options ...HuberLossOptions) *torch.Tensor {
	o := option.First(options)
	how := o.Reduction
	if o.Weight != nil {
		how = ReductionNone
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Int(reduction("functional.HuberLoss", how))
	c.OptionalFloat(o.Delta)
	losses := c.One(opHuberLoss)
	if o.Weight == nil {
		return losses
	}
	if !slices.Equal(o.Weight.Shape(), input.Shape()) {
		panic(torch.Errorf("functional.HuberLoss", torch.ValueError, "Weights and input must have the same size."))
	}
	return reduce("HuberLoss", losses.Mul(o.Weight), o.Reduction)
}

// BinaryCrossEntropy returns the loss of probabilities against targets from 0 to
// 1, of the same size. It panics where input is outside of [0, 1].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
func BinaryCrossEntropy(input, target *torch.Tensor, options ...WeightedLossOptions) *torch.Tensor {
	o := option.First(options)
	if !slices.Equal(input.Shape(), target.Shape()) {
		panic(torch.Errorf("functional.BinaryCrossEntropy", torch.ValueError, "Using a target size (%s) that is different to the input size (%s) is deprecated. "+
			"Please ensure they have the same size.", size(target.Shape()), size(input.Shape())))
	}
	if o.Weight != nil {
		o.Weight = o.Weight.Expand(torch.BroadcastShapes(target.Shape(), o.Weight.Shape())...)
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Tensor(o.Weight)
	c.Int(reduction("functional.BinaryCrossEntropy", o.Reduction))
	return c.One(opBinaryCrossEntropy)
}

// BinaryCrossEntropyWithLogitsOptions are the options of
// [BinaryCrossEntropyWithLogits].
type BinaryCrossEntropyWithLogitsOptions struct {
	Weight    *torch.Tensor // a factor for each element
	PosWeight *torch.Tensor // a factor for the positive targets of each class
	Reduction Reduction     // default: ReductionMean
}

// BinaryCrossEntropyWithLogits is [BinaryCrossEntropy] of Sigmoid, computed without
// overflow.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
func BinaryCrossEntropyWithLogits(input, target *torch.Tensor, options ...BinaryCrossEntropyWithLogitsOptions) *torch.Tensor {
	o := option.First(options)
	if !slices.Equal(input.Shape(), target.Shape()) {
		panic(torch.Errorf("functional.BinaryCrossEntropyWithLogits", torch.ValueError,
			"Target size (%s) must be the same as input size (%s)", size(target.Shape()), size(input.Shape())))
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Tensor(o.Weight)
	c.Tensor(o.PosWeight)
	c.Int(reduction("functional.BinaryCrossEntropyWithLogits", o.Reduction))
	return c.One(opBinaryCrossEntropyWithLogits)
}

// KLDivOptions are the options of [KLDiv].
type KLDivOptions struct {
	Reduction Reduction // as of other losses, or ReductionBatchMean, the sum divided by the batch's size; default: ReductionMean
	LogTarget bool      // target holds logarithms, too
}

// KLDiv returns the Kullback-Leibler divergence of target, probabilities, from
// input, logarithms of probabilities.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
func KLDiv(input, target *torch.Tensor, options ...KLDivOptions) *torch.Tensor {
	o := option.First(options)
	how, byBatch := o.Reduction, o.Reduction == ReductionBatchMean
	if byBatch {
		how = ReductionSum
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Int(reduction("functional.KLDiv", how))
	c.Bool(o.LogTarget)
	x := c.One(opKlDiv)
	if byBatch && input.Dim() > 0 {
		x = x.Div(input.Size(0))
	}
	return x
}

// NLLLossOptions are the options of [NLLLoss].
type NLLLossOptions struct {
	Weight      *torch.Tensor // a factor for each class
	IgnoreIndex *int          // a class that does not count; default: -100
	Reduction   Reduction     // default: ReductionMean
}

// NLLLoss returns the negative log likelihood of target (batch × ..., Int64
// classes) by input (batch × classes × ..., logarithms of probabilities).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
func NLLLoss(input, target *torch.Tensor, options ...NLLLossOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Tensor(o.Weight)
	c.Int(reduction("functional.NLLLoss", o.Reduction))
	c.OptionalInt(o.IgnoreIndex)
	return c.One(opNllLossNd)
}

// PoissonNLLLossOptions are the options of [PoissonNLLLoss].
type PoissonNLLLossOptions struct {
	LogInput  *bool     // input holds logarithms; default: true
	Full      bool      // add Stirling's approximation of what does not depend on input
	Eps       *float64  // keeps log(0) away; default: 1e-8
	Reduction Reduction // default: ReductionMean
}

// PoissonNLLLoss returns the negative log likelihood of target by Poisson
// distributions of the rates input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
func PoissonNLLLoss(input, target *torch.Tensor, options ...PoissonNLLLossOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Bool(option.Or(o.LogInput, true))
	c.Bool(o.Full)
	c.Float(option.Or(o.Eps, 1e-8))
	c.Int(reduction("functional.PoissonNLLLoss", o.Reduction))
	return c.One(opPoissonNllLoss)
}

// GaussianNLLLossOptions are the options of [GaussianNLLLoss].
type GaussianNLLLossOptions struct {
	Full      bool      // add ½log(2π)
	Eps       *float64  // the least variance; default: 1e-6
	Reduction Reduction // default: ReductionMean
}

// GaussianNLLLoss returns the negative log likelihood of target by normal
// distributions of the means input and the given variances, a number or a tensor
// of input's size, or without or with 1 as its last dimension. It panics on
// negative variances.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
func GaussianNLLLoss(input, target *torch.Tensor, variance torch.Operand, options ...GaussianNLLLossOptions) *torch.Tensor {
	const name = "GaussianNLLLoss"
	o := option.First(options)
	v, ok := variance.(*torch.Tensor)
	if !ok {
		v = torch.OnesLike(input).Mul(variance)
	}
	if v.Lt(0).Any().Bool() {
		panic(torch.Errorf("functional."+name, torch.ValueError, "var has negative entry/entries"))
	}
	if shape, of := v.Shape(), input.Shape(); !slices.Equal(shape, of) {
		n := len(of)
		switch {
		case n > 0 && slices.Equal(shape, of[:n-1]):
			v = v.Unsqueeze(-1)
		case len(shape) == n && mismatches(shape, of) == 1:
		default:
			panic(torch.Errorf("functional."+name, torch.ValueError, "var is of incorrect size"))
		}
	}
	v = v.Clone()
	torch.NoGrad(func() { v.ClampInplace(option.Or(o.Eps, 1e-6), nil) })
	x := v.Log().Add(input.Sub(target).Pow(2).Div(v)).Mul(0.5)
	if o.Full {
		x = x.Add(0.5 * math.Log(2*math.Pi))
	}
	return reduce(name, x, o.Reduction)
}

// mismatches returns the sum of the sizes in a that differ from those in b.
func mismatches(a, b []int) (sum int) {
	for i := range a {
		if a[i] != b[i] {
			sum += a[i]
		}
	}
	return sum
}

package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// MarginLossOptions are the options of losses with a margin.
type MarginLossOptions struct {
	Margin    float64   // default: 0
	Reduction Reduction // default: ReductionMean
}

// pairLoss calls an operator of two inputs, target, margin and reduction.
func pairLoss(name string, op *torch.Operator, input1, input2, target *torch.Tensor, o MarginLossOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(input1)
	c.Tensor(input2)
	c.Tensor(target)
	c.Float(o.Margin)
	c.Int(reduction("functional."+name, o.Reduction))
	return c.One(op)
}

// MarginRankingLoss returns the loss max(0, −target × (input1 − input2) + Margin),
// target being 1 where input1 is to be the greater and −1 where input2 is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
func MarginRankingLoss(input1, input2, target *torch.Tensor, options ...MarginLossOptions) *torch.Tensor {
	if d := input1.Dim(); d != input2.Dim() || d != target.Dim() {
		panic(torch.Errorf("functional.MarginRankingLoss", torch.RuntimeError, "margin_ranking_loss : All input tensors should have same dimension but got sizes: "+
			"input1: %s, input2: %s, target: %s ", size(input1.Shape()), size(input2.Shape()), size(target.Shape())))
	}
	return pairLoss("MarginRankingLoss", opMarginRankingLoss, input1, input2, target, option.First(options))
}

// CosineEmbeddingLoss returns the loss 1 − cos(input1, input2) where target is 1,
// and max(0, cos(input1, input2) − Margin) where it is −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
func CosineEmbeddingLoss(input1, input2, target *torch.Tensor, options ...MarginLossOptions) *torch.Tensor {
	return pairLoss("CosineEmbeddingLoss", opCosineEmbeddingLoss, input1, input2, target, option.First(options))
}

// HingeEmbeddingLossOptions are the options of [HingeEmbeddingLoss].
type HingeEmbeddingLossOptions struct {
	Margin    *float64  // default: 1
	Reduction Reduction // default: ReductionMean
}

// HingeEmbeddingLoss returns the loss input where target is 1, and max(0, Margin −
// input) where it is −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
func HingeEmbeddingLoss(input, target *torch.Tensor, options ...HingeEmbeddingLossOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Float(option.Or(o.Margin, 1))
	c.Int(reduction("functional.HingeEmbeddingLoss", o.Reduction))
	return c.One(opHingeEmbeddingLoss)
}

// SoftMarginLoss returns the loss log(1 + exp(−target × input)), target being 1 or
// −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
func SoftMarginLoss(input, target *torch.Tensor, options ...LossOptions) *torch.Tensor {
	return loss("SoftMarginLoss", opSoftMarginLoss, input, target, option.First(options).Reduction)
}

// MultilabelMarginLoss returns the margin loss of scores (batch × classes) against
// lists of classes (Int64), which end at the first −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
func MultilabelMarginLoss(input, target *torch.Tensor, options ...LossOptions) *torch.Tensor {
	return loss("MultilabelMarginLoss", opMultilabelMarginLoss, input, target, option.First(options).Reduction)
}

// MultilabelSoftMarginLoss returns the mean over the classes of the binary cross
// entropies of scores (… × classes) against targets of 0 and 1. Weight is a factor
// for each class.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
func MultilabelSoftMarginLoss(input, target *torch.Tensor, options ...WeightedLossOptions) *torch.Tensor {
	o := option.First(options)
	losses := target.Mul(LogSigmoid(input)).Add(target.Rsub(1).Mul(LogSigmoid(input.Neg()))).Neg()
	if o.Weight != nil {
		losses = losses.Mul(o.Weight)
	}
	return reduce("MultilabelSoftMarginLoss", losses.Sum(-1).Div(input.Size(-1)), o.Reduction)
}

// MultiMarginLossOptions are the options of [MultiMarginLoss].
type MultiMarginLossOptions struct {
	P         *int          // 1, or 2 to square; default: 1
	Margin    *float64      // default: 1
	Weight    *torch.Tensor // a factor for each class
	Reduction Reduction     // default: ReductionMean
}

// MultiMarginLoss returns the sum over the other classes of max(0, Margin −
// input[target] + input[class]) to the power of P, divided by their number, for
// scores (batch × classes) and classes (batch, Int64).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
func MultiMarginLoss(input, target *torch.Tensor, options ...MultiMarginLossOptions) *torch.Tensor {
	const name = "MultiMarginLoss"
	o := option.First(options)
	p := option.Or(o.P, 1)
	if p != 1 && p != 2 {
		panic(torch.Errorf("functional."+name, torch.ValueError, "only p == 1 and p == 2 supported"))
	}
	if o.Weight != nil && o.Weight.Dim() != 1 {
		panic(torch.Errorf("functional."+name, torch.ValueError, "weight must be one-dimensional"))
	}
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Number(p)
	c.Number(option.Or(o.Margin, 1))
	c.Tensor(o.Weight)
	c.Int(reduction("functional."+name, o.Reduction))
	return c.One(opMultiMarginLoss)
}

// TripletMarginLossOptions are the options of [TripletMarginLoss].
type TripletMarginLossOptions struct {
	Margin    *float64  // default: 1
	P         *float64  // of the norm; default: 2
	Eps       *float64  // added to differences; default: 1e-6
	Swap      bool      // take the distance of positive and negative if it is the smaller one
	Reduction Reduction // default: ReductionMean
}

// TripletMarginLoss returns the loss max(0, |anchor − positive| − |anchor −
// negative| + Margin) of vectors (… × d).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
func TripletMarginLoss(anchor, positive, negative *torch.Tensor, options ...TripletMarginLossOptions) *torch.Tensor {
	const name = "TripletMarginLoss"
	o := option.First(options)
	checkMargin(name, o.Margin)
	var c torch.Call
	c.Tensor(anchor)
	c.Tensor(positive)
	c.Tensor(negative)
	c.OptionalFloat(o.Margin)
	c.OptionalFloat(o.P)
	c.OptionalFloat(o.Eps)
	c.Bool(o.Swap)
	c.Int(reduction("functional."+name, o.Reduction))
	return c.One(opTripletMarginLoss)
}

func checkMargin(name string, margin *float64) {
	if margin != nil && *margin <= 0 {
		panic(torch.Errorf("functional."+name, torch.ValueError, "margin must be greater than 0, got %v", *margin))
	}
}

// TripletMarginWithDistanceLossOptions are the options of
// [TripletMarginWithDistanceLoss].
type TripletMarginWithDistanceLossOptions struct {
	Distance  func(a, b *torch.Tensor) *torch.Tensor // default: PairwiseDistance
	Margin    *float64                               // default: 1
	Swap      bool                                   // take the distance of positive and negative if it is the smaller one
	Reduction Reduction                              // default: ReductionMean
}

// TripletMarginWithDistanceLoss is [TripletMarginLoss] with any distance.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
func TripletMarginWithDistanceLoss(anchor, positive, negative *torch.Tensor, options ...TripletMarginWithDistanceLossOptions) *torch.Tensor {
	const name = "TripletMarginWithDistanceLoss"
	o := option.First(options)
	checkMargin(name, o.Margin)
	if a, p, n := anchor.Dim(), positive.Dim(), negative.Dim(); a != p || p != n {
		panic(torch.Errorf("functional."+name, torch.RuntimeError, "The anchor, positive, and negative tensors are expected to have "+
			"the same number of dimensions, but got: anchor %dD, positive %dD, and negative %dD inputs", a, p, n))
	}
	distance := o.Distance
	if distance == nil {
		distance = func(a, b *torch.Tensor) *torch.Tensor { return PairwiseDistance(a, b) }
	}
	near, far := distance(anchor, positive), distance(anchor, negative)
	if o.Swap {
		far = far.Minimum(distance(positive, negative))
	}
	return reduce(name, near.Add(option.Or(o.Margin, 1)).Sub(far).ClampMin(0), o.Reduction)
}

// CTCLossOptions are the options of [CTCLoss].
type CTCLossOptions struct {
	Blank        int       // the class of the blank; default: 0
	Reduction    Reduction // default: ReductionMean, after dividing by the lengths of targets
	ZeroInfinity bool      // take infinite losses as 0
}

// CTCLoss returns the connectionist temporal classification loss of logarithms of
// probabilities (time × batch × classes) against targets (batch × length, or all
// of them behind each other). Lengths are Int64 tensors (batch).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
func CTCLoss(logProbs, targets, inputLengths, targetLengths *torch.Tensor, options ...CTCLossOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(logProbs)
	c.Tensor(targets)
	c.Tensor(inputLengths)
	c.Tensor(targetLengths)
	c.Int(o.Blank)
	c.Int(reduction("functional.CTCLoss", o.Reduction))
	c.Bool(o.ZeroInfinity)
	return c.One(opCtcLossTensor)
}

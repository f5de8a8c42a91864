package nn

import (
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// HingeEmbeddingLoss is the input where the target is 1, and max(0, Margin − input)
// where it is −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
type HingeEmbeddingLoss struct {
	criterion[functional.HingeEmbeddingLossOptions]
}

// NewHingeEmbeddingLoss returns the loss.
func NewHingeEmbeddingLoss(options ...functional.HingeEmbeddingLossOptions) *HingeEmbeddingLoss {
	return Init(&HingeEmbeddingLoss{newCriterion(functional.HingeEmbeddingLoss, torch.First(options))})
}

// SoftMarginLoss is log(1 + exp(−target × input)), the target being 1 or −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
type SoftMarginLoss struct {
	criterion[functional.LossOptions]
}

// NewSoftMarginLoss returns the loss.
func NewSoftMarginLoss(options ...functional.LossOptions) *SoftMarginLoss {
	return Init(&SoftMarginLoss{newCriterion(functional.SoftMarginLoss, torch.First(options))})
}

// MultiLabelMarginLoss is the margin loss of scores against lists of classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
type MultiLabelMarginLoss struct {
	criterion[functional.LossOptions]
}

// NewMultiLabelMarginLoss returns the loss of scores (batch × classes) against
// lists of classes (Int64) of the same size, which end at the first −1.
func NewMultiLabelMarginLoss(options ...functional.LossOptions) *MultiLabelMarginLoss {
	return Init(&MultiLabelMarginLoss{newCriterion(functional.MultilabelMarginLoss, torch.First(options))})
}

// MultiMarginLoss is the sum over the other classes of max(0, Margin −
// input[target] + input[class]) to the power of P, divided by their number.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
type MultiMarginLoss struct {
	loss
	Weight  *torch.Tensor `nn:",buffer"` // a factor for each class, or nil
	options functional.MultiMarginLossOptions
}

// NewMultiMarginLoss returns the loss of scores (batch × classes) against classes
// (batch, Int64). It panics unless P is 1 or 2 and Weight has one dimension.
func NewMultiMarginLoss(options ...functional.MultiMarginLossOptions) *MultiMarginLoss {
	o := torch.First(options)
	if p := torch.Or(o.P, 1); p != 1 && p != 2 {
		refuse("NewMultiMarginLoss", torch.ValueError, "only p == 1 and p == 2 supported")
	}
	if o.Weight != nil && o.Weight.Dim() != 1 {
		refuse("NewMultiMarginLoss", torch.ValueError, "MultiMarginLoss: expected weight to be None or 1D tensor, got %dD instead", o.Weight.Dim())
	}
	return Init(&MultiMarginLoss{Weight: o.Weight, options: o})
}

func (l *MultiMarginLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.options
	o.Weight = l.Weight
	return functional.MultiMarginLoss(input, target, o)
}

// loss3 is the base of losses of three tensors: it gives Forward to a type that
// has forward.
type loss3 struct{ Module }

// Forward returns the loss of three tensors, whose order the type says: without
// dimensions, or, with reduction "none", one for each example. It panics where
// their shapes do not fit, and on a reduction that is none.
func (l *loss3) Forward(a, b, c *torch.Tensor) *torch.Tensor {
	forward := l.initialized().self.(interface {
		forward(a, b, c *torch.Tensor) *torch.Tensor
	}).forward
	return l.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{forward(in[0], in[1], in[2])}
	}, a, b, c)[0]
}

// CosineEmbeddingLoss is, of input1, input2 and target, 1 − cos(input1, input2)
// where target is 1, and max(0, cos(input1, input2) − Margin) where it is −1.
// Inputs are (batch ×) d, targets (batch).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
type CosineEmbeddingLoss struct {
	loss3
	options functional.MarginLossOptions
}

// NewCosineEmbeddingLoss returns the loss.
func NewCosineEmbeddingLoss(options ...functional.MarginLossOptions) *CosineEmbeddingLoss {
	return Init(&CosineEmbeddingLoss{options: torch.First(options)})
}

func (l *CosineEmbeddingLoss) forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return functional.CosineEmbeddingLoss(input1, input2, target, l.options)
}

// MarginRankingLoss is, of input1, input2 and target, max(0, −target × (input1 −
// input2) + Margin). The target is 1 where input1 is to be the greater, and −1
// where input2 is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
type MarginRankingLoss struct {
	loss3
	options functional.MarginLossOptions
}

// NewMarginRankingLoss returns the loss.
func NewMarginRankingLoss(options ...functional.MarginLossOptions) *MarginRankingLoss {
	return Init(&MarginRankingLoss{options: torch.First(options)})
}

func (l *MarginRankingLoss) forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return functional.MarginRankingLoss(input1, input2, target, l.options)
}

// TripletMarginLoss is, of anchor, positive and negative, max(0, |anchor −
// positive| − |anchor − negative| + Margin). They are (batch ×) d.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
type TripletMarginLoss struct {
	loss3
	options functional.TripletMarginLossOptions
}

// NewTripletMarginLoss returns the loss. It panics unless Margin is positive.
func NewTripletMarginLoss(options ...functional.TripletMarginLossOptions) *TripletMarginLoss {
	o := torch.First(options)
	checkMargin("TripletMarginLoss", o.Margin)
	return Init(&TripletMarginLoss{options: o})
}

func checkMargin(name string, margin *float64) {
	if margin != nil && *margin <= 0 {
		refuse("New"+name, torch.ValueError, "%s: expected margin to be greater than 0, got %s instead", name, python.Repr(*margin))
	}
}

func (l *TripletMarginLoss) forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	return functional.TripletMarginLoss(anchor, positive, negative, l.options)
}

// TripletMarginWithDistanceLoss is [TripletMarginLoss] with any distance.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
type TripletMarginWithDistanceLoss struct {
	loss3
	DistanceFunction *PairwiseDistance // nil where the options give another
	options          functional.TripletMarginWithDistanceLossOptions
}

// NewTripletMarginWithDistanceLoss returns the loss. It panics unless Margin is
// positive.
func NewTripletMarginWithDistanceLoss(options ...functional.TripletMarginWithDistanceLossOptions) *TripletMarginWithDistanceLoss {
	o := torch.First(options)
	checkMargin("TripletMarginWithDistanceLoss", o.Margin)
	l := &TripletMarginWithDistanceLoss{options: o}
	if o.Distance == nil {
		l.DistanceFunction = NewPairwiseDistance()
	}
	return Init(l)
}

func (l *TripletMarginWithDistanceLoss) forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	o := l.options
	if l.DistanceFunction != nil {
		o.Distance = l.DistanceFunction.Forward
	}
	return functional.TripletMarginWithDistanceLoss(anchor, positive, negative, o)
}

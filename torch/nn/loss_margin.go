package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// HingeEmbeddingLoss is the input where the target is 1, and max(0, Margin − input)
// where it is −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
type HingeEmbeddingLoss struct {
	Criterion[functional.HingeEmbeddingLossOptions] // Options
}

// NewHingeEmbeddingLoss returns the loss.
func NewHingeEmbeddingLoss(options ...functional.HingeEmbeddingLossOptions) *HingeEmbeddingLoss {
	return Init(&HingeEmbeddingLoss{newCriterion(functional.HingeEmbeddingLoss, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *HingeEmbeddingLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// SoftMarginLoss is log(1 + exp(−target × input)), the target being 1 or −1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
type SoftMarginLoss struct {
	Criterion[functional.LossOptions] // Options
}

// NewSoftMarginLoss returns the loss.
func NewSoftMarginLoss(options ...functional.LossOptions) *SoftMarginLoss {
	return Init(&SoftMarginLoss{newCriterion(functional.SoftMarginLoss, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *SoftMarginLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// MultiLabelMarginLoss is the margin loss of scores against lists of classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
type MultiLabelMarginLoss struct {
	Criterion[functional.LossOptions] // Options
}

// NewMultiLabelMarginLoss returns the loss of scores (batch × classes) against
// lists of classes (Int64) of the same size, which end at the first −1.
func NewMultiLabelMarginLoss(options ...functional.LossOptions) *MultiLabelMarginLoss {
	return Init(&MultiLabelMarginLoss{newCriterion(functional.MultilabelMarginLoss, option.First(options))})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *MultiLabelMarginLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

// MultiMarginLoss is the sum over the other classes of max(0, Margin −
// input[target] + input[class]) to the power of P, divided by their number.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
type MultiMarginLoss struct {
	Module
	Weight  *torch.Tensor                     `nn:",buffer"` // a factor for each class, or nil
	Options functional.MultiMarginLossOptions // as they were given, but for weights
}

// NewMultiMarginLoss returns the loss of scores (batch × classes) against classes
// (batch, Int64). It panics unless P is 1 or 2 and Weight has one dimension.
func NewMultiMarginLoss(options ...functional.MultiMarginLossOptions) *MultiMarginLoss {
	o := option.First(options)
	if p := option.Or(o.P, 1); p != 1 && p != 2 {
		panic(torch.Errorf("nn.NewMultiMarginLoss", torch.ValueError, "only p == 1 and p == 2 supported"))
	}
	if o.Weight != nil && o.Weight.Dim() != 1 {
		panic(torch.Errorf("nn.NewMultiMarginLoss", torch.ValueError,
			"MultiMarginLoss: expected weight to be None or 1D tensor, got %dD instead", o.Weight.Dim()))
	}
	return Init(&MultiMarginLoss{Weight: o.Weight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *MultiMarginLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *MultiMarginLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	return functional.MultiMarginLoss(input, target, o)
}

// run3 is [Module.Run] for losses of three tensors.
func (m *Module) run3(a, b, c *torch.Tensor, forward func(a, b, c *torch.Tensor) *torch.Tensor) *torch.Tensor {
	return m.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{forward(in[0], in[1], in[2])}
	}, a, b, c)[0]
}

// CosineEmbeddingLoss is, of input1, input2 and target, 1 − cos(input1, input2)
// where target is 1, and max(0, cos(input1, input2) − Margin) where it is −1.
// Inputs are (batch ×) d, targets (batch).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
type CosineEmbeddingLoss struct {
	Module
	Options functional.MarginLossOptions // as they were given
}

// NewCosineEmbeddingLoss returns the loss.
func NewCosineEmbeddingLoss(options ...functional.MarginLossOptions) *CosineEmbeddingLoss {
	return Init(&CosineEmbeddingLoss{Options: option.First(options)})
}

// Forward returns the loss of input1, input2 and target: without dimensions, or,
// with reduction "none", one for each example. It panics where their shapes do not
// fit, and on a reduction that is none.
func (l *CosineEmbeddingLoss) Forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return l.run3(input1, input2, target, l.forward)
}

func (l *CosineEmbeddingLoss) forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return functional.CosineEmbeddingLoss(input1, input2, target, l.Options)
}

// MarginRankingLoss is, of input1, input2 and target, max(0, −target × (input1 −
// input2) + Margin). The target is 1 where input1 is to be the greater, and −1
// where input2 is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
type MarginRankingLoss struct {
	Module
	Options functional.MarginLossOptions // as they were given
}

// NewMarginRankingLoss returns the loss.
func NewMarginRankingLoss(options ...functional.MarginLossOptions) *MarginRankingLoss {
	return Init(&MarginRankingLoss{Options: option.First(options)})
}

// Forward returns the loss of input1, input2 and target: without dimensions, or,
// with reduction "none", one for each example. It panics where their shapes do not
// fit, and on a reduction that is none.
func (l *MarginRankingLoss) Forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return l.run3(input1, input2, target, l.forward)
}

func (l *MarginRankingLoss) forward(input1, input2, target *torch.Tensor) *torch.Tensor {
	return functional.MarginRankingLoss(input1, input2, target, l.Options)
}

// TripletMarginLoss is, of anchor, positive and negative, max(0, |anchor −
// positive| − |anchor − negative| + Margin). They are (batch ×) d.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
type TripletMarginLoss struct {
	Module
	Options functional.TripletMarginLossOptions // as they were given
}

// NewTripletMarginLoss returns the loss. It panics unless Margin is positive.
func NewTripletMarginLoss(options ...functional.TripletMarginLossOptions) *TripletMarginLoss {
	o := option.First(options)
	checkMargin("TripletMarginLoss", o.Margin)
	return Init(&TripletMarginLoss{Options: o})
}

func checkMargin(name string, margin *float64) {
	if margin != nil && *margin <= 0 {
		panic(torch.Errorf("nn.New"+name, torch.ValueError, "%s: expected margin to be greater than 0, got %s instead",
			name, python.Repr(*margin)))
	}
}

// Forward returns the loss of anchor, positive and negative: without dimensions,
// or, with reduction "none", one for each example. It panics where their shapes do
// not fit, and on a reduction that is none.
func (l *TripletMarginLoss) Forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	return l.run3(anchor, positive, negative, l.forward)
}

func (l *TripletMarginLoss) forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	return functional.TripletMarginLoss(anchor, positive, negative, l.Options)
}

// TripletMarginWithDistanceLoss is [TripletMarginLoss] with any distance.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
type TripletMarginWithDistanceLoss struct {
	Module
	DistanceFunction *PairwiseDistance                               // nil where the options give another
	Options          functional.TripletMarginWithDistanceLossOptions // as they were given
}

// NewTripletMarginWithDistanceLoss returns the loss. It panics unless Margin is
// positive.
func NewTripletMarginWithDistanceLoss(options ...functional.TripletMarginWithDistanceLossOptions) *TripletMarginWithDistanceLoss {
	o := option.First(options)
	checkMargin("TripletMarginWithDistanceLoss", o.Margin)
	l := &TripletMarginWithDistanceLoss{Options: o}
	if o.Distance == nil {
		l.DistanceFunction = NewPairwiseDistance()
	}
	return Init(l)
}

// Forward returns the loss of anchor, positive and negative: without dimensions,
// or, with reduction "none", one for each example. It panics where their shapes do
// not fit, and on a reduction that is none.
func (l *TripletMarginWithDistanceLoss) Forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	return l.run3(anchor, positive, negative, l.forward)
}

func (l *TripletMarginWithDistanceLoss) forward(anchor, positive, negative *torch.Tensor) *torch.Tensor {
	o := l.Options
	if l.DistanceFunction != nil {
		o.Distance = l.DistanceFunction.Forward
	}
	return functional.TripletMarginWithDistanceLoss(anchor, positive, negative, o)
}

package nn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// CrossEntropyLoss compares scores with classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
type CrossEntropyLoss struct {
	Module
	Weight  *torch.Tensor                  `nn:",buffer"` // a factor for each class, or nil
	Options functional.CrossEntropyOptions // as they were given, but for weights
}

// NewCrossEntropyLoss returns the loss of inputs of batch × classes × … scores
// against targets of batch × … classes (Int64), or of probabilities of input's
// shape.
func NewCrossEntropyLoss(options ...functional.CrossEntropyOptions) *CrossEntropyLoss {
	o := option.First(options)
	return Init(&CrossEntropyLoss{Weight: o.Weight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *CrossEntropyLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *CrossEntropyLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	return functional.CrossEntropy(input, target, o)
}

// NLLLoss is the negative log likelihood of classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
type NLLLoss struct {
	Module
	Weight  *torch.Tensor             `nn:",buffer"` // a factor for each class, or nil
	Options functional.NLLLossOptions // as they were given, but for weights
}

// NewNLLLoss returns the loss of inputs of batch × classes × … logarithms of
// probabilities against targets of batch × … classes (Int64).
func NewNLLLoss(options ...functional.NLLLossOptions) *NLLLoss {
	o := option.First(options)
	return Init(&NLLLoss{Weight: o.Weight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *NLLLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *NLLLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	return functional.NLLLoss(input, target, o)
}

// NLLLoss2d is [NLLLoss], which PyTorch advises in its place.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
type NLLLoss2d struct {
	NLLLoss // Weight, Options
}

// NewNLLLoss2d returns the loss.
func NewNLLLoss2d(options ...functional.NLLLossOptions) *NLLLoss2d {
	return Init(&NLLLoss2d{*NewNLLLoss(options...)})
}

// BCELoss is the binary cross entropy of probabilities against targets from 0 to
// 1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
type BCELoss struct {
	Module
	Weight  *torch.Tensor                  `nn:",buffer"` // a factor for each element, or nil
	Options functional.WeightedLossOptions // as they were given, but for weights
}

// NewBCELoss returns the loss of an input and a target of the same size.
func NewBCELoss(options ...functional.WeightedLossOptions) *BCELoss {
	o := option.First(options)
	return Init(&BCELoss{Weight: o.Weight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *BCELoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *BCELoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	return functional.BinaryCrossEntropy(input, target, o)
}

// BCEWithLogitsLoss is [BCELoss] of the sigmoid of the input, computed without
// overflow.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
type BCEWithLogitsLoss struct {
	Module
	Weight    *torch.Tensor                                  `nn:",buffer"` // a factor for each element, or nil
	PosWeight *torch.Tensor                                  `nn:",buffer"` // a factor for the positive targets of each class, or nil
	Options   functional.BinaryCrossEntropyWithLogitsOptions // as they were given, but for weights
}

// NewBCEWithLogitsLoss returns the loss of an input and a target of the same size.
func NewBCEWithLogitsLoss(options ...functional.BinaryCrossEntropyWithLogitsOptions) *BCEWithLogitsLoss {
	o := option.First(options)
	return Init(&BCEWithLogitsLoss{Weight: o.Weight, PosWeight: o.PosWeight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *BCEWithLogitsLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *BCEWithLogitsLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight, o.PosWeight = l.Weight, l.PosWeight
	return functional.BinaryCrossEntropyWithLogits(input, target, o)
}

// MultiLabelSoftMarginLoss is the mean over the classes of the binary cross
// entropies of scores.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
type MultiLabelSoftMarginLoss struct {
	Module
	Weight  *torch.Tensor                  `nn:",buffer"` // a factor for each class, or nil
	Options functional.WeightedLossOptions // as they were given, but for weights
}

// NewMultiLabelSoftMarginLoss returns the loss of scores (… × classes) against
// targets of 0 and 1 of the same size.
func NewMultiLabelSoftMarginLoss(options ...functional.WeightedLossOptions) *MultiLabelSoftMarginLoss {
	o := option.First(options)
	return Init(&MultiLabelSoftMarginLoss{Weight: o.Weight, Options: o})
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *MultiLabelSoftMarginLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *MultiLabelSoftMarginLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	return functional.MultilabelSoftMarginLoss(input, target, o)
}

// LinearCrossEntropyLoss is a [Linear] layer and the [CrossEntropyLoss] of the
// scores that it gives.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
type LinearCrossEntropyLoss struct {
	Module
	NumClasses  int
	OutFeatures []int
	Weight      *torch.Tensor `nn:",buffer"` // a factor for each class, or nil
	Linear      *Linear
	Options     functional.LinearCrossEntropyOptions // as they were given
}

// LinearCrossEntropyLossOptions are the options of [NewLinearCrossEntropyLoss].
type LinearCrossEntropyLossOptions struct {
	OutFeatures []int                                  // further dimensions of the scores, after the classes
	Bias        bool                                   // add a bias
	Device      torch.Device                           // default: torch.DefaultDevice()
	DType       torch.DType                            // default: Float32
	Chunking    *functional.LinearCrossEntropyChunking // take the batch in chunks; default: all of it at once
	functional.CrossEntropyOptions
}

// NewLinearCrossEntropyLoss returns the loss of inputs (batch ×) in against targets
// of (batch ×) … classes, or of probabilities. It panics unless there is a weight
// for each class, or none, and on a label smoothing outside of [0, 1].
func NewLinearCrossEntropyLoss(in, classes int, options ...LinearCrossEntropyLossOptions) *LinearCrossEntropyLoss {
	const name = "NewLinearCrossEntropyLoss"
	o := option.First(options)
	if o.Weight != nil && !slices.Equal(o.Weight.Shape(), []int{classes}) {
		panic(torch.Errorf("nn."+name, torch.RuntimeError, "expected weight shape to be (%d,), got %s",
			classes, tuple(o.Weight.Shape())))
	}
	if s := o.LabelSmoothing; s < 0 || s > 1 {
		panic(torch.Errorf("nn."+name, torch.RuntimeError, "expected label_smoothing to be in range [0, 1], got %s",
			python.Repr(s)))
	}
	l := &LinearCrossEntropyLoss{NumClasses: classes, OutFeatures: o.OutFeatures, Weight: o.Weight}
	l.Options = functional.LinearCrossEntropyOptions{Chunking: o.Chunking, CrossEntropyOptions: o.CrossEntropyOptions}
	rows := classes
	for _, n := range o.OutFeatures {
		rows *= n
	}
	l.Linear = NewLinear(in, rows, LinearOptions{Bias: &o.Bias, Device: o.Device, DType: o.DType})
	return Init(l)
}

// Forward returns the loss of input against target: without dimensions, or, with
// reduction "none", one for each element or example. It panics where their shapes
// do not fit, and on a reduction that is none.
func (l *LinearCrossEntropyLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *LinearCrossEntropyLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.Options
	o.Weight = l.Weight
	shape := append([]int{l.NumClasses}, l.OutFeatures...)
	if l.Linear.Bias != nil {
		o.LinearBias = l.Linear.Bias.Reshape(shape...)
	}
	return functional.LinearCrossEntropy(input, l.Linear.Weight.Reshape(append(shape, l.Linear.InFeatures)...), target, o)
}

// ExtraRepr returns the options as Python prints them.
func (l *LinearCrossEntropyLoss) ExtraRepr() string {
	ignored, chunking := "None", "None"
	if i := l.Options.IgnoreIndex; i != nil {
		ignored = fmt.Sprint(*i)
	}
	if c := l.Options.Chunking; c != nil {
		chunking = c.String()
	}
	return fmt.Sprintf("in_features=%d, num_classes=%d, out_features=%s, bias=%s, reduction=%s, ignore_index=%s, label_smoothing=%s, options=%s",
		l.Linear.InFeatures, l.NumClasses, tuple(l.OutFeatures), python.Repr(l.Linear.Bias != nil),
		cmp.Or(l.Options.Reduction, functional.ReductionMean), ignored, python.Repr(l.Options.LabelSmoothing), chunking)
}

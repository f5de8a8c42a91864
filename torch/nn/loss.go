package nn

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// CrossEntropyLoss compares scores with classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
type CrossEntropyLoss struct {
	Module
	Weight  *torch.Tensor `nn:",buffer"` // a factor for each class, or nil
	options functional.CrossEntropyOptions
}

// NewCrossEntropyLoss returns the loss.
func NewCrossEntropyLoss(options ...functional.CrossEntropyOptions) *CrossEntropyLoss {
	l := &CrossEntropyLoss{}
	if len(options) > 0 {
		l.options = options[0]
		l.Weight = options[0].Weight
	}
	return Init(l)
}

// Forward returns the loss of input (batch × classes × ..., scores) against
// target (batch × ..., Int64 classes, or probabilities of input's shape): without
// dimensions, or of target's shape with reduction "none". It panics on a reduction
// that is none.
func (l *CrossEntropyLoss) Forward(input, target *torch.Tensor) *torch.Tensor {
	return l.Run2(input, target, l.forward)
}

func (l *CrossEntropyLoss) forward(input, target *torch.Tensor) *torch.Tensor {
	o := l.options
	o.Weight = l.Weight
	return functional.CrossEntropy(input, target, o)
}

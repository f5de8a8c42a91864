package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Rprop looks at the signs of gradients only. Each element has a step size of its
// own, which grows while the sign stays and shrinks when it changes:
//
//	s ← s·Etas[1] where g and the gradient before have the same sign
//	s ← s·Etas[0] where they have not; g counts as 0 there
//	p ← p − sign(g)·s
//
// It suits gradients of a whole data set, not of batches.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html
type Rprop struct{ Base[RpropOptions] }

// RpropOptions are the options of [NewRprop] and of each group.
type RpropOptions struct {
	LR         float64       // the first step size; default: 0.01
	LRTensor   *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Etas       *[2]float64   // the factors by which it shrinks and grows; default: 0.5 and 1.2
	StepSizes  *[2]float64   // the least and the greatest one; default: 1e-6 and 50
	Maximize   bool          // go up instead of down
	Foreach    *bool         // false: one parameter after the other
	Capturable bool          // count the steps in tensors, so that a captured step counts on
}

// RpropGroup is a list of parameters that have options of their own.
type RpropGroup = Group[RpropOptions]

// NewRprop returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewRprop(params []*torch.Tensor, options ...RpropOptions) *Rprop {
	return NewRpropGroups(RpropGroup{Params: params, Options: option.First(options)})
}

// NewRpropGroups returns an optimizer of several groups of parameters. It panics
// as NewRprop does, and on a parameter of two groups.
func NewRpropGroups(groups ...RpropGroup) *Rprop {
	r := &Rprop{}
	r.start(rule[RpropOptions]{
		name:       "Rprop",
		fields:     (*RpropOptions).fields,
		fill:       (*RpropOptions).fill,
		prepare:    (*RpropOptions).prepare,
		paths:      func(o *RpropOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *RpropOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      "Rprop does not support sparse gradients",
		step:       rpropStep,
	}, groups)
	return r
}

func (o *RpropOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "etas": &o.Etas,
		"step_sizes": &o.StepSizes, "foreach": &o.Foreach,
		"maximize": &o.Maximize, "differentiable": false, "capturable": &o.Capturable,
	}
}

// fill gives options their defaults that are nil.
func (o *RpropOptions) fill() {
	fill(&o.Etas, [2]float64{0.5, 1.2})
	fill(&o.StepSizes, [2]float64{1e-6, 50})
}

func (o *RpropOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-2)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case !(0 < o.Etas[0] && o.Etas[0] < 1 && 1 < o.Etas[1]):
		panic(torch.Errorf(op, torch.ValueError, "Invalid eta values: %v, %v", o.Etas[0], o.Etas[1]))
	}
}

func rpropStep(o *RpropOptions, b *batch) {
	before := b.zeros("prev")
	sizes := b.begin("step_size", func(p *torch.Tensor) *torch.Tensor { return fullLike(p, rate{&o.LR, &o.LRTensor}.read()) })
	b.ascend(o.Maximize)
	signs := make([]*torch.Tensor, len(b.params))
	for i, grad := range b.grads {
		factor := grad.Mul(before[i]).SignInplace()
		same, changed, zero := factor.Gt(0), factor.Lt(0), factor.Eq(0)
		factor.MaskedFillInplace(same, o.Etas[1]).MaskedFillInplace(changed, o.Etas[0]).MaskedFillInplace(zero, 1)
		sizes[i].MulInplace(factor).ClampInplace(o.StepSizes[0], o.StepSizes[1])
		before[i].CopyInplace(grad).MaskedFillInplace(changed, 0)
		signs[i] = before[i].Sign()
	}
	listAddcmulIn.do(b.params, signs, sizes, -1.0)
}

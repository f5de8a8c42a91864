package optim

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// AdamW is [Adam] whose weight decay shrinks the parameters, by LR·WeightDecay,
// and does not enter the gradient.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
type AdamW struct{ Base[AdamWOptions] }

// AdamWOptions are the options of [NewAdamW] and of each group.
type AdamWOptions struct {
	LR          float64       // the learning rate; default: 0.001
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas       *[2]float64   // default: 0.9 and 0.999
	Eps         *float64      // default: 1e-8
	WeightDecay *float64      // default: 0.01
	AMSGrad     bool          // divide by the greatest average of squares so far
	Maximize    bool          // go up instead of down
	Foreach     *bool         // false: one parameter after the other
	Fused       *bool         // one operator for all of a step (libtorch 2.3 or newer); default: false
	Capturable  bool          // count the steps in tensors, so that a captured step counts on
}

// AdamWGroup is a list of parameters that have options of their own.
type AdamWGroup = Group[AdamWOptions]

// NewAdamW returns an optimizer of params. It panics on options that contradict
// each other or are out of range, and on parameters that are not leaves.
func NewAdamW(params []*torch.Tensor, options ...AdamWOptions) *AdamW {
	return NewAdamWGroups(AdamWGroup{Params: params, Options: option.First(options)})
}

// NewAdamWGroups returns an optimizer of several groups of parameters. It panics
// as NewAdamW does, and on a parameter of two groups.
func NewAdamWGroups(groups ...AdamWGroup) *AdamW {
	a := &AdamW{}
	a.start(rule[AdamWOptions]{
		name:       "AdamW",
		fields:     (*AdamWOptions).fields,
		fill:       (*AdamWOptions).fill,
		prepare:    (*AdamWOptions).prepare,
		paths:      func(o *AdamWOptions) paths { return paths{o.Foreach, o.Fused} },
		capturable: func(o *AdamWOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      adamDense,
		complex:    decayFirst,
		step:       func(o *AdamWOptions, b *batch) { adamStep(o.adam(), b) },
	}, groups)
	return a
}

// adam returns Adam's options for what AdamW does.
func (o *AdamWOptions) adam() *AdamOptions {
	return &AdamOptions{
		LR: o.LR, LRTensor: o.LRTensor, Capturable: o.Capturable, Betas: o.Betas, Eps: o.Eps, WeightDecay: *o.WeightDecay, DecoupledWeightDecay: true,
		AMSGrad: o.AMSGrad, Maximize: o.Maximize, Foreach: o.Foreach, Fused: o.Fused,
	}
}

func (o *AdamWOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps,
		"weight_decay": &o.WeightDecay, "amsgrad": &o.AMSGrad, "maximize": &o.Maximize,
		"foreach": &o.Foreach, "capturable": &o.Capturable, "differentiable": false, "fused": &o.Fused,
		"decoupled_weight_decay": true,
	}
}

// fill gives options their defaults that are nil.
func (o *AdamWOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
	fill(&o.WeightDecay, 0.01)
}

func (o *AdamWOptions) prepare(op string) {
	a := o.adam()
	a.prepare(op)
	o.LR = a.LR
}

package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Adamax is Adam by the infinity norm:
//
//	g ← ∇p + WeightDecay·p
//	m ← β₁·m + (1−β₁)·g
//	u ← max(β₂·u, |g| + Eps)
//	p ← p − LR/(1−β₁ᵗ) · m/u
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
type Adamax struct{ Base[AdamaxOptions] }

// AdamaxOptions are the options of [NewAdamax] and of each group.
type AdamaxOptions struct {
	LR          float64       // the learning rate; default: 0.002
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas       *[2]float64   // β₁ and β₂; default: 0.9 and 0.999
	Eps         *float64      // default: 1e-8
	WeightDecay float64
	Maximize    bool  // go up instead of down
	Foreach     *bool // false: one parameter after the other
	Capturable  bool  // count the steps in tensors, so that a captured step counts on
}

// AdamaxGroup is a list of parameters that have options of their own.
type AdamaxGroup = Group[AdamaxOptions]

// NewAdamax returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewAdamax(params []*torch.Tensor, options ...AdamaxOptions) *Adamax {
	return NewAdamaxGroups(AdamaxGroup{Params: params, Options: option.First(options)})
}

// NewAdamaxGroups returns an optimizer of several groups of parameters. It panics
// as NewAdamax does, and on a parameter of two groups.
func NewAdamaxGroups(groups ...AdamaxGroup) *Adamax {
	a := &Adamax{}
	a.start(rule[AdamaxOptions]{
		name:       "Adamax",
		fields:     (*AdamaxOptions).fields,
		fill:       (*AdamaxOptions).fill,
		prepare:    (*AdamaxOptions).prepare,
		paths:      func(o *AdamaxOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *AdamaxOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      "Adamax does not support sparse gradients",
		complex:    decayFirst,
		step:       adamaxStep,
	}, groups)
	return a
}

func (o *AdamaxOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps,
		"weight_decay": &o.WeightDecay, "foreach": &o.Foreach, "maximize": &o.Maximize,
		"differentiable": false, "capturable": &o.Capturable,
	}
}

// fill gives options their defaults that are nil.
func (o *AdamaxOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
}

func (o *AdamaxOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 2e-3)
	checkAdam(op, o.LR, *o.Betas, *o.Eps, o.WeightDecay)
}

func adamaxStep(o *AdamaxOptions, b *batch) {
	m, u := b.zeros("exp_avg"), b.zeros("exp_inf")
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	listLerpIn.do(m, b.grads, 1-o.Betas[0])
	listMulIn.do(u, o.Betas[1])
	norms := listAbs.list(b.grads)
	listAddNumberIn.do(norms, *o.Eps)
	listMaximumIn.do(u, norms)
	if b.capturable {
		bias := torch.Pow(o.Betas[0], b.step()).SubInplace(1).DivInplace(b.lr)
		listAddcdivIn.do(b.params, m, listMulList.list(u, b.each(bias)), 1.0)
		return
	}
	correction := 1 - libm.Pow(o.Betas[0], b.steps())
	listAddcdivIn.do(b.params, m, u, -(o.LR / correction))
}

package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// RAdam is Adam that takes plain steps with momentum until the average of squares
// can be trusted, and rectifies its variance then:
//
//	g ← ∇p + WeightDecay·p
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	ρ ← ρ∞ − 2t·β₂ᵗ/(1−β₂ᵗ)               with ρ∞ = 2/(1−β₂) − 1
//	p ← p − LR · m/(1−β₁ᵗ)                 while ρ ≤ 5, and later
//	p ← p − LR · m/(1−β₁ᵗ) · r · √(1−β₂ᵗ)/(√v + Eps)
//	        with r² = (ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ)
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
type RAdam struct{ Base[RAdamOptions] }

// RAdamOptions are the options of [NewRAdam] and of each group.
type RAdamOptions struct {
	LR                   float64       // the learning rate; default: 0.001
	LRTensor             *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas                *[2]float64   // β₁ and β₂; default: 0.9 and 0.999
	Eps                  *float64      // default: 1e-8
	WeightDecay          float64
	DecoupledWeightDecay bool  // shrink the parameters instead, as AdamW does
	Maximize             bool  // go up instead of down
	Foreach              *bool // true: the values of PyTorch's foreach; false: one parameter after the other
	Capturable           bool  // count the steps in tensors, so that a captured step counts on
}

// RAdamGroup is a list of parameters that have options of their own.
type RAdamGroup = Group[RAdamOptions]

// NewRAdam returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewRAdam(params []*torch.Tensor, options ...RAdamOptions) *RAdam {
	return NewRAdamGroups(RAdamGroup{Params: params, Options: option.First(options)})
}

// NewRAdamGroups returns an optimizer of several groups of parameters. It panics
// as NewRAdam does, and on a parameter of two groups.
func NewRAdamGroups(groups ...RAdamGroup) *RAdam {
	a := &RAdam{}
	a.start(rule[RAdamOptions]{
		name:       "RAdam",
		fields:     (*RAdamOptions).fields,
		fill:       (*RAdamOptions).fill,
		prepare:    (*RAdamOptions).prepare,
		paths:      func(o *RAdamOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *RAdamOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      "RAdam does not support sparse gradients",
		step:       radamStep,
	}, groups)
	return a
}

func (o *RAdamOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps,
		"weight_decay": &o.WeightDecay, "maximize": &o.Maximize, "foreach": &o.Foreach,
		"capturable": &o.Capturable, "decoupled_weight_decay": &o.DecoupledWeightDecay, "differentiable": false,
	}
}

// fill gives options their defaults that are nil.
func (o *RAdamOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
}

func (o *RAdamOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-3)
	checkAdam(op, o.LR, *o.Betas, *o.Eps, o.WeightDecay)
}

func radamStep(o *RAdamOptions, b *batch) {
	m, v := b.zeros("exp_avg"), b.zeros("exp_avg_sq")
	b.ascend(o.Maximize)
	if o.DecoupledWeightDecay {
		b.shrink(o.LR, o.WeightDecay)
	} else {
		b.decay(o.WeightDecay)
	}
	b.average(m, v, *o.Betas)
	if b.capturable {
		radamCapturable(o, b, m, v)
		return
	}
	power := libm.Pow(o.Betas[1], b.steps())
	correction1, correction2 := 1-libm.Pow(o.Betas[0], b.steps()), 1-power
	most := 2/(1-o.Betas[1]) - 1
	rho := most - 2*b.steps()*power/correction2
	rectified := 0.0
	if rho > 5 {
		rectified = libm.Pow((rho-4)*(rho-2)*most/((most-4)*(most-2)*rho), 0.5)
	}
	root := libm.Pow(correction2, 0.5)
	if b.lists {
		plain := 1.0
		if rectified > 0 {
			plain = 0
		}
		factors := sqrtPlus(v, *o.Eps)
		listDivIn.do(factors, root*(o.LR*rectified/correction1)*-1)
		listReciprocalIn.do(factors)
		listAddNumberIn.do(factors, o.LR*plain/correction1*-1)
		listAddcmulIn.do(b.params, m, factors, 1.0)
		return
	}
	update := listDiv.list(m, correction1)
	listMulIn.do(update, o.LR)
	if rectified > 0 {
		factors := sqrtPlus(v, *o.Eps)
		listReciprocalIn.do(factors)
		listMulIn.do(factors, root)
		listMulListIn.do(update, factors)
		listMulIn.do(update, rectified)
	}
	listAddIn.do(b.params, update, -1.0)
}

// radamCapturable changes the parameters by tensors that depend on the step.
func radamCapturable(o *RAdamOptions, b *batch, m, v []*torch.Tensor) {
	most := 2/(1-o.Betas[1]) - 1
	correction := func(beta float64) *torch.Tensor { return torch.Pow(beta, b.step()).NegInplace().AddInplace(1) }
	rho := torch.Pow(o.Betas[1], b.step()).MulInplace(b.step()).MulInplace(2)
	rho.DivInplace(correction(o.Betas[1])).NegInplace().AddInplace(most)
	root := rho.Sub(4).MulInplace(rho.Sub(2)).MulInplace(most)
	root.DivInplace(rho.Mul((most - 4) * (most - 2))).SqrtInplace()
	zero := torch.ZerosLike(root) // in the place of a number, which libtorch 1.13 does not convert
	rectified := torch.Where(rho.Gt(5), root, zero)
	plain := torch.Where(rectified.Gt(0), zero, torch.OnesLike(root)).MulInplace(b.lr)
	correction1 := correction(o.Betas[0])
	plain.DivInplace(correction1).NegInplace()
	scale := correction(o.Betas[1]).SqrtInplace().MulInplace(b.lr).MulInplace(rectified).NegInplace().DivInplace(correction1)

	factors := sqrtPlus(v, *o.Eps)
	listDivListIn.do(factors, b.each(scale))
	listReciprocalIn.do(factors)
	listAddIn.do(factors, b.each(plain), 1.0)
	listAddcmulIn.do(b.params, m, factors, 1.0)
}

package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// NAdam is Adam with Nesterov's momentum, whose coefficient μ grows with the steps:
//
//	g  ← ∇p + WeightDecay·p
//	μₜ ← β₁·(1 − 0.96^(t·MomentumDecay) / 2)
//	m  ← β₁·m + (1−β₁)·g
//	v  ← β₂·v + (1−β₂)·g²
//	m̂  ← μₜ₊₁·m/(1−∏μ₁…ₜ₊₁) + (1−μₜ)·g/(1−∏μ₁…ₜ)
//	p  ← p − LR·m̂ / (√(v/(1−β₂ᵗ)) + Eps)
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
type NAdam struct{ Base[NAdamOptions] }

// NAdamOptions are the options of [NewNAdam] and of each group.
type NAdamOptions struct {
	LR                   float64       // the learning rate; default: 0.002
	LRTensor             *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas                *[2]float64   // β₁ and β₂; default: 0.9 and 0.999
	Eps                  *float64      // default: 1e-8
	WeightDecay          float64
	MomentumDecay        *float64 // default: 0.004
	DecoupledWeightDecay bool     // shrink the parameters instead, as AdamW does
	Maximize             bool     // go up instead of down
	Foreach              *bool    // true: the values of PyTorch's foreach; false: one parameter after the other
	Capturable           bool     // count the steps in tensors, so that a captured step counts on
}

// NAdamGroup is a list of parameters that have options of their own.
type NAdamGroup = Group[NAdamOptions]

// NewNAdam returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewNAdam(params []*torch.Tensor, options ...NAdamOptions) *NAdam {
	return NewNAdamGroups(NAdamGroup{Params: params, Options: option.First(options)})
}

// NewNAdamGroups returns an optimizer of several groups of parameters. It panics
// as NewNAdam does, and on a parameter of two groups.
func NewNAdamGroups(groups ...NAdamGroup) *NAdam {
	a := &NAdam{}
	a.start(rule[NAdamOptions]{
		name:       "NAdam",
		fields:     (*NAdamOptions).fields,
		fill:       (*NAdamOptions).fill,
		prepare:    (*NAdamOptions).prepare,
		paths:      func(o *NAdamOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *NAdamOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}, {name: "mu_product", initial: 1}},
		dense:      "NAdam does not support sparse gradients",
		step:       nadamStep,
	}, groups)
	return a
}

func (o *NAdamOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps,
		"weight_decay": &o.WeightDecay, "momentum_decay": &o.MomentumDecay,
		"decoupled_weight_decay": &o.DecoupledWeightDecay, "maximize": &o.Maximize,
		"foreach": &o.Foreach, "capturable": &o.Capturable, "differentiable": false,
	}
}

// fill gives options their defaults that are nil.
func (o *NAdamOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
	fill(&o.MomentumDecay, 4e-3)
}

func (o *NAdamOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 2e-3)
	checkAdam(op, o.LR, *o.Betas, *o.Eps, o.WeightDecay)
	if !(*o.MomentumDecay >= 0) {
		panic(torch.Errorf(op, torch.ValueError, "Invalid momentum_decay value: %v", *o.MomentumDecay))
	}
}

func nadamStep(o *NAdamOptions, b *batch) {
	m, v := b.zeros("exp_avg"), b.zeros("exp_avg_sq")
	b.ascend(o.Maximize)
	if o.DecoupledWeightDecay {
		b.shrink(o.LR, o.WeightDecay)
	} else {
		b.decay(o.WeightDecay)
	}
	if b.capturable {
		b.average(m, v, *o.Betas)
		nadamCapturable(o, b, m, v)
		return
	}
	mu := func(t float64) float64 { return o.Betas[0] * (1 - 0.5*libm.Pow(0.96, t**o.MomentumDecay)) }
	now, next := mu(b.steps()), mu(b.steps()+1)
	b.numbers[1] = float64(float32(b.numbers[1]) * float32(now)) // PyTorch keeps it in single precision
	product := b.numbers[1]

	b.average(m, v, *o.Betas)
	correction := 1 - libm.Pow(o.Betas[1], b.steps())
	var denominators []*torch.Tensor
	if b.lists {
		denominators = listSqrt.list(v)
		listDivIn.do(denominators, libm.Pow(correction, 0.5))
	} else {
		denominators = listDiv.list(v, correction)
		listSqrtIn.do(denominators)
	}
	listAddNumberIn.do(denominators, *o.Eps)
	listAddcdivIn.do(b.params, b.grads, denominators, -o.LR*(1-now)/(1-product))
	listAddcdivIn.do(b.params, m, denominators, -o.LR*next/(1-product*next))
}

// nadamCapturable changes the parameters by tensors that depend on the step.
func nadamCapturable(o *NAdamOptions, b *batch, m, v []*torch.Tensor) {
	exponent := b.step().Mul(*o.MomentumDecay)
	mu := func() *torch.Tensor {
		return torch.Pow(0.96, exponent).MulInplace(-0.5).AddInplace(1).MulInplace(o.Betas[0])
	}
	now := mu()
	exponent.AddInplace(*o.MomentumDecay)
	next := mu()
	root := torch.Pow(o.Betas[1], b.step()).SubInplace(1).NegInplace().SqrtInplace()
	product := b.counters.tensors[1].MulInplace(now)

	denominators := listSqrt.list(v)
	listDivListIn.do(denominators, b.each(root))
	listAddNumberIn.do(denominators, *o.Eps)
	now.SubInplace(1).MulInplace(b.lr).DivInplace(product.Sub(1).NegInplace())
	rest := product.Mul(next).SubInplace(1)
	next.MulInplace(b.lr).DivInplace(rest)
	update := listMulList.list(b.grads, b.each(now))
	listAddcmulIn.do(update, b.each(next), m, 1.0)
	listAddcdivIn.do(b.params, update, denominators, 1.0)
}

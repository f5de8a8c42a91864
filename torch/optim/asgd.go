package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// ASGD is stochastic gradient descent that also averages the parameters, from step
// T0 on:
//
//	g ← ∇p + WeightDecay·p
//	p ← (1 − Lambd·η)·p − η·g             at first, η = LR
//	a ← a + μ·(p − a)                     at first, μ = 1
//	η ← LR / (1 + Lambd·LR·t)^Alpha
//	μ ← 1 / max(1, t − T0)
//
// The average a is in the state dict, under the name ax.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html
type ASGD struct{ Base[ASGDOptions] }

// ASGDOptions are the options of [NewASGD] and of each group.
type ASGDOptions struct {
	LR          float64       // the learning rate; default: 0.01
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Lambd       *float64      // default: 1e-4
	Alpha       *float64      // the power by which the learning rate falls; default: 0.75
	T0          *float64      // the step to average from; default: 1e6
	WeightDecay float64
	Maximize    bool  // go up instead of down
	Foreach     *bool // true: the values of PyTorch's foreach; false: one parameter after the other
	Capturable  bool  // count the steps in tensors, so that a captured step counts on
}

// ASGDGroup is a list of parameters that have options of their own.
type ASGDGroup = Group[ASGDOptions]

// NewASGD returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewASGD(params []*torch.Tensor, options ...ASGDOptions) *ASGD {
	return NewASGDGroups(ASGDGroup{Params: params, Options: option.First(options)})
}

// NewASGDGroups returns an optimizer of several groups of parameters. It panics as
// NewASGD does, and on a parameter of two groups.
func NewASGDGroups(groups ...ASGDGroup) *ASGD {
	a := &ASGD{}
	a.start(rule[ASGDOptions]{
		name:       "ASGD",
		fields:     (*ASGDOptions).fields,
		fill:       (*ASGDOptions).fill,
		prepare:    (*ASGDOptions).prepare,
		paths:      func(o *ASGDOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *ASGDOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}, {name: "eta"}, {name: "mu", initial: 1}},
		dense:      "ASGD does not support sparse gradients",
		step:       asgdStep,
	}, groups)
	return a
}

func (o *ASGDOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "lambd": &o.Lambd, "alpha": &o.Alpha, "t0": &o.T0,
		"weight_decay": &o.WeightDecay, "foreach": &o.Foreach, "maximize": &o.Maximize,
		"differentiable": false, "capturable": &o.Capturable,
	}
}

// fill gives options their defaults that are nil.
func (o *ASGDOptions) fill() {
	fill(&o.Lambd, 1e-4)
	fill(&o.Alpha, 0.75)
	fill(&o.T0, 1e6)
}

func (o *ASGDOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-2)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case !(*o.Lambd >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid lambd value: %v", *o.Lambd))
	case !(*o.Alpha >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid alpha value: %v", *o.Alpha))
	case !(o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", o.WeightDecay))
	}
}

// single rounds to single precision, in which PyTorch keeps η and μ.
func single(v float64) float64 { return float64(float32(v)) }

func asgdStep(o *ASGDOptions, b *batch) {
	if b.capturable {
		asgdCapturable(o, b)
		return
	}
	step, eta, mu := b.steps(), b.numbers[1], b.numbers[2]
	if b.fresh {
		eta = single(o.LR)
	}
	averages := b.zeros("ax")
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	if b.lists {
		asgdLists(o, b, averages, b.full(eta), b.full(mu))
		b.numbers[1] = asgdEta(o, b.full(step))
	} else {
		listMulIn.do(b.params, 1-*o.Lambd*eta)
		listAddIn.do(b.params, b.grads, -eta)
		if mu != 1 {
			change := listSub.list(b.params, averages, 1.0)
			listMulIn.do(change, mu)
			listAddIn.do(averages, change, 1.0)
		} else {
			listCopyIn.do(averages, b.params, false)
		}
		b.numbers[1] = single(o.LR / libm.Pow(1+*o.Lambd*o.LR*step, *o.Alpha))
	}
	b.numbers[2] = single(1 / max(1, step-*o.T0))
}

// asgdLists changes the parameters as PyTorch's operators on lists do, whose
// coefficients are tensors.
func asgdLists(o *ASGDOptions, b *batch, averages []*torch.Tensor, eta, mu *torch.Tensor) {
	update := listAdd.list(b.grads, b.params, *o.Lambd)
	listAddcmulIn.do(b.params, update, b.each(eta), -1.0)
	change := listSub.list(b.params, averages, 1.0)
	listAddcmulIn.do(averages, change, b.each(mu), 1.0)
}

// asgdEta returns the next η in the single precision of a tensor.
func asgdEta(o *ASGDOptions, step *torch.Tensor) float64 {
	return step.Mul(*o.Lambd * o.LR).Add(1).Pow(*o.Alpha).Reciprocal().Mul(o.LR).Item()
}

// asgdCapturable is asgdStep with numbers that are tensors.
func asgdCapturable(o *ASGDOptions, b *batch) {
	eta, mu := b.counters.tensors[1], b.counters.tensors[2]
	averages := b.zeros("ax")
	if b.fresh {
		eta.FillInplace(b.lr)
	}
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	asgdLists(o, b, averages, eta, mu)
	mu.CopyInplace(b.step().Sub(*o.T0).ClampMinInplace(1).ReciprocalInplace())
	next := b.step().Mul(*o.Lambd).MulInplace(b.lr).AddInplace(1).PowInplace(*o.Alpha)
	eta.CopyInplace(next.ReciprocalInplace().MulInplace(b.lr))
}

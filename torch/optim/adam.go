package optim

import (
	"cmp"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Adam follows running averages of the gradient and of its square:
//
//	g ← ∇p + WeightDecay·p
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	p ← p − LR · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + Eps)
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
type Adam struct{ Base[AdamOptions] }

// AdamOptions are the options of [NewAdam] and of each group.
type AdamOptions struct {
	LR                   float64       // the learning rate; default: 0.001
	LRTensor             *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas                *[2]float64   // β₁ and β₂; default: 0.9 and 0.999
	Eps                  *float64      // default: 1e-8
	WeightDecay          float64
	DecoupledWeightDecay bool  // shrink the parameters instead, as AdamW does
	AMSGrad              bool  // divide by the greatest v so far
	Maximize             bool  // go up instead of down
	Foreach              *bool // false: one parameter after the other
	Fused                *bool // one operator for all of a step (libtorch 2.3 or newer); default: false
	Capturable           bool  // count the steps in tensors, so that a captured step counts on
}

// AdamGroup is a list of parameters that have options of their own.
type AdamGroup = Group[AdamOptions]

// NewAdam returns an optimizer of params. It panics on options that contradict
// each other or are out of range, and on parameters that are not leaves.
func NewAdam(params []*torch.Tensor, options ...AdamOptions) *Adam {
	return NewAdamGroups(AdamGroup{Params: params, Options: option.First(options)})
}

// NewAdamGroups returns an optimizer of several groups of parameters. It panics as
// NewAdam does, and on a parameter of two groups.
func NewAdamGroups(groups ...AdamGroup) *Adam {
	a := &Adam{}
	a.start(rule[AdamOptions]{
		name:       "Adam",
		fields:     (*AdamOptions).fields,
		fill:       (*AdamOptions).fill,
		prepare:    (*AdamOptions).prepare,
		paths:      func(o *AdamOptions) paths { return paths{o.Foreach, o.Fused} },
		capturable: func(o *AdamOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      adamDense,
		complex:    decayFirst,
		step:       adamStep,
	}, groups)
	return a
}

const adamDense = "Adam does not support sparse gradients, please consider SparseAdam instead"

func (o *AdamOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps,
		"weight_decay": &o.WeightDecay, "amsgrad": &o.AMSGrad, "maximize": &o.Maximize,
		"foreach": &o.Foreach, "capturable": &o.Capturable, "differentiable": false, "fused": &o.Fused,
		"decoupled_weight_decay": &o.DecoupledWeightDecay,
	}
}

// fill gives options their defaults that are nil.
func (o *AdamOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
}

func (o *AdamOptions) prepare(op string) {
	if o.LRTensor != nil && isOn(o.Foreach) && !o.Capturable {
		panic(torch.Errorf(op, torch.ValueError, "lr as a Tensor is not supported for capturable=False and foreach=True"))
	}
	o.LR = cmp.Or(o.LR, 1e-3)
	checkAdam(op, o.LR, *o.Betas, *o.Eps, o.WeightDecay)
}

// checkAdam panics if an option that Adam and its kin share is out of range.
func checkAdam(op string, lr float64, betas [2]float64, eps, weightDecay float64) {
	switch {
	case !(lr >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", lr))
	case !(eps >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid epsilon value: %v", eps))
	}
	for i, beta := range betas {
		if !(0 <= beta && beta < 1) {
			panic(torch.Errorf(op, torch.ValueError, "Invalid beta parameter at index %d: %v", i, beta))
		}
	}
	if !(weightDecay >= 0) {
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", weightDecay))
	}
}

func adamStep(o *AdamOptions, b *batch) {
	m, v := b.zeros("exp_avg"), b.zeros("exp_avg_sq")
	var greatest []*torch.Tensor
	if o.AMSGrad {
		greatest = b.zeros("max_exp_avg_sq")
	}
	if isOn(o.Fused) {
		adamFused(o, b, m, v, greatest)
		return
	}
	b.ascend(o.Maximize)
	if o.DecoupledWeightDecay {
		b.shrink(o.LR, o.WeightDecay)
	} else {
		b.decay(o.WeightDecay)
	}
	b.average(m, v, *o.Betas)
	if o.AMSGrad {
		listMaximumIn.do(greatest, v)
		v = greatest
	}
	if b.capturable {
		adamCapturable(o, b, m, v)
		return
	}
	correction1 := 1 - libm.Pow(o.Betas[0], b.steps())
	correction2 := 1 - libm.Pow(o.Betas[1], b.steps())
	denominators := listSqrt.list(v)
	listDivIn.do(denominators, libm.Pow(correction2, 0.5))
	listAddNumberIn.do(denominators, *o.Eps)
	listAddcdivIn.do(b.params, m, denominators, -(o.LR / correction1))
}

// adamCapturable changes the parameters by tensors that depend on the step.
func adamCapturable(o *AdamOptions, b *batch, m, v []*torch.Tensor) {
	size := torch.Pow(o.Betas[0], b.step()).SubInplace(1)
	size.DivInplace(b.lr).ReciprocalInplace()
	root := torch.Pow(o.Betas[1], b.step()).SubInplace(1).NegInplace().SqrtInplace()
	denominators := listSqrt.list(v)
	listDivListIn.do(denominators, b.each(root))
	listAddNumberIn.do(denominators, *o.Eps)
	listDivListIn.do(denominators, b.each(size))
	listAddcdivIn.do(b.params, m, denominators, 1.0)
}

func adamFused(o *AdamOptions, b *batch, m, v, greatest []*torch.Tensor) {
	var c torch.Call
	c.Tensors(b.params)
	c.Tensors(b.grads)
	c.Tensors(m)
	c.Tensors(v)
	c.Tensors(greatest)
	if b.capturable {
		c.Tensors(b.each(b.step()))
	} else {
		c.Tensors(b.each(b.full(b.steps())))
	}
	op := 0
	if lr, ok := b.lr.(*torch.Tensor); ok {
		c.Tensor(lr)
		op = 2
	} else {
		c.Float(o.LR)
	}
	c.Float(o.Betas[0])
	c.Float(o.Betas[1])
	c.Float(o.WeightDecay)
	c.Float(*o.Eps)
	c.Bool(o.AMSGrad)
	c.Bool(o.Maximize)
	if o.DecoupledWeightDecay {
		op++
	}
	c.Do(opFusedAdamIn[op])
}

const fusedAdamArgs = "(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[] exp_avgs, Tensor(d!)[] exp_avg_sqs, Tensor(e!)[] max_exp_avg_sqs, Tensor[] state_steps, *, %s lr, float beta1, float beta2, float weight_decay, float eps, bool amsgrad, bool maximize, Tensor? grad_scale=None, Tensor? found_inf=None) -> ()"

// opFusedAdamIn are Adam and AdamW with a number for a learning rate, and with a
// tensor.
var opFusedAdamIn = [4]*torch.Operator{
	torch.NewOperator("aten::_fused_adam_" + fmt.Sprintf(fusedAdamArgs, "float")),
	torch.NewOperator("aten::_fused_adamw_" + fmt.Sprintf(fusedAdamArgs, "float")),
	torch.NewOperator("aten::_fused_adam_.tensor_lr" + fmt.Sprintf(fusedAdamArgs, "Tensor")),
	torch.NewOperator("aten::_fused_adamw_.tensor_lr" + fmt.Sprintf(fusedAdamArgs, "Tensor")),
}

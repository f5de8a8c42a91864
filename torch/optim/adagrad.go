package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Adagrad divides by the root of the sum of all squared gradients:
//
//	g ← ∇p + WeightDecay·p
//	s ← s + g²                             (at first, s = InitialAccumulatorValue)
//	p ← p − LR/(1 + (t−1)·LRDecay) · g / (√s + Eps)
//
// It takes sparse gradients too, without weight decay.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
type Adagrad struct{ Base[AdagradOptions] }

// AdagradOptions are the options of [NewAdagrad] and of each group.
type AdagradOptions struct {
	LR                      float64       // the learning rate; default: 0.01
	LRTensor                *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	LRDecay                 float64
	WeightDecay             float64
	InitialAccumulatorValue float64
	Eps                     *float64 // default: 1e-10
	Maximize                bool     // go up instead of down
	Foreach                 *bool    // true: the values of PyTorch's foreach; false: one parameter after the other
	Fused                   *bool    // one operator for all of a step (libtorch 2.4 or newer); default: false
}

// AdagradGroup is a list of parameters that have options of their own.
type AdagradGroup = Group[AdagradOptions]

// NewAdagrad returns an optimizer of params. It panics on options that contradict
// each other or are out of range, and on parameters that are not leaves.
func NewAdagrad(params []*torch.Tensor, options ...AdagradOptions) *Adagrad {
	return NewAdagradGroups(AdagradGroup{Params: params, Options: option.First(options)})
}

// NewAdagradGroups returns an optimizer of several groups of parameters. It panics
// as NewAdagrad does, and on a parameter of two groups.
func NewAdagradGroups(groups ...AdagradGroup) *Adagrad {
	a := &Adagrad{}
	a.start(rule[AdagradOptions]{
		name:    "Adagrad",
		fields:  (*AdagradOptions).fields,
		fill:    (*AdagradOptions).fill,
		prepare: (*AdagradOptions).prepare,
		paths:   func(o *AdagradOptions) paths { return paths{o.Foreach, o.Fused} },
		numbers: []number{{name: "step"}},
		complex: decayFirst,
		step:    adagradStep,
	}, groups)
	return a
}

func (o *AdagradOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "lr_decay": &o.LRDecay, "eps": &o.Eps, "weight_decay": &o.WeightDecay,
		"initial_accumulator_value": &o.InitialAccumulatorValue, "foreach": &o.Foreach,
		"maximize": &o.Maximize, "differentiable": false, "fused": &o.Fused,
	}
}

// fill gives options their defaults that are nil.
func (o *AdagradOptions) fill() {
	fill(&o.Eps, 1e-10)
}

func (o *AdagradOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-2)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case !(o.LRDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid lr_decay value: %v", o.LRDecay))
	case !(o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", o.WeightDecay))
	case !(o.InitialAccumulatorValue >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid initial_accumulator_value value: %v",
			o.InitialAccumulatorValue))
	case !(*o.Eps >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid epsilon value: %v", *o.Eps))
	}
}

func adagradStep(o *AdagradOptions, b *batch) {
	sums := b.begin("sum", func(p *torch.Tensor) *torch.Tensor { return fullLike(p, o.InitialAccumulatorValue) })
	if isOn(o.Fused) {
		adagradFused(o, b, sums)
		return
	}
	b.ascend(o.Maximize)
	lr := o.LR / (1 + float64((b.steps()-1)*o.LRDecay))
	dense := *b
	dense.owners, dense.params, dense.grads = nil, nil, nil
	var denseSums []*torch.Tensor
	for i, grad := range b.grads {
		if grad.IsSparse() {
			adagradSparse(o, b.op, lr, b.params[i], grad, sums[i])
			continue
		}
		dense.owners = append(dense.owners, b.owners[i])
		dense.params = append(dense.params, b.params[i])
		dense.grads = append(dense.grads, grad)
		denseSums = append(denseSums, sums[i])
	}
	if len(dense.params) == 0 {
		return
	}
	dense.decay(o.WeightDecay)
	listAddcmulIn.do(denseSums, dense.grads, dense.grads, 1.0)
	roots := sqrtPlus(denseSums, *o.Eps)
	if b.lists {
		listAddcdivIn.do(dense.params, listMul.list(dense.grads, -lr), roots, 1.0)
	} else {
		listAddcdivIn.do(dense.params, dense.grads, roots, -lr)
	}
}

// adagradSparse changes those elements only that the gradient has.
func adagradSparse(o *AdagradOptions, op string, lr float64, p, grad, sum *torch.Tensor) {
	if o.WeightDecay != 0 {
		panic(torch.Errorf(op, torch.RuntimeError, "weight_decay option is not compatible with sparse gradients"))
	}
	grad = grad.Coalesce()
	values := grad.Values()
	sum.AddInplace(withValues(grad, values.Pow(2)))
	roots := sum.SparseMask(grad).Values().SqrtInplace().AddInplace(*o.Eps)
	p.AddInplace(withValues(grad, values.Div(roots)), torch.AddOptions{Alpha: -lr})
}

func adagradFused(o *AdagradOptions, b *batch, sums []*torch.Tensor) {
	var c torch.Call
	c.Tensors(b.params)
	c.Tensors(b.grads)
	c.Tensors(sums)
	c.Tensors(repeated(b.full(b.steps()), len(b.params)))
	c.Float(o.LR)
	c.Float(o.LRDecay)
	c.Float(o.WeightDecay)
	c.Float(*o.Eps)
	c.Bool(o.Maximize)
	c.Do(opFusedAdagradIn)
}

var opFusedAdagradIn = torch.NewOperator("aten::_fused_adagrad_(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[] state_sums, Tensor(d!)[] state_steps, *, float lr, float lr_decay, float weight_decay, float eps, bool maximize, Tensor? grad_scale=None, Tensor? found_inf=None) -> ()")

// fullLike returns a tensor like p, filled with v; with v + v·i if p is complex.
func fullLike(p *torch.Tensor, v float64) *torch.Tensor {
	if p.DType().IsComplex() {
		return torch.FullLike(p, complex(v, v))
	}
	return torch.FullLike(p, v)
}

package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// SGD is stochastic gradient descent, with momentum if asked for:
//
//	g ← ∇p + WeightDecay·p
//	v ← Momentum·v + (1−Dampening)·g      (the first time, v ← g)
//	p ← p − LR·v                          (Nesterov: p − LR·(g + Momentum·v))
//
// It takes sparse gradients too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
type SGD struct{ Base[SGDOptions] }

// SGDOptions are the options of [NewSGD] and of each group.
type SGDOptions struct {
	LR          float64       // the learning rate; default: 0.001
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Momentum    float64
	Dampening   float64
	WeightDecay float64 // adds WeightDecay·p to the gradient
	Nesterov    bool    // needs momentum, and no dampening
	Maximize    bool    // go up instead of down
	Foreach     *bool   // false: one parameter after the other
	Fused       *bool   // one operator for all of a step (libtorch 2.3 or newer); default: false
}

// SGDGroup is a list of parameters that have options of their own.
type SGDGroup = Group[SGDOptions]

// NewSGD returns an optimizer of params. It panics on options that contradict
// each other or are out of range, and on parameters that are not leaves.
func NewSGD(params []*torch.Tensor, options ...SGDOptions) *SGD {
	return NewSGDGroups(SGDGroup{Params: params, Options: option.First(options)})
}

// NewSGDGroups returns an optimizer of several groups of parameters. It panics as
// NewSGD does, and on a parameter of two groups.
func NewSGDGroups(groups ...SGDGroup) *SGD {
	s := &SGD{}
	s.start(rule[SGDOptions]{
		name:       "SGD",
		fields:     (*SGDOptions).fields,
		fill:       (*SGDOptions).fill,
		prepare:    (*SGDOptions).prepare,
		paths:      func(o *SGDOptions) paths { return paths{o.Foreach, o.Fused} },
		complex:    whole,
		capturable: func(*SGDOptions) bool { return true },
		step:       sgdStep,
	}, groups)
	return s
}

func (o *SGDOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "momentum": &o.Momentum, "dampening": &o.Dampening, "weight_decay": &o.WeightDecay,
		"nesterov": &o.Nesterov, "maximize": &o.Maximize, "foreach": &o.Foreach, "differentiable": false,
		"fused": &o.Fused,
	}
}

func (o *SGDOptions) fill() {}

func (o *SGDOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-3)
	switch {
	case o.LR < 0:
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case o.Momentum < 0:
		panic(torch.Errorf(op, torch.ValueError, "Invalid momentum value: %v", o.Momentum))
	case o.WeightDecay < 0:
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", o.WeightDecay))
	case o.Nesterov && (o.Momentum <= 0 || o.Dampening != 0):
		panic(torch.Errorf(op, torch.ValueError, "Nesterov momentum requires a momentum and zero dampening"))
	}
}

func sgdStep(o *SGDOptions, b *batch) {
	if isOn(o.Fused) {
		sgdFused(o, b)
		return
	}
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	update := b.grads
	if o.Momentum != 0 {
		velocities := sgdVelocities(o, b)
		if o.Nesterov {
			update = listAdd.list(b.grads, velocities, o.Momentum)
		} else {
			update = velocities
		}
	}
	b.descend(update)
}

// sgdVelocities brings the momentum up to date and returns it.
func sgdVelocities(o *SGDOptions, b *batch) []*torch.Tensor {
	list := b.remembered("momentum_buffer")
	var old, grads []*torch.Tensor
	for i, v := range list {
		if v != nil {
			old = append(old, v)
			grads = append(grads, b.grads[i])
			continue
		}
		v = b.grads[i].Detach().Clone()
		b.remember(i, "momentum_buffer", v)
		list[i] = v
	}
	if len(old) > 0 {
		listMulIn.do(old, o.Momentum)
		listAddIn.do(old, grads, 1-o.Dampening)
	}
	return list
}

// sgdFused does a step in one call. The operator wants momentum that all have or
// none has yet.
func sgdFused(o *SGDOptions, b *batch) {
	var first, later struct{ params, grads, velocities []*torch.Tensor }
	for i, v := range b.remembered("momentum_buffer") {
		to := &later
		if o.Momentum != 0 && v == nil {
			to = &first
			v = torch.EmptyLike(b.grads[i])
			b.remember(i, "momentum_buffer", v)
		}
		to.params = append(to.params, b.params[i])
		to.grads = append(to.grads, b.grads[i])
		if o.Momentum != 0 {
			to.velocities = append(to.velocities, v)
		}
	}
	lr, tensor := b.lr.(*torch.Tensor)
	call := func(params, grads, velocities []*torch.Tensor, isFirst bool) {
		if len(params) == 0 {
			return
		}
		var c torch.Call
		c.Tensors(params)
		c.Tensors(grads)
		c.Tensors(velocities)
		c.Float(o.WeightDecay)
		c.Float(o.Momentum)
		if tensor {
			c.Tensor(lr)
		} else {
			c.Float(o.LR)
		}
		c.Float(o.Dampening)
		c.Bool(o.Nesterov)
		c.Bool(o.Maximize)
		c.Bool(isFirst)
		if tensor {
			c.Do(opFusedSGDTensorIn)
		} else {
			c.Do(opFusedSGDIn)
		}
	}
	call(first.params, first.grads, first.velocities, true)
	call(later.params, later.grads, later.velocities, false)
}

var (
	opFusedSGDIn       = fusedSGD("", "float")
	opFusedSGDTensorIn = fusedSGD(".tensor_lr", "Tensor")
)

func fusedSGD(overload, lr string) *torch.Operator {
	return torch.NewOperator("aten::_fused_sgd_" + overload + "(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[] momentum_buffer_list, *, float weight_decay, float momentum, " + lr + " lr, float dampening, bool nesterov, bool maximize, bool is_first_step, Tensor? grad_scale=None, Tensor? found_inf=None) -> ()")
}

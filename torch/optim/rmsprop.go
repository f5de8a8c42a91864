package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// RMSprop divides by the root of a running average of squared gradients:
//
//	g ← ∇p + WeightDecay·p
//	v ← Alpha·v + (1−Alpha)·g²
//	a ← √v + Eps                     (Centered: √(v − ḡ²) + Eps, ḡ the average of g)
//	p ← p − LR·g/a                   (Momentum: b ← Momentum·b + g/a, p ← p − LR·b)
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
type RMSprop struct{ Base[RMSpropOptions] }

// RMSpropOptions are the options of [NewRMSprop] and of each group.
type RMSpropOptions struct {
	LR          float64       // the learning rate; default: 0.01
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Alpha       *float64      // how long averages last; default: 0.99
	Eps         *float64      // default: 1e-8
	WeightDecay float64
	Momentum    float64
	Centered    bool  // divide by the deviation from the average gradient
	Maximize    bool  // go up instead of down
	Foreach     *bool // false: one parameter after the other
	Capturable  bool  // count the steps in tensors, so that a captured step counts on
}

// RMSpropGroup is a list of parameters that have options of their own.
type RMSpropGroup = Group[RMSpropOptions]

// NewRMSprop returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewRMSprop(params []*torch.Tensor, options ...RMSpropOptions) *RMSprop {
	return NewRMSpropGroups(RMSpropGroup{Params: params, Options: option.First(options)})
}

// NewRMSpropGroups returns an optimizer of several groups of parameters. It panics
// as NewRMSprop does, and on a parameter of two groups.
func NewRMSpropGroups(groups ...RMSpropGroup) *RMSprop {
	r := &RMSprop{}
	r.start(rule[RMSpropOptions]{
		name:       "RMSprop",
		fields:     (*RMSpropOptions).fields,
		fill:       (*RMSpropOptions).fill,
		prepare:    (*RMSpropOptions).prepare,
		paths:      func(o *RMSpropOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *RMSpropOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      "RMSprop does not support sparse gradients",
		complex:    decayFirst,
		step:       rmspropStep,
	}, groups)
	return r
}

func (o *RMSpropOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "momentum": &o.Momentum, "alpha": &o.Alpha, "eps": &o.Eps,
		"centered": &o.Centered, "weight_decay": &o.WeightDecay, "capturable": &o.Capturable,
		"foreach": &o.Foreach, "maximize": &o.Maximize, "differentiable": false,
	}
}

// fill gives options their defaults that are nil.
func (o *RMSpropOptions) fill() {
	fill(&o.Alpha, 0.99)
	fill(&o.Eps, 1e-8)
}

func (o *RMSpropOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-2)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case !(*o.Eps >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid epsilon value: %v", *o.Eps))
	case !(o.Momentum >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid momentum value: %v", o.Momentum))
	case !(o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", o.WeightDecay))
	case !(*o.Alpha >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid alpha value: %v", *o.Alpha))
	}
}

func rmspropStep(o *RMSpropOptions, b *batch) {
	squares := b.zeros("square_avg")
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	listMulIn.do(squares, *o.Alpha)
	listAddcmulIn.do(squares, b.grads, b.grads, 1-*o.Alpha)
	var roots []*torch.Tensor
	if o.Centered {
		means := b.zeros("grad_avg")
		listLerpIn.do(means, b.grads, 1-*o.Alpha)
		roots = listAddcmul.list(squares, means, means, -1.0)
		listSqrtIn.do(roots)
		listAddNumberIn.do(roots, *o.Eps)
	} else {
		roots = sqrtPlus(squares, *o.Eps)
	}
	lr, tensor := b.lr.(*torch.Tensor)
	switch {
	case o.Momentum > 0:
		velocities := b.zeros("momentum_buffer")
		listMulIn.do(velocities, o.Momentum)
		listAddcdivIn.do(velocities, b.grads, roots, 1.0)
		if tensor {
			listAddIn.do(b.params, listMulList.list(velocities, b.each(lr.Neg())), 1.0)
		} else {
			listAddIn.do(b.params, velocities, -o.LR)
		}
	case tensor:
		listDivListIn.do(roots, b.each(lr.Neg()))
		listAddcdivIn.do(b.params, b.grads, roots, 1.0)
	default:
		listAddcdivIn.do(b.params, b.grads, roots, -o.LR)
	}
}

package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Adadelta sets its own pace by the averages of squared gradients and changes:
//
//	g ← ∇p + WeightDecay·p
//	v ← Rho·v + (1−Rho)·g²
//	d ← √(u + Eps) / √(v + Eps) · g
//	u ← Rho·u + (1−Rho)·d²
//	p ← p − LR·d
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
type Adadelta struct{ Base[AdadeltaOptions] }

// AdadeltaOptions are the options of [NewAdadelta] and of each group.
type AdadeltaOptions struct {
	LR          float64       // a factor of all changes; default: 1
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Rho         *float64      // how long averages last; default: 0.9
	Eps         *float64      // default: 1e-6
	WeightDecay float64
	Maximize    bool  // go up instead of down
	Foreach     *bool // false: one parameter after the other
	Capturable  bool  // count the steps in tensors, so that a captured step counts on
}

// AdadeltaGroup is a list of parameters that have options of their own.
type AdadeltaGroup = Group[AdadeltaOptions]

// NewAdadelta returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewAdadelta(params []*torch.Tensor, options ...AdadeltaOptions) *Adadelta {
	return NewAdadeltaGroups(AdadeltaGroup{Params: params, Options: option.First(options)})
}

// NewAdadeltaGroups returns an optimizer of several groups of parameters. It
// panics as NewAdadelta does, and on a parameter of two groups.
func NewAdadeltaGroups(groups ...AdadeltaGroup) *Adadelta {
	a := &Adadelta{}
	a.start(rule[AdadeltaOptions]{
		name:       "Adadelta",
		fields:     (*AdadeltaOptions).fields,
		fill:       (*AdadeltaOptions).fill,
		prepare:    (*AdadeltaOptions).prepare,
		paths:      func(o *AdadeltaOptions) paths { return paths{foreach: o.Foreach} },
		capturable: func(o *AdadeltaOptions) bool { return o.Capturable },
		numbers:    []number{{name: "step"}},
		dense:      "Adadelta does not support sparse gradients",
		complex:    decayFirst,
		step:       adadeltaStep,
	}, groups)
	return a
}

func (o *AdadeltaOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "rho": &o.Rho, "eps": &o.Eps, "weight_decay": &o.WeightDecay,
		"maximize": &o.Maximize, "capturable": &o.Capturable, "foreach": &o.Foreach, "differentiable": false,
	}
}

// fill gives options their defaults that are nil.
func (o *AdadeltaOptions) fill() {
	fill(&o.Rho, 0.9)
	fill(&o.Eps, 1e-6)
}

func (o *AdadeltaOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	case !(0 <= *o.Rho && *o.Rho <= 1):
		panic(torch.Errorf(op, torch.ValueError, "Invalid rho value: %v", *o.Rho))
	case !(*o.Eps >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid epsilon value: %v", *o.Eps))
	case !(o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Invalid weight_decay value: %v", o.WeightDecay))
	}
}

func adadeltaStep(o *AdadeltaOptions, b *batch) {
	squares, changes := b.zeros("square_avg"), b.zeros("acc_delta")
	b.ascend(o.Maximize)
	b.decay(o.WeightDecay)
	listMulIn.do(squares, *o.Rho)
	listAddcmulIn.do(squares, b.grads, b.grads, 1-*o.Rho)
	roots := listAddNumber.list(squares, *o.Eps)
	listSqrtIn.do(roots)
	deltas := listAddNumber.list(changes, *o.Eps)
	listSqrtIn.do(deltas)
	listDivListIn.do(deltas, roots)
	listMulListIn.do(deltas, b.grads)
	listMulIn.do(changes, *o.Rho)
	listAddcmulIn.do(changes, deltas, deltas, 1-*o.Rho)
	if lr, ok := b.lr.(*torch.Tensor); ok {
		listMulListIn.do(deltas, b.each(lr.Neg()))
		listAddIn.do(b.params, deltas, 1.0)
	} else {
		listAddIn.do(b.params, deltas, -o.LR)
	}
}

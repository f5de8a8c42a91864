package optim

import (
	"cmp"
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// SparseAdam is [Adam] for sparse gradients, as embeddings may have them: only the
// elements that a gradient has are changed, and so are their averages.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
type SparseAdam struct{ Base[SparseAdamOptions] }

// SparseAdamOptions are the options of [NewSparseAdam] and of each group.
type SparseAdamOptions struct {
	LR       float64       // the learning rate; default: 0.001
	LRTensor *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Betas    *[2]float64   // default: 0.9 and 0.999
	Eps      *float64      // default: 1e-8
	Maximize bool          // go up instead of down
}

// SparseAdamGroup is a list of parameters that have options of their own.
type SparseAdamGroup = Group[SparseAdamOptions]

// NewSparseAdam returns an optimizer of params. It panics on options that are out
// of range, and on parameters that are not leaves, sparse or complex.
func NewSparseAdam(params []*torch.Tensor, options ...SparseAdamOptions) *SparseAdam {
	return NewSparseAdamGroups(SparseAdamGroup{Params: params, Options: option.First(options)})
}

// NewSparseAdamGroups returns an optimizer of several groups of parameters. It
// panics as NewSparseAdam does, and on a parameter of two groups.
func NewSparseAdamGroups(groups ...SparseAdamGroup) *SparseAdam {
	a := &SparseAdam{}
	a.start(rule[SparseAdamOptions]{
		name:    "SparseAdam",
		fields:  (*SparseAdamOptions).fields,
		fill:    (*SparseAdamOptions).fill,
		prepare: (*SparseAdamOptions).prepare,
		check:   sparseAdamCheck,
		paths:   func(*SparseAdamOptions) paths { return paths{} },
		numbers: []number{{name: "step", integer: true}},
		step:    sparseAdamStep,
	}, groups)
	return a
}

func (o *SparseAdamOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "betas": &o.Betas, "eps": &o.Eps, "maximize": &o.Maximize,
	}
}

// fill gives options their defaults that are nil.
func (o *SparseAdamOptions) fill() {
	fill(&o.Betas, [2]float64{0.9, 0.999})
	fill(&o.Eps, 1e-8)
}

func (o *SparseAdamOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-3)
	checkAdam(op, o.LR, *o.Betas, *o.Eps, 0)
}

func sparseAdamCheck(op string, group, i int, p *torch.Tensor) {
	at := fmt.Sprintf("[[%d, %d]]", group, i)
	if p.IsSparse() {
		panic(torch.Errorf(op, torch.ValueError,
			"Sparse params at indices %s: SparseAdam requires dense parameter tensors", at))
	}
	if p.DType().IsComplex() {
		panic(torch.Errorf(op, torch.ValueError,
			"Complex params at indices %s: SparseAdam does not support complex parameters", at))
	}
}

func sparseAdamStep(o *SparseAdamOptions, b *batch) {
	for _, grad := range b.grads {
		if !grad.IsSparse() {
			panic(torch.Errorf(b.op, torch.RuntimeError,
				"SparseAdam does not support dense gradients, please consider Adam instead"))
		}
	}
	averages, squares := b.zeros("exp_avg"), b.zeros("exp_avg_sq")
	correction1 := 1 - libm.Pow(o.Betas[0], b.steps())
	correction2 := 1 - libm.Pow(o.Betas[1], b.steps())
	size := o.LR * math.Sqrt(correction2) / correction1
	for i, p := range b.params {
		grad := b.grads[i]
		if o.Maximize {
			grad = grad.Neg()
		}
		grad = grad.Coalesce()
		values := grad.Values()
		if values.Numel() == 0 {
			continue
		}
		m := advanceSparse(averages[i], grad, values, 1-o.Betas[0])
		v := advanceSparse(squares[i], grad, values.Pow(2), 1-o.Betas[1])
		update := m.DivInplace(v.SqrtInplace().AddInplace(*o.Eps))
		p.AddInplace(withValues(grad, update.Mul(-size)))
	}
}

// advanceSparse moves the elements of a running average that grad has towards
// values, by weight, and returns what they are then.
func advanceSparse(average, grad, values *torch.Tensor, weight float64) *torch.Tensor {
	old := average.SparseMask(grad).Values()
	change := values.Sub(old).MulInplace(weight)
	average.AddInplace(withValues(grad, change.Clone()))
	return change.AddInplace(old)
}

// withValues returns a sparse tensor of x's shape and indices with other elements;
// x has each index once.
func withValues(x, values *torch.Tensor) *torch.Tensor {
	return torch.SparseCOOTensor(x.Indices(), values, torch.SparseOptions{Size: x.Shape()})
}

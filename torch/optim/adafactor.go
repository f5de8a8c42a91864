package optim

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Adafactor keeps the average of squared gradients of a matrix as that of its rows
// and that of its columns, which takes little memory:
//
//	α ← max(Eps2, RMS(p)) · min(LR, 1/√t)
//	R ← lerp(R, mean of g² along rows, t^Beta2Decay), C likewise along columns
//	v ← R·C / max(mean(R), Eps1)          (a vector keeps the average of g² itself)
//	u ← g / √max(v, Eps1²)
//	p ← p − LR·WeightDecay·p − α·u / max(1, RMS(u)/D)
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
type Adafactor struct{ Base[AdafactorOptions] }

// AdafactorOptions are the options of [NewAdafactor] and of each group.
type AdafactorOptions struct {
	LR          float64       // the greatest relative step; default: 0.01
	LRTensor    *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	Beta2Decay  *float64      // default: -0.8
	Eps1        *float64      // default: the dtype's machine epsilon
	Eps2        *float64      // default: 1e-3
	D           *float64      // clips updates; default: 1
	WeightDecay float64
	Maximize    bool  // go up instead of down
	Foreach     *bool // true: the values of PyTorch's foreach; default: false, one parameter after the other
}

// AdafactorGroup is a list of parameters that have options of their own.
type AdafactorGroup = Group[AdafactorOptions]

// NewAdafactor returns an optimizer of params. It panics on options that are out
// of range, and on parameters that are not leaves.
func NewAdafactor(params []*torch.Tensor, options ...AdafactorOptions) *Adafactor {
	return NewAdafactorGroups(AdafactorGroup{Params: params, Options: option.First(options)})
}

// NewAdafactorGroups returns an optimizer of several groups of parameters. It
// panics as NewAdafactor does, and on a parameter of two groups.
func NewAdafactorGroups(groups ...AdafactorGroup) *Adafactor {
	a := &Adafactor{}
	a.start(rule[AdafactorOptions]{
		name:    "Adafactor",
		fields:  (*AdafactorOptions).fields,
		fill:    (*AdafactorOptions).fill,
		prepare: (*AdafactorOptions).prepare,
		paths:   func(o *AdafactorOptions) paths { return paths{foreach: o.Foreach} },
		numbers: []number{{name: "step"}},
		dense:   "Adafactor does not support sparse gradients",
		step:    adafactorStep,
	}, groups)
	return a
}

func (o *AdafactorOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "beta2_decay": &o.Beta2Decay, "eps": torch.Tuple{&o.Eps1, &o.Eps2}, "d": &o.D,
		"weight_decay": &o.WeightDecay, "foreach": &o.Foreach, "maximize": &o.Maximize,
	}
}

// fill gives options their defaults that are nil.
func (o *AdafactorOptions) fill() {
	fill(&o.Beta2Decay, -0.8)
	fill(&o.Eps2, 1e-3)
	fill(&o.D, 1)
}

func (o *AdafactorOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1e-2)
	switch {
	case !(o.LR >= 0):
		panic(torch.Errorf(op, torch.ValueError, "Learning rate should be >= 0 but is: %v", o.LR))
	case !(*o.Beta2Decay <= 0):
		panic(torch.Errorf(op, torch.ValueError, "beta2_decay should be <= 0 but is: %v", *o.Beta2Decay))
	case o.Eps1 != nil && !(*o.Eps1 >= 0):
		panic(torch.Errorf(op, torch.ValueError, "epsilon1 should be >= 0 but is: %v", *o.Eps1))
	case !(*o.Eps2 >= 0):
		panic(torch.Errorf(op, torch.ValueError, "epsilon2 should be >= 0 but is: %v", *o.Eps2))
	case !(*o.D >= 1):
		panic(torch.Errorf(op, torch.ValueError, "Clipping threshold d should be >= 1 but is: %v", *o.D))
	case !(o.WeightDecay >= 0):
		panic(torch.Errorf(op, torch.ValueError, "weight_decay should be >= 0 but is: %v", o.WeightDecay))
	}
}

// epsilons are the distances from 1 to the next number.
var epsilons = map[torch.DType]float64{
	torch.Float64: 0x1p-52, torch.Float32: 0x1p-23, torch.Float16: 0x1p-10, torch.BFloat16: 0x1p-7,
}

func adafactorStep(o *AdafactorOptions, b *batch) {
	if b.complex {
		panic(torch.Errorf(b.op, torch.RuntimeError, "Adafactor does not support complex parameters"))
	}
	b.ascend(o.Maximize)
	eps := epsilons[b.dtype]
	if o.Eps1 != nil {
		eps = *o.Eps1
	}
	weight := libm.Pow(b.steps(), *o.Beta2Decay)
	relative := min(o.LR, 1/libm.Pow(b.steps(), 0.5))
	for i, p := range b.params {
		grad := b.grads[i]
		alpha := max(*o.Eps2, rms(p, 1)) * relative
		if o.WeightDecay != 0 {
			p.MulInplace(1 - o.LR*o.WeightDecay)
		}
		var v *torch.Tensor
		if grad.Dim() > 1 {
			v = adafactorMatrix(b, i, weight, eps)
		} else {
			average := b.beginOne(i, "variance", func() *torch.Tensor { return torch.ZerosLike(grad) })
			average.LerpInplace(grad.Mul(grad), weight)
			v = average.Clone()
		}
		update := v.ClampMinInplace(eps * eps).RsqrtInplace().MulInplace(grad)
		alpha = -alpha / max(1, rms(update, *o.D))
		if b.lists {
			p.AddInplace(update.MulInplace(alpha))
		} else {
			p.AddInplace(update, torch.AddOptions{Alpha: alpha})
		}
	}
}

// adafactorMatrix returns the estimate of the squared gradient of the i-th
// parameter, from the averages of rows and columns.
func adafactorMatrix(b *batch, i int, weight, eps float64) *torch.Tensor {
	grad := b.grads[i]
	mean := func(name string, dim int) *torch.Tensor {
		average := b.beginOne(i, name, func() *torch.Tensor {
			shape := grad.Shape()
			shape[len(shape)+dim] = 1
			return torch.Zeros(shape, torch.TensorOptions{DType: b.dtype, Device: b.device})
		})
		squares := grad.Norm(2, torch.ReduceOptions{Dim: []int{dim}, Keepdim: true}).SquareInplace().DivInplace(grad.Size(dim))
		return average.LerpInplace(squares, weight)
	}
	rows, columns := mean("row_var", -1), mean("col_var", -2)
	v := rows.Matmul(columns)
	least := rows.MeanWith(torch.ReduceOptions{Dim: []int{-2}, Keepdim: true}).ClampMinInplace(eps)
	return v.DivInplace(least)
}

// rms returns the root of the mean square of x, divided by d.
func rms(x *torch.Tensor, d float64) float64 {
	return x.Norm(2).Item() / (libm.Pow(float64(x.Numel()), 0.5) * d)
}

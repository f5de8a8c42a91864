package utils

import (
	"errors"
	"sync"

	"github.com/wangkuiyi/gotorch/internal"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// ClipGradOptions are the options of [ClipGradNorm] and [GetTotalNorm].
type ClipGradOptions struct {
	NormType         *float64 // the order of the norm, math.Inf(1) for the greatest element; default: 2
	ErrorIfNonfinite bool     // panic if the norm is not finite; default: it is what gradients are scaled by
	Foreach          *bool    // use operators for lists of tensors; default: where libtorch has them
}

// normType returns the order of the norm.
func (o *ClipGradOptions) normType() float64 {
	if o.NormType == nil {
		return 2
	}
	return *o.NormType
}

// ClipGradNorm scales the gradients of parameters down so that their norm, of all
// as one vector, is at most maxNorm, and returns what it was, without dimensions.
//
// Where parameters are parts of larger ones, as package distributed/fsdp divides them, the
// norm is that of the whole gradients; all processes call it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
func ClipGradNorm(parameters []*torch.Tensor, maxNorm float64, options ...ClipGradOptions) *torch.Tensor {
	o := option.First(options)
	total := normOfWholes(parameters, o)
	ClipGradsWithNorm(parameters, maxNorm, total, ForeachOptions{Foreach: o.Foreach})
	return total
}

// GetTotalNorm returns the norm of tensors as one vector, without dimensions, on
// the device of the first. Of gradients of divided parameters it is the norm of the parts.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
func GetTotalNorm(tensors []*torch.Tensor, options ...ClipGradOptions) (total *torch.Tensor) {
	o := option.First(options)
	if len(tensors) == 0 {
		return torch.Zeros([]int{})
	}
	torch.NoGrad(func() {
		device := tensors[0].Device()
		var norms []*torch.Tensor
		for _, group := range grouped(tensors) {
			for _, norm := range normsOf(group, o.normType(), o.Foreach) {
				norms = append(norms, norm.To(device))
			}
		}
		total = linalg.VectorNorm(torch.Stack(norms, 0), linalg.VectorNormOptions{Ord: o.normType()})
	})
	if o.ErrorIfNonfinite && !total.IsFinite().Bool() {
		panic(torch.Errorf("utils.GetTotalNorm", torch.RuntimeError, "The total norm of order %s for gradients from `parameters` is non-finite, so it cannot be clipped."+
			" To disable this error and scale the gradients by the non-finite norm anyway, leave ErrorIfNonfinite at false", python.Repr(o.normType())))
	}
	return total
}

func normsOf(tensors []*torch.Tensor, order float64, foreach *bool) []*torch.Tensor {
	if usesLists(tensors, foreach) {
		return listNorms(tensors, order)
	}
	norms := make([]*torch.Tensor, len(tensors))
	for i, x := range tensors {
		norms[i] = linalg.VectorNorm(x, linalg.VectorNormOptions{Ord: order})
	}
	return norms
}

func listNorms(tensors []*torch.Tensor, order float64) []*torch.Tensor {
	var c torch.Call
	c.Tensors(tensors)
	c.Number(order)
	c.None()
	r := c.Results(listNorm)
	return r.Tensors()
}

// ForeachOptions are the options of [ClipGradsWithNorm] and [ClipGradValue].
type ForeachOptions struct {
	Foreach *bool // use operators for lists of tensors; default: where libtorch has them
}

// ClipGradsWithNorm scales the gradients of parameters by maxNorm ÷ (totalNorm +
// 1e-6) if that is less than 1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
func ClipGradsWithNorm(parameters []*torch.Tensor, maxNorm float64, totalNorm *torch.Tensor, options ...ForeachOptions) {
	o := option.First(options)
	torch.NoGrad(func() {
		factor := totalNorm.Add(1e-6).Reciprocal().Mul(maxNorm).ClampMax(1)
		for _, group := range grouped(gradients(parameters)) {
			factor := factor.To(group[0].Device())
			if usesLists(group, o.Foreach) {
				multiply(group, factor)
				continue
			}
			for _, x := range group {
				x.MulInplace(factor)
			}
		}
	})
}

// ClipGradValue limits each element of the gradients of parameters to [-clipValue,
// clipValue].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
func ClipGradValue(parameters []*torch.Tensor, clipValue float64, options ...ForeachOptions) {
	o := option.First(options)
	torch.NoGrad(func() {
		for _, group := range grouped(gradients(parameters)) {
			if usesLists(group, o.Foreach) {
				limit(listClampMin, group, -clipValue)
				limit(listClampMax, group, clipValue)
				continue
			}
			for _, x := range group {
				x.ClampMinInplace(-clipValue).ClampMaxInplace(clipValue)
			}
		}
	})
}

func multiply(tensors []*torch.Tensor, factor *torch.Tensor) {
	var c torch.Call
	c.Tensors(tensors)
	c.Tensor(factor)
	c.Do(listMul)
}

func limit(op *torch.Operator, tensors []*torch.Tensor, value float64) {
	var c torch.Call
	c.Tensors(tensors)
	c.Number(value)
	c.Do(op)
}

// gradients returns those that there are.
func gradients(parameters []*torch.Tensor) []*torch.Tensor {
	var list []*torch.Tensor
	for _, p := range internals.GradInfos(parameters) {
		if p.Grad != nil {
			list = append(list, p.Grad)
		}
	}
	return list
}

// grouped returns the tensors in groups of one device and dtype.
func grouped(tensors []*torch.Tensor) [][]*torch.Tensor {
	type kind struct {
		device torch.Device
		dtype  torch.DType
	}
	var groups [][]*torch.Tensor
	places := map[kind]int{}
	for i, info := range internals.GradInfos(tensors) {
		k := kind{info.Device, info.DType}
		if _, ok := places[k]; !ok {
			places[k] = len(groups)
			groups = append(groups, nil)
		}
		groups[places[k]] = append(groups[places[k]], tensors[i])
	}
	return groups
}

var (
	listNorm     = torch.NewOperator("aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2, ScalarType? dtype=None) -> Tensor[]")
	listMul      = torch.NewOperator("aten::_foreach_mul_.Tensor(Tensor(a!)[] self, Tensor other) -> ()")
	listClampMin = torch.NewOperator("aten::_foreach_clamp_min_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listClampMax = torch.NewOperator("aten::_foreach_clamp_max_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
)

// hasLists reports whether libtorch has the operators, as newer ones do.
var hasLists = sync.OnceValue(func() bool {
	err := torch.Try(func() {
		one := torch.Ones([]int{1})
		multiply(listNorms([]*torch.Tensor{one}, 2), one)
	})
	return !errors.Is(err, &torch.Error{Kind: torch.UnsupportedError})
})

// usesLists reports whether Python would use the operators for these tensors.
func usesLists(tensors []*torch.Tensor, foreach *bool) bool {
	if foreach != nil {
		return *foreach
	}
	for _, x := range tensors {
		if x.Layout() != torch.Strided {
			return false
		}
	}
	return hasLists()
}

package utils

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
)

// normOfWholes returns the norm of the gradients of parameters, some of which may be parts
// of larger ones.
func normOfWholes(parameters []*torch.Tensor, o ClipGradOptions) *torch.Tensor {
	if !shards.Any(parameters) {
		return GetTotalNorm(gradients(parameters), o)
	}
	var cuts []cut
	members := map[cut][]*torch.Tensor{}
	for _, p := range parameters {
		var c cut
		if s := shards.Of(p); s != nil {
			c[0] = s.Group
			if s.Within != nil {
				c[1] = s.Within.Group
			}
		}
		if members[c] == nil {
			cuts = append(cuts, c)
		}
		members[c] = append(members[c], p)
	}
	each := o
	each.ErrorIfNonfinite = false
	var norms []*torch.Tensor
	for _, c := range cuts {
		var grads []*torch.Tensor
		for _, grad := range gradients(members[c]) {
			if grad.Numel() > 0 {
				grads = append(grads, grad)
			}
		}
		norm := GetTotalNorm(grads, each).To(members[c][0].Device(), members[c][0].DType())
		for _, group := range c {
			if group != nil {
				norm = normOfParts(norm, o.normType(), group)
			}
		}
		norms = append(norms, norm)
	}
	return GetTotalNorm(norms, o)
}

// cut is the groups of processes that have the parts of a tensor: those that have the parts of
// a part, and those that have these; nil where it is not cut.
type cut [2]shards.Group

// normOfParts returns the norm of a vector from that of this process's part.
func normOfParts(norm *torch.Tensor, order float64, group shards.Group) *torch.Tensor {
	how := shards.Sum
	switch {
	case math.IsInf(order, 1):
		how = shards.Max
	case order <= 0:
		panic(torch.Errorf("utils.ClipGradNorm", torch.ValueError, "the norm of order %v is not for parameters that are divided among processes", order))
	default:
		norm = norm.Pow(order)
	}
	group.Combine(norm, how)
	if how == shards.Sum {
		norm = norm.Pow(1 / order)
	}
	return norm
}

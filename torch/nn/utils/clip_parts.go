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
	var groups []shards.Group // nil for parameters that are whole
	members := map[shards.Group][]*torch.Tensor{}
	for _, p := range parameters {
		var group shards.Group
		if s := shards.Of(p); s != nil {
			group = s.Group
		}
		if members[group] == nil {
			groups = append(groups, group)
		}
		members[group] = append(members[group], p)
	}
	each := o
	each.ErrorIfNonfinite = false
	var norms []*torch.Tensor
	for _, group := range groups {
		var grads []*torch.Tensor
		for _, grad := range gradients(members[group]) {
			if grad.Numel() > 0 {
				grads = append(grads, grad)
			}
		}
		norm := GetTotalNorm(grads, each).To(members[group][0].Device(), members[group][0].DType())
		if group != nil {
			norm = normOfParts(norm, o.normType(), group)
		}
		norms = append(norms, norm)
	}
	return GetTotalNorm(norms, o)
}

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

package functional

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// projectAttention returns the projections of query, key and value.
func projectAttention(query, key, value, weight, bias *torch.Tensor, o *MultiHeadAttentionForwardOptions) (q, k, v *torch.Tensor) {
	ks, vs := key.Shape(), value.Shape()
	if !o.UseSeparateProjWeight {
		if !slices.Equal(ks, vs) {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"key shape %s does not match value shape %s", size(ks), size(vs)))
		}
		if weight == nil {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"use_separate_proj_weight is False but in_proj_weight is None"))
		}
		return projectPacked(query, key, value, weight, bias)
	}
	if !slices.Equal(ks[:2], vs[:2]) {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"key's sequence and batch dims %s do not match value's %s", size(ks[:2]), size(vs[:2])))
	}
	biases := make([]*torch.Tensor, 3)
	if bias != nil {
		biases = bias.Chunk(3, 0)
	}
	embed := query.Size(-1)
	project := func(x, weight *torch.Tensor, part int, name, what string) *torch.Tensor {
		if weight == nil {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"use_separate_proj_weight is True but %s is None", name))
		}
		if want := []int{embed, x.Size(-1)}; !slices.Equal(weight.Shape(), want) {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"expecting %s weights shape of %s, but got %s", what, tuple(want...), size(weight.Shape())))
		}
		if b := biases[part]; b != nil && !slices.Equal(b.Shape(), []int{embed}) {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"expecting %s bias shape of %s, but got %s", what, tuple(embed), size(b.Shape())))
		}
		return Linear(x, weight, biases[part])
	}
	return project(query, o.QProjWeight, 0, "q_proj_weight", "query"),
		project(key, o.KProjWeight, 1, "k_proj_weight", "key"),
		project(value, o.VProjWeight, 2, "v_proj_weight", "value")
}

// projectPacked projects with the three stacked in weight and bias, by as few
// products as query, key and value being the same tensors allows.
func projectPacked(query, key, value, weight, bias *torch.Tensor) (q, k, v *torch.Tensor) {
	embed := query.Size(-1)
	switch {
	case key == value && query == key:
		parts := unpack(Linear(query, weight, bias), 3, embed)
		return parts[0], parts[1], parts[2]
	case key == value:
		weights := weight.SplitWithSizes([]int{embed, 2 * embed}, 0)
		biases := make([]*torch.Tensor, 2)
		if bias != nil {
			biases = bias.SplitWithSizes([]int{embed, 2 * embed}, 0)
		}
		parts := unpack(Linear(key, weights[1], biases[1]), 2, embed)
		return Linear(query, weights[0], biases[0]), parts[0], parts[1]
	}
	weights, biases := weight.Chunk(3, 0), make([]*torch.Tensor, 3)
	if bias != nil {
		biases = bias.Chunk(3, 0)
	}
	return Linear(query, weights[0], biases[0]), Linear(key, weights[1], biases[1]), Linear(value, weights[2], biases[2])
}

// unpack splits the last dimension of x (length × batch × n·embed) into n tensors.
func unpack(x *torch.Tensor, n, embed int) []*torch.Tensor {
	x = x.Unflatten(-1, []int{n, embed}).Unsqueeze(0).Transpose(0, -2).Squeeze(-2).Contiguous()
	parts := make([]*torch.Tensor, n)
	for i := range parts {
		parts[i] = x.Select(0, i)
	}
	return parts
}

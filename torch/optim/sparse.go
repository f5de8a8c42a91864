package optim

import "github.com/wangkuiyi/gotorch/torch"

// withValues returns a sparse tensor of x's shape and indices with other elements;
// x has each index once.
func withValues(x, values *torch.Tensor) *torch.Tensor {
	return torch.SparseCOOTensor(x.Indices(), values, torch.SparseOptions{Size: x.Shape()})
}

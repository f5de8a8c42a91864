package optim

import "github.com/wangkuiyi/gotorch/torch"

// The operators on sparse gradients.
var (
	opCoalesce   = torch.NewOperator("aten::coalesce(Tensor(a) self) -> Tensor(a)")
	opIndices    = torch.NewOperator("aten::_indices(Tensor(a) self) -> Tensor(a)")
	opValues     = torch.NewOperator("aten::_values(Tensor(a) self) -> Tensor(a)")
	opSparseMask = torch.NewOperator("aten::sparse_mask(Tensor self, Tensor mask) -> Tensor")
	opSparseCOO  = torch.NewOperator("aten::sparse_coo_tensor.indices_size(Tensor indices, Tensor values, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool? is_coalesced=None) -> Tensor")
	opSparseDim  = torch.NewOperator("aten::sparse_dim(Tensor self) -> int")
)

func ofOne(op *torch.Operator, x *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	return c.One(op)
}

// coalesce returns a sparse tensor that has each index once.
func coalesce(x *torch.Tensor) *torch.Tensor { return ofOne(opCoalesce, x) }

// sparseValues returns the elements that a sparse tensor has.
func sparseValues(x *torch.Tensor) *torch.Tensor { return ofOne(opValues, x) }

// sparseMask returns those elements of a dense x that mask has.
func sparseMask(x, mask *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.Tensor(mask)
	return c.One(opSparseMask)
}

// withValues returns a sparse tensor of x's shape and indices with other elements.
func withValues(x, values *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(ofOne(opIndices, x))
	c.Tensor(values)
	c.Ints(x.Shape())
	for range 5 { // dtype, layout, device, pin_memory, is_coalesced
		c.Default()
	}
	return c.One(opSparseCOO)
}

// isSparse reports whether x is a sparse tensor.
func isSparse(x *torch.Tensor) bool {
	n := 0
	err := torch.Try(func() { // before libtorch 2 a dense tensor was an error
		var c torch.Call
		c.Tensor(x)
		r := c.Results(opSparseDim)
		n = r.Int()
	})
	return err == nil && n > 0
}

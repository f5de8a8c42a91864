package torch

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// SparseOptions are the options of functions that make sparse tensors.
type SparseOptions struct {
	Size []int // default: the least that holds all indices
	TensorOptions
}

// SparseCOOTensor returns a sparse tensor of coordinates: indices (sparse
// dimensions × n, Int64) and values (n × dense dimensions). Indices may occur more
// than once; their values are added.
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_coo_tensor.html
func SparseCOOTensor(indices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseCooTensorIndicesSize, opSparseCooTensorIndices, options, indices, values)
}

// SparseCSRTensor returns a sparse tensor of compressed rows: where each row starts
// in values, the column of each value, and the values.
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_csr_tensor.html
func SparseCSRTensor(crowIndices, colIndices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseCsrTensorCrowColValueSize, opSparseCsrTensorCrowColValue, options, crowIndices, colIndices, values)
}

// SparseCSCTensor returns a sparse tensor of compressed columns: where each column
// starts in values, the row of each value, and the values.
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_csc_tensor.html
func SparseCSCTensor(ccolIndices, rowIndices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseCscTensorCcolRowValueSize, opSparseCscTensorCcolRowValue, options, ccolIndices, rowIndices, values)
}

// SparseBSRTensor is [SparseCSRTensor] of blocks: values (n × rows × columns).
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_bsr_tensor.html
func SparseBSRTensor(crowIndices, colIndices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseBsrTensorCrowColValueSize, opSparseBsrTensorCrowColValue, options, crowIndices, colIndices, values)
}

// SparseBSCTensor is [SparseCSCTensor] of blocks: values (n × rows × columns).
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_bsc_tensor.html
func SparseBSCTensor(ccolIndices, rowIndices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseBscTensorCcolRowValueSize, opSparseBscTensorCcolRowValue, options, ccolIndices, rowIndices, values)
}

// SparseCompressedTensor returns a sparse tensor of the Layout in options, which
// is one of the compressed ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.sparse_compressed_tensor.html
func SparseCompressedTensor(compressedIndices, plainIndices, values *Tensor, options ...SparseOptions) *Tensor {
	return sparse(opSparseCompressedTensorCompPlainValueSize, opSparseCompressedTensorCompPlainValue, options,
		compressedIndices, plainIndices, values)
}

// sparse calls sized, which takes a size, or unsized.
func sparse(sized, unsized *Operator, options []SparseOptions, parts ...*Tensor) *Tensor {
	o := option.First(options)
	last := len(parts) - 1 // the values
	if o.DType == 0 {
		o.DType = parts[last].DType()
	}
	o.Device = cmp.Or(o.Device, defaultDevice())
	op := unsized
	var c Call
	for i, x := range parts {
		dtype := o.DType
		if i < last {
			dtype = 0
		}
		if o.Device.kind != 0 || dtype != 0 {
			x = x.convert(dtype, o.Device, 0, ToOptions{})
		}
		c.Tensor(x)
	}
	if o.Size != nil {
		op = sized
		c.Ints(o.Size)
	}
	c.Options(&o.TensorOptions)
	return c.New(op, &o.TensorOptions)
}

// NestedTensor returns a nested tensor whose components are copies of the tensors,
// which have the same number of dimensions.
//
// https://docs.pytorch.org/docs/stable/nested.html
func NestedTensor(components []*Tensor, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensors(components)
	c.Options(&o)
	return c.New(opNestedTensorFromTensorList, &o)
}

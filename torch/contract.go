package torch

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
)

var opEinsum = NewOperator("aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor")

// Einsum returns the sums of products of the operands' elements that equation
// gives in Einstein's notation: "ij,jk->ik" is the product of two matrices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
func Einsum(equation string, operands ...*Tensor) *Tensor {
	return EinsumWith(equation, operands, EinsumOptions{})
}

// EinsumOptions are the options of [EinsumWith].
type EinsumOptions struct {
	// Path is the order of products: pairs of places in the list of operands. The
	// two of a pair leave the list, and their product goes to its end. Default: from
	// left to right.
	Path [][2]int
}

// EinsumWith is [Einsum] with options. It panics if the path does not join all
// operands.
func EinsumWith(equation string, operands []*Tensor, o EinsumOptions) *Tensor {
	var c Call
	c.String(equation)
	c.Tensors(operands)
	if o.Path != nil {
		flat := make([]int, 0, 2*len(o.Path))
		for _, pair := range o.Path {
			flat = append(flat, pair[0], pair[1])
		}
		c.Ints(flat)
	}
	return c.One(opEinsum)
}

// Tensordot returns the products of x and other summed over the last dims
// dimensions of x and the first of other; 1 is the product of matrices.
// [TensordotDims] takes any pairs of dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.tensordot.html
func Tensordot(x, other *Tensor, dims int) *Tensor {
	if dims < 0 {
		panic(Errorf("torch.tensordot", RuntimeError, "tensordot expects dims >= 0, but got dims=%d", dims))
	}
	if dims > min(x.Dim(), other.Dim()) {
		panic(Errorf("torch.tensordot", RuntimeError, "tensordot expects dims < ndim_a or ndim_b, but got dims=%d",
			dims))
	}
	last, leading := make([]int, dims), make([]int, dims)
	for i := range dims {
		last[i], leading[i] = i-dims, i
	}
	return TensordotDims(x, other, last, leading)
}

// MeshgridOptions are the options of [Meshgrid].
type MeshgridOptions struct {
	Indexing Indexing // default: IndexingIJ
}

// Meshgrid returns a grid of the points whose coordinates are in the
// one-dimensional tensors: for each of them a tensor with the coordinate of every
// point, as a view.
//
// https://docs.pytorch.org/docs/stable/generated/torch.meshgrid.html
func Meshgrid(tensors []*Tensor, options ...MeshgridOptions) []*Tensor {
	o := option.First(options)
	var c Call
	c.Tensors(tensors)
	c.String(string(cmp.Or(o.Indexing, IndexingIJ)))
	r := c.Results(opMeshgridIndexing)
	return r.Tensors()
}

// UnravelIndex returns, for each dimension of a tensor of the given shape, the
// indices (Int64) in it of the flat indices, integers of any dtype.
//
// https://docs.pytorch.org/docs/stable/generated/torch.unravel_index.html
func UnravelIndex(indices *Tensor, shape []int) []*Tensor {
	const op = "torch.unravel_index"
	if d := indices.DType(); d.IsFloatingPoint() || d.IsComplex() || d == Bool {
		panic(Errorf(op, TypeError, "expected 'indices' to be integer dtype, but got %v", d))
	}
	strides := make([]int, len(shape))
	stride := 1
	for d := len(shape) - 1; d >= 0; d-- {
		if shape[d] < 0 {
			panic(Errorf(op, ValueError, "'shape' cannot have negative values, but got %s", pythonTuple(shape)))
		}
		if shape[d] == 0 && indices.Numel() > 0 {
			panic(Errorf(op, ValueError, "'shape' cannot have zero dimensions when 'indices' is non-empty, but got %s",
				pythonTuple(shape)))
		}
		strides[d] = stride
		if d > 0 && shape[d] > 0 && stride > math.MaxInt/shape[d] {
			panic(Errorf(op, ValueError, "the elements of shape %s cannot be counted by an int", pythonTuple(shape)))
		}
		stride *= shape[d]
	}
	device := indices.Device()
	flat := indices.Unsqueeze(-1).FloorDivide(FromSlice(strides).To(device))
	return flat.Remainder(FromSlice(shape, len(shape)).To(device)).Unbind(-1)
}

// BroadcastShapes returns the shape that tensors of the given shapes broadcast to.
// It panics where they do not.
//
// https://docs.pytorch.org/docs/stable/generated/torch.broadcast_shapes.html
func BroadcastShapes(shapes ...[]int) []int {
	const op = "torch.broadcast_shapes"
	dim := 0
	for _, s := range shapes {
		dim = max(dim, len(s))
	}
	result := make([]int, dim)
	for i := range result {
		result[i] = 1
	}
	for _, s := range shapes {
		for i, n := range s {
			at := &result[dim-len(s)+i]
			switch {
			case n < 0:
				panic(Errorf(op, RuntimeError, "Trying to create tensor with negative dimension (%d): %s",
					n, pythonTuple(s)))
			case n == 1 || n == *at:
			case *at == 1:
				*at = n
			default:
				panic(Errorf(op, RuntimeError, "Shape mismatch: objects cannot be broadcast to a single shape"))
			}
		}
	}
	return result
}

package torch

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

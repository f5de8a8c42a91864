package torch

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
)

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
					n, python.Repr(python.TupleOf(s))))
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

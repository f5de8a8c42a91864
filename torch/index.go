package torch

import (
	"math"
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/python"
)

var (
	opAdvancedIndex = NewOperator("aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor")
	opShallowCopy   = NewOperator("aten::alias(Tensor(a) self) -> Tensor(a)")
)

// Index returns what Python's x[index...] does. An index is
//
//   - an int: that position, and the dimension goes; negative ones count from the
//     end. An integer tensor of no dimensions counts as one.
//   - a [Slice]: the positions of a range.
//   - [Ellipsis]: all dimensions that the others leave over.
//   - [NewAxis] or nil: a new dimension of size 1.
//   - an integer tensor, or (nested) slices of ints: the positions that it lists.
//   - a Bool (or Uint8) tensor, or (nested) slices of bools: the positions where it
//     is true. It stands for as many dimensions as it has.
//   - a bool: a new dimension, of size 1 for true and 0 for false.
//
// Dimensions without an index are taken whole. Several tensors and slices of
// numbers are taken together: they broadcast, and their common shape takes the
// place of their dimensions, or comes first if other indexes stand between them.
//
// Without tensors, slices of numbers and bools the result is a view, else a copy;
// both have the dtype and device of x, and gradients flow through. It panics with
// an IndexError if there are more indexes than dimensions, if a position is out
// of range, or if a mask does not fit.
//
//	x.Index(0)                                      x[0]
//	x.Index(Between(1, 3), Ellipsis, NewAxis, -1)   x[1:3, ..., None, -1]
//	x.Index(x.Gt(0))                                x[x > 0]
//	x.Index([]int{0, 2}, Colon, []int{1, 1})        x[[0, 2], :, [1, 1]]
//
// https://docs.pytorch.org/cppdocs/notes/tensor_indexing.html
func (x *Tensor) Index(index ...any) *Tensor {
	r := x.region("torch.Tensor.Index", index, len(index) == 1)
	if len(r.advanced) == 0 {
		if r.view == x {
			var c Call
			c.Tensor(x)
			return c.One(opShallowCopy)
		}
		return r.view
	}
	defer r.close()
	return r.read()
}

// region is what indexes say of a tensor: a view of it, and the tensors that
// index the view's dimensions, nil where one is taken whole.
type region struct {
	x, view  *Tensor
	advanced []*Tensor
}

// read returns a copy of the elements where the region's tensors say.
func (r *region) read() *Tensor {
	var c Call
	c.Tensor(r.view)
	c.Tensors(r.advanced)
	return c.One(opAdvancedIndex)
}

// region applies indexes from the left: those that give views make the view, the
// others are collected. A range of all positions gives a view of its own if cutAll
// is set; PyTorch leaves it out otherwise, and the graph is to have its nodes.
func (x *Tensor) region(op string, index []any, cutAll bool) *region {
	plain := make([]any, len(index))
	dims := 0 // that the indexes speak of
	for i, v := range index {
		plain[i] = x.plainIndex(op, v)
		switch v := plain[i].(type) {
		case int, Slice:
			dims++
		case *Tensor:
			if v.isMask() {
				dims += v.Dim()
			} else {
				dims++
			}
		}
	}
	left := x.Dim() - dims
	if left < 0 {
		x.tooMany(op, plain)
	}
	r := &region{x: x, view: x}
	dim := 0 // of the view
	for i, v := range plain {
		switch v := v.(type) {
		case int:
			r.choose(op, dim, v, i)
		case Slice:
			r.cut(op, dim, v, cutAll)
			dim += r.whole(1)
		case Placeholder:
			if v == Ellipsis {
				dim += r.whole(left)
			} else {
				r.become(r.view.Unsqueeze(dim))
				dim += r.whole(1)
			}
		case bool:
			r.become(r.view.Unsqueeze(dim))
			r.take(dim, x.boolIndex(v))
			dim++
		case *Tensor:
			r.take(dim, v)
			if v.isMask() {
				dim += v.Dim()
			} else {
				dim++
			}
		}
	}
	for n := len(r.advanced); n > 0 && r.advanced[n-1] == nil; n-- {
		r.advanced = r.advanced[:n-1]
	}
	return r
}

// tooMany panics with the error of more indexes than dimensions.
func (x *Tensor) tooMany(op string, plain []any) {
	if len(plain) == 1 && x.Dim() == 0 {
		switch plain[0].(type) {
		case int:
			panic(Errorf(op, IndexError,
				"invalid index of a 0-dim tensor. Use Item, Int or Complex to convert a 0-dim tensor to a number"))
		case Slice:
			panic(Errorf(op, IndexError, "slice() cannot be applied to a 0-dim tensor."))
		}
	}
	panic(Errorf(op, IndexError, "too many indices for tensor of dimension %d", x.Dim()))
}

// become replaces the view.
func (r *region) become(view *Tensor) {
	r.close()
	r.view = view
}

// close frees the view, unless it is the tensor itself.
func (r *region) close() {
	if r.view != r.x {
		r.view.Close()
	}
}

// whole notes that the next n dimensions have no tensor and returns n.
func (r *region) whole(n int) int {
	if len(r.advanced) > 0 {
		r.advanced = append(r.advanced, make([]*Tensor, n)...)
	}
	return n
}

// take notes that a tensor indexes the view from dimension dim on.
func (r *region) take(dim int, index *Tensor) {
	if len(r.advanced) == 0 {
		r.advanced = make([]*Tensor, dim)
	}
	r.advanced = append(r.advanced, index)
}

// choose takes one position of a dimension; place is that of the index.
func (r *region) choose(op string, dim, position, place int) {
	if size := r.view.Size(dim); position < -size || position >= size {
		panic(Errorf(op, IndexError, "index %d is out of bounds for dimension %d with size %d", position, place, size))
	}
	r.become(r.view.Select(dim, position))
}

// cut takes a range of a dimension.
func (r *region) cut(op string, dim int, s Slice, cutAll bool) {
	step := s.beyond + 1
	if step == 0 {
		panic(Errorf(op, ValueError, "slice step cannot be zero"))
	}
	if step < 0 {
		panic(Errorf(op, ValueError, "step must be greater than zero"))
	}
	stop := math.MaxInt
	if s.bounded {
		stop = s.stop
	}
	if !cutAll && s.start == 0 && step == 1 && r.view.Dim() > 0 && stop >= r.view.Size(dim) {
		return
	}
	r.become(r.view.Slice(dim, s.start, stop, step))
}

// plainIndex returns an index as an int, a Slice, a Placeholder, a bool or a
// tensor of at least one dimension.
func (x *Tensor) plainIndex(op string, v any) any {
	switch v := v.(type) {
	case int, Slice, Placeholder, bool:
		return v
	case nil:
		return NewAxis
	case int64:
		return int(v)
	case int32:
		return int(v)
	case int16:
		return int(v)
	case int8:
		return int(v)
	case uint8:
		return int(v)
	case uint16:
		return int(v)
	case uint32:
		return int(v)
	case *Tensor:
		return v.tensorIndex()
	}
	if kind := reflect.TypeOf(v).Kind(); kind != reflect.Slice && kind != reflect.Array {
		panic(Errorf(op, IndexError,
			"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got %T)", v))
	}
	list := NewTensor(v, TensorOptions{Device: x.Device()})
	if list.isMask() || list.DType().IsFloatingPoint() || list.DType().IsComplex() {
		return list // libtorch refuses those that are no mask
	}
	return list.To(Int64)
}

// tensorIndex returns a tensor of no dimensions as the int or bool that it holds.
func (x *Tensor) tensorIndex() any {
	switch {
	case x == nil:
		return NewAxis
	case x.Dim() > 0 || x.DType().IsFloatingPoint() || x.DType().IsComplex():
		return x
	case x.isMask():
		return x.Bool()
	default:
		return x.Int()
	}
}

// isMask reports whether the tensor as an index says which positions to take.
func (x *Tensor) isMask() bool { d := x.DType(); return d == Bool || d == Uint8 }

// boolIndex returns what a bool as an index stands for: the position of its new
// dimension for true, none for false.
func (x *Tensor) boolIndex(v bool) *Tensor {
	n := 0
	if v {
		n = 1
	}
	return Zeros([]int{n}, TensorOptions{DType: Int64, Device: x.Device()})
}

// WhereNonzero returns the indices (Int64) of the nonzero elements of condition, a
// tensor for each dimension, as Python's where with one argument does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.where.html
func WhereNonzero(condition *Tensor) []*Tensor {
	var c Call
	c.Tensor(condition)
	r := c.Results(opWhere)
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
			panic(Errorf(op, ValueError, "'shape' cannot have negative values, but got %s", python.Repr(python.TupleOf(shape))))
		}
		if shape[d] == 0 && indices.Numel() > 0 {
			panic(Errorf(op, ValueError, "'shape' cannot have zero dimensions when 'indices' is non-empty, but got %s",
				python.Repr(python.TupleOf(shape))))
		}
		strides[d] = stride
		if d > 0 && shape[d] > 0 && stride > math.MaxInt/shape[d] {
			panic(Errorf(op, ValueError, "the elements of shape %s cannot be counted by an int", python.Repr(python.TupleOf(shape))))
		}
		stride *= shape[d]
	}
	device := indices.Device()
	flat := indices.Unsqueeze(-1).FloorDivide(FromSlice(strides).To(device))
	return flat.Remainder(FromSlice(shape, len(shape)).To(device)).Unbind(-1)
}

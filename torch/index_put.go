package torch

import "slices"

var opAdvancedPut = NewOperator("aten::index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor(a!)")

// Place is a part of a tensor that can be written to. [Tensor.At] makes it.
type Place struct {
	x     *Tensor
	index []any
}

// At returns the part of x that the indexes name, to be written to. They are
// those of [Tensor.Index], and are looked at when the part is written to.
//
//	x.At(Between(1, 3), Ellipsis, NewAxis, mask).Set(v)   x[1:3, ..., None, mask] = v
//	x.At(0).Add(1)                                        x[0] += 1
//
// https://docs.pytorch.org/cppdocs/notes/tensor_indexing.html
func (x *Tensor) At(index ...any) Place { return Place{x, index} }

// Set does what Python's x[index...] = value does: it changes x in place. value
// is a number, or a tensor that broadcasts to the part's shape, less leading
// dimensions of size 1. It is converted to x's dtype and device, except where
// tensors, slices of numbers or bools index x: there a tensor must have them.
// Where such indexes name a position twice, either value may stay.
//
// Gradients flow to x and value; x must be no leaf that requires a gradient. It
// panics as Index does, and if value does not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
func (p Place) Set(value Operand) {
	const op = "torch.Place.Set"
	p.check(op, value)
	if len(p.index) == 1 && p.index[0] == false {
		return // PyTorch does not even look whether the value fits
	}
	r := p.x.region(op, p.index, false)
	defer r.close()
	v, isTensor := value.(*Tensor)
	switch {
	case len(r.advanced) == 0 && isTensor:
		r.view.setTo(v)
	case len(r.advanced) == 0:
		r.view.FillInplace(value)
	case isTensor:
		r.put(v.View(withoutOnes(v.Shape())...), false)
	case !r.fillMasked(value) && !r.fillListed(value):
		r.put(p.x.scalar(value), false)
	}
}

// Add does what Python's x[index...] += value does, and adds as often as tensors
// and slices of numbers name a position: Python's
// x.index_put_(index, value, accumulate=True). Otherwise it is as Set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
func (p Place) Add(value Operand) {
	p.accumulate("torch.Place.Add", value, func(part *Tensor) { part.AddInplace(value) }, func(v *Tensor) *Tensor { return v })
}

// Sub does what Python's x[index...] -= value does, and subtracts as often as tensors
// and slices of numbers name a position, as [Place.Add] adds. Otherwise it is as Set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
func (p Place) Sub(value Operand) {
	p.accumulate("torch.Place.Sub", value, func(part *Tensor) { part.SubInplace(value) }, (*Tensor).Neg)
}

// accumulate lets f change a view of the part in place, or adds to each position as
// often as it is named: what addend makes of a tensor, or f of zero, which refuses
// a number that it would refuse for x.
func (p Place) accumulate(op string, value Operand, f func(part *Tensor), addend func(v *Tensor) *Tensor) {
	p.check(op, value)
	r := p.x.region(op, p.index, false)
	defer r.close()
	v, isTensor := value.(*Tensor)
	switch {
	case len(r.advanced) == 0:
		f(r.view)
	case isTensor:
		r.put(addend(v), true)
	default:
		zero := p.x.scalar(0)
		f(zero)
		r.put(zero, true)
	}
}

// Mul does what Python's x[index...] *= value does. Where tensors or slices of numbers
// name a position twice, either product may stay. Otherwise it is as Set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
func (p Place) Mul(value Operand) {
	p.change("torch.Place.Mul", value, func(part *Tensor) { part.MulInplace(value) })
}

// Div does what Python's x[index...] /= value does, for which x must be of a floating or
// complex dtype. Otherwise it is as [Place.Mul].
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
func (p Place) Div(value Operand) {
	p.change("torch.Place.Div", value, func(part *Tensor) { part.DivInplace(value) })
}

// change lets f change the part in place: a view of it, or a copy that is put back.
func (p Place) change(op string, value Operand, f func(part *Tensor)) {
	p.check(op, value)
	r := p.x.region(op, p.index, false)
	defer r.close()
	if len(r.advanced) == 0 {
		f(r.view)
		return
	}
	part := r.read()
	defer part.Close()
	f(part)
	r.put(part, false)
}

// check refuses what is neither a number nor a tensor.
func (p Place) check(op string, value Operand) {
	switch v := value.(type) {
	case *Tensor:
		if v != nil {
			return
		}
	default:
		if valueType(v) != 0 {
			return
		}
	}
	panic(Errorf(op, TypeError, "can't assign a %T to a tensor of %v", value, p.x.DType()))
}

// scalar returns a tensor of no dimensions with x's dtype and device.
func (x *Tensor) scalar(value Number) *Tensor {
	return Full([]int{}, value, TensorOptions{DType: x.DType(), Device: x.Device()})
}

// setTo copies src into x.
func (x *Tensor) setTo(src *Tensor) {
	shape, from := x.Shape(), src.Shape()
	switch {
	case slices.Equal(shape, from):
		x.CopyInplace(src)
	case len(from) == 0 && src.Device().IsCPU():
		x.FillInplace(src)
	default:
		x.CopyInplace(src.View(withoutOnes(from)...).Expand(shape...))
	}
}

// withoutOnes drops the leading ones of a shape.
func withoutOnes(shape []int) []int {
	for len(shape) > 0 && shape[0] == 1 {
		shape = shape[1:]
	}
	return shape
}

// put writes a tensor where the region's tensors say.
func (r *region) put(values *Tensor, accumulate bool) {
	var c Call
	c.Tensor(r.view)
	c.Tensors(r.advanced)
	c.Tensor(values)
	c.Bool(accumulate)
	c.Do(opAdvancedPut)
}

// single returns the only tensor that indexes the view, and its dimension there.
func (r *region) single() (index *Tensor, dim int) {
	for i, v := range r.advanced {
		if v != nil && index != nil {
			return nil, 0
		}
		if v != nil {
			index, dim = v, i
		}
	}
	return index, dim
}

// fillMasked writes a number where a mask says, if nothing but one mask indexes
// the view. PyTorch takes this way, and the graph is to have the same nodes.
func (r *region) fillMasked(value Number) bool {
	mask, dim := r.single()
	if mask == nil || !mask.isMask() || mask.Device() != r.x.Device() {
		return false
	}
	shape, of := mask.Shape(), r.view.Shape()
	if !slices.Equal(shape, of[dim:dim+len(shape)]) {
		return false // index_put_ has the words
	}
	for range len(of) - dim - len(shape) {
		shape = append(shape, 1)
	}
	r.view.MaskedFillInplace(mask.Reshape(shape...), value)
	return true
}

// fillListed writes a number where a list of positions says, if nothing but one
// list indexes the view, as PyTorch does.
func (r *region) fillListed(value Number) bool {
	list, dim := r.single()
	if list == nil || list.DType() != Int64 || list.Device() != r.x.Device() || list.Dim() > 1 && !list.IsContiguous() {
		return false
	}
	if d := r.x.DType(); d > Bool && d != BFloat16 {
		return false // quantized, or 8 bits wide
	}
	if list.Dim() > 1 {
		list = list.View(-1)
	}
	r.view.IndexFillInplace(dim, list, value)
	return true
}

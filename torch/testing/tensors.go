package testing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// What a tensor of coordinates holds, also where it is not coalesced.
var (
	opIndices = torch.NewOperator("aten::_indices(Tensor(a) self) -> Tensor(a)")
	opValues  = torch.NewOperator("aten::_values(Tensor(a) self) -> Tensor(a)")
)

// tensors compares what tensors are, and then their values.
func (c *comparison) tensors(actual, expected *torch.Tensor) error {
	for _, x := range []*torch.Tensor{actual, expected} {
		if x.Layout() == torch.Mkldnn {
			return c.differ("Unsupported tensor layout %v", x.Layout())
		}
		if x.IsNested() {
			return c.differ("nested tensors are not compared: compare what Unbind(0) gives")
		}
	}
	rtol, atol, err := c.tolerances(actual.DType(), expected.DType())
	if err == nil {
		err = c.attributes(actual, expected)
	}
	if err != nil || actual.IsMeta() || expected.IsMeta() {
		return err
	}
	actual, expected = equalize(actual, expected)
	switch layout := actual.Layout(); {
	case actual.IsQuantized():
		return c.values("Quantized tensor-likes", actual.Dequantize(), expected.Dequantize(), rtol, atol)
	case layout == torch.SparseCOO:
		return c.coordinates(actual, expected, rtol, atol)
	case layout != torch.Strided:
		return c.compressed(actual, expected, rtol, atol)
	case isFloat8(actual.DType()) && (rtol != 0 || atol != 0):
		return c.differ("Rtol=%s and atol=%s are not supported for bitwise comparison of low dimensional floats. "+
			"Please use rtol=0.0 and atol=0.0.", python.Repr(rtol), python.Repr(atol))
	}
	return c.values("", actual, expected, rtol, atol)
}

func isFloat8(d torch.DType) bool { return d.IsFloatingPoint() && d.ItemSize() == 1 }

// attributes compares what tensors are.
func (c *comparison) attributes(actual, expected *torch.Tensor) error {
	differ := func(name string, a, b any) error {
		return c.differ("The values for attribute '%s' do not match: %v != %v.", name, a, b)
	}
	tuple := func(x *torch.Tensor) string { return python.Repr(python.TupleOf(x.Stride())) }
	switch {
	case !slices.Equal(actual.Shape(), expected.Shape()):
		return differ("shape", python.Size(actual.Shape()), python.Size(expected.Shape()))
	case actual.IsQuantized() != expected.IsQuantized():
		return differ("is_quantized", python.Repr(actual.IsQuantized()), python.Repr(expected.IsQuantized()))
	case actual.IsQuantized() && actual.QScheme() != expected.QScheme():
		return differ("qscheme()", actual.QScheme(), expected.QScheme())
	case option.Or(c.o.CheckLayout, true) && actual.Layout() != expected.Layout():
		return differ("layout", actual.Layout(), expected.Layout())
	case c.o.CheckStride && actual.Layout() == torch.Strided && expected.Layout() == torch.Strided &&
		!slices.Equal(actual.Stride(), expected.Stride()):
		return differ("stride()", tuple(actual), tuple(expected))
	case option.Or(c.o.CheckDevice, true) && actual.Device() != expected.Device():
		return differ("device", actual.Device(), expected.Device())
	case option.Or(c.o.CheckDType, true) && actual.DType() != expected.DType():
		return differ("dtype", actual.DType(), expected.DType())
	}
	return nil
}

// equalize returns tensors of the same device, dtype and layout.
func equalize(actual, expected *torch.Tensor) (x, y *torch.Tensor) {
	if actual.Device() != expected.Device() {
		actual, expected = actual.To(torch.CPU), expected.To(torch.CPU)
	}
	if actual.DType() != expected.DType() {
		dtype := torch.PromoteTypes(promotable(actual.DType()), promotable(expected.DType()))
		actual, expected = actual.To(dtype), expected.To(dtype)
	}
	if actual.Layout() != expected.Layout() {
		actual, expected = actual.ToDense(), expected.ToDense()
	}
	return actual, expected
}

// promotable returns a dtype that has a common one with all others.
func promotable(d torch.DType) torch.DType {
	if d == torch.Uint16 || d == torch.Uint32 || d == torch.Uint64 {
		return torch.Int64
	}
	return d
}

// coordinates compares sparse tensors of coordinates.
func (c *comparison) coordinates(actual, expected *torch.Tensor, rtol, atol float64) error {
	if a, b := actual.SparseDim(), expected.SparseDim(); a != b {
		return c.differ("The number of sparse dimensions in sparse COO tensors does not match: %d != %d", a, b)
	}
	if err := c.specified("COO", actual, expected); err != nil {
		return err
	}
	part := func(op *torch.Operator, x *torch.Tensor) *torch.Tensor {
		var c torch.Call
		c.Tensor(x)
		return c.One(op)
	}
	if err := c.values("Sparse COO indices", part(opIndices, actual), part(opIndices, expected), 0, 0); err != nil {
		return err
	}
	return c.values("Sparse COO values", part(opValues, actual), part(opValues, expected), rtol, atol)
}

func (c *comparison) specified(format string, actual, expected *torch.Tensor) error {
	if a, b := actual.NNZ(), expected.NNZ(); a != b {
		return c.differ("The number of specified values in sparse %s tensors does not match: %d != %d", format, a, b)
	}
	return nil
}

// compressed compares sparse tensors of compressed rows or columns.
func (c *comparison) compressed(actual, expected *torch.Tensor, rtol, atol float64) error {
	layout := actual.Layout()
	format := strings.ToUpper(strings.TrimPrefix(layout.String(), "torch.sparse_"))
	if err := c.specified(format, actual, expected); err != nil {
		return err
	}
	parts := []struct {
		name string
		of   func(*torch.Tensor) *torch.Tensor
	}{{"crow_indices", (*torch.Tensor).CrowIndices}, {"col_indices", (*torch.Tensor).ColIndices}}
	if layout == torch.SparseCSC || layout == torch.SparseBSC {
		parts[0].name, parts[0].of = "ccol_indices", (*torch.Tensor).CcolIndices
		parts[1].name, parts[1].of = "row_indices", (*torch.Tensor).RowIndices
	}
	for _, p := range parts {
		if err := c.values("Sparse "+format+" "+p.name, p.of(actual).To(torch.Int64), p.of(expected).To(torch.Int64), 0, 0); err != nil {
			return err
		}
	}
	return c.values("Sparse "+format+" values", actual.Values(), expected.Values(), rtol, atol)
}

// values compares the elements of tensors in memory.
func (c *comparison) values(identifier string, actual, expected *torch.Tensor, rtol, atol float64) error {
	matches := actual.IsClose(expected, torch.IsCloseOptions{Rtol: &rtol, Atol: &atol, EqualNaN: c.o.EqualNaN})
	if matches.All().Bool() {
		return nil
	}
	if actual.Dim() == 0 {
		if identifier == "" {
			identifier = "Scalars"
		}
		a, b := item(actual), item(expected)
		absolute, relative := difference(a, b)
		return c.differ("%s", scalarMessage(identifier, a, b, absolute, relative, rtol, atol))
	}
	if identifier == "" {
		identifier = "Tensor-likes"
	}
	total := matches.Numel()
	wrong := total - matches.Sum().Int()
	extra := fmt.Sprintf("Mismatched elements: %d / %d (%.1f%%)", wrong, total, 100*float64(wrong)/float64(total))
	if isFloat8(actual.DType()) {
		first := torch.ToSlice[int](matches.LogicalNot().Nonzero().Select(0, 0))
		return c.differ("%s are not 'equal'!\n\n%s\nThe first mismatched element is at index %s.", identifier, extra,
			python.Repr(python.TupleOf(first)))
	}
	m := mismatch{identifier: identifier, extra: extra, rtol: rtol, atol: atol}
	d := actual.DType()
	if !d.IsFloatingPoint() && !d.IsComplex() {
		actual, expected = actual.To(torch.Int64), expected.To(torch.Int64)
	}
	absolute := actual.Sub(expected).Abs().MaskedFill(matches, 0)
	relative := absolute.Div(expected.Abs()).MaskedFill(matches, 0)
	m.absolute, m.absoluteAt = greatest(absolute)
	m.relative, m.relativeAt = greatest(relative)
	return c.differ("%s", m)
}

// item returns the value of a tensor without dimensions.
func item(x *torch.Tensor) any {
	switch d := x.DType(); {
	case d == torch.Bool:
		return x.Bool()
	case d.IsComplex():
		return x.Complex()
	case d == torch.Uint64:
		return torch.ToSlice[uint64](x)[0]
	case d.IsFloatingPoint():
		return x.Item()
	}
	return int64(x.Int())
}

// greatest returns the greatest element and where it is.
func greatest(x *torch.Tensor) (size, index string) {
	value, at := x.Flatten().MaxDim(0)
	shape := x.Shape()
	place := make([]int, len(shape))
	flat := at.Int()
	for i, n := range slices.Backward(shape) {
		place[i] = flat % n
		flat /= n
	}
	return python.Repr(item(value)), python.Repr(python.TupleOf(place))
}

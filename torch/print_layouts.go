package torch

import (
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
)

// dense shows a tensor by its elements.
func (s *shown) dense(x *Tensor, o *printSettings) {
	switch {
	case s.device.IsMeta():
		s.body = "..."
		s.detail(true, s.dtype != DefaultDType())
		return
	case product(s.shape) == 0: // no elements tell the dtype, so only the default one goes unsaid
		s.detail(len(s.shape) != 1, s.dtype != DefaultDType())
	default:
		s.detail(o.edgeitems == 0, !s.dtype.isImplied())
	}
	if s.layout != 0 {
		x = x.ToDense()
	}
	s.body = x.elements(len(s.prefix), o)
}

// compressedParts are the names of the two lists of indices of a compressed layout,
// and what gives them.
var compressedParts = map[Layout]struct {
	compressedName, plainName string
	compressed, plain         func(*Tensor) *Tensor
}{
	SparseCSR: {"crow_indices", "col_indices", (*Tensor).CrowIndices, (*Tensor).ColIndices},
	SparseBSR: {"crow_indices", "col_indices", (*Tensor).CrowIndices, (*Tensor).ColIndices},
	SparseCSC: {"ccol_indices", "row_indices", (*Tensor).CcolIndices, (*Tensor).RowIndices},
	SparseBSC: {"ccol_indices", "row_indices", (*Tensor).CcolIndices, (*Tensor).RowIndices},
}

var (
	opNNZ        = NewOperator("aten::_nnz(Tensor self) -> int")
	opCOOIndices = NewOperator("aten::_indices(Tensor(a) self) -> Tensor(a)")
	opCOOValues  = NewOperator("aten::_values(Tensor(a) self) -> Tensor(a)")
)

// sparse shows a tensor by its indices and values.
func (s *shown) sparse(x *Tensor, o *printSettings) {
	s.detail(true, false)
	if !s.device.IsMeta() {
		s.details = append(s.details, "nnz="+strconv.Itoa(x.ask(opNNZ).Int()))
	}
	s.detail(false, !s.dtype.isImplied())
	indent := len(s.prefix)
	var parts []string
	if s.layout == SparseCOO {
		s.newLine = true
		parts = []string{part("indices", x.ask(opCOOIndices).Tensor(), indent, o), part("values", x.ask(opCOOValues).Tensor(), indent, o)}
	} else {
		p := compressedParts[s.layout]
		parts = []string{part(p.compressedName, p.compressed(x), indent, o), part(p.plainName, p.plain(x), indent, o),
			part("values", x.Values(), indent, o)}
	}
	s.body = strings.Join(parts, ",\n"+strings.Repeat(" ", indent))
}

// ask calls an operator of the tensor alone.
func (x *Tensor) ask(op *Operator) *Results {
	var c Call
	c.Tensor(x)
	return new(c.Results(op))
}

// part returns the text of one of the tensors that a sparse one is made of.
func part(name string, x *Tensor, indent int, o *printSettings) string {
	name += "=tensor("
	text := "..."
	if !x.IsMeta() {
		text = x.elements(indent+len(name), o)
	}
	if x.IsMeta() || x.Numel() == 0 {
		text += ", size=" + python.Repr(python.TupleOf(x.Shape()))
	}
	return name + text + ")"
}

// quantized shows a tensor by what its elements stand for.
func (s *shown) quantized(x *Tensor, o *printSettings) {
	scheme := x.QScheme()
	s.detail(true, true)
	s.details = append(s.details, "quantization_scheme="+scheme.String())
	if scheme.isPerTensor() {
		s.details = append(s.details, "scale="+python.Repr(x.QScale()), "zero_point="+strconv.Itoa(x.QZeroPoint()))
	} else {
		s.details = append(s.details, "scale="+x.QPerChannelScales().text(o), "zero_point="+x.QPerChannelZeroPoints().text(o),
			"axis="+strconv.Itoa(x.QPerChannelAxis()))
	}
	s.body = x.Dequantize().elements(len(s.prefix), o)
}

// nested shows a tensor by its components.
func (s *shown) nested(x *Tensor, o *printSettings) {
	s.prefix = "nested_tensor("
	components := x.Unbind(0)
	texts := make([]string, len(components))
	for i, c := range components {
		texts[i] = "  " + strings.ReplaceAll(c.text(o), "\n", "\n  ")
	}
	s.body = "[\n" + strings.Join(texts, ",\n") + "\n]"
}

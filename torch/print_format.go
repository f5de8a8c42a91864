package torch

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
)

// This file is the pure part of printing: it turns the elements that are shown
// into text, and lays the text out. It follows torch/_tensor_str.py and needs no
// libtorch.

// shown is what the text of a tensor is made from.
type shown struct {
	prefix       string   // such as "tensor("
	body         string   // the elements
	details      []string // such as "size=(0, 3)"
	newLine      bool     // the details begin on a line of their own
	shape        []int
	dtype        DType
	device       Device
	layout       Layout // 0 for an ordinary tensor
	gradFn       string // the name of the node that made the tensor, or ""
	requiresGrad bool
}

// text returns the tensor in PyTorch's own format.
func (s *shown) text(o *printSettings) string {
	var suffixes []string
	if s.device.Type() != "cpu" {
		suffixes = append(suffixes, "device='"+s.device.String()+"'")
	}
	suffixes = append(suffixes, s.details...)
	if s.layout != 0 {
		suffixes = append(suffixes, "layout="+s.layout.String())
	}
	if s.gradFn != "" {
		suffixes = append(suffixes, "grad_fn=<"+s.gradFn+">")
	} else if s.requiresGrad {
		suffixes = append(suffixes, "requires_grad=True")
	}
	return addSuffixes(s.prefix+s.body, suffixes, len(s.prefix), o.linewidth, s.newLine)
}

// detail adds the size and the dtype to the details, each if asked for.
func (s *shown) detail(size, dtype bool) {
	if size {
		s.details = append(s.details, "size="+python.Repr(python.TupleOf(s.shape)))
	}
	if dtype {
		s.details = append(s.details, "dtype="+s.dtype.String())
	}
}

// isImplied reports whether the elements of a tensor tell its dtype.
func (d DType) isImplied() bool {
	standard, complexStandard := DefaultDType(), Complex64
	if standard == Float64 {
		complexStandard = Complex128
	}
	return d == standard || d == complexStandard || d == Int64 || d == Bool
}

func product(shape []int) int {
	n := 1
	for _, size := range shape {
		n *= size
	}
	return n
}

// addSuffixes adds what follows the elements, on a new line where the last one
// would get too long or newLine asks for it, and the closing parenthesis.
func addSuffixes(text string, suffixes []string, indent, linewidth int, newLine bool) string {
	var out strings.Builder
	out.WriteString(text)
	last := len(text) - strings.LastIndexByte(text, '\n') + 1
	for i, suffix := range suffixes {
		if newLine && i == 0 || last+len(suffix)+2 > linewidth {
			out.WriteString(",\n" + strings.Repeat(" ", indent))
			last = indent + len(suffix)
		} else {
			out.WriteString(", ")
			last += len(suffix) + 2
		}
		out.WriteString(suffix)
	}
	out.WriteByte(')')
	return out.String()
}

// cells are elements as text, padded to a common width.
type cells struct {
	text  []string
	width int // that lines are filled by; the text of nan and inf may be longer
}

// padded returns text with spaces before it, up to the width.
func padded(text string, width int) string {
	if len(text) >= width {
		return text
	}
	return strings.Repeat(" ", width-len(text)) + text
}

// align pads the text to its greatest length.
func align(text []string) cells {
	width := 1
	for _, t := range text {
		width = max(width, len(t))
	}
	for i, t := range text {
		text[i] = padded(t, width)
	}
	return cells{text, width}
}

func boolCells(values []bool) cells {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = "False"
		if v {
			text[i] = "True"
		}
	}
	return align(text)
}

func intCells[T int64 | uint64](values []T) cells {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = fmt.Sprint(v)
	}
	return align(text)
}

func floatCells(values []float64, o *printSettings) cells {
	format := newFloatFormat(values, o)
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = padded(format.text(v), format.width)
	}
	return cells{text, format.width}
}

func complexCells(values []complex128, o *printSettings) cells {
	re, im := make([]float64, len(values)), make([]float64, len(values))
	for i, v := range values {
		re[i], im[i] = real(v), imag(v)
	}
	reFormat, imFormat := newFloatFormat(re, o), newFloatFormat(im, o)
	text := make([]string, len(values))
	for i := range values {
		imText := imFormat.text(im[i])
		if imText[0] != '-' {
			imText = "+" + imText
		}
		text[i] = padded(reFormat.text(re[i]), reFormat.width) + imText + "j"
	}
	return cells{text, reFormat.width + imFormat.width + 1}
}

// floatFormat is how the floats of one tensor are written, so that they match.
type floatFormat struct {
	verb      byte // 'f' or 'e'
	precision int
	point     bool // all are whole: "1.", not "1.0000"
	width     int
}

// newFloatFormat chooses a format by the finite values that are not zero.
func newFloatFormat(values []float64, o *printSettings) floatFormat {
	least, most, whole := math.Inf(1), 0.0, true
	for _, v := range values {
		if !isNonzeroFinite(v) {
			continue
		}
		least, most = min(least, math.Abs(v)), max(most, math.Abs(v))
		whole = whole && v == math.Ceil(v)
	}
	f := floatFormat{verb: 'f', precision: o.precision, width: 1}
	scientific := most/least > 1000 || most > 1e8 || least < 1e-4
	if o.sciMode != nil {
		scientific = *o.sciMode
	}
	switch {
	case o.verb != 0:
		f.verb = o.verb
	case most == 0:
		f.precision, f.point = 0, true
	case scientific:
		f.verb = 'e'
	case whole:
		f.precision, f.point = 0, true
	}
	for _, v := range values {
		if isNonzeroFinite(v) {
			f.width = max(f.width, len(f.text(v)))
		}
	}
	return f
}

func isNonzeroFinite(v float64) bool { return v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) }

func (f floatFormat) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	text := strconv.FormatFloat(v, f.verb, f.precision, 64)
	if f.point {
		text += "."
	}
	return text
}

// block is elements to be laid out.
type block struct {
	shape []int
	cells cells
	edge  int // how many are shown at each end of a dimension; -1 for all
}

// text returns the cells in brackets, broken into lines. indent is the column where
// they start.
func (b *block) text(indent, linewidth int) string {
	g := grid{rest: b.cells.text, width: b.cells.width, linewidth: linewidth, edge: b.edge}
	g.write(b.shape, indent)
	return g.out.String()
}

// grid lays cells out.
type grid struct {
	out       strings.Builder
	rest      []string // the cells to come
	width     int      // of a cell
	linewidth int
	edge      int // how many are shown at each end of a dimension; -1 for all
}

func (g *grid) cell() string {
	text := g.rest[0]
	g.rest = g.rest[1:]
	return text
}

// write writes a tensor, or a part of one, with the given shape.
func (g *grid) write(shape []int, indent int) {
	if len(shape) == 0 {
		g.out.WriteString(g.cell())
		return
	}
	g.out.WriteByte('[')
	defer g.out.WriteByte(']')
	head, tail, cut := shape[0], 0, g.edge >= 0 && shape[0] > 2*g.edge
	if cut {
		head, tail = g.edge, g.edge
	}
	margin := strings.Repeat(" ", indent+1)
	if len(shape) == 1 {
		g.writeVector(head, tail, cut, indent, ",\n"+margin)
		return
	}
	separator := "," + strings.Repeat("\n", len(shape)-1) + margin
	for i := range head {
		if i > 0 {
			g.out.WriteString(separator)
		}
		g.write(shape[1:], indent+1)
	}
	if !cut {
		return
	}
	if head > 0 {
		g.out.WriteString(separator)
	}
	g.out.WriteString("...")
	for range tail {
		g.out.WriteString(separator)
		g.write(shape[1:], indent+1)
	}
}

// writeVector writes head cells, dots if cut, and tail cells, as many to a line as
// fit.
func (g *grid) writeVector(head, tail int, cut bool, indent int, newline string) {
	perLine := max(1, (g.linewidth-indent)/(g.width+2))
	n := head + tail
	if cut {
		n++
	}
	for i := range n {
		switch {
		case i == 0:
		case i%perLine == 0:
			g.out.WriteString(newline)
		default:
			g.out.WriteString(", ")
		}
		switch {
		case !cut || i != head:
			g.out.WriteString(g.cell())
		case head == 0:
			g.out.WriteString("...")
		default:
			g.out.WriteString(" ...")
		}
	}
}

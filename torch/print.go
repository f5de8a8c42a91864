package torch

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// PrintOptions are the options of [SetPrintOptions]. A nil field, or an empty
// one, leaves its setting as it is, but for SciMode.
type PrintOptions struct {
	Precision *int         // digits after the point of floating-point numbers; at first 4
	Threshold *int         // more elements than this are summarized; at first 1000
	Edgeitems *int         // elements at each end of a summarized dimension; at first 3
	Linewidth *int         // characters that a line has room for; at first 80
	Profile   PrintProfile // settings that the fields above change
	SciMode   *bool        // scientific notation always or never; nil chooses by the elements, also after a call that set it
}

// printSettings are the settings in force. They are never changed, but replaced.
type printSettings struct {
	precision, threshold, edgeitems, linewidth int
	sciMode                                    *bool
	verb                                       byte // of a format such as %.2f: 'f', 'e' or 'g'; 0 chooses by the elements
}

// printProfiles are the settings that PrintOptions.Profile names.
var printProfiles = map[PrintProfile]printSettings{
	"default": {precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80},
	"short":   {precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80},
	"full":    {precision: 4, threshold: math.MaxInt, edgeitems: 3, linewidth: 80},
}

var (
	printing      atomic.Pointer[printSettings]
	printingMutex sync.Mutex // held while a change is made
)

func init() { printing.Store(new(printProfiles["default"])) }

// SetPrintOptions sets how [Tensor.String] writes tensors, in all goroutines. It
// may be called while others print. It panics, and changes nothing, on a profile
// that is not known and on a negative Precision or Edgeitems.
//
// To change the settings for a while, put back what [GetPrintOptions] returned:
//
//	defer torch.SetPrintOptions(torch.GetPrintOptions())
//	torch.SetPrintOptions(torch.PrintOptions{Precision: new(2)})
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html
func SetPrintOptions(options ...PrintOptions) {
	const op = "torch.SetPrintOptions"
	o := option.First(options)
	printingMutex.Lock()
	defer printingMutex.Unlock()
	s := *printing.Load()
	if o.Profile != "" {
		profile, ok := printProfiles[o.Profile]
		if !ok {
			panic(Errorf(op, ValueError, "unknown profile %q; want \"default\", \"short\" or \"full\"", o.Profile))
		}
		s = profile
	}
	set := func(setting, value *int) {
		if value != nil {
			*setting = *value
		}
	}
	set(&s.precision, o.Precision)
	set(&s.threshold, o.Threshold)
	set(&s.edgeitems, o.Edgeitems)
	set(&s.linewidth, o.Linewidth)
	if s.precision < 0 || s.edgeitems < 0 {
		panic(Errorf(op, ValueError, "Precision (%d) and Edgeitems (%d) must not be negative",
			s.precision, s.edgeitems))
	}
	s.sciMode = nil
	if o.SciMode != nil {
		s.sciMode = new(*o.SciMode)
	}
	printing.Store(&s)
}

// GetPrintOptions returns the settings in force, with every field set but
// Profile, and SciMode nil if the elements decide.
//
// It is torch._tensor_str.get_printoptions.
func GetPrintOptions() PrintOptions {
	s := printing.Load()
	options := PrintOptions{Precision: new(s.precision), Threshold: new(s.threshold),
		Edgeitems: new(s.edgeitems), Linewidth: new(s.linewidth)}
	if s.sciMode != nil {
		options.SciMode = new(*s.sciMode)
	}
	return options
}

// String returns the tensor as Python's print writes it, to the character:
// elements in brackets, more than 1,000 of them summarized, then the device, size,
// dtype, layout and graph node where they are not plain to see. A sparse tensor is
// written with its indices and values, a nested one with its components, a quantized
// one with what it stands for and how it is quantized. [SetPrintOptions] has the
// settings. A nil tensor gives "None", a closed one "<closed tensor>".
//
// It copies the elements that it shows, no others, and waits for their device.
//
// https://docs.pytorch.org/docs/stable/tensors.html
func (x *Tensor) String() string { return x.text(printing.Load()) }

// text is String with settings.
func (x *Tensor) text(o *printSettings) string {
	if x == nil {
		return "None"
	}
	if x.IsClosed() {
		return "<closed tensor>"
	}
	readsHost("torch.Tensor.String", x)
	var info cgotorch.Info
	x.info("String", &info)
	s := shown{prefix: "tensor(", shape: info.Sizes(), dtype: dtypeOf(info.DType()), device: deviceOf(info.Device()),
		gradFn: x.printedGradFn(), requiresGrad: info.RequiresGrad()}
	if layout := Layout(info.Layout() + 1); layout != Strided {
		s.layout = layout
	}
	Scope(func() {
		if cgotorch.Dispatching() { // what prints is of no interest to modes
			defer cgotorch.SetDispatchMode(cgotorch.SetDispatchMode(0))
		}
		NoGrad(func() {
			switch {
			case isNested(&info):
				s.nested(x, o)
			case s.layout == SparseCOO || compressedParts[s.layout].plain != nil:
				s.sparse(x, o)
			case s.dtype == QInt8 || s.dtype == QUint8 || s.dtype == QInt32:
				s.quantized(x, o)
			default:
				s.dense(x, o)
			}
		})
	})
	return s.text(o)
}

// printedGradFn returns the name of the graph's node without its namespace, "" for
// a leaf, or "Invalid" where libtorch refuses to tell, as it does of a view that
// was made and changed in place without gradients.
func (x *Tensor) printedGradFn() string {
	name := ""
	err := Try(func() {
		if node := x.GradFn(); node != nil {
			name = node.Name()
		}
	})
	if err != nil {
		return "Invalid"
	}
	return name[strings.LastIndexByte(name, ':')+1:]
}

// elements returns the elements in brackets, broken into lines; indent is the column
// where they start.
func (x *Tensor) elements(indent int, o *printSettings) string {
	var info cgotorch.Info
	x.info("String", &info)
	if info.Numel() == 0 {
		return "[]"
	}
	b := block{shape: info.Sizes(), edge: -1}
	if info.Numel() > o.threshold && len(b.shape) > 0 {
		b.edge = o.edgeitems
		x = x.corners(b.shape, 0, b.edge)
	}
	if b.edge != 0 {
		b.cells = x.cells(dtypeOf(info.DType()), o)
	}
	return b.text(indent, o.linewidth)
}

// cells returns the elements as text.
func (x *Tensor) cells(dtype DType, o *printSettings) cells {
	switch {
	case dtype == Bool:
		return boolCells(ToSlice[bool](x))
	case dtype.IsComplex():
		return complexCells(ToSlice[complex128](x), o)
	case dtype == Uint64:
		return intCells(ToSlice[uint64](x))
	case dtype >= Uint8 && dtype <= Int64, dtype == Uint16, dtype == Uint32:
		return intCells(ToSlice[int64](x))
	}
	return floatCells(ToSlice[float64](x), o)
}

// corners returns x with only the first and last edge elements of each dimension
// from dim on that has more. It cuts views before it copies, so that what it
// copies is no more than the result.
func (x *Tensor) corners(shape []int, dim, edge int) *Tensor {
	for dim < len(shape) && shape[dim] <= 2*edge {
		dim++
	}
	if dim == len(shape) {
		return x
	}
	first := x.Narrow(dim, 0, edge).corners(shape, dim+1, edge)
	last := x.Narrow(dim, shape[dim]-edge, edge).corners(shape, dim+1, edge)
	return Cat([]*Tensor{first, last}, dim)
}

// GoString returns the type and shape, for %#v.
func (x *Tensor) GoString() string {
	if x == nil || x.IsClosed() {
		return x.String()
	}
	return fmt.Sprintf("torch.Tensor%v{%v, %v}", x.Shape(), x.DType(), x.Device())
}

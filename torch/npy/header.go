package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"codeberg.org/sbinet/npyio/npy"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

// Info is what a file says of an array.
type Info struct {
	Format  string      // NumPy's word for the type of the elements: "<f4", "|b1", ...
	DType   torch.DType // the zero DType where torch has none for that: the array cannot be read
	Shape   []int
	Bytes   int  // how many bytes the elements take; 0 where torch has no dtype for them
	Fortran bool // the elements are in Fortran's order, the first index running first
}

// dtypes are the types of elements without their byte order.
var dtypes = map[string]torch.DType{
	"b1": torch.Bool, "i1": torch.Int8, "i2": torch.Int16, "i4": torch.Int32, "i8": torch.Int64,
	"u1": torch.Uint8, "u2": torch.Uint16, "u4": torch.Uint32, "u8": torch.Uint64,
	"f2": torch.Float16, "f4": torch.Float32, "f8": torch.Float64, "c8": torch.Complex64, "c16": torch.Complex128,
}

// others are the kinds of elements that torch has not, and what to do.
var others = map[byte]string{
	'O': "Python objects, which are not read: save what they hold as arrays",
	'[': "structures: save each field as an array of its own",
	'(': "arrays: save it with a simple dtype",
	'U': "texts", 'S': "texts", 'a': "texts", 'T': "texts",
	'M': "dates: save its astype('int64')", 'm': "times: save its astype('int64')",
	'V': "bytes of no type, such as bfloat16's: save it as another dtype",
	'f': "floats that PyTorch has not: save its astype('float64')",
	'c': "complex numbers that PyTorch has not: save its astype('complex128')",
}

const (
	magic         = "\x93NUMPY"
	maxHeader     = 10_000 // bytes, as in NumPy
	maxDimensions = 64     // as in PyTorch and NumPy
)

// A header is what an array begins with.
type header struct {
	Info
	swapped bool // the elements are in big-endian order
}

// readHeader reads the header of an array, and returns how many bytes it takes.
func readHeader(r io.Reader) (h header, size int, err error) {
	prefix := make([]byte, 12)
	if _, err := io.ReadFull(r, prefix[:10]); err != nil {
		return h, 0, cut(err)
	}
	if string(prefix[:6]) != magic {
		return h, 0, errors.New("it does not begin as NumPy's arrays do")
	}
	length := int(binary.LittleEndian.Uint16(prefix[8:]))
	prefix = prefix[:10]
	switch prefix[6] {
	case 1:
	case 2, 3:
		prefix = prefix[:12]
		if _, err := io.ReadFull(r, prefix[10:]); err != nil {
			return h, 0, cut(err)
		}
		length = int(binary.LittleEndian.Uint32(prefix[8:]))
	default:
		return h, 0, fmt.Errorf("version %d.%d of the format is not known", prefix[6], prefix[7])
	}
	if length > maxHeader {
		return h, 0, fmt.Errorf("a header of %d bytes is longer than the %d that are allowed", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, 0, cut(err)
	}
	h, err = parse(string(text))
	if err != nil {
		err = fmt.Errorf("the header %q: %w", brief.Text(strings.TrimSpace(string(text))), err)
	}
	return h, len(prefix) + length, err
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut off")
	}
	return err
}

// parse reads the text of a header.
func parse(text string) (h header, err error) {
	parsed, err := dict(text)
	if err != nil {
		return h, err
	}
	h.Format, err = descr(parsed.Type)
	if err != nil {
		return h, err
	}
	h.swapped = h.Format[0] == '>'
	h.DType = dtypes[strings.TrimLeft(h.Format, "<>|=")]
	h.Fortran = parsed.Fortran
	h.Shape = parsed.Shape
	if h.Shape == nil {
		h.Shape = []int{}
	}
	if len(h.Shape) > maxDimensions {
		return h, fmt.Errorf("%d dimensions are more than the %d that a tensor has", len(h.Shape), maxDimensions)
	}
	if slices.ContainsFunc(h.Shape, func(n int) bool { return n < 0 }) {
		return h, errors.New("a size is negative")
	}
	if h.DType != 0 {
		h.Bytes, err = mapped.Size(h.DType, h.Shape)
	}
	return h, err
}

// descr returns the type of elements without its quotes.
func descr(quoted string) (string, error) {
	text := strings.Trim(quoted, "'\"")
	if strings.HasPrefix(quoted, "[") || strings.HasPrefix(quoted, "(") {
		text = quoted
	}
	if text == "" {
		return "", errors.New("it has no type")
	}
	return text, nil
}

type description = struct {
	Type    string
	Fortran bool
	Shape   []int
}

// dict reads the text of a header with npyio, which wants NumPy's own spelling of it, and
// panics on much else.
func dict(text string) (d description, err error) {
	text, ok := strings.CutSuffix(strings.TrimSpace(text), "}")
	begin, shape, found := strings.Cut(text, "'shape': (")
	sizes, rest, closed := strings.Cut(shape, ")")
	if !ok || !found || !closed || !strings.HasPrefix(begin, "{'descr': ") || strings.Trim(rest, ", ") != "" || strings.ContainsRune(begin, '}') {
		return d, errors.New("it is not as NumPy writes it")
	}
	sizes = strings.ReplaceAll(sizes+",", "L,", ",") // Python 2's
	var b bytes.Buffer
	b.WriteString(magic + "\x02\x00")
	text = begin + "'shape': (" + sizes + "), }\n"
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(text)))
	b.WriteString(text)
	defer func() {
		if recover() != nil {
			err = errors.New("it is not as NumPy writes it")
		}
	}()
	r, err := npy.NewReader(&b)
	if err != nil {
		return d, err
	}
	return r.Header.Descr, nil
}

// stored returns the shape in which the elements lie one after the other.
func (i *Info) stored() []int {
	shape := slices.Clone(i.Shape)
	if i.Fortran {
		slices.Reverse(shape)
	}
	return shape
}

// swap turns the bytes of each number around.
func (h *header) swap(data []byte) {
	size := h.DType.ItemSize()
	if h.DType.IsComplex() {
		size /= 2
	}
	if !h.swapped || size == 1 {
		return
	}
	for ; len(data) >= size; data = data[size:] {
		slices.Reverse(data[:size])
	}
}

// turn returns a tensor of the stored shape as one of the array's. It takes x over.
func (i *Info) turn(x *torch.Tensor) *torch.Tensor {
	if !i.Fortran || len(i.Shape) < 2 {
		return x
	}
	defer x.Close()
	return x.Permute(reversed(len(i.Shape))...)
}

// reversed returns the dimensions from the last to the first.
func reversed(n int) []int {
	dims := make([]int, n)
	for i := range dims {
		dims[i] = n - 1 - i
	}
	return dims
}

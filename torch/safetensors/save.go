package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/safetensors"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// SaveOptions are the options of [Save].
type SaveOptions struct {
	Metadata map[string]string // texts that the file has beside the tensors
	Sync     bool              // wait until the file is on the disk, as with torch.SaveOptions
}

// Save writes named tensors, such as those of a module's StateDict, to a file. Its bytes
// are those of Python's safetensors.torch.save_file: the tensors by falling alignment of
// their dtypes, then by name. Metadata is sorted by key; Python's writer has it in any
// order. Hugging Face's transformers wants Metadata with "format": "pt".
//
// The file appears, or takes the place of an old one, when it is complete, as with
// [torch.Save]. What Load then gives has no gradients.
//
// It fails, and names the tensors, on what the format cannot hold: tensors that share
// memory, of which only one can be saved; those that are not contiguous, sparse, nested,
// quantized or on [torch.Meta]; dtypes that the format lacks; a name that is there twice
// or not UTF-8.
//
// https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.save_file
func Save(tensors nn.StateDict, path string, options ...SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = save(tensors, path, o)
	}
	if err != nil {
		return fmt.Errorf("safetensors.Save: %s: %w", path, err)
	}
	return nil
}

func save(tensors nn.StateDict, path string, o SaveOptions) error {
	l, err := newLayout(tensors, o.Metadata)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, l.write, atomicfile.Options{Sync: o.Sync})
}

// SaveTo is [Save] to a writer, which Sync cannot wait for.
//
// https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.save
func SaveTo(tensors nn.StateDict, w io.Writer, options ...SaveOptions) error {
	if w == nil {
		return errors.New("safetensors.SaveTo: the writer is nil")
	}
	o, err := option.AtMostOne(options)
	if err == nil {
		err = saveTo(tensors, w, o)
	}
	if err != nil {
		return fmt.Errorf("safetensors.SaveTo: %w", err)
	}
	return nil
}

func saveTo(tensors nn.StateDict, w io.Writer, o SaveOptions) error {
	if o.Sync {
		return errors.New("Sync is for files: a writer may be anything")
	}
	l, err := newLayout(tensors, o.Metadata)
	if err != nil {
		return err
	}
	return l.write(w)
}

// A layout is what a file will hold, in its order.
type layout struct {
	tensors  []placed
	metadata map[string]string
}

// placed is a tensor that the format can hold.
type placed struct {
	nn.NamedTensor
	format format
	bytes  int
}

// newLayout checks tensors, and puts them into a file's order.
func newLayout(tensors nn.StateDict, metadata map[string]string) (*layout, error) {
	if err := checkMetadata(metadata); err != nil {
		return nil, err
	}
	list, err := place(tensors)
	if err != nil {
		return nil, err
	}
	return &layout{inOrder(list), metadata}, nil
}

// checkMetadata looks whether texts can be written.
func checkMetadata(metadata map[string]string) error {
	for key, text := range metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			return fmt.Errorf("the metadata %q: %q is not UTF-8", brief.Text(key), brief.Text(text))
		}
	}
	return nil
}

// inOrder returns tensors in the order in which a file has them.
func inOrder(list []placed) []placed {
	return slices.SortedFunc(slices.Values(list), func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.format.rank, b.format.rank), cmp.Compare(a.Name, b.Name))
	})
}

// place checks tensors, and leaves them in their order.
func place(tensors nn.StateDict) ([]placed, error) {
	names := map[string]bool{}
	list := make([]placed, len(tensors))
	for i, n := range tensors {
		var refused error
		err := torch.Try(func() { refused = savable(n, names) })
		if err = cmp.Or(err, refused); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", brief.Text(n.Name), err)
		}
		names[n.Name] = true
		list[i] = placed{n, formatOf[n.Tensor.DType()], n.Tensor.Numel() * n.Tensor.ElementSize()}
	}
	return list, separate(list)
}

// savable says what keeps a tensor from being saved beside those of other names.
func savable(n nn.NamedTensor, others map[string]bool) error {
	x := n.Tensor
	switch {
	case others[n.Name]:
		return errors.New("the name is there twice")
	case n.Name == safetensors.MetadataKey:
		return errors.New("the name is that of the metadata, which an option gives")
	case !utf8.ValidString(n.Name):
		return errors.New("the name is not UTF-8")
	case x == nil:
		return errors.New("it is nil")
	case x.IsNested():
		return errors.New("a nested tensor cannot be saved: save the list that Unbind(0) returns")
	case x.Layout() != torch.Strided:
		return fmt.Errorf("a tensor of layout %v cannot be saved: save its ToDense(), or its indices and values", x.Layout())
	case formatOf[x.DType()].name == "":
		return fmt.Errorf("safetensors has no dtype for %v", x.DType())
	case x.IsMeta():
		return errors.New("a tensor on meta has no elements to save")
	case packed(x.DType()) > 1 && x.Dim() == 0:
		return fmt.Errorf("safetensors has no %v without dimensions", x.DType())
	case !x.IsContiguous():
		return errors.New("it is not contiguous: save its Contiguous(), or the whole that it is a part of")
	}
	return nil
}

// separate looks whether tensors share memory: a file cannot say so.
func separate(list []placed) error {
	type area struct {
		storage    uint64
		begin, end int
		name       string
	}
	var areas []area
	for _, p := range list {
		if p.bytes > 0 {
			begin := p.Tensor.StorageOffset() * p.Tensor.ElementSize()
			areas = append(areas, area{torch.Internal.Export(nil).StorageID(p.Tensor), begin, begin + p.bytes, p.Name})
		}
	}
	slices.SortFunc(areas, func(a, b area) int {
		return cmp.Or(cmp.Compare(a.storage, b.storage), cmp.Compare(a.begin, b.begin), cmp.Compare(a.name, b.name))
	})
	var last area
	var sharing []string
	for _, a := range areas {
		if a.storage != last.storage || a.begin >= last.end {
			if len(sharing) > 1 {
				break
			}
			last, sharing = a, nil
		}
		last.end = max(last.end, a.end)
		sharing = append(sharing, strconv.Quote(brief.Text(a.name)))
	}
	if len(sharing) < 2 {
		return nil
	}
	const most = 10
	more := ""
	if len(sharing) > most {
		more = fmt.Sprintf(" and %d more", len(sharing)-most)
	}
	return fmt.Errorf("the tensors %s%s share memory, which a file cannot say: save one of them, or Clone()s",
		strings.Join(sharing[:min(len(sharing), most)], ", "), more)
}

// header returns what the file begins with.
func (l *layout) header() []byte {
	var b strings.Builder
	separator := "{"
	next := func(key string) {
		b.WriteString(separator)
		quote(&b, key)
		b.WriteByte(':')
		separator = ","
	}
	if len(l.metadata) > 0 {
		next(safetensors.MetadataKey)
		separator = "{"
		for _, key := range slices.Sorted(maps.Keys(l.metadata)) {
			next(key)
			quote(&b, l.metadata[key])
		}
		b.WriteByte('}')
	}
	offset := 0
	for _, p := range l.tensors {
		next(p.Name)
		shape := p.Tensor.Shape()
		if last := len(shape) - 1; last >= 0 {
			shape[last] *= packed(p.Tensor.DType())
		}
		sizes := strings.ReplaceAll(fmt.Sprint(shape), " ", ",")
		fmt.Fprintf(&b, `{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, p.format.name, sizes, offset, offset+p.bytes)
		offset += p.bytes
	}
	if separator == "{" {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	b.WriteString(strings.Repeat(" ", (8-b.Len()%8)%8))
	return append(binary.LittleEndian.AppendUint64(nil, uint64(b.Len())), b.String()...)
}

// write writes the file.
func (l *layout) write(w io.Writer) error {
	header := l.header()
	if len(header)-8 > safetensors.MaxHeader {
		return fmt.Errorf("a header of %d bytes is longer than the %d that are allowed", len(header)-8, safetensors.MaxHeader)
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, p := range l.tensors {
		var failed error
		err := torch.Try(func() { torch.NoGrad(func() { failed = p.write(w) }) })
		if err = cmp.Or(err, failed); err != nil {
			return fmt.Errorf("tensor %q: %w", brief.Text(p.Name), err)
		}
	}
	return nil
}

// write writes the elements.
func (p *placed) write(w io.Writer) error {
	if p.bytes == 0 {
		return nil
	}
	x := p.Tensor
	if x.IsConj() || x.IsNeg() || x.Device() != torch.CPU {
		// Each returns another, or the same again.
		conj := x.ResolveConj()
		defer conj.Close()
		neg := conj.ResolveNeg()
		defer neg.Close()
		x = neg.To(torch.CPU)
		defer x.Close()
	}
	begin := x.StorageOffset() * x.ElementSize()
	_, err := w.Write(torch.Internal.Export(nil).Memory(x)[begin : begin+p.bytes])
	runtime.KeepAlive(x)
	return err
}

// quote writes a text as the reference library does.
func quote(b *strings.Builder, text string) {
	const short = "\b\f\n\r\t\"\\"
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.IndexByte(short, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(`bfnrt"\`[strings.IndexByte(short, c)])
		case c < ' ':
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

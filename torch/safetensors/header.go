package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
)

// Info is what a file says of a tensor.
type Info struct {
	Format string      // how the file calls the type of the elements: "F32", "BF16", ...
	DType  torch.DType // the zero DType where torch has none for that: the tensor cannot be read
	Shape  []int
	Bytes  int // how many bytes the elements take

	offset int // of the first, from the start of the data
}

const (
	maxHeader     = 100_000_000 // bytes, as in the reference library
	maxDimensions = 64          // as in PyTorch
	metadataKey   = "__metadata__"
)

// A header is what a file begins with.
type header struct {
	names    []string // in the order of their elements
	infos    map[string]Info
	metadata map[string]string
	data     int // where the data begins in the file
}

// readHeader reads the header of a file of a size, and checks it against that. Of a file
// of another kind it says so.
func readHeader(r io.ReaderAt, size int64) (*header, error) {
	h, err := newHeader(r, size)
	return h, filekind.Explain(err, filekind.Safetensors, r, size)
}

func newHeader(r io.ReaderAt, size int64) (*header, error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, fmt.Errorf("a file of %d bytes is too short to be of safetensors", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > maxHeader:
		return nil, fmt.Errorf("not a safetensors file: a header of %d bytes is longer than the %d that are allowed", n, maxHeader)
	case n > uint64(size)-8:
		return nil, fmt.Errorf("the header of %d bytes ends after the file of %d: it is cut off, or not of safetensors", n, size)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, 8); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	p := &parser{h: &header{infos: map[string]Info{}, data: 8 + len(text)}}
	if err := p.parse(text); err != nil {
		return nil, fmt.Errorf("the header is not one of safetensors: %w", err)
	}
	return p.h, p.h.check(size - 8 - int64(n))
}

// check looks whether the tensors lie one after the other, fill the data, and are as
// long as their shapes say.
func (h *header) check(size int64) error {
	slices.SortStableFunc(h.names, func(a, b string) int {
		x, y := h.infos[a], h.infos[b]
		return cmp.Or(cmp.Compare(x.offset, y.offset), cmp.Compare(x.Bytes, y.Bytes))
	})
	end := 0
	for _, name := range h.names {
		info := h.infos[name]
		want, err := bytesOf(info)
		switch {
		case err != nil:
			return fmt.Errorf("tensor %q: %w", brief.Text(name), err)
		case info.offset > end:
			return fmt.Errorf("tensor %q: it begins at byte %d of the data, after a hole from %d on", brief.Text(name), info.offset, end)
		case info.offset < end:
			return fmt.Errorf("tensor %q: it begins at byte %d of the data, within another that ends at %d", brief.Text(name), info.offset, end)
		case info.Bytes != want:
			return fmt.Errorf("tensor %q: %s of shape %v takes %d bytes, and has %d", brief.Text(name), info.Format, info.Shape, want, info.Bytes)
		}
		end += info.Bytes
		if last, n := len(info.Shape)-1, formats[rank[info.Format]].packed(); n > 1 {
			if info.Shape[last]%n != 0 {
				return fmt.Errorf("tensor %q: %s of shape %v has half of an element in each row", brief.Text(name), info.Format, info.Shape)
			}
			info.Shape[last] /= n
		}
	}
	switch {
	case int64(end) > size:
		return fmt.Errorf("the tensors take %d bytes, and the file has %d of them: it is cut off", end, size)
	case int64(end) < size:
		return fmt.Errorf("the tensors end at byte %d of the data, and the file has %d of them", end, size)
	}
	return nil
}

// bytesOf returns how many bytes a tensor takes by its shape.
func bytesOf(info Info) (int, error) {
	if slices.Contains(info.Shape, 0) {
		return 0, nil
	}
	bits := formats[rank[info.Format]].bits
	for _, n := range info.Shape {
		if bits > math.MaxInt/n {
			return 0, fmt.Errorf("the shape %v has more bits than an int counts", info.Shape)
		}
		bits *= n
	}
	if bits%8 != 0 {
		return 0, fmt.Errorf("%s of shape %v does not end with a byte", info.Format, info.Shape)
	}
	return bits / 8, nil
}

// A parser reads a header's JSON token by token, so that nothing in it is overlooked:
// not what is there twice, and no name that is another but for capitals.
type parser struct {
	d *json.Decoder
	h *header
}

var errTwice = errors.New("it is there twice")

func (p *parser) parse(text []byte) error {
	switch {
	case !bytes.HasPrefix(text, []byte("{")):
		return errors.New("it does not begin with {")
	case !utf8.Valid(text):
		return errors.New("it is not UTF-8")
	}
	// JSON's \ud800 alone is no character, and would become the one for that.
	if bytes.Contains(text, []byte(`\ud`)) || bytes.Contains(text, []byte(`\uD`)) {
		if err := pairs(text); err != nil {
			return err
		}
	}
	p.d = json.NewDecoder(bytes.NewReader(text))
	p.d.UseNumber()
	hasMetadata := false
	err := p.object(func(name string) error {
		if name == metadataKey {
			if hasMetadata {
				return errTwice
			}
			hasMetadata = true
			p.h.metadata = map[string]string{}
			return p.texts(p.h.metadata)
		}
		if _, ok := p.h.infos[name]; ok {
			return errTwice
		}
		info, err := p.info()
		p.h.infos[name] = info
		p.h.names = append(p.h.names, name)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

// pairs looks whether the halves of characters are in pairs.
func pairs(text []byte) error {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // what follows is not the beginning of another
		if high, ok := half(text, i-1, 0xd800); ok {
			if _, ok := half(text, i+5, 0xdc00); !ok {
				return fmt.Errorf("it has half of a character, \\u%04x", high)
			}
			i += 10
		} else if low, ok := half(text, i-1, 0xdc00); ok {
			return fmt.Errorf("it has half of a character, \\u%04x", low)
		}
	}
	return nil
}

// half returns the escape at a place, if it is one of the 1024 halves from first on.
func half(text []byte, at int, first uint64) (uint64, bool) {
	if at+6 > len(text) || text[at] != '\\' || text[at+1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(string(text[at+2:at+6]), 16, 16)
	return code, err == nil && code >= first && code < first+0x400
}

// object reads an object; entry reads the value of a key.
func (p *parser) object(entry func(key string) error) error {
	if err := p.delimiter('{', "an object"); err != nil {
		return err
	}
	for p.d.More() {
		token, err := p.d.Token()
		if err != nil {
			return err
		}
		key := token.(string) // JSON has no others
		if err := entry(key); err != nil {
			return fmt.Errorf("%q: %w", brief.Text(key), err)
		}
	}
	_, err := p.d.Token()
	return err
}

// list reads a list of sizes, at most so many.
func (p *parser) list(most int) (list []int, err error) {
	if err := p.delimiter('[', "a list"); err != nil {
		return nil, err
	}
	list = []int{}
	for p.d.More() {
		token, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		number, _ := token.(json.Number)
		n, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%s is not a size", brief.Text(fmt.Sprint(token)))
		}
		if list = append(list, int(n)); len(list) > most {
			return nil, fmt.Errorf("it has more than %d sizes", most)
		}
	}
	_, err = p.d.Token()
	return list, err
}

func (p *parser) delimiter(want json.Delim, what string) error {
	token, err := p.d.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%s is not %s", brief.Text(fmt.Sprint(token)), what)
	}
	return err
}

func (p *parser) text() (string, error) {
	token, err := p.d.Token()
	if err != nil {
		return "", err
	}
	text, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%s is not a text", brief.Text(fmt.Sprint(token)))
	}
	return text, nil
}

// texts reads an object of texts.
func (p *parser) texts(into map[string]string) error {
	return p.object(func(key string) error {
		if _, ok := into[key]; ok {
			return errTwice
		}
		text, err := p.text()
		into[key] = text
		return err
	})
}

// info reads what a tensor is.
func (p *parser) info() (info Info, err error) {
	var offsets []int
	var found []string
	err = p.object(func(key string) (err error) {
		if slices.Contains(found, key) {
			return errTwice
		}
		switch key {
		case "dtype":
			info.Format, err = p.text()
		case "shape":
			info.Shape, err = p.list(maxDimensions)
		case "data_offsets":
			offsets, err = p.list(2)
		default:
			return errors.New("a tensor has no such entry")
		}
		found = append(found, key)
		return err
	})
	if err != nil {
		return info, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !slices.Contains(found, key) {
			return info, fmt.Errorf("it has no %s", key)
		}
	}
	i, ok := rank[info.Format]
	switch {
	case !ok:
		return info, fmt.Errorf("there is no dtype %q in safetensors", brief.Text(info.Format))
	case len(offsets) != 2 || offsets[0] > offsets[1]:
		return info, fmt.Errorf("data_offsets %v are not a begin and an end", offsets)
	}
	info.DType = formats[i].dtype
	info.offset, info.Bytes = offsets[0], offsets[1]-offsets[0]
	return info, nil
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

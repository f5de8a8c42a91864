// Package safetensors reads the headers of .safetensors files: which tensors there are,
// and where. It knows nothing of tensors themselves.
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
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
)

// Info is what a header says of a tensor.
type Info struct {
	Type   string // of the elements, such as "BF16"
	Shape  []int  // of F4 as torch has it: an element is two numbers
	Offset int    // of the elements, from the start of the data
	Bytes  int    // that they take
}

// MaxHeader is how many bytes a header may have, as in the reference library.
const MaxHeader = 100_000_000

// MetadataKey is the name that no tensor has.
const MetadataKey = "__metadata__"

const (
	maxDimensions = 64   // as in PyTorch
	packed        = "F4" // the type of which two numbers are an element of a tensor
)

// Header is what a file begins with.
type Header struct {
	Names    []string // in the order of their elements
	Infos    map[string]Info
	Metadata map[string]string
	Data     int // where the data begins in the file
}

// Read reads the header of a file of a size, and checks it against that. Of a file
// of another kind it says so.
func Read(r io.ReaderAt, size int64) (*Header, error) {
	h, err := newHeader(r, size)
	return h, filekind.Explain(err, filekind.Safetensors, r, size)
}

func newHeader(r io.ReaderAt, size int64) (*Header, error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, fmt.Errorf("a file of %d bytes is too short to be of safetensors", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > MaxHeader:
		return nil, fmt.Errorf("not a safetensors file: a header of %d bytes is longer than the %d that are allowed", n, MaxHeader)
	case n > uint64(size)-8:
		return nil, fmt.Errorf("the header of %d bytes ends after the file of %d: it is cut off, or not of safetensors", n, size)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, 8); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	p := &parser{h: &Header{Infos: map[string]Info{}, Data: 8 + len(text)}}
	if err := p.parse(text); err != nil {
		return nil, fmt.Errorf("the header is not one of safetensors: %w", err)
	}
	return p.h, p.h.check(size - 8 - int64(n))
}

// check looks whether the tensors lie one after the other, fill the data, and are as
// long as their shapes say.
func (h *Header) check(size int64) error {
	slices.SortStableFunc(h.Names, func(a, b string) int {
		x, y := h.Infos[a], h.Infos[b]
		return cmp.Or(cmp.Compare(x.Offset, y.Offset), cmp.Compare(x.Bytes, y.Bytes))
	})
	end := 0
	for _, name := range h.Names {
		info := h.Infos[name]
		want, err := bytesOf(info)
		switch {
		case err != nil:
			return fmt.Errorf("tensor %q: %w", brief.Text(name), err)
		case info.Offset > end:
			return fmt.Errorf("tensor %q: it begins at byte %d of the data, after a hole from %d on", brief.Text(name), info.Offset, end)
		case info.Offset < end:
			return fmt.Errorf("tensor %q: it begins at byte %d of the data, within another that ends at %d", brief.Text(name), info.Offset, end)
		case info.Bytes != want:
			return fmt.Errorf("tensor %q: %s of shape %v takes %d bytes, and has %d", brief.Text(name), info.Type, info.Shape, want, info.Bytes)
		}
		end += info.Bytes
		if last := len(info.Shape) - 1; info.Type == packed {
			if info.Shape[last]%2 != 0 {
				return fmt.Errorf("tensor %q: %s of shape %v has half of a byte in each row", brief.Text(name), info.Type, info.Shape)
			}
			info.Shape[last] /= 2
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
	bits := bitsOf[info.Type]
	for _, n := range info.Shape {
		if bits > math.MaxInt/n {
			return 0, fmt.Errorf("the shape %v has more bits than an int counts", info.Shape)
		}
		bits *= n
	}
	if bits%8 != 0 {
		return 0, fmt.Errorf("%s of shape %v does not end with a byte", info.Type, info.Shape)
	}
	return bits / 8, nil
}

// A parser reads a header's JSON token by token, so that nothing in it is overlooked:
// not what is there twice, and no name that is another but for capitals.
type parser struct {
	d *json.Decoder
	h *Header
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
		if name == MetadataKey {
			if hasMetadata {
				return errTwice
			}
			hasMetadata = true
			p.h.Metadata = map[string]string{}
			return p.texts(p.h.Metadata)
		}
		if _, ok := p.h.Infos[name]; ok {
			return errTwice
		}
		info, err := p.info()
		p.h.Infos[name] = info
		p.h.Names = append(p.h.Names, name)
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
			info.Type, err = p.text()
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
	switch {
	case bitsOf[info.Type] == 0:
		return info, fmt.Errorf("there is no dtype %q in safetensors", brief.Text(info.Type))
	case len(offsets) != 2 || offsets[0] > offsets[1]:
		return info, fmt.Errorf("data_offsets %v are not a begin and an end", offsets)
	}
	info.Offset, info.Bytes = offsets[0], offsets[1]-offsets[0]
	return info, nil
}

// Formats are the types of elements, in the order in which a file has its tensors: by
// falling alignment, as the reference library has it.
var Formats = []struct {
	Name string
	Bits int // of an element
}{
	{"U64", 64}, {"I64", 64}, {"F64", 64}, {"C64", 64}, {"F32", 32}, {"U32", 32}, {"I32", 32}, {"BF16", 16}, {"F16", 16}, {"U16", 16},
	{"I16", 16}, {"F8_E5M2FNUZ", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E8M0", 8}, {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"I8", 8}, {"U8", 8},
	{"F6_E3M2", 6}, {"F6_E2M3", 6}, {"F4", 4}, {"BOOL", 8},
}

// bitsOf are the bits of an element by the name of its type.
var bitsOf = func() map[string]int {
	bits := map[string]int{}
	for _, f := range Formats {
		bits[f.Name] = f.Bits
	}
	return bits
}()

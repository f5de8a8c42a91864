package serve

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// inference is a request as the protocol has it.
type inference struct {
	id      string
	inputs  []Array
	outputs []wanted // nil for all
	binary  bool     // outputs are binary unless they say otherwise
}

// wanted is an output that is asked for.
type wanted struct {
	name   string
	binary *bool
}

// mostSizes is how many sizes a tensor may have.
const mostSizes = 64

// mostTensors is how many inputs or outputs a request may have.
const mostTensors = 1000

// decoder reads a request. Its memory is in proportion to the body, and what it takes beyond
// the body is asked of reserve.
type decoder struct {
	jsonReader
	tail    []byte // the binary data
	reserve func(bytes int) error
	request inference
}

// decode reads a request: JSON of a length, or the whole body if that is below 0, and then
// the binary data of the inputs, one after the other.
func decode(body []byte, length int, reserve func(bytes int) error) (*inference, error) {
	d := &decoder{reserve: reserve}
	d.data = body
	if length >= 0 {
		if length > len(body) {
			return nil, refuse("Inference-Header-Content-Length is %d, and the body has %d bytes", length, len(body))
		}
		d.data, d.tail = body[:length], body[length:]
	}
	if err := d.read(); err != nil {
		if Status(err) != 500 { // it knows better
			return nil, err
		}
		return nil, refuse("%w", err)
	}
	return &d.request, nil
}

func (d *decoder) read() error {
	err := d.object(func(key string) (err error) {
		switch key {
		case "id":
			d.request.id, err = d.text()
		case "inputs":
			err = d.array(d.input)
		case "outputs":
			d.request.outputs = []wanted{}
			err = d.array(d.output)
		case "parameters":
			err = d.object(func(key string) error {
				if key == "binary_data_output" {
					return d.flag(&d.request.binary)
				}
				_, err := d.skip()
				return err
			})
		default:
			_, err = d.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case d.next() != 0 || d.at < len(d.data):
		return d.wrong("the end")
	case len(d.tail) > 0:
		return fmt.Errorf("%d bytes of binary data belong to no input", len(d.tail))
	case len(d.request.inputs) == 0:
		return fmt.Errorf("the request has no inputs")
	}
	return nil
}

// flag reads true or false.
func (d *decoder) flag(to *bool) error {
	word, err := d.word()
	if err == nil && word == "null" {
		err = fmt.Errorf("null, want true or false")
	}
	*to = word == "true"
	return err
}

// input reads an input.
func (d *decoder) input() error {
	if len(d.request.inputs) == mostTensors {
		return fmt.Errorf("there are more than %d inputs", mostTensors)
	}
	var a Array
	var datatype string
	var text []byte // of the data
	size := -1      // of binary data
	err := d.object(func(key string) (err error) {
		switch key {
		case "name":
			a.Name, err = d.text()
		case "datatype":
			datatype, err = d.text()
		case "shape":
			a.Shape, err = d.shape()
		case "data":
			text, err = d.skip()
		case "parameters":
			err = d.object(func(key string) (err error) {
				switch key {
				case "binary_data_size":
					size, err = d.length()
				case "shared_memory_region", "shared_memory_offset", "shared_memory_byte_size":
					err = fmt.Errorf("shared memory is not supported")
				default:
					_, err = d.skip()
				}
				return err
			})
		default:
			_, err = d.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case a.Name == "":
		return fmt.Errorf("an input has no name")
	case datatype == "" || a.Shape == nil:
		return fmt.Errorf("the input %s lacks its datatype or its shape", brief.Text(a.Name))
	case (text == nil) == (size < 0):
		return fmt.Errorf("the input %s is to have either data or binary_data_size", brief.Text(a.Name))
	}
	a.DType, err = parseDatatype(datatype)
	if err == nil && text != nil {
		err = d.numbers(&a, text)
	} else if err == nil {
		err = d.bytes(&a, size)
	}
	if err != nil {
		return fmt.Errorf("the input %s: %w", brief.Text(a.Name), err)
	}
	d.request.inputs = append(d.request.inputs, a)
	return nil
}

// output reads an output that is asked for.
func (d *decoder) output() error {
	if len(d.request.outputs) == mostTensors {
		return fmt.Errorf("there are more than %d outputs", mostTensors)
	}
	var w wanted
	err := d.object(func(key string) (err error) {
		switch key {
		case "name":
			w.name, err = d.text()
		case "parameters":
			err = d.object(func(key string) (err error) {
				switch key {
				case "binary_data":
					w.binary = new(bool)
					err = d.flag(w.binary)
				case "classification", "shared_memory_region":
					err = fmt.Errorf("%s is not supported", key)
				default:
					_, err = d.skip()
				}
				return err
			})
		default:
			_, err = d.skip()
		}
		return err
	})
	d.request.outputs = append(d.request.outputs, w)
	return err
}

// length reads a number that is 0 or more.
func (d *decoder) length() (int, error) {
	text, _, err := d.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is no length", brief.Text(text))
	}
	return n, nil
}

func (d *decoder) shape() ([]int, error) {
	shape := []int{}
	err := d.array(func() error {
		n, err := d.length()
		if shape = append(shape, n); len(shape) > mostSizes {
			return fmt.Errorf("a shape has more than %d sizes", mostSizes)
		}
		return err
	})
	return shape, err
}

// bytes takes binary data.
func (d *decoder) bytes(a *Array, size int) error {
	want, err := a.bytes()
	switch {
	case err != nil:
		return err
	case size != want:
		return fmt.Errorf("binary_data_size is %d, and the shape %s of %s takes %d bytes", size, brief.Text(fmt.Sprint(a.Shape)), datatypes[a.DType], want)
	case size > len(d.tail):
		return fmt.Errorf("binary_data_size is %d, and %d bytes are left of the body", size, len(d.tail))
	}
	a.Data, d.tail = d.tail[:size], d.tail[size:]
	if a.DType == torch.Bool && bytes.ContainsFunc(a.Data, func(r rune) bool { return r > 1 }) {
		return fmt.Errorf("a BOOL is a byte 0 or 1")
	}
	return nil
}

// numbers reads data that is JSON, as one list or nested as the shape is.
func (d *decoder) numbers(a *Array, text []byte) error {
	size, err := a.bytes()
	if err != nil {
		return err
	}
	// An element takes a digit and a comma.
	if n := size / a.DType.ItemSize(); n > (len(text)+1)/2 {
		return fmt.Errorf("the shape %s has %d elements, and the data fewer", brief.Text(fmt.Sprint(a.Shape)), n)
	}
	if err := d.reserve(size); err != nil {
		return err
	}
	n := numbers{jsonReader{data: text}, a, size}
	a.Data = make([]byte, 0, size)
	if n.isNested() {
		err = n.nested(0)
	} else {
		err = n.array(n.element)
	}
	if err == nil && len(a.Data) != size {
		err = n.count()
	}
	return err
}

// numbers reads the elements of an array.
type numbers struct {
	jsonReader
	*Array
	size int // how many bytes there will be
}

// isNested reports whether the first item of the list is a list.
func (n *numbers) isNested() bool {
	ahead := jsonReader{data: n.data}
	return ahead.has('[') && ahead.next() == '['
}

// element reads an element.
func (n *numbers) element() (err error) {
	if len(n.Data) >= n.size {
		return n.count()
	}
	if n.DType == torch.Bool {
		word, err := n.word()
		if err != nil || word == "null" {
			return fmt.Errorf("a BOOL is true or false")
		}
		n.Data = append(n.Data, byte(len("false")-len(word)))
		return nil
	}
	text, isInt, err := n.number()
	if err != nil {
		return err
	}
	n.Data, err = appendNumber(n.Data, n.DType, text, isInt)
	return err
}

// count says that there are more or fewer elements than the shape says.
func (n *numbers) count() error {
	return fmt.Errorf("the data has not the %d elements of the shape %s", n.size/n.DType.ItemSize(), brief.Text(fmt.Sprint(n.Shape)))
}

// nested reads a list of a depth, which has as many items as the shape says there.
func (n *numbers) nested(depth int) error {
	items := 0
	err := n.array(func() error {
		items++
		if depth < len(n.Shape)-1 {
			return n.nested(depth + 1)
		}
		return n.element()
	})
	if err == nil && (depth >= len(n.Shape) || items != n.Shape[depth]) {
		err = fmt.Errorf("a list at depth %d has %d items, which is not what the shape %s says", depth, items, brief.Text(fmt.Sprint(n.Shape)))
	}
	return err
}

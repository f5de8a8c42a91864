package torch

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// UnmarshalJSON lets [json.Unmarshal] read what [Tensor.MarshalJSON] writes: a number or a
// bool, or lists of lists of them. A zero Tensor, such as json.Unmarshal makes for a nil
// *Tensor in a struct, becomes a tensor on the CPU: Bool of bools, Int64 of numbers without
// point and exponent, or Uint64 if some are too large, and else of the default dtype. An open
// tensor gets the elements instead and keeps its dtype and device; it must have their shape,
// and its dtype must be able to hold them. It fails on lists of different lengths, on what is
// neither a number nor a bool, and for a closed tensor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
func (x *Tensor) UnmarshalJSON(data []byte) error {
	const op = "torch.Tensor.UnmarshalJSON"
	if x == nil {
		return Errorf(op, TypeError, "the tensor is nil")
	}
	if string(data) == "null" { // by the convention of encoding/json
		return nil
	}
	elements, err := readElements(op, data)
	if err != nil {
		return err
	}
	return Try(func() {
		Scope(func() {
			NoGrad(func() {
				y := elements.tensor()
				if x.handle == 0 {
					x.adopt(op, y)
					return
				}
				elements.mustFit(op, x)
				x.CopyInplace(y)
			})
		})
	})
}

// jsonElements are what lists of lists have.
type jsonElements struct {
	shape   []int
	bools   []bool
	numbers []json.Number
	point   bool // some number has a point or an exponent
}

// maxJSONDims is how many dimensions are read: more than anybody has.
const maxJSONDims = 64

func readElements(op string, data []byte) (*jsonElements, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	e := &jsonElements{shape: []int{}}
	for v := value; ; {
		list, isList := v.([]any)
		if !isList {
			break
		}
		e.shape = append(e.shape, len(list))
		if len(list) == 0 {
			break
		}
		v = list[0]
	}
	if len(e.shape) > maxJSONDims {
		return nil, Errorf(op, ValueError, "the lists are nested %d deep, want at most %d", len(e.shape), maxJSONDims)
	}
	return e, e.read(op, value, 0)
}

// read appends the elements of a value that is so deep in lists.
func (e *jsonElements) read(op string, value any, depth int) error {
	if depth < len(e.shape) {
		list, isList := value.([]any)
		if !isList || len(list) != e.shape[depth] {
			return Errorf(op, ValueError, "expected sequence of length %d at dim %d (got %s)", e.shape[depth], depth, lengthOf(value))
		}
		for _, v := range list {
			if err := e.read(op, v, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	switch v := value.(type) {
	case bool:
		e.bools = append(e.bools, v)
	case json.Number:
		e.numbers = append(e.numbers, v)
		e.point = e.point || strings.ContainsAny(v.String(), ".eE")
	default:
		return Errorf(op, TypeError, "want numbers or bools, got %s", lengthOf(value))
	}
	if len(e.bools) > 0 && len(e.numbers) > 0 {
		return Errorf(op, TypeError, "want numbers or bools, got both")
	}
	return nil
}

// lengthOf says what a value is that does not fit.
func lengthOf(value any) string {
	switch v := value.(type) {
	case []any:
		return strconv.Itoa(len(v))
	case map[string]any:
		return "an object"
	case string:
		return "a string"
	case nil:
		return "null"
	}
	return "no list"
}

// tensor returns the elements as a tensor, in the widest form.
func (e *jsonElements) tensor() *Tensor {
	switch {
	case len(e.bools) > 0:
		return FromSlice(e.bools, e.shape...)
	case e.point || len(e.numbers) == 0:
		values := make([]float64, len(e.numbers))
		for i, n := range e.numbers {
			v, err := n.Float64()
			if err != nil {
				panic(Errorf("torch.Tensor.UnmarshalJSON", ValueError, "%s is too large for a float64", n))
			}
			values[i] = v
		}
		return FromSlice(values, e.shape...)
	}
	ints, ok := parsed(e.numbers, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	if ok {
		return FromSlice(ints, e.shape...)
	}
	large, ok := parsed(e.numbers, func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
	if !ok {
		panic(Errorf("torch.Tensor.UnmarshalJSON", ValueError, "no dtype holds all of these integers"))
	}
	return FromSlice(large, e.shape...)
}

func parsed[T any](numbers []json.Number, parse func(string) (T, error)) (values []T, ok bool) {
	values = make([]T, len(numbers))
	for i, n := range numbers {
		v, err := parse(n.String())
		if err != nil {
			return nil, false
		}
		values[i] = v
	}
	return values, true
}

// mustFit panics unless a tensor can hold the elements.
func (e *jsonElements) mustFit(op string, x *Tensor) {
	dtype := x.DType()
	if got := x.Shape(); !slices.Equal(got, e.shape) {
		panic(Errorf(op, ValueError, "the elements have the shape %v, the tensor %v; a zero Tensor takes any", e.shape, got))
	}
	integral := !dtype.IsFloatingPoint() && !dtype.IsComplex()
	switch {
	case len(e.bools) > 0:
	case dtype == Bool && len(e.numbers) > 0:
		panic(Errorf(op, TypeError, "a tensor of %v cannot hold numbers", dtype))
	case integral && e.point:
		panic(Errorf(op, TypeError, "a tensor of %v cannot hold numbers with a point or an exponent", dtype))
	case integral && dtype != Bool:
		info := Iinfo(dtype)
		for _, n := range e.numbers {
			low, err := strconv.ParseInt(n.String(), 10, 64)
			high, errHigh := strconv.ParseUint(n.String(), 10, 64)
			if (err != nil || int(low) < info.Min) && (errHigh != nil) || errHigh == nil && high > info.Max {
				panic(Errorf(op, ValueError, "%s is out of the range of %v", n, dtype))
			}
		}
	}
}

// adopted has the clean-ups of the tensors that were zero Tensors, by their handles. They
// may be parts of other objects, which have no finalizers of their own.
var adopted sync.Map

// adopt makes a zero Tensor one of y's elements, of the default dtype if they are float64s.
func (x *Tensor) adopt(op string, y *Tensor) {
	if y.DType() == Float64 {
		y = y.convert(DefaultDType(), Device{}, 0, ToOptions{})
	}
	handle, _, _, err := cgotorch.Elements(y.use(op), y.DType().scalarType())
	y.release()
	check(op, err)
	x.handle, x.self = handle, uintptr(unsafe.Pointer(x))
	live.Add(1)
	x.state.Or(inPlace)
	adopted.Store(handle, runtime.AddCleanup(x, func(handle cgotorch.Handle) {
		adopted.Delete(handle)
		live.Add(-1)
		cgotorch.FreeLater(handle)
	}, handle))
}

// disown takes the clean-up back of an adopted tensor that is closed.
func (x *Tensor) disown() {
	if cleanup, ok := adopted.LoadAndDelete(x.handle); ok {
		cleanup.(runtime.Cleanup).Stop()
	}
	runtime.KeepAlive(x)
}

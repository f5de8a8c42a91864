package torch

import (
	"math"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

var opItem = NewOperator("aten::item(Tensor self) -> Scalar")

// value returns the value of a tensor of one element: an int, with 0 and 1 for
// bools, a uint64 above the ints, a float64 or a complex128. method is for errors.
func (x *Tensor) value(method string) any {
	var c Call
	c.Tensor(x)
	results, err := c.call(opItem)
	if err != nil && err.Kind != cgotorch.KindClosed && x.IsMeta() {
		panic(Errorf("torch.Tensor."+method, RuntimeError, "%s cannot be called on a meta tensor: it has no values",
			method))
	}
	c.check("", err)
	r := Results{results}
	switch r.raw.Tag() {
	case cgotorch.TagInt:
		return r.Int()
	case cgotorch.TagUint:
		return r.raw.TakeUint()
	case cgotorch.TagComplex:
		return r.raw.TakeComplex()
	case cgotorch.TagBool:
		if r.Bool() {
			return 1
		}
		return 0
	}
	return r.Float()
}

// Item returns the value of a tensor with one element as a float64; a bool is 0
// or 1. It panics if there are more elements or none, or if the value is complex.
// It waits for the device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
func (x *Tensor) Item() float64 {
	switch v := x.value("Item").(type) {
	case int:
		return float64(v)
	case uint64:
		return float64(v)
	case float64:
		return v
	}
	panic(Errorf("torch.Tensor.Item", TypeError, "the value is complex; use Complex"))
}

// Int returns the value of a tensor with one element as an int, cutting off a
// fraction, as Python's int(x) does. It panics if the value is NaN, infinite, complex
// or not one of int's. Converting a tensor's elements is To(torch.Int32).
func (x *Tensor) Int() int {
	const op = "torch.Tensor.Int"
	switch v := x.value("Int").(type) {
	case int:
		return v
	case uint64:
		panic(Errorf(op, ValueError, "%d is too large for an int", v))
	case float64:
		switch {
		case math.IsNaN(v):
			panic(Errorf(op, ValueError, "cannot convert float NaN to integer"))
		case math.IsInf(v, 0):
			panic(Errorf(op, ValueError, "cannot convert float infinity to integer"))
		case v < math.MinInt || v >= -math.MinInt:
			panic(Errorf(op, ValueError, "%g is too large for an int; use Item", v))
		}
		return int(v)
	}
	panic(Errorf(op, TypeError, "the value is complex; use Complex"))
}

// Bool returns whether the value of a tensor with one element is not zero, as
// Python's bool(x) does.
func (x *Tensor) Bool() bool { return x.Complex() != 0 }

// Complex returns the value of a tensor with one element as a complex128.
func (x *Tensor) Complex() complex128 {
	switch v := x.value("Complex").(type) {
	case int:
		return complex(float64(v), 0)
	case uint64:
		return complex(float64(v), 0)
	case float64:
		return complex(v, 0)
	default:
		return v.(complex128)
	}
}

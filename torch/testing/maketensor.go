package testing

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// MakeTensorOptions are the options of [MakeTensor].
type MakeTensorOptions struct {
	Device        torch.Device       // default: torch.DefaultDevice()
	Low           *float64           // numbers from here on; default: 0 of Bool and unsigned integers, else −9
	High          *float64           // up to, but without, this one; default: 2 of Bool, 10 of integers, else 9
	RequiresGrad  bool               // record operations on the tensor; of floating-point and complex dtypes
	Noncontiguous bool               // not all that lies in memory belongs to it; without effect on a single element
	ExcludeZero   bool               // 1, or the smallest normal number, takes the place of 0
	MemoryFormat  torch.MemoryFormat // default: Contiguous
}

// MakeTensor returns a tensor of the given shape and dtype with numbers drawn evenly from
// Low up to High, which are cut to what the dtype can hold; the same after
// [torch.ManualSeed] as Python's. It panics on limits that are NaN, in the wrong order
// or outside of the dtype's range, and on dtypes that are not drawn, such as quantized
// ones.
//
// https://docs.pytorch.org/docs/stable/testing.html#torch.testing.make_tensor
func MakeTensor(shape []int, dtype torch.DType, options ...MakeTensorOptions) *torch.Tensor {
	const op = "testing.MakeTensor"
	o := option.First(options)
	integral := dtype == torch.Bool || isInteger(dtype)
	switch {
	case o.Noncontiguous && o.MemoryFormat != 0:
		panic(torch.Errorf(op, torch.ValueError, "Noncontiguous and MemoryFormat are mutually exclusive"))
	case o.RequiresGrad && integral:
		panic(torch.Errorf(op, torch.ValueError, "RequiresGrad is not supported for boolean and integral dtypes, but got %v", dtype))
	}
	n := 1
	for _, size := range shape {
		n *= size
	}
	apart := o.Noncontiguous && n > 1
	if apart {
		shape = append([]int{}, shape...)
		shape[len(shape)-1] *= 2
	}
	x := draw(op, shape, dtype, &o)
	switch {
	case apart: // from 1 on, since an offset may matter, too
		x = x.Slice(-1, 1, math.MaxInt, 2)
	case o.MemoryFormat != 0:
		x = x.Clone(torch.CloneOptions{MemoryFormat: o.MemoryFormat})
	}
	if o.ExcludeZero {
		var least torch.Number = 1
		if !integral {
			least = torch.Finfo(dtype).Tiny
		}
		x.MaskedFillInplace(x.Eq(0), least)
	}
	if o.RequiresGrad {
		x.SetRequiresGrad(true)
	}
	return x
}

func isInteger(d torch.DType) bool {
	switch d {
	case torch.Uint8, torch.Int8, torch.Int16, torch.Int32, torch.Int64, torch.Uint16, torch.Uint32, torch.Uint64:
		return true
	}
	return false
}

// draw returns the numbers.
func draw(op string, shape []int, dtype torch.DType, o *MakeTensorOptions) *torch.Tensor {
	made := torch.TensorOptions{DType: dtype, Device: o.Device}
	switch {
	case dtype == torch.Bool:
		low, high := limits(op, dtype, o, 0, 2, 0, 2)
		return torch.Randint(ceil(low), ceil(high), shape, made)
	case isInteger(dtype):
		info := torch.Iinfo(dtype)
		low, high := limits(op, dtype, o, -9, 10, float64(info.Min), float64(info.Max)+1)
		return torch.Randint(ceil(low), ceil(high), shape, made)
	case isFloat8(dtype) && dtype != torch.Float8E8M0FNU:
		info := torch.Finfo(dtype)
		low, high := limits(op, dtype, o, -9, 9, info.Min, info.Max)
		made.DType = torch.Float32
		return torch.Empty(shape, made).UniformInplace(low, high, nil).To(dtype)
	case dtype.IsFloatingPoint() && dtype.ItemSize() > 1 || dtype.IsComplex():
		info := torch.Finfo(dtype)
		low, high := limits(op, dtype, o, -9, 9, info.Min, info.Max)
		x := torch.Empty(shape, made)
		parts := x
		if dtype.IsComplex() {
			parts = torch.ViewAsReal(x)
		}
		if high-low >= info.Max { // more than UniformInplace takes
			parts.UniformInplace(low/2, high/2, nil).MulInplace(2)
		} else {
			parts.UniformInplace(low, high, nil)
		}
		return x
	}
	panic(torch.Errorf(op, torch.TypeError, "the requested dtype %v is not supported", dtype))
}

// ceil returns the least integer that is not below v.
func ceil(v float64) int {
	if v = math.Ceil(v); v >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int(v)
}

// limits returns the limits that the options ask for, cut to those of the dtype.
func limits(op string, dtype torch.DType, o *MakeTensorOptions, low, high, least, greatest float64) (from, to float64) {
	from, to = option.Or(o.Low, low), option.Or(o.High, high)
	refuse := func(format string, args ...any) {
		panic(torch.Errorf(op, torch.ValueError, format, args...))
	}
	integral := dtype == torch.Bool || isInteger(dtype)
	switch {
	case math.IsNaN(from) || math.IsNaN(to):
		refuse("Low and High cannot be NaN, but got %s and %s", python.Repr(from), python.Repr(to))
	case from > to || from == to && (integral || isFloat8(dtype)):
		refuse("Low must be less than High, but got %s >= %s", python.Repr(from), python.Repr(to))
	case to < least || from >= greatest:
		refuse("the value interval specified by Low and High is [%s, %s), but %v only supports [%s, %s)",
			python.Repr(from), python.Repr(to), dtype, python.Repr(least), python.Repr(greatest))
	}
	return min(max(from, least), greatest), min(max(to, least), greatest)
}

package torch

import "math"

// FloatInfo holds the limits of a floating-point type.
type FloatInfo struct {
	Bits     int     // of an element
	Eps      float64 // the least number that gives another one than 1 when added to it
	Min, Max float64 // the range
	Tiny     float64 // the smallest positive number of full precision
}

// FInfo returns the limits of a floating-point dtype of 16 bits or more. Of a
// complex one they are those of its parts. It panics with a TypeError on others.
//
// https://docs.pytorch.org/docs/stable/type_info.html#torch.torch.finfo
func FInfo(dtype DType) FloatInfo {
	switch dtype {
	case Float16, Complex32:
		return floatInfo(16, 10, 15)
	case BFloat16:
		return floatInfo(16, 7, 127)
	case Float32, Complex64:
		return floatInfo(32, 23, 127)
	case Float64, Complex128:
		return floatInfo(64, 52, 1023)
	}
	raise("torch.FInfo", TypeError,
		"it requires a floating point input type, not %v", dtype)
	return FloatInfo{}
}

// floatInfo returns the limits of a type whose numbers have so many bits after the
// point and exponents up to the given one.
func floatInfo(bits, fraction, exponent int) FloatInfo {
	eps := math.Ldexp(1, -fraction)
	largest := math.Ldexp(2-eps, exponent)
	return FloatInfo{Bits: bits, Eps: eps, Min: -largest, Max: largest, Tiny: math.Ldexp(1, 1-exponent)}
}

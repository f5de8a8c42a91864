package torch

import "math"

// FloatInfo holds the limits of a floating-point type.
type FloatInfo struct {
	DType          DType   // of a complex type, that of its parts
	Bits           int     // of an element
	Eps            float64 // the least number that gives another one than 1 when added to it
	Min, Max       float64 // the range
	Tiny           float64 // the smallest positive number of full precision, by its old name
	SmallestNormal float64 // the same
	Resolution     float64 // the precision in decimals: 1e-6 for six digits
}

// Finfo returns the limits of a floating-point dtype. Of a complex one they are
// those of its parts. It panics with a TypeError on others.
//
// https://docs.pytorch.org/docs/stable/type_info.html#torch.torch.finfo
func Finfo(dtype DType) FloatInfo {
	switch dtype {
	case Float8E5M2:
		return floatInfo(dtype, 8, 2, -14, 57344, 1)
	case Float8E4M3FN:
		return floatInfo(dtype, 8, 3, -6, 448, 1)
	case Float8E5M2FNUZ:
		return floatInfo(dtype, 8, 2, -15, 57344, 1)
	case Float8E4M3FNUZ:
		return floatInfo(dtype, 8, 3, -7, 240, 1)
	case Float8E8M0FNU: // no zero, no negative numbers
		info := floatInfo(dtype, 8, 0, -127, math.Ldexp(1, 127), 1)
		info.Min = info.Tiny
		return info
	case Float16, Complex32:
		return floatInfo(Float16, 16, 10, -14, 65504, 1e-3)
	case BFloat16:
		return floatInfo(dtype, 16, 7, -126, math.Ldexp(2-math.Ldexp(1, -7), 127), 1e-2)
	case Float32, Complex64:
		return floatInfo(Float32, 32, 23, -126, math.MaxFloat32, 1e-6)
	case Float64, Complex128:
		return floatInfo(Float64, 64, 52, -1022, math.MaxFloat64, 1e-15)
	}
	panic(Errorf("torch.Finfo", TypeError, "it requires a floating point input type, not %v", dtype))
}

// floatInfo returns the limits of a type whose numbers have so many bits after the
// point, and the given least exponent and greatest number.
func floatInfo(dtype DType, bits, fraction, least int, largest, resolution float64) FloatInfo {
	tiny := math.Ldexp(1, least)
	return FloatInfo{
		DType: dtype, Bits: bits, Eps: math.Ldexp(1, -fraction), Min: -largest, Max: largest,
		Tiny: tiny, SmallestNormal: tiny, Resolution: resolution,
	}
}

// IntInfo holds the limits of an integer type.
type IntInfo struct {
	DType DType
	Bits  int    // of an element
	Min   int    // the least number
	Max   uint64 // the greatest one
}

// Iinfo returns the limits of an integer dtype. It panics with a TypeError on
// others.
//
// https://docs.pytorch.org/docs/stable/type_info.html#torch.torch.iinfo
func Iinfo(dtype DType) IntInfo {
	switch dtype {
	case Uint8, Uint16, Uint32, Uint64:
		bits := 8 * dtype.ItemSize()
		return IntInfo{DType: dtype, Bits: bits, Max: math.MaxUint64 >> (64 - bits)}
	case Int8, Int16, Int32, Int64:
		bits := 8 * dtype.ItemSize()
		return IntInfo{DType: dtype, Bits: bits, Min: math.MinInt64 >> (64 - bits), Max: math.MaxInt64 >> (64 - bits)}
	}
	panic(Errorf("torch.Iinfo", TypeError,
		"torch.iinfo() requires an integer input type. Use torch.finfo to handle '%v'", dtype))
}

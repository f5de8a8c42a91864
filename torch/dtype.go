package torch

import (
	"fmt"
	"reflect"
)

// DType is the type of a tensor's elements. The zero DType stands for "not
// given": the default dtype, or that of another argument.
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-dtype
type DType uint8

// The dtypes, each libtorch's number plus one. Those that PyTorch gives two names
// have both.
const (
	Uint8      DType = 1 + 0
	Int8       DType = 1 + 1
	Int16      DType = 1 + 2
	Int32      DType = 1 + 3
	Int64      DType = 1 + 4
	Float16    DType = 1 + 5
	Float32    DType = 1 + 6
	Float64    DType = 1 + 7
	Complex32  DType = 1 + 8
	Complex64  DType = 1 + 9
	Complex128 DType = 1 + 10
	Bool       DType = 1 + 11
	QInt8      DType = 1 + 12 // quantized
	QUint8     DType = 1 + 13
	QInt32     DType = 1 + 14
	BFloat16   DType = 1 + 15

	// Of few operators.
	Float8E5M2     DType = 1 + 23
	Float8E4M3FN   DType = 1 + 24
	Float8E5M2FNUZ DType = 1 + 25
	Float8E4M3FNUZ DType = 1 + 26
	Uint16         DType = 1 + 27
	Uint32         DType = 1 + 28
	Uint64         DType = 1 + 29

	// Of next to none: to save, load and convert.
	Float8E8M0FNU  DType = 1 + 44 // powers of two
	Float4E2M1FNX2 DType = 1 + 45 // two numbers of four bits

	Short   = Int16
	Int     = Int32
	Long    = Int64
	Half    = Float16
	Float   = Float32
	Double  = Float64
	CFloat  = Complex64
	CDouble = Complex128
)

var dtypeNames = map[DType]string{
	Uint8: "torch.uint8", Int8: "torch.int8", Int16: "torch.int16", Int32: "torch.int32", Int64: "torch.int64",
	Float16: "torch.float16", Float32: "torch.float32", Float64: "torch.float64", BFloat16: "torch.bfloat16",
	QInt8: "torch.qint8", QUint8: "torch.quint8", QInt32: "torch.qint32",
	Float8E5M2: "torch.float8_e5m2", Float8E4M3FN: "torch.float8_e4m3fn",
	Float8E5M2FNUZ: "torch.float8_e5m2fnuz", Float8E4M3FNUZ: "torch.float8_e4m3fnuz",
	Float8E8M0FNU: "torch.float8_e8m0fnu", Float4E2M1FNX2: "torch.float4_e2m1fn_x2",
	Uint16: "torch.uint16", Uint32: "torch.uint32", Uint64: "torch.uint64",
	Complex32: "torch.complex32", Complex64: "torch.complex64", Complex128: "torch.complex128", Bool: "torch.bool",
}

// String returns PyTorch's name, such as "torch.float32".
func (d DType) String() string {
	if name, ok := dtypeNames[d]; ok {
		return name
	}
	if d == 0 {
		return "torch.dtype(default)"
	}
	return fmt.Sprintf("torch.dtype(%d)", d.scalarType())
}

// IsFloatingPoint reports whether d is a real floating-point type.
func (d DType) IsFloatingPoint() bool {
	return d >= Float16 && d <= Float64 || d == BFloat16 || d >= Float8E5M2 && d <= Float8E4M3FNUZ || d == Float8E8M0FNU || d == Float4E2M1FNX2
}

// IsComplex reports whether d is a complex type.
func (d DType) IsComplex() bool { return d == Complex32 || d == Complex64 || d == Complex128 }

// IsSigned reports whether d has negative values.
func (d DType) IsSigned() bool {
	return d != Uint8 && d != Bool && d != QUint8 && d != Float8E8M0FNU && (d < Uint16 || d > Uint64)
}

// ItemSize returns the size of an element in bytes, or 0 of a dtype that is not
// known here.
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-dtype
func (d DType) ItemSize() int {
	switch d {
	case Uint8, Int8, Bool, QInt8, QUint8, Float8E5M2, Float8E4M3FN, Float8E5M2FNUZ, Float8E4M3FNUZ, Float8E8M0FNU, Float4E2M1FNX2:
		return 1
	case Int16, Uint16, Float16, BFloat16:
		return 2
	case Int32, Uint32, QInt32, Float32, Complex32:
		return 4
	case Int64, Uint64, Float64, Complex64:
		return 8
	case Complex128:
		return 16
	}
	return 0
}

// scalarType returns libtorch's number; d must not be the zero DType.
func (d DType) scalarType() int32 { return int32(d) - 1 }

func dtypeOf(scalarType int32) DType { return DType(scalarType + 1) }

// Element is a Go type that tensors are filled from and read into, or a type of one's
// own that is one of them underneath.
type Element interface {
	~float32 | ~float64 | ~int | ~int64 | ~int32 | ~int16 | ~int8 | ~uint | ~uint64 | ~uint32 | ~uint16 | ~uint8 |
		~bool | ~complex64 | ~complex128
}

// elementType returns the dtype of a Go element type.
func elementType[T Element]() DType { return kindType(reflect.TypeFor[T]().Kind()) }

// valueType returns the dtype of a Go number, or 0 if v is none.
func valueType(v any) DType {
	switch v.(type) {
	case nil, DType, Layout, MemoryFormat:
		return 0
	}
	return kindType(reflect.TypeOf(v).Kind())
}

// kindType returns the dtype of Go's values of a kind, or 0 if no dtype holds them.
func kindType(kind reflect.Kind) DType {
	switch kind {
	case reflect.Float32:
		return Float32
	case reflect.Float64:
		return Float64
	case reflect.Int, reflect.Int64:
		return Int64
	case reflect.Int32:
		return Int32
	case reflect.Int16:
		return Int16
	case reflect.Int8:
		return Int8
	case reflect.Uint, reflect.Uint64:
		return Uint64
	case reflect.Uint32:
		return Uint32
	case reflect.Uint16:
		return Uint16
	case reflect.Uint8:
		return Uint8
	case reflect.Bool:
		return Bool
	case reflect.Complex64:
		return Complex64
	case reflect.Complex128:
		return Complex128
	}
	return 0
}

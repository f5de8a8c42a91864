package torch_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
)

func TestFinfoIsThatOfPython(t *testing.T) {
	for _, c := range []torch.FloatInfo{
		{DType: torch.Float32, Bits: 32, Eps: 1.1920928955078125e-07, Max: math.MaxFloat32, Tiny: 1.1754943508222875e-38, Resolution: 1e-6},
		{DType: torch.Float64, Bits: 64, Eps: 2.220446049250313e-16, Max: math.MaxFloat64, Tiny: 2.2250738585072014e-308, Resolution: 1e-15},
		{DType: torch.Float16, Bits: 16, Eps: 0.0009765625, Max: 65504, Tiny: 6.103515625e-05, Resolution: 1e-3},
		{DType: torch.BFloat16, Bits: 16, Eps: 0.0078125, Max: 3.3895313892515355e+38, Tiny: 1.1754943508222875e-38, Resolution: 1e-2},
		{DType: torch.Float8E5M2, Bits: 8, Eps: 0.25, Max: 57344, Tiny: 6.103515625e-05, Resolution: 1},
		{DType: torch.Float8E4M3FN, Bits: 8, Eps: 0.125, Max: 448, Tiny: 0.015625, Resolution: 1},
		{DType: torch.Float8E5M2FNUZ, Bits: 8, Eps: 0.25, Max: 57344, Tiny: 3.0517578125e-05, Resolution: 1},
		{DType: torch.Float8E4M3FNUZ, Bits: 8, Eps: 0.125, Max: 240, Tiny: 0.0078125, Resolution: 1},
	} {
		c.Min, c.SmallestNormal = -c.Max, c.Tiny
		assert.Equal(t, c, torch.Finfo(c.DType))
	}
	assert.Equal(t, torch.FloatInfo{DType: torch.Float8E8M0FNU, Bits: 8, Eps: 1, Min: 5.877471754111438e-39, Max: 1.7014118346046923e+38,
		Tiny: 5.877471754111438e-39, SmallestNormal: 5.877471754111438e-39, Resolution: 1}, torch.Finfo(torch.Float8E8M0FNU))
	assert.Equal(t, torch.Finfo(torch.Float32), torch.Finfo(torch.Complex64))
	err := torch.Try(func() { torch.Finfo(torch.Int64) })
	assert.True(t, errors.Is(err, &torch.Error{Kind: torch.TypeError}))
}

func TestIinfoIsThatOfPython(t *testing.T) {
	for _, c := range []torch.IntInfo{
		{torch.Uint8, 8, 0, 255}, {torch.Int8, 8, -128, 127}, {torch.Uint16, 16, 0, 65535}, {torch.Int16, 16, -32768, 32767},
		{torch.Uint32, 32, 0, 4294967295}, {torch.Int32, 32, -2147483648, 2147483647},
		{torch.Uint64, 64, 0, 18446744073709551615}, {torch.Int64, 64, -9223372036854775808, 9223372036854775807},
	} {
		assert.Equal(t, c, torch.Iinfo(c.DType))
	}
	for _, d := range []torch.DType{torch.Bool, torch.Float32, torch.QInt8, torch.Float4E2M1FNX2, 0} {
		err := torch.Try(func() { torch.Iinfo(d) })
		assert.True(t, errors.Is(err, &torch.Error{Kind: torch.TypeError}), "%v", d)
	}
}

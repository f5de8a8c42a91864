package torch_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
)

func TestFInfoIsThatOfPython(t *testing.T) {
	assert.Equal(t, torch.FloatInfo{Bits: 32, Eps: 1.1920928955078125e-07, Min: -math.MaxFloat32, Max: math.MaxFloat32,
		Tiny: 1.1754943508222875e-38}, torch.FInfo(torch.Float32))
	assert.Equal(t, torch.FloatInfo{Bits: 64, Eps: 2.220446049250313e-16, Min: -math.MaxFloat64, Max: math.MaxFloat64,
		Tiny: 2.2250738585072014e-308}, torch.FInfo(torch.Complex128))
	assert.Equal(t, torch.FloatInfo{Bits: 16, Eps: 0.0009765625, Min: -65504, Max: 65504, Tiny: 6.103515625e-05},
		torch.FInfo(torch.Float16))
	assert.Equal(t, torch.FloatInfo{Bits: 16, Eps: 0.0078125, Min: -3.3895313892515355e+38, Max: 3.3895313892515355e+38,
		Tiny: 1.1754943508222875e-38}, torch.FInfo(torch.BFloat16))
	err := torch.Try(func() { torch.FInfo(torch.Int64) })
	assert.True(t, errors.Is(err, &torch.Error{Kind: torch.TypeError}))
}

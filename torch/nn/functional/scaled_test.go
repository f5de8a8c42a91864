package functional_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// steps returns numbers from -0.75 to 0.75 in steps of 0.25, again and again.
func steps(shape ...int) *torch.Tensor {
	n := 1
	for _, size := range shape {
		n *= size
	}
	return torch.Arange(0, n, 1).Remainder(7).Sub(3).To(torch.Float32).Reshape(shape...).Div(4)
}

// eightBits returns two matrices of 8 bits a number, and the scale of a whole one.
func eightBits() (x, y *torch.Tensor, whole functional.Scaling) {
	x, y = steps(16, 32).To(torch.Float8E4M3FN), steps(16, 32).To(torch.Float8E4M3FN).T()
	return x, y, functional.ScaledBy(torch.NewTensor(float32(0.5)), functional.TensorWise)
}

// needs skips a test where libtorch is too old for an operator.
func needs(t *testing.T, op string) {
	if _, err := torch.Op(op); err != nil {
		t.Skip(err)
	}
}

func TestGroupedAndScaledProductsAreThoseOfPython(t *testing.T) {
	var cases map[string]torchtest.Tensor
	header := torchtest.Golden(t, "testdata/scaled_mm.json", &cases)
	needs(t, "aten::_scaled_mm_v2")
	a, b := steps(6, 8), steps(2, 8, 16)
	groups := functional.GroupedMMOptions{Offs: torch.NewTensor([]int32{2, 6})}
	x, y, whole := eightBits()
	float := functional.ScaledMMOptions{OutputDType: torch.Float32}
	rows := functional.ScaledBy(steps(16, 1).Abs().Add(0.5), functional.RowWise)
	columns := functional.ScaledBy(steps(1, 16).Abs().Add(0.25), functional.RowWise)
	for name, f := range map[string]func() *torch.Tensor{
		"grouped":          func() *torch.Tensor { return functional.GroupedMM(a, b, groups) },
		"grouped bfloat16": func() *torch.Tensor { return functional.GroupedMM(a.To(torch.BFloat16), b.To(torch.BFloat16), groups) },
		"grouped 3d":       func() *torch.Tensor { return functional.GroupedMM(steps(2, 3, 8), b) },
		"scaled":           func() *torch.Tensor { return functional.ScaledMM(x, y, whole, whole) },
		"scaled float32":   func() *torch.Tensor { return functional.ScaledMM(x, y, whole, whole, float) },
		"scaled rows":      func() *torch.Tensor { return functional.ScaledMM(x, y, rows, columns, float) },
	} {
		var got *torch.Tensor
		err := torch.Try(func() { got = f() })
		if header.Torch != torch.Version() && errors.Is(err, &torch.Error{Kind: torch.NotImplementedError}) {
			t.Logf("%s: libtorch %s has it for CUDA only", name, torch.Version())
			continue
		}
		require.NoError(t, err, name)
		cases[name].Check(t, got.To(torch.Float32), header.Exact(), 1e-6, name)
	}
}

func TestScaledProductsThatNeedCUDASaySo(t *testing.T) {
	needs(t, "aten::_scaled_addmm")
	x, y, whole := eightBits()
	for name, f := range map[string]func(){
		"aten::_scaled_grouped_mm_v2": func() {
			offs := torch.NewTensor([]int32{16, 32})
			functional.ScaledGroupedMM(x, y, whole, whole, functional.ScaledMMOptions{Offs: offs})
		},
		"aten::_scaled_addmm": func() { functional.ScaledAddmm(steps(16, 16), x, y, whole, whole) },
		"aten::_scaled_addmm_": func() {
			functional.ScaledAddmmInplace(steps(16, 16), x, y, whole, whole, functional.ScaledAddmmOptions{Beta: 0.5})
		},
	} {
		err := torch.Try(f)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.NotImplementedError}, name)
		assert.ErrorContains(t, err, "with arguments from the 'CPU' backend", name)
	}
}

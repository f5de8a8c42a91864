package linalg_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// nil stands for the order that Python takes where none is given.
func TestNilOrders(t *testing.T) {
	x := torch.FromSlice([]float64{3, 0, 0, 4}, 2, 2)
	assert.InDelta(t, 5, linalg.MatrixNorm(x, nil).Item(), 1e-12, "fro")
	assert.InDelta(t, 5, linalg.MatrixNorm(x.Unsqueeze(0), nil, torch.ReduceOptions{Keepdim: true}).Sum().Item(), 1e-12)
	assert.InDelta(t, 5, linalg.Norm(x, nil).Item(), 1e-12, "of the elements")
	assert.InDelta(t, 4.0/3, linalg.Cond(x, nil).Item(), 1e-12, "2")
	assert.InDelta(t, 7, linalg.MatrixNorm(x, "nuc").Item(), 1e-12)
	assert.InDelta(t, 4, linalg.MatrixNorm(x, uint8(2)).Item(), 1e-12, "any number")
}

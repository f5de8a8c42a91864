package sizes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

func TestSizes(t *testing.T) {
	assert.Equal(t, []int{3, 3}, sizes.Of("op", 3, 2))
	assert.Equal(t, []int{1, 2, 3}, sizes.Of("op", []int{1, 2, 3}, 2))
	assert.Nil(t, sizes.Optional("op", nil, 2))
	assert.Equal(t, []int{3, 3}, sizes.Optional("op", 3, 2))
	assert.EqualError(t, torch.Try(func() { sizes.Of("op", nil, 2) }), "op: want an int or a []int, not a <nil>")
	assert.EqualError(t, torch.Try(func() { sizes.Of("op", "3", 2) }), "op: want an int or a []int, not a string")

	assert.Equal(t, []int{1, 1}, sizes.Or("op", nil, 1, 2))
	assert.Equal(t, []int{1, 1}, sizes.Or("op", []int(nil), 1, 2))
	assert.Equal(t, []int{0, 0}, sizes.Or("op", 0, 1, 2))
}

func TestFloats(t *testing.T) {
	assert.Equal(t, []float64{2, 2}, sizes.Floats("op", 2, 2))
	assert.Equal(t, []float64{0.5, 0.5}, sizes.Floats("op", 0.5, 2))
	assert.Equal(t, []float64{0.5, 2}, sizes.Floats("op", []float64{0.5, 2}, 2))
	assert.Nil(t, sizes.Floats("op", nil, 2))
	assert.EqualError(t, torch.Try(func() { sizes.Floats("op", []int{2}, 2) }), "op: want a number or a []float64, not a []int")
}

func TestShortLists(t *testing.T) {
	assert.Equal(t, 4, sizes.At("op", "stride", []int{3, 4}, 1))
	assert.EqualError(t, torch.Try(func() { sizes.At("op", "stride", []int{3}, 1) }),
		"op: tuple index out of range: stride has 1 elements, and needs one for each dimension")
	assert.Equal(t, []int{4}, sizes.After([]int{2, 3, 4}, 2))
	assert.Empty(t, sizes.After([]int{2}, 2))
	assert.Empty(t, sizes.Of("op", 3, -1))
}

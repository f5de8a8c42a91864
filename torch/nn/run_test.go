package nn_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestErrorsNameTheModule(t *testing.T) {
	net := nn.NewSequential(nn.NewReLU(), nn.NewSequential(nn.NewLinear(4, 3), nn.NewLinear(4, 2)))
	err := torch.Try(func() { net.Forward(torch.Zeros([]int{2, 4})) })
	var e *torch.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, "1.1", e.Module)
	assert.Contains(t, err.Error(), "1.1: ")
	assert.Contains(t, err.Error(), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x2)")
	err = torch.Try(func() { nn.NewLinear(4, 3).Forward(torch.Zeros([]int{2, 3})) })
	require.True(t, errors.As(err, &e))
	assert.Empty(t, e.Module, "it is the whole network")
}

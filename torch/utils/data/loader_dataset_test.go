package data_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// A loader knows how many samples its dataset has, which its length does not say.
func TestLoaderGivesItsDataset(t *testing.T) {
	set := data.NewTensorDataset(torch.Zeros([]int{5, 2}))
	loader := data.NewDataLoader(set, data.DataLoaderOptions{BatchSize: new(2)})
	assert.Equal(t, 3, loader.Len())
	assert.Equal(t, 5, loader.Dataset().Len())
}

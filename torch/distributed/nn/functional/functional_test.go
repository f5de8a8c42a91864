package functional_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed/nn/functional"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// TestWithoutAGroup panics; with one it is tested beside package distributed.
func TestWithoutAGroup(t *testing.T) {
	x := torch.Ones([]int{2})
	for name, f := range map[string]func(){
		"AllReduce": func() { functional.AllReduce(x) },
		"AllGather": func() { functional.AllGather(x) },
		"Broadcast": func() { functional.Broadcast(x, 0) },
		"Scatter":   func() { functional.Scatter([]*torch.Tensor{x}, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, torch.Try(f), "Default process group has not been initialized")
		})
	}
	assert.ErrorContains(t, torch.Try(func() { functional.Scatter(nil, 0) }), "the list is empty")
}

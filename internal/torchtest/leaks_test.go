package torchtest_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// slow is garbage whose finalizers take longer than a collection waits for them.
type slow struct{ x *torch.Tensor }

// Garbage does not count, also where it needs several collections and finalizers are
// late, as on a busy machine. A single collection leaves it.
func TestSettled(t *testing.T) {
	kept := torch.Ones([]int{2})
	before := torchtest.Settled()
	for range 4 {
		runtime.SetFinalizer(&slow{torch.Ones([]int{2})}, func(*slow) { time.Sleep(150 * time.Millisecond) })
		torch.Ones([]int{3})
	}
	cgotorch.Collect()
	assert.Greater(t, torchtest.LiveTensors(), before, "what a single collection leaves")
	assert.Equal(t, before, torchtest.Settled())
	kept.Close()
	assert.Equal(t, before-1, torchtest.LiveTensors())
}

func TestLeaks(t *testing.T) {
	torch.Ones([]int{2})
	torchtest.Leaks(t, func() { torch.Ones([]int{2}).Close() })
	var leak *torch.Tensor
	inner := new(testing.T)
	torchtest.Leaks(inner, func() { leak = torch.Ones([]int{2}) })
	assert.True(t, inner.Failed())
	leak.Close()
}

package torchtest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/live"
)

// LiveTensors is [live.Tensors].
func LiveTensors() int { return live.Tensors() }

// Settled is [live.Settled].
func Settled() int { return live.Settled() }

// Settle is [live.Settle].
func Settle(count func() int) int { return live.Settle(count) }

// Leaks runs f and fails if there are more or fewer tensors afterwards than there were
// before, without the help of the garbage collector.
func Leaks(t *testing.T, f func()) {
	t.Helper()
	before := live.Settled()
	f()
	assert.Equal(t, before, live.Tensors(), "tensors that are alive")
}

//go:build !race && !asan

package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
)

// TestCallsAllocateTheResultOnly counts allocations on the Go heap. Sanitizers add
// some of their own.
func TestCallsAllocateTheResultOnly(t *testing.T) {
	x := torch.Ones([]int{4, 4})
	torch.Scope(func() { // the tensors' list in the scope grows now, not in the measurement
		for range 2000 {
			x.Add(x)
		}
	})
	torch.Scope(func() {
		assert.Equal(t, 1.0, testing.AllocsPerRun(500, func() { x.Add(x) }))
		assert.Equal(t, 1.0, testing.AllocsPerRun(500, func() { x.Add(2) }))
		assert.Equal(t, 1.0, testing.AllocsPerRun(500, func() { x.View(2, 8) }))
		assert.Equal(t, 1.0, testing.AllocsPerRun(500, func() { torch.AvgPool1d(x, 2, torch.AvgPool1dOptions{Stride: 1}) }))
	})
	assert.Equal(t, 0.0, testing.AllocsPerRun(100, func() { x.AddInplace(1) }))
	assert.Equal(t, 0.0, testing.AllocsPerRun(100, func() { x.Dim() }))
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() { x.Add(x).Close() }))
}

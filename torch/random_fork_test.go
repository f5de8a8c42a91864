package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestForkRNG(t *testing.T) {
	draw := func() []float32 { return torch.ToSlice[float32](torch.Rand([]int{3})) }
	torch.ManualSeed(1)
	want := draw()
	var inside []float32
	fork := func(options ...torch.ForkRNGOptions) {
		torch.ManualSeed(1)
		torch.ForkRNG(func() { inside = draw() }, options...)
	}
	fork()
	assert.Equal(t, want, inside, "the same numbers as without")
	assert.Equal(t, want, draw(), "as if f had drawn none")
	fork(torch.ForkRNGOptions{Devices: []torch.Device{}})
	assert.Equal(t, want, draw())
	fork(torch.ForkRNGOptions{Enabled: new(false)})
	assert.NotEqual(t, want, draw())

	torch.ManualSeed(1)
	assert.Panics(t, func() { torch.ForkRNG(func() { draw(); panic("in f") }) })
	assert.Equal(t, want, draw(), "after a panic")
	torchtest.Leaks(t, func() { torch.ForkRNG(func() {}) })
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no function": {Call: func() { torch.ForkRNG(nil) }, Kind: torch.TypeError, Words: "the function is nil"},
	})
}

package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
)

var seconds = regexp.MustCompile(`, [0-9.]+ s\n`)

// A captured training prints what the eager one prints and ends with the same state, bit
// for bit. Each goes on from the other's checkpoint.
func TestCapture(t *testing.T) {
	sets := toySets()
	sets.classes = figures // at first any may be what an image is taken for
	for _, c := range []struct {
		model, optimizer string
		amp              bool
	}{{"mlp", "sgd", false}, {"cnn", "adam-fused", true}} {
		t.Run(c.model+" "+c.optimizer, func(t *testing.T) {
			with := func(dir string, capture bool) options {
				o := toyOptions(dir)
				o.model, o.optimizer, o.amp, o.capture = c.model, c.optimizer, c.amp, capture
				return o
			}
			finish := func(o options) string {
				var out bytes.Buffer
				require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))
				return seconds.ReplaceAllString(out.String(), "\n")
			}
			dir := t.TempDir()
			lines := finish(with(dir, false))
			want := readCheckpoint(t, dir)
			dir = t.TempDir()
			assert.Equal(t, lines, finish(with(dir, true)))
			assertSame(t, want, readCheckpoint(t, dir))

			for _, first := range []bool{true, false} {
				dir := t.TempDir()
				o := with(dir, first)
				o.epochs = 2
				finish(o)
				o = with(dir, !first)
				o.resume = true
				finish(o)
				assertSame(t, want, readCheckpoint(t, dir))
			}
		})
	}
}

// A captured training that was interrupted between two minibatches goes on eagerly.
func TestResumeCaptured(t *testing.T) {
	sets := toySets()
	sets.classes = figures
	o := toyOptions(t.TempDir())
	o.optimizer = "adam-fused"
	require.NoError(t, train(t.Context(), o, sets, t.Output(), t.Output()))
	want := readCheckpoint(t, o.out)
	for calls, images := range map[int]int{3: 32, 4: 100} { // of the step that is captured, and of the last, smaller minibatch
		ctx, cancel := context.WithCancel(t.Context())
		networks["stopping"] = func() network { return &stopping{digits.NewCNN(), calls, cancel} }
		defer delete(networks, "stopping")
		o.out, o.model, o.capture, o.resume = t.TempDir(), "stopping", true, false
		require.ErrorContains(t, train(ctx, o, sets, t.Output(), t.Output()), "interrupted in epoch")
		stopped := readCheckpoint(t, o.out).Place
		assert.Equal(t, images, stopped.Images)

		networks["stopping"] = func() network { return digits.NewCNN() }
		o.capture, o.resume = false, true
		require.NoError(t, train(t.Context(), o, sets, t.Output(), t.Output()))
		got := readCheckpoint(t, o.out)
		got.Options["model"] = "cnn"
		assertSame(t, want, got)
	}
}

// What cannot be captured is an error of the training.
func TestCaptureRefuses(t *testing.T) {
	r := repeated{capture: true, function: func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{in[0].Mul(in[0].Sum().Item())}
	}}
	x := torch.Ones([]int{2})
	assert.Equal(t, []float32{2, 2}, torch.ToSlice[float32](r.run(x)[0]))
	assert.ErrorContains(t, torch.Try(func() { r.run(x) }), "the value of a tensor is read")
}

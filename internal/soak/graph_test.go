//go:build soak

package soak

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// captured returns a graph of an inference.
func captured(t *testing.T) func(x *torch.Tensor) (*torch.Tensor, error) {
	n := newNet()
	forward := func(in []*torch.Tensor) []*torch.Tensor {
		return torch.NoGradValue(func() []*torch.Tensor { return []*torch.Tensor{n.Forward(in[0]).Softmax(1)} })
	}
	g, err := graph.Capture(forward, []*torch.Tensor{torch.Randn([]int{16, 784})})
	require.NoError(t, err)
	t.Cleanup(g.Close)
	return func(x *torch.Tensor) (*torch.Tensor, error) { return g.Run(x)[0], nil }
}

// exported returns a program of Python's, of convolutions.
func exported(t *testing.T) func(x *torch.Tensor) (*torch.Tensor, error) {
	path := filepath.Join(t.TempDir(), "cnn.pt2")
	require.NoError(t, os.WriteFile(path, torchtest.ReadFile(t, "../../torch/export/testdata/exported/cnn.pt2.gz"), 0o600))
	p, err := export.Load(path)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return func(x *torch.Tensor) (*torch.Tensor, error) {
		y, err := p.Run(x)
		if err != nil {
			return nil, err
		}
		return y.(*torch.Tensor), nil
	}
}

// TestGraphs runs one graph in 16 goroutines, for a minute or for SOAKTIME. Each must get
// what the first run got, and after the first quarter memory must stay within 5 %.
func TestGraphs(t *testing.T) {
	const goroutines = 16
	length := time.Minute
	if text := os.Getenv("SOAKTIME"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	for _, c := range []struct {
		name  string
		graph func(t *testing.T) func(x *torch.Tensor) (*torch.Tensor, error)
		shape []int
	}{{"captured", captured, []int{16, 784}}, {"exported", exported, []int{3, 1, 8, 8}}} {
		t.Run(c.name, func(t *testing.T) {
			run := c.graph(t)
			var inputs, want []*torch.Tensor
			for range goroutines {
				x := torch.Randn(c.shape)
				torch.WithNumThreads(1, func() {
					y, err := run(x)
					require.NoError(t, err)
					inputs, want = append(inputs, x), append(want, y)
				})
			}
			start := time.Now()
			var runs atomic.Int64
			var all sync.WaitGroup
			for i := range goroutines {
				all.Go(func() {
					for time.Since(start) < length && !t.Failed() {
						torch.WithNumThreads(1, func() {
							for range 100 {
								y, err := run(inputs[i])
								if !assert.NoError(t, err) || !assert.True(t, torch.Equal(want[i], y)) {
									return
								}
								y.Close()
							}
						})
						runs.Add(100)
					}
				})
			}
			warm, most := 0, 0
			for time.Since(start) < length {
				time.Sleep(length / 200)
				if rss := status(t, "VmRSS"); time.Since(start) < length/4 {
					warm = max(warm, rss)
				} else {
					most = max(most, rss)
				}
			}
			all.Wait()
			t.Logf("%d runs; resident: %d MB in the first quarter, then %d MB", runs.Load(), warm>>10, most>>10)
			assert.Less(t, float64(most), 1.05*float64(warm))
		})
	}
}

package data_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// sized is a source of so many samples.
type sized int

func (s sized) Len() int { return int(s) }

// TestDistributedSampler expects what Python's DistributedSampler gives.
func TestDistributedSampler(t *testing.T) {
	for name, c := range map[string]struct {
		n, replicas int
		options     data.DistributedSamplerOptions
		want        [][]int
	}{
		"some twice":  {10, 3, data.DistributedSamplerOptions{}, [][]int{{6, 7, 1, 4}, {0, 8, 9, 6}, {3, 5, 2, 0}}},
		"some not":    {10, 3, data.DistributedSamplerOptions{DropLast: true}, [][]int{{6, 7, 1}, {0, 8, 9}, {3, 5, 2}}},
		"few samples": {2, 5, data.DistributedSamplerOptions{Shuffle: new(false)}, [][]int{{0}, {1}, {0}, {1}, {0}}},
		"in order":    {10, 4, data.DistributedSamplerOptions{Shuffle: new(false), DropLast: true}, [][]int{{0, 4}, {1, 5}, {2, 6}, {3, 7}}},
		"a seed":      {7, 2, data.DistributedSamplerOptions{Seed: 5}, [][]int{{1, 3, 0, 6}, {5, 4, 2, 1}}},
		"no samples":  {0, 2, data.DistributedSamplerOptions{}, [][]int{nil, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			for rank, want := range c.want {
				c.options.NumReplicas, c.options.Rank = c.replicas, new(rank)
				sampler := data.NewDistributedSampler(sized(c.n), c.options)
				sampler.SetEpoch(3)
				assert.Equal(t, want, slices.Collect(sampler.All()))
				assert.Equal(t, len(want), sampler.Len())
			}
		})
	}
	refused := func(options data.DistributedSamplerOptions) error {
		return torch.Try(func() { data.NewDistributedSampler(sized(3), options) })
	}
	assert.ErrorContains(t, refused(data.DistributedSamplerOptions{}), "there is no default group")
	assert.ErrorContains(t, refused(data.DistributedSamplerOptions{NumReplicas: 2, Rank: new(2)}), "rank should be in the interval [0, 1]")
}

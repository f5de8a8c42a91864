package data_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

const seed = 5 // of scripts/golden/data.py

// numbers is a dataset of the indices themselves.
type numbers int

func (n numbers) Len() int                  { return int(n) }
func (n numbers) At(index int) (int, error) { return index, nil }

// golden reads a part of the golden file. Orders are whole numbers, so there is no
// tolerance: another libtorch may draw others.
func golden[T any](t *testing.T, part string) (cases T) {
	t.Helper()
	var parts map[string]json.RawMessage
	header := torchtest.Golden(t, "testdata/data.json", &parts)
	require.NoError(t, json.Unmarshal(parts[part], &cases))
	if header.Torch != torch.Version() {
		t.Skipf("the random order is that of libtorch %s, this is %s", header.Torch, torch.Version())
	}
	return cases
}

// after draws a number, as the script does.
func after(g *torch.Generator) int {
	return torch.Randint(0, 1<<40, []int{1}, torch.TensorOptions{Generator: g}).Int()
}

func TestSamplersAsPython(t *testing.T) {
	cases := golden[map[string]struct {
		Orders         []any
		Len            int
		After          int
		AfterGenerator *int `json:"after_generator"`
	}](t, "samplers")
	random := func(n int, o data.RandomSamplerOptions) func(g *torch.Generator) data.Sampler[int] {
		return func(g *torch.Generator) data.Sampler[int] {
			o.Generator = g
			return data.NewRandomSampler(numbers(n), o)
		}
	}
	makers := map[string]func(g *torch.Generator) data.Sampler[int]{
		"random":         random(10, data.RandomSamplerOptions{}),
		"random 4":       random(10, data.RandomSamplerOptions{NumSamples: new(4)}),
		"random 25":      random(10, data.RandomSamplerOptions{NumSamples: new(25)}),
		"replacement":    random(10, data.RandomSamplerOptions{Replacement: true}),
		"replacement 32": random(100, data.RandomSamplerOptions{Replacement: true, NumSamples: new(32)}),
		"replacement 70": random(100, data.RandomSamplerOptions{Replacement: true, NumSamples: new(70)}),
		"large":          random(1000, data.RandomSamplerOptions{NumSamples: new(50)}),
		"subset": func(g *torch.Generator) data.Sampler[int] {
			return data.NewSubsetRandomSampler([]int{3, 1, 4, 15, 9, 2, 6}, data.SubsetRandomSamplerOptions{Generator: g})
		},
		"weighted": func(g *torch.Generator) data.Sampler[int] {
			return data.NewWeightedRandomSampler([]float64{0.1, 0.9, 0.4, 0.7, 3, 0.6}, 9,
				data.WeightedRandomSamplerOptions{Generator: g})
		},
		"weighted without replacement": func(g *torch.Generator) data.Sampler[int] {
			return data.NewWeightedRandomSampler([]float64{0.9, 0.4, 0.05, 0.2, 0.3, 0.1}, 5,
				data.WeightedRandomSamplerOptions{Replacement: new(false), Generator: g})
		},
	}
	batches := map[string]data.Sampler[[]int]{
		"batches":            data.NewBatchSampler(data.NewSequentialSampler(numbers(10)), 4, false),
		"batches, drop last": data.NewBatchSampler(data.NewRandomSampler(numbers(10)), 4, true),
	}
	require.Len(t, cases, 2*len(makers)+len(batches))
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			torch.ManualSeed(seed)
			if b := batches[name]; b != nil {
				assert.Equal(t, fmt.Sprint(want.Orders[0]), fmt.Sprint(slices.Collect(b.All())))
				assert.Equal(t, want.Len, b.Len())
				assert.Equal(t, want.After, after(nil))
				return
			}
			base, own := strings.CutSuffix(name, ", own generator")
			var g *torch.Generator
			if own {
				g = torch.NewGenerator().ManualSeed(7)
			}
			s := makers[base](g)
			for _, order := range want.Orders {
				assert.Equal(t, fmt.Sprint(order), fmt.Sprint(slices.Collect(s.All())))
			}
			assert.Equal(t, want.Len, s.Len())
			assert.Equal(t, want.After, after(nil), "as many random numbers are drawn")
			if own {
				assert.Equal(t, *want.AfterGenerator, after(g))
			}
		})
	}
}

// The batches are Python's, those drawn from the same generators in the loop's
// body too, whether the loop goes to its end or not, and, without the latter,
// whatever makes the batches.
func TestLoaderAsPython(t *testing.T) {
	cases := golden[[]struct {
		Options struct {
			Shuffle   bool
			BatchSize *int `json:"batch_size"`
			DropLast  bool `json:"drop_last"`
		}
		Own     bool
		Stop    int
		Len     int
		Batches [][]int
		Drawn   []int
		After   int
	}](t, "loaders")
	require.Len(t, cases, 20)
	x, y := torch.Arange(0, 30, 1).To(torch.Float32).View(10, 3), torch.Arange(0, 10, 1)
	for _, c := range cases {
		o := data.DataLoaderOptions{BatchSize: c.Options.BatchSize, Shuffle: c.Options.Shuffle, DropLast: c.Options.DropLast}
		t.Run(fmt.Sprintf("%+v own %v stop %d", c.Options, c.Own, c.Stop), func(t *testing.T) {
			for name, dataset := range map[string]data.Dataset[[]*torch.Tensor]{
				"gathered":  data.NewTensorDataset(x, y),
				"by sample": data.NewConcatDataset[[]*torch.Tensor](data.NewTensorDataset(x, y)),
			} {
				torch.ManualSeed(seed)
				if c.Own {
					o.Generator = torch.NewGenerator().ManualSeed(7)
				}
				loader := data.NewDataLoader(dataset, o)
				assert.Equal(t, c.Len, loader.Len())
				var batches [][]int
				var drawn []int
				for range 2 {
					i := 0
					for batch, err := range loader.All(t.Context()) {
						require.NoError(t, err)
						assert.True(t, x.IndexSelect(0, batch[1]).Equal(batch[0]))
						batches = append(batches, torch.ToSlice[int](batch[1]))
						drawn = append(drawn, after(o.Generator))
						if i++; i == c.Stop {
							break
						}
					}
				}
				assert.Equal(t, c.Batches, batches, name)
				assert.Equal(t, c.Drawn, drawn, name)
				assert.Equal(t, c.After, after(nil), name)
			}
		})
	}
}

func TestDistributedAsPython(t *testing.T) {
	cases := golden[[]struct {
		N, Replicas int
		DropLast    bool `json:"drop_last"`
		Shuffle     bool
		Orders      [][]int
	}](t, "distributed")
	require.Len(t, cases, 20)
	for _, c := range cases {
		for rank, want := range c.Orders {
			s := data.NewDistributedSampler(numbers(c.N), c.Replicas, rank,
				data.DistributedSamplerOptions{Shuffle: &c.Shuffle, Seed: 3, DropLast: c.DropLast})
			s.SetEpoch(2)
			assert.Equal(t, want, slices.AppendSeq([]int{}, s.All()), "%+v rank %d", c, rank)
			assert.Equal(t, len(want), s.Len())
		}
	}
}

func TestRandomSplitAsPython(t *testing.T) {
	cases := golden[[]struct {
		N       int
		Lengths []float64
		Own     bool
		Indices [][]int
		After   int
	}](t, "splits")
	require.Len(t, cases, 16)
	for _, c := range cases {
		torch.ManualSeed(seed)
		var o data.RandomSplitOptions
		if c.Own {
			o.Generator = torch.NewGenerator().ManualSeed(7)
		}
		var got [][]int
		for _, s := range data.RandomSplit(numbers(c.N), c.Lengths, o) {
			got = append(got, slices.Clone(s.Indices))
			if got[len(got)-1] == nil {
				got[len(got)-1] = []int{}
			}
		}
		assert.Equal(t, c.Indices, got, "%d %v", c.N, c.Lengths)
		assert.Equal(t, c.After, after(nil))
	}
}

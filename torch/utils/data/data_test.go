package data_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

func ints(x *torch.Tensor) []int { return torch.ToSlice[int](x) }

func TestTensorDataset(t *testing.T) {
	x := torch.NewTensor([][]int{{1, 2}, {3, 4}, {5, 6}})
	d := data.NewTensorDataset(x, torch.NewTensor([]int{7, 8, 9}))
	assert.Equal(t, 3, d.Len())
	row, err := d.At(1)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 4}, ints(row[0]))
	assert.Equal(t, 8, row[1].Int())
	row[0].FillInplace(0)
	assert.Equal(t, []int{1, 2, 0, 0, 5, 6}, ints(x), "a sample is a view")

	batch, err := d.Gather([]int{2, 0, 2})
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2}, batch[0].Shape())
	assert.Equal(t, []int{5, 6, 1, 2, 5, 6}, ints(batch[0]))
	assert.Equal(t, []int{9, 7, 9}, ints(batch[1]))

	for _, index := range []int{-1, 3} {
		_, err := d.At(index)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
		_, err = d.Gather([]int{0, index})
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
		assert.ErrorContains(t, err, "is out of bounds for a dataset of 3 samples")
	}
	e := torchtest.Fails(t, func() { data.NewTensorDataset(x, torch.Ones([]int{2})) })
	assert.Equal(t, "data.NewTensorDataset: Size mismatch between tensors", e.Error())
	assert.ErrorContains(t, torchtest.Fails(t, func() { data.NewTensorDataset() }), "there are no tensors")
}

func TestSubsetAndConcat(t *testing.T) {
	s := data.NewSubset(numbers(10), []int{7, 2, 5})
	c := data.NewConcatDataset[int](s, numbers(0), numbers(2))
	assert.Equal(t, 3, s.Len())
	assert.Equal(t, 5, c.Len())
	var got []int
	for i := range c.Len() {
		v, err := c.At(i)
		require.NoError(t, err)
		got = append(got, v)
	}
	assert.Equal(t, []int{7, 2, 5, 0, 1}, got)
	for _, d := range []data.Dataset[int]{s, c} {
		for _, index := range []int{-1, d.Len()} {
			_, err := d.At(index)
			assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
		}
	}
	_ = torchtest.Fails(t, func() { data.NewConcatDataset[int]() })
}

func TestStackDataset(t *testing.T) {
	s := data.NewStackDataset[int](numbers(3), data.NewSubset(numbers(9), []int{8, 7, 6}))
	assert.Equal(t, 3, s.Len())
	row, err := s.At(1)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 7}, row)
	_, err = s.At(3)
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
	assert.ErrorContains(t, torchtest.Fails(t, func() { data.NewStackDataset[int]() }), "At least one dataset should be passed")
	assert.ErrorContains(t, torchtest.Fails(t, func() { data.NewStackDataset[int](numbers(3), numbers(4)) }), "Size mismatch between datasets")

	x, y := torch.Arange(0, 4, 1), torch.Arange(4, 8, 1)
	loader := data.NewDataLoader(data.NewStackDataset[*torch.Tensor](column{x}, column{y}), data.DataLoaderOptions{BatchSize: new(3)})
	for batch, err := range loader.All(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, ints(batch[0].Add(4)), ints(batch[1]))
	}
}

// column is a dataset of a tensor's elements.
type column struct{ x *torch.Tensor }

func (c column) Len() int                            { return c.x.Size(0) }
func (c column) At(index int) (*torch.Tensor, error) { return c.x.Select(0, index), nil }

// A subset of a subset still gathers.
func TestSubsetGathers(t *testing.T) {
	x := torch.Arange(0, 10, 1)
	whole := &counting{TensorDataset: data.NewTensorDataset(x)}
	inner := data.NewSubset(whole, []int{9, 7, 5, 3})
	loader := data.NewDataLoader(data.NewSubset(inner, []int{3, 0, 1}), data.DataLoaderOptions{BatchSize: new(2)})
	var got [][]int
	for batch, err := range loader.All(t.Context()) {
		require.NoError(t, err)
		got = append(got, ints(batch[0]))
	}
	assert.Equal(t, [][]int{{3, 9}, {7}}, got)
	assert.Equal(t, 2, whole.gathered)

	loader = data.NewDataLoader(data.NewSubset(inner, []int{3, 4}), data.DataLoaderOptions{BatchSize: new(2)})
	for _, err := range loader.All(t.Context()) {
		assert.ErrorContains(t, err, "a batch of samples 0 1: data.Subset.Gather: index 4 is out of bounds for a dataset of 4 samples")
	}
}

type counting struct {
	*data.TensorDataset
	gathered int
}

func (c *counting) Gather(indices []int) ([]*torch.Tensor, error) {
	c.gathered++
	return c.TensorDataset.Gather(indices)
}

func TestMap(t *testing.T) {
	odd := errors.New("odd")
	m := data.Map(numbers(4), func(i int) (string, error) {
		if i%2 == 1 {
			return "", odd
		}
		return strings.Repeat("x", i), nil
	})
	assert.Equal(t, 4, m.Len())
	v, err := m.At(2)
	require.NoError(t, err)
	assert.Equal(t, "xx", v)
	_, err = m.At(1)
	assert.Equal(t, odd, err)
	_, err = data.Map(data.NewSubset(numbers(1), nil), func(int) (int, error) { panic("not reached") }).At(0)
	assert.Error(t, err)
}

func TestRandomSplitRefuses(t *testing.T) {
	for want, f := range map[string]func(){
		"Sum of input lengths does not equal the length of the input dataset!": func() {
			data.RandomSplit(numbers(10), []int{3, 8})
		},
		"length 1 is negative: -1":         func() { data.RandomSplit(numbers(10), []int{11, -1}) },
		"length 0 is not a whole number":   func() { data.RandomSplit(numbers(10), []float64{2.5, 7.5}) },
		"length 0 is negative: -0.5":       func() { data.RandomSplit(numbers(10), []float64{-0.5, 1.5}) },
		"does not equal the length of the": func() { data.RandomSplit(numbers(10), []float64{0.5, 0.6}) },
	} {
		assert.ErrorContains(t, torchtest.Fails(t, f), want)
	}
}

func TestSamplersRefuse(t *testing.T) {
	for want, f := range map[string]func(){
		"num_samples should be a positive integer value, but got num_samples=0":  func() { data.NewRandomSampler(numbers(0)) },
		"num_samples should be a positive integer value, but got num_samples=-1": func() { data.NewWeightedRandomSampler(nil, -1) },
		"batch_size should be a positive integer value, but got batch_size=0": func() {
			data.NewBatchSampler(data.NewSequentialSampler(numbers(1)), 0, false)
		},
		"Invalid rank 2, rank should be in the interval [0, 1]": func() { data.NewDistributedSampler(numbers(9), 2, 2) },
		"the dataset has become empty": func() {
			_ = slices.Collect(data.NewRandomSampler(numbers(0), data.RandomSamplerOptions{NumSamples: new(3)}).All())
		},
		"cannot sample n_sample > prob_dist.size(-1)": func() {
			s := data.NewWeightedRandomSampler([]float64{1, 2}, 3, data.WeightedRandomSamplerOptions{Replacement: new(false)})
			_ = slices.Collect(s.All())
		},
	} {
		assert.ErrorContains(t, torchtest.Fails(t, f), want)
	}
}

// A sampler's loop may be left at any place.
func TestSamplersStop(t *testing.T) {
	samplers := []data.Sampler[int]{
		data.NewSequentialSampler(numbers(70)),
		data.NewRandomSampler(numbers(70)),
		data.NewRandomSampler(numbers(70), data.RandomSamplerOptions{Replacement: true}),
		data.NewSubsetRandomSampler([]int{1, 2, 3, 4}),
		data.NewWeightedRandomSampler([]float64{1, 1}, 4),
		data.NewDistributedSampler(numbers(70), 2, 1),
	}
	for _, s := range samplers {
		n := 0
		for range s.All() {
			if n++; n == 3 {
				break
			}
		}
		assert.Equal(t, 3, n)
		for batch := range data.NewBatchSampler(s, 2, false).All() {
			assert.Len(t, batch, 2)
			break
		}
	}
}

func TestDefaultCollate(t *testing.T) {
	one, two := torch.NewTensor([]int{1, 2}), torch.NewTensor([]int{3, 4})
	b, err := data.DefaultCollate([]*torch.Tensor{one, two})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, b.Shape())
	s, err := data.DefaultCollate([]data.Sample{{Data: one, Target: torch.NewTensor(5)}, {Data: two, Target: torch.NewTensor(6)}})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 4}, ints(s.Data))
	assert.Equal(t, []int{5, 6}, ints(s.Target))
	assert.Equal(t, []int{2}, s.Target.Shape())
	l, err := data.DefaultCollate([][]*torch.Tensor{{one}, {two}})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 4}, ints(l[0]))

	_, err = data.DefaultCollate([][]*torch.Tensor{{one}, {}})
	assert.ErrorContains(t, err, "each element in list of batch should be of equal size")
	_, err = data.DefaultCollate([]int{1})
	assert.EqualError(t, err, "data.DefaultCollate: batch must contain tensors or data.Sample; found int")
	_, err = data.DefaultCollate([]*torch.Tensor{})
	assert.Error(t, err)
	e := torchtest.Fails(t, func() { _, _ = data.DefaultCollate([]*torch.Tensor{one, torch.NewTensor([]int{1})}) })
	assert.ErrorContains(t, e, "stack expects each tensor to be equal size, but got [2] at entry 0 and [1] at entry 1")
}

// stream is an iterable dataset of the numbers below n, which then fails.
type stream struct {
	n   int
	err error
}

func (s stream) All(ctx context.Context) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range s.n {
			if !yield(i, nil) {
				return
			}
		}
		if s.err != nil {
			yield(0, s.err)
		}
	}
}

func TestChain(t *testing.T) {
	broken := errors.New("broken")
	c := data.NewChainDataset[int](stream{n: 2}, stream{}, stream{n: 2, err: broken}, stream{n: 5})
	var got []int
	var last error
	for v, err := range c.All(t.Context()) {
		got, last = append(got, v), err
	}
	assert.Equal(t, []int{0, 1, 0, 1, 0}, got)
	assert.Equal(t, broken, last)
	for _, err := range c.All(t.Context()) {
		require.NoError(t, err)
		break
	}
}

func TestSamplersDrawOnTheCPU(t *testing.T) {
	torch.WithDevice(torch.Meta, func() {
		for _, s := range []data.Sampler[int]{
			data.NewRandomSampler(numbers(5)),
			data.NewRandomSampler(numbers(5), data.RandomSamplerOptions{Replacement: true}),
			data.NewWeightedRandomSampler([]float64{1, 2, 3}, 2),
		} {
			assert.Len(t, slices.Collect(s.All()), s.Len())
		}
	})
}

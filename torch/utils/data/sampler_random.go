package data

import (
	"iter"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// RandomSamplerOptions are the options of [NewRandomSampler].
type RandomSamplerOptions struct {
	Replacement bool             // draw each index anew, so that some come twice
	NumSamples  *int             // how many to give; default: as many as there are samples
	Generator   *torch.Generator // default: one that is seeded from the default generator
}

// RandomSampler gives indices in random order.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
type RandomSampler struct {
	source  Sized
	options RandomSamplerOptions
}

// NewRandomSampler returns a sampler of source's indices. It panics if there are
// none, or if NumSamples is negative.
func NewRandomSampler(source Sized, options ...RandomSamplerOptions) *RandomSampler {
	argument.NotNil("data.NewRandomSampler", "the source", source)
	s := &RandomSampler{source, option.First(options)}
	if n := s.Len(); n <= 0 {
		panic(torch.Errorf("data.NewRandomSampler", torch.ValueError,
			"num_samples should be a positive integer value, but got num_samples=%d", n))
	}
	return s
}

// Len returns how many indices it gives.
func (s *RandomSampler) Len() int {
	if s.options.NumSamples != nil {
		return *s.options.NumSamples
	}
	return s.source.Len()
}

// All gives the indices. The same state of the generators gives the same order as
// Python's, and leaves them in the same state.
func (s *RandomSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		n, generator := s.source.Len(), s.options.Generator
		if n == 0 {
			panic(torch.Errorf("data.RandomSampler", torch.ValueError, "the dataset has become empty"))
		}
		if generator == nil {
			generator = torch.NewGenerator().ManualSeed(drawSeed(nil))
		}
		if s.options.Replacement {
			for left := s.Len(); ; left -= 32 {
				draw := torch.Randint(0, n, []int{min(left, 32)}, torch.TensorOptions{Generator: generator, Device: torch.CPU})
				if !each(take(draw), yield) || left < 32 {
					return
				}
			}
		}
		for left := s.Len(); ; left -= n { // one more permutation is drawn than is needed, as Python does
			if !each(permutation(n, generator)[:min(left, n)], yield) || left < n {
				return
			}
		}
	}
}

// SubsetRandomSampler gives the indices of a list in random order.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.SubsetRandomSampler
type SubsetRandomSampler struct {
	indices   []int
	generator *torch.Generator
}

// SubsetRandomSamplerOptions are the options of [NewSubsetRandomSampler].
type SubsetRandomSamplerOptions struct {
	Generator *torch.Generator // default: the default generator
}

// NewSubsetRandomSampler returns a sampler of the given indices.
func NewSubsetRandomSampler(indices []int, options ...SubsetRandomSamplerOptions) *SubsetRandomSampler {
	return &SubsetRandomSampler{indices, option.First(options).Generator}
}

// Len returns the number of indices.
func (s *SubsetRandomSampler) Len() int { return len(s.indices) }

// All gives the indices.
func (s *SubsetRandomSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, i := range permutation(len(s.indices), s.generator) {
			if !yield(s.indices[i]) {
				return
			}
		}
	}
}

// WeightedRandomSamplerOptions are the options of [NewWeightedRandomSampler].
type WeightedRandomSamplerOptions struct {
	Replacement *bool            // an index may come twice; default: true
	Generator   *torch.Generator // default: the default generator
}

// WeightedRandomSampler draws indices with given probabilities.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
type WeightedRandomSampler struct {
	weights []float64
	samples int
	options WeightedRandomSamplerOptions
}

// NewWeightedRandomSampler returns a sampler that gives so many indices, each with
// a probability in proportion to its weight. It panics if samples is not positive.
func NewWeightedRandomSampler(weights []float64, samples int, options ...WeightedRandomSamplerOptions) *WeightedRandomSampler {
	if samples <= 0 {
		panic(torch.Errorf("data.NewWeightedRandomSampler", torch.ValueError,
			"num_samples should be a positive integer value, but got num_samples=%d", samples))
	}
	return &WeightedRandomSampler{weights, samples, option.First(options)}
}

// Len returns how many indices it gives.
func (s *WeightedRandomSampler) Len() int { return s.samples }

var opMultinomial = torch.NewOperator("aten::multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor")

// All gives the indices. It panics on weights that are no probabilities, and if
// there are too few of them to draw from without replacement.
func (s *WeightedRandomSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		weights := torch.FromSlice(s.weights)
		defer weights.Close()
		var c torch.Call
		c.Tensor(weights)
		c.Int(s.samples)
		c.Bool(s.options.Replacement == nil || *s.options.Replacement)
		c.Generator(s.options.Generator)
		each(take(c.One(opMultinomial)), yield)
	}
}

var opRandom = torch.NewOperator("aten::random_(Tensor(a!) self, *, Generator? generator=None) -> Tensor(a!)")

// drawSeed draws a seed as Python does, from a generator or the default one.
func drawSeed(generator *torch.Generator) int64 {
	seed := torch.Empty(nil, torch.TensorOptions{DType: torch.Int64, Device: torch.CPU})
	defer seed.Close()
	var c torch.Call
	c.Tensor(seed)
	c.Generator(generator)
	c.One(opRandom).Close()
	return int64(seed.Int())
}

// permutation returns the numbers from 0 to n-1 in random order.
func permutation(n int, generator *torch.Generator) []int {
	return take(torch.Randperm(n, torch.TensorOptions{Generator: generator, Device: torch.CPU}))
}

// take returns x's elements and closes it.
func take(x *torch.Tensor) []int {
	defer x.Close()
	return torch.ToSlice[int](x)
}

// each gives the elements of a list, and reports whether more are wanted.
func each(list []int, yield func(int) bool) bool {
	for _, v := range list {
		if !yield(v) {
			return false
		}
	}
	return true
}

package main

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// Cache has the keys and values of all tokens that a model has read, and tables of the
// angles that rotary embeddings turn them by.
type Cache struct {
	Length   int             // how many tokens there are
	keys     []*torch.Tensor // of each layer, 1 × heads × room × head
	values   []*torch.Tensor
	cos, sin *torch.Tensor // room × head
}

// NewCache returns a cache with room for so many tokens.
func NewCache(c Config, room int, dtype torch.DType) *Cache {
	cache := &Cache{}
	for range c.Layers {
		shape := []int{1, c.KVHeads, room, c.HeadDim}
		cache.keys = append(cache.keys, torch.Zeros(shape, torch.TensorOptions{DType: dtype}))
		cache.values = append(cache.values, torch.Zeros(shape, torch.TensorOptions{DType: dtype}))
	}
	angles := torch.Outer(torch.Arange(0, room, 1).To(torch.Float32), frequencies(c))
	angles = torch.Cat([]*torch.Tensor{angles, angles}, -1)
	cache.cos, cache.sin = angles.Cos().To(dtype), angles.Sin().To(dtype)
	return cache
}

// frequencies returns how far each pair of elements turns from one token to the next.
func frequencies(c Config) *torch.Tensor {
	exponents := torch.Arange(0, c.HeadDim, 2).To(torch.Float32).Div(c.HeadDim)
	turns := torch.Pow(c.RopeBase, exponents).Reciprocal()
	if c.RopeFactors != nil {
		turns = turns.Div(torch.FromSlice(c.RopeFactors))
	}
	return turns
}

// llama3Factors returns what Llama 3.1 and later divide frequencies by, so that a longer
// context fits: high ones stay, low ones are divided by factor, and those between by
// something between.
func llama3Factors(c Config, factor, low, high, original float64) []float32 {
	factors := make([]float32, c.HeadDim/2)
	for i := range factors {
		wavelength := 2 * math.Pi * math.Pow(c.RopeBase, float64(2*i)/float64(c.HeadDim))
		smooth := (original/wavelength - low) / (high - low)
		smooth = min(max(smooth, 0), 1)
		factors[i] = float32(1 / ((1-smooth)/factor + smooth))
	}
	return factors
}

// begin returns what layers need to read n tokens more.
func (c *Cache) begin(n int) step {
	s := step{cache: c, cos: c.cos.Narrow(0, c.Length, n), sin: c.sin.Narrow(0, c.Length, n)}
	if n > 1 {
		s.mask = torch.Ones([]int{n, c.Length + n}, torch.TensorOptions{DType: torch.Bool}).Tril(torch.TrilOptions{Diagonal: c.Length})
	}
	return s
}

// Put adds the keys and values of tokens to those of a layer, and returns all.
func (c *Cache) Put(layer int, k, v *torch.Tensor) (keys, values *torch.Tensor) {
	n := k.Size(2)
	c.keys[layer].Narrow(2, c.Length, n).CopyInplace(k)
	c.values[layer].Narrow(2, c.Length, n).CopyInplace(v)
	return c.keys[layer].Narrow(2, 0, c.Length+n), c.values[layer].Narrow(2, 0, c.Length+n)
}

// Room returns how many tokens fit.
func (c *Cache) Room() int { return c.cos.Size(0) }

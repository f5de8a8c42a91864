package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// counted is a module with buffers.
type counted struct {
	nn.Module
	Weight *torch.Tensor
	Mean   *torch.Tensor `nn:",buffer"`
	Count  *torch.Tensor `nn:",buffer"`
}

func newCounted() *counted {
	return nn.Init(&counted{
		Weight: nn.NewParameter(torch.Zeros([]int{7})),
		Mean:   torch.Zeros([]int{2}),
		Count:  torch.Zeros([]int{}, torch.TensorOptions{DType: torch.Int64}),
	})
}

func (c *counted) tensors() []*torch.Tensor { return []*torch.Tensor{c.Weight, c.Mean, c.Count} }

func TestAveragesArePythons(t *testing.T) {
	var c struct {
		Models  [][]torchtest.Tensor
		Average map[string][]torchtest.Tensor
		Names   []string
	}
	exact := torchtest.Golden(t, "testdata/averaged.json", &c).Exact()
	kinds := map[string]optim.AveragedModelOptions{
		"default":              {},
		"default with buffers": {UseBuffers: true},
		"swa":                  {Average: optim.SWA()},
		"ema":                  {Average: optim.EMA(0.9)},
		"ema with buffers":     {Average: optim.EMA(0.9), UseBuffers: true},
	}
	assert.Len(t, kinds, len(c.Average))
	for name, options := range kinds {
		average := optim.NewAveragedModel(newCounted(), options)
		for _, values := range c.Models {
			net := newCounted()
			torch.NoGrad(func() {
				for i, x := range net.tensors() {
					x.CopyInplace(values[i].Make(t))
				}
			})
			average.UpdateParameters(net)
		}
		for i, x := range average.Inner.tensors() {
			c.Average[name][i].Check(t, x, exact, tolerance, name, i)
		}
		assert.Equal(t, 5, average.NAveraged.Int())
		assert.Equal(t, c.Names, average.StateDict().Names())
		assert.True(t, average.Inner.Weight.RequiresGrad())
	}
}

func TestEMADecayOutOfRange(t *testing.T) {
	assert.Equal(t, "Invalid decay value 1.5 provided. Please provide a value in [0,1] range.",
		torchtest.Fails(t, func() { optim.EMA(1.5) }).Message)
}

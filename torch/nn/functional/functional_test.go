package functional_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// The values that these functions share with nn's layers are compared with
// Python's in package nn.

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestLinear(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	w := torch.FromSlice([]float32{1, 0, 0, 1, 1, -1}, 3, 2)
	b := torch.FromSlice([]float32{10, 20, 30})
	assert.Equal(t, []float32{1, 2, -1, 3, 4, -1}, torch.ToSlice[float32](functional.Linear(x, w, nil)))
	assert.Equal(t, []float32{11, 22, 29, 13, 24, 29}, torch.ToSlice[float32](functional.Linear(x, w, b)))
	assert.Equal(t, []int{3}, functional.Linear(x.Select(0, 0), w, b).Shape())
	assert.Equal(t, []int{1, 2, 3}, functional.Linear(x.Unsqueeze(0), w, b).Shape())
	_ = torchtest.Fails(t, func() { functional.Linear(x, nil, nil) })
	_ = torchtest.Fails(t, func() { functional.Linear(x, w, torch.Zeros([]int{4})) })
}

func TestReLU(t *testing.T) {
	x := torch.FromSlice([]float64{-1, 0, 2, math.Inf(-1), math.Inf(1)})
	assert.Equal(t, []float64{0, 0, 2, 0, math.Inf(1)}, torch.ToSlice[float64](functional.ReLU(x)))
	assert.True(t, math.IsNaN(functional.ReLU(torch.NewTensor(math.NaN())).Item()))
}

func TestCrossEntropy(t *testing.T) {
	x := torch.Zeros([]int{3, 4}, torch.TensorOptions{DType: torch.Float64})
	target := torch.FromSlice([]int{0, 1, -100})
	log4 := math.Log(4) // what equal scores of four classes cost
	assert.InDelta(t, log4, functional.CrossEntropy(x, target).Item(), 1e-15)
	sum := functional.CrossEntropyOptions{Reduction: functional.ReductionSum}
	assert.InDelta(t, 2*log4, functional.CrossEntropy(x, target, sum).Item(), 1e-15)
	none := functional.CrossEntropy(x, target, functional.CrossEntropyOptions{Reduction: functional.ReductionNone})
	assert.InDeltaSlice(t, []float64{log4, log4, 0}, torch.ToSlice[float64](none), 1e-15)
	all := functional.CrossEntropyOptions{IgnoreIndex: new(0), Reduction: functional.ReductionMean}
	assert.InDelta(t, log4, functional.CrossEntropy(x.Narrow(0, 0, 2), target.Narrow(0, 0, 2), all).Item(), 1e-15)
	// The mean over no targets is 0/0.
	ignored := functional.CrossEntropy(x.Narrow(0, 0, 1), target.Narrow(0, 0, 1), all)
	assert.True(t, math.IsNaN(ignored.Item()))

	e := torchtest.Fails(t, func() { functional.CrossEntropy(x, target, functional.CrossEntropyOptions{Reduction: "Mean"}) })
	assert.Equal(t, "functional.CrossEntropy: Mean is not a valid value for reduction", e.Error())
}

func TestSizes(t *testing.T) {
	x := torch.Arange(0, 16, 1, torch.TensorOptions{DType: torch.Float32}).View(1, 1, 4, 4)
	assert.Equal(t, []float32{5, 7, 13, 15}, torch.ToSlice[float32](functional.MaxPool2d(x, 2)))
	assert.Equal(t, []float32{4, 5, 6, 7, 12, 13, 14, 15}, torch.ToSlice[float32](functional.MaxPool2d(x, []int{2, 1})))
	assert.Equal(t, []float32{5, 7, 13, 15}, torch.ToSlice[float32](functional.MaxPool2d(x, 2, functional.MaxPool2dOptions{Stride: []int(nil)})))
	assert.Equal(t, []float32{7.5}, torch.ToSlice[float32](functional.AdaptiveAvgPool2d(x, 1)))

	size := []int{-1, 2}
	assert.Equal(t, []float32{0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5}, torch.ToSlice[float32](functional.AdaptiveAvgPool2d(x, size)))
	assert.Equal(t, []int{-1, 2}, size)
	assert.Equal(t, "Input dimension should be at least 3", torchtest.Fails(t, func() { functional.AdaptiveMaxPool2d(torch.Ones([]int{4, 4}), size) }).Message)

	w := torch.Ones([]int{1, 1, 3, 3})
	conv := func(o functional.Conv2dOptions) []float32 { return torch.ToSlice[float32](functional.Conv2d(x, w, o)) }
	assert.Equal(t, []float32{45, 54, 81, 90}, conv(functional.Conv2dOptions{}))
	assert.Equal(t, []float32{45, 54, 81, 90}, conv(functional.Conv2dOptions{Padding: "valid"}))
	assert.Equal(t, []float32{10, 24, 51, 90}, conv(functional.Conv2dOptions{Stride: 2, Padding: 1}))
	assert.Equal(t, []float32{10, 18, 24, 18, 51, 81, 90, 63}, conv(functional.Conv2dOptions{Stride: []int{2, 1}, Padding: 1}))
	assert.Equal(t, conv(functional.Conv2dOptions{Padding: 1}), conv(functional.Conv2dOptions{Padding: "same"}))

	e := torchtest.Fails(t, func() { functional.MaxPool2d(x, 2.5) })
	assert.Equal(t, torch.TypeError, e.Kind)
	assert.Equal(t, "aten::max_pool2d: want an int or a []int, not a float64", e.Error())
	assert.Equal(t, torch.TypeError, torchtest.Fails(t, func() { functional.MaxPool2d(x, nil) }).Kind)
	assert.Equal(t, torch.TypeError, torchtest.Fails(t, func() { functional.Conv2d(x, w, functional.Conv2dOptions{Stride: "same"}) }).Kind)
	assert.Equal(t, "Invalid padding string: 'full'",
		torchtest.Fails(t, func() { functional.Conv2d(x, w, functional.Conv2dOptions{Padding: "full"}) }).Message)
	assert.Equal(t, "functional.MaxUnpool2d: want an int or a []int, not a string",
		torchtest.Fails(t, func() { functional.MaxUnpool2d(x, x.To(torch.Int64), "2") }).Error())
	assert.Equal(t, "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of [4, 4] and "+
		"output size of (2,). Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.",
		torchtest.Fails(t, func() { functional.Interpolate(x, functional.InterpolateOptions{Size: []int{2}}) }).Message)
}

// The weights have the input's size, whatever the target makes of it.
func TestWeightedLossesBroadcastTheInput(t *testing.T) {
	input, target := torch.FromSlice([]float32{1, 2}), torch.FromSlice([]float32{1, 1, 0, 0}, 2, 2)
	weighted := func(reduction functional.Reduction) functional.WeightedLossOptions {
		return functional.WeightedLossOptions{Weight: torch.FromSlice([]float32{1, 3}), Reduction: reduction}
	}
	assert.InDelta(t, 4, functional.MSELoss(input, target, weighted("")).Item(), 0)
	assert.InDelta(t, 16, functional.MSELoss(input, target, weighted(functional.ReductionSum)).Item(), 0)
	assert.Equal(t, []float32{0, 3, 1, 12}, torch.ToSlice[float32](functional.MSELoss(input, target, weighted(functional.ReductionNone))))
	assert.InDelta(t, 2.5, functional.L1Loss(input, target, weighted("")).Item(), 0)
	assert.Equal(t, []float32{0, 3, 1, 6}, torch.ToSlice[float32](functional.L1Loss(input, target, weighted(functional.ReductionNone))))
	assert.InDelta(t, 1.5, functional.MSELoss(input, target).Item(), 0, "without weights")
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"MSELoss": {Call: func() { functional.MSELoss(target, input, weighted("")) }, Kind: torch.ValueError, Words: "Weights and input must have the same size."},
		"L1Loss":  {Call: func() { functional.L1Loss(target, input, weighted("")) }, Kind: torch.ValueError, Words: "Weights and input must have the same size."},
	})
}

// What a function has no use for is refused, not dropped.
func TestOptionsThatCannotBeUsed(t *testing.T) {
	x := torch.Ones([]int{2, 3, 4, 4})
	mean := torch.Zeros([]int{3})
	scaling := functional.Scaling{}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"ScaledMM": {Call: func() {
			functional.ScaledMM(mean, mean, scaling, scaling, functional.ScaledMMOptions{Offs: mean})
		}, Kind: torch.TypeError, Words: "Offs is an option of ScaledGroupedMM"},
		"FractionalMaxPool2d": {Call: func() {
			functional.FractionalMaxPool2d(x, 2, functional.FractionalMaxPoolOptions{OutputSize: 2, OutputRatio: 0.5})
		}, Kind: torch.ValueError, Words: "only one of output_size and output_ratio may be specified"},
		"UpsampleNearest": {Call: func() {
			functional.UpsampleNearest(x, functional.InterpolateOptions{Size: 8, Mode: "bilinear"})
		}, Kind: torch.TypeError, Words: "the mode is 'nearest'"},
		"UpsampleBilinear": {Call: func() {
			functional.UpsampleBilinear(x, functional.InterpolateOptions{Size: 8, AlignCorners: new(false)})
		}, Kind: torch.TypeError, Words: "AlignCorners cannot be chosen"},
	})
	assert.Equal(t, []int{2, 3, 8, 8}, functional.UpsampleBilinear(x, functional.InterpolateOptions{Size: int(8), ScaleFactor: nil}).Shape())
	assert.Equal(t, []int{2, 3, 8, 8}, functional.Interpolate(x, functional.InterpolateOptions{ScaleFactor: uint8(2)}).Shape(), "any number")
}

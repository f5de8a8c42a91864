package functional_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// TestOddShapesAreRefused has inputs of too few dimensions and lists that are too
// short, with what Python says of them.
func TestOddShapesAreRefused(t *testing.T) {
	ones := func(shape ...int) *torch.Tensor { return torch.Ones(shape) }
	indices := func(shape ...int) *torch.Tensor {
		return torch.Zeros(shape, torch.TensorOptions{DType: torch.Int64})
	}
	train := F.BatchNormOptions{Training: true}
	scale := func(shape []int, o F.InterpolateOptions) func() {
		return func() { F.Interpolate(torch.Ones(shape), o) }
	}
	const only = "Input Error: Only 3D, 4D and 5D input Tensors supported (got 1D) for the modes: nearest | linear |"
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"two options": {Call: func() { F.CrossEntropy(ones(1), ones(1), F.CrossEntropyOptions{}, F.CrossEntropyOptions{}) }, Kind: torch.TypeError,
			Words: "2 functional.CrossEntropyOptions were given, want one at most"},
		"embedding bag's standard mode": {Call: func() { F.EmbeddingBag(indices(1, 1), ones(1, 1), F.EmbeddingBagOptions{PerSampleWeights: ones(1, 1)}) },
			Kind: torch.NotImplementedError, Words: "(got mode='mean')"},
		"batch norm of no dimension": {Call: func() { F.BatchNorm(ones(), nil, nil, train) }, Kind: torch.IndexError, Words: "tuple index out of range"},
		"batch norm of one":          {Call: func() { F.BatchNorm(ones(1), nil, nil, train) }, Kind: torch.ValueError, Words: "Expected more than 1 value per channel when training, got input size torch.Size([1])"},
		"batch norm of three":        {Call: func() { F.BatchNorm(ones(3), nil, nil, train) }, Kind: torch.IndexError, Words: "Dimension out of range (expected to be in range of [-1, 0], but got 1)"},
		"instance norm of one dimension": {Call: func() { F.InstanceNorm(ones(3), nil, nil) }, Kind: torch.ValueError,
			Words: "Expected more than 1 spatial element when training, got input size torch.Size([3])"},
		"instance norm of no dimension": {Call: func() { F.InstanceNorm(ones(), nil, nil) }, Kind: torch.ValueError,
			Words: "Expected more than 1 spatial element when training, got input size torch.Size([])"},
		"group norm of no groups":    {Call: func() { F.GroupNorm(ones(2, 3), 0) }, Kind: torch.RuntimeError, Words: "Expected num groups to be greater than 0, got 0"},
		"nearest of one dimension":   {Call: scale([]int{3}, F.InterpolateOptions{Size: 2}), Kind: torch.NotImplementedError, Words: only},
		"area of one dimension":      {Call: scale([]int{3}, F.InterpolateOptions{ScaleFactor: 2, Mode: "area"}), Kind: torch.NotImplementedError, Words: only},
		"upsampling of no dimension": {Call: func() { F.Upsample(ones(), F.InterpolateOptions{ScaleFactor: 0.5}) }, Kind: torch.NotImplementedError, Words: "(got 0D)"},
		"a size for one dimension": {Call: scale([]int{3}, F.InterpolateOptions{Size: []int{2}}), Kind: torch.ValueError,
			Words: "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of [] and output size of (2,)"},
		"a scale for one dimension": {Call: scale([]int{3}, F.InterpolateOptions{ScaleFactor: []float64{2}}), Kind: torch.ValueError,
			Words: "Input and scale_factor must have the same number of spatial dimensions"},
		"unpooling by one of three": {Call: func() { F.MaxUnpool3d(ones(1, 1, 2, 2, 2), indices(1, 1, 2, 2, 2), []int{2}) }, Kind: torch.RuntimeError,
			Words: "There should be exactly three elements (depth, height, width) in output_size, but got 1 elements."},
		"unpooling by none of two": {Call: func() { F.MaxUnpool2d(ones(1, 2, 2), indices(1, 2, 2), []int{}) }, Kind: torch.RuntimeError,
			Words: "There should be exactly two elements (height, width) in output_size, but got 0 elements."},
		"unpooling by none of one": {Call: func() { F.MaxUnpool1d(ones(1, 2), indices(1, 2), []int{}) }, Kind: torch.RuntimeError,
			Words: "There should be exactly two elements (height, width) in output_size, but got 1 elements."},
		"unpooling by four of two": {Call: func() { F.MaxUnpool2d(ones(1, 2, 2), indices(1, 2, 2), []int{2, 2, 2, 2}) }, Kind: torch.IndexError,
			Words: "out of range"},
		"unpooling by short strides": {Call: func() {
			F.MaxUnpool2d(ones(1, 2, 2), indices(1, 2, 2), 2, F.MaxUnpoolOptions{Stride: []int{2}})
		}, Kind: torch.IndexError, Words: "tuple index out of range: stride has 1 elements, and needs one for each dimension"},
		"unpooling by short padding": {Call: func() {
			F.MaxUnpool2d(ones(1, 2, 2), indices(1, 2, 2), 2, F.MaxUnpoolOptions{Padding: []int{0}})
		}, Kind: torch.IndexError, Words: "tuple index out of range: padding has 1 elements"},
		"unpooling to a size by a short list": {Call: func() {
			F.MaxUnpool2d(ones(1, 2, 2), indices(1, 2, 2), []int{2}, F.MaxUnpoolOptions{OutputSize: []int{4, 4}})
		}, Kind: torch.IndexError, Words: "tuple index out of range: kernel size has 1 elements"},
	})
}

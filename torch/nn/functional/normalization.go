package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

// BatchNormOptions are the options of [BatchNorm].
type BatchNormOptions struct {
	Weight, Bias *torch.Tensor // of each channel, or nil
	Training     bool          // normalise by the batch, and update the running statistics
	Momentum     *float64      // the share of the batch in the running statistics; default: 0.1
	Eps          *float64      // added to variances; default: 1e-5
}

// BatchNorm returns x (batch × channels × …) normalised by the mean and the
// variance of each channel, those of the batch if Training is set, else the
// running ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
func BatchNorm(x, runningMean, runningVar *torch.Tensor, options ...BatchNormOptions) *torch.Tensor {
	const name = "BatchNorm"
	o := option.First(options)
	eps := option.Or(o.Eps, 1e-5)
	if o.Training {
		checkBatch(name, x.Shape(), size)
	}
	switch {
	case o.Training && eps <= 0:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"batch_norm eps must be positive during training, but got %v", eps))
	case eps < 0:
		panic(torch.Errorf("functional."+name, torch.ValueError, "batch_norm eps must be non-negative, but got %v",
			eps))
	}
	return torch.BatchNorm(x, o.Weight, o.Bias, runningMean, runningVar, o.Training, option.Or(o.Momentum, 0.1), eps, true)
}

// checkBatch panics, naming the shape in write's way, if there is one value a
// channel only.
func checkBatch(name string, shape []int, write func(shape []int) string) {
	if len(shape) == 0 {
		panic(torch.Errorf("functional."+name, torch.IndexError,
			"tuple index out of range: the input has no dimensions, and needs those of the batch and of the channels"))
	}
	n := shape[0]
	for _, size := range sizes.After(shape, 2) {
		n *= size
	}
	if n == 1 {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"Expected more than 1 value per channel when training, got input size %s", write(shape)))
	}
}

// InstanceNormOptions are the options of [InstanceNorm].
type InstanceNormOptions struct {
	Weight, Bias  *torch.Tensor // of each channel, or nil
	UseInputStats *bool         // false normalises by the running statistics; default: true
	Momentum      *float64      // the share of the batch in the running statistics; default: 0.1
	Eps           *float64      // added to variances; default: 1e-5
}

// InstanceNorm returns x (batch × channels × …) normalised by the mean and the
// variance of each channel of each example, or by the running ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
func InstanceNorm(x, runningMean, runningVar *torch.Tensor, options ...InstanceNormOptions) *torch.Tensor {
	o := option.First(options)
	useInput := option.Or(o.UseInputStats, true)
	if useInput {
		n := 1
		for _, size := range sizes.After(x.Shape(), 2) {
			n *= size
		}
		if n == 1 {
			panic(torch.Errorf("functional.InstanceNorm", torch.ValueError,
				"Expected more than 1 spatial element when training, got input size %s", size(x.Shape())))
		}
	}
	return torch.InstanceNorm(x, o.Weight, o.Bias, runningMean, runningVar, useInput, option.Or(o.Momentum, 0.1), option.Or(o.Eps, 1e-5), true)
}

// NormOptions are the options of [LayerNorm] and [GroupNorm].
type NormOptions struct {
	Weight, Bias *torch.Tensor // of the normalised elements, of GroupNorm of each channel; or nil
	Eps          *float64      // added to variances; default: 1e-5
}

// LayerNorm returns x normalised by the mean and the variance of its last
// dimensions, whose sizes are shape.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
func LayerNorm(x *torch.Tensor, shape []int, options ...NormOptions) *torch.Tensor {
	o := option.First(options)
	return torch.LayerNorm(x, shape, torch.LayerNormOptions{Weight: o.Weight, Bias: o.Bias, Eps: o.Eps})
}

// GroupNorm returns x (batch × channels × …) normalised by the mean and the
// variance of each of groups groups of channels of each example.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
func GroupNorm(x *torch.Tensor, groups int, options ...NormOptions) *torch.Tensor {
	o := option.First(options)
	shape := x.Shape()
	if len(shape) < 2 {
		panic(torch.Errorf("functional.GroupNorm", torch.RuntimeError,
			"Expected at least 2 dimensions for input tensor but received %d", len(shape)))
	}
	if groups == 0 {
		panic(torch.Errorf("functional.GroupNorm", torch.RuntimeError,
			"Expected num groups to be greater than 0, got 0"))
	}
	checkBatch("GroupNorm", append([]int{shape[0] * shape[1] / groups, groups}, shape[2:]...), list)
	return torch.GroupNorm(x, groups, torch.GroupNormOptions{Weight: o.Weight, Bias: o.Bias, Eps: o.Eps})
}

// LocalResponseNormOptions are the options of [LocalResponseNorm].
type LocalResponseNormOptions struct {
	Alpha *float64 // default: 1e-4
	Beta  *float64 // default: 0.75
	K     *float64 // default: 1
}

// LocalResponseNorm returns x (batch × channels × …) divided by (K + Alpha × the
// mean square of size neighbouring channels) to the power of Beta.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
func LocalResponseNorm(x *torch.Tensor, size int, options ...LocalResponseNormOptions) *torch.Tensor {
	o := option.First(options)
	shape := x.Shape()
	if len(shape) < 3 {
		panic(torch.Errorf("functional.LocalResponseNorm", torch.ValueError,
			"Expected 3D or higher dimensionality input (got %d dimensions)", len(shape)))
	}
	if x.Numel() == 0 {
		return x
	}
	squares := x.Mul(x)
	if len(shape) == 3 {
		squares = Pad(squares.Unsqueeze(1), []int{0, 0, size / 2, (size - 1) / 2})
		squares = AvgPool2d(squares, []int{size, 1}, AvgPool2dOptions{Stride: 1}).Squeeze(1)
	} else {
		squares = squares.View(shape[0], 1, shape[1], shape[2], -1)
		squares = Pad(squares, []int{0, 0, 0, 0, size / 2, (size - 1) / 2})
		squares = AvgPool3d(squares, []int{size, 1, 1}, AvgPool3dOptions{Stride: 1}).Squeeze(1).View(shape...)
	}
	return x.Div(squares.Mul(option.Or(o.Alpha, 1e-4)).Add(option.Or(o.K, 1)).Pow(option.Or(o.Beta, 0.75)))
}

// NormalizeOptions are the options of [Normalize].
type NormalizeOptions struct {
	P   *float64 // of the norm; default: 2
	Dim *int     // default: 1
	Eps *float64 // the least norm; default: 1e-12
}

// Normalize returns x divided by its P-norm along Dim.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
func Normalize(x *torch.Tensor, options ...NormalizeOptions) *torch.Tensor {
	o := option.First(options)
	norm := x.Norm(option.Or(o.P, 2), torch.ReduceOptions{Dim: []int{option.Or(o.Dim, 1)}, Keepdim: true})
	return x.Div(norm.ClampMin(option.Or(o.Eps, 1e-12)).ExpandAs(x))
}

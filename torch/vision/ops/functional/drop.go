package functional

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// StochasticDepthMode says what [StochasticDepth] drops together.
type StochasticDepthMode string

// The modes of StochasticDepth.
const (
	StochasticDepthBatch StochasticDepthMode = "batch" // the whole tensor
	StochasticDepthRow   StochasticDepthMode = "row"   // each element of the batch by itself
)

// StochasticDepthOptions are the options of [StochasticDepth].
type StochasticDepthOptions struct {
	Training *bool // drop at all; default: true
}

// StochasticDepth returns x, batch × …, with zeros for what it drops with the
// probability p, and the rest divided by 1 − p; x itself where p is 0, and when not
// training. It panics unless p is in [0, 1], and on other modes.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html
func StochasticDepth(x *torch.Tensor, p float64, mode StochasticDepthMode, options ...StochasticDepthOptions) *torch.Tensor {
	const op = "functional.StochasticDepth"
	checkProbability(op, p, "")
	if mode != StochasticDepthBatch && mode != StochasticDepthRow {
		panic(torch.Errorf(op, torch.ValueError, "mode has to be either 'batch' or 'row', but got %s", mode))
	}
	if !option.Or(option.First(options).Training, true) || p == 0 {
		return x
	}
	size := slices.Repeat([]int{1}, x.Dim())
	if mode == StochasticDepthRow {
		size[0] = x.Size(0)
	}
	survival := 1 - p
	noise := x.NewEmpty(size).BernoulliInplace(torch.BernoulliInplaceOptions{P: &survival})
	if survival > 0 {
		noise.DivInplace(survival)
	}
	return x.Mul(noise)
}

func checkProbability(op string, p float64, stop string) {
	if p < 0 || p > 1 {
		panic(torch.Errorf(op, torch.ValueError, "drop probability has to be between 0 and 1, but got %s%s", python.Repr(p), stop))
	}
}

// DropBlockOptions are the options of [DropBlock2d] and [DropBlock3d].
type DropBlockOptions struct {
	Inplace  bool     // overwrite the input
	Eps      *float64 // added to the number of elements that stay; default: 1e-6
	Training *bool    // drop at all; default: true
}

// DropBlock2d returns x, batch × channels × height × width, with zeros in random squares,
// and the rest scaled such that the mean stays. p is about the share of zeros; blockSize,
// an odd number, is the side of a square, at most the height and the width. It is x itself
// where p is 0, when not training, and in place.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.drop_block2d.html
func DropBlock2d(x *torch.Tensor, p float64, blockSize int, options ...DropBlockOptions) *torch.Tensor {
	return dropBlock("functional.DropBlock2d", x, p, blockSize, 2, option.First(options), func(noise *torch.Tensor, size int) *torch.Tensor {
		return functional.MaxPool2d(noise, size, functional.MaxPool2dOptions{Stride: 1, Padding: size / 2})
	})
}

// DropBlock3d is [DropBlock2d] of cubes in x, batch × channels × depth × height × width.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.drop_block3d.html
func DropBlock3d(x *torch.Tensor, p float64, blockSize int, options ...DropBlockOptions) *torch.Tensor {
	return dropBlock("functional.DropBlock3d", x, p, blockSize, 3, option.First(options), func(noise *torch.Tensor, size int) *torch.Tensor {
		return functional.MaxPool3d(noise, size, functional.MaxPool3dOptions{Stride: 1, Padding: size / 2})
	})
}

// dropBlock is both over dims dimensions; grow makes blocks of points.
func dropBlock(op string, x *torch.Tensor, p float64, blockSize, dims int, o DropBlockOptions, grow func(*torch.Tensor, int) *torch.Tensor) *torch.Tensor {
	checkProbability(op, p, ".")
	if x.Dim() != dims+2 {
		panic(torch.Errorf(op, torch.ValueError, "input should be %d dimensional. Got %d dimensions.", dims+2, x.Dim()))
	}
	if !option.Or(o.Training, true) || p == 0 {
		return x
	}
	shape := x.Shape()
	size := min(blockSize, slices.Min(shape[2:]))
	if size%2 == 0 {
		panic(torch.Errorf(op, torch.ValueError, "block size should be odd. Got %d which is even.", size))
	}
	elements, block, places := p, 1, 1 // of Python's formula, in its order
	for d := range dims {
		elements *= float64(shape[d+2])
		block *= size
		shape[d+2] -= size - 1
		places *= shape[d+2]
	}
	gamma := elements / float64(block*places)
	noise := x.NewEmpty(shape).BernoulliInplace(torch.BernoulliInplaceOptions{P: &gamma})
	noise = grow(functional.Pad(noise, slices.Repeat([]int{size / 2}, 2*dims)), size).Rsub(1)
	scale := noise.Sum().Add(option.Or(o.Eps, 1e-6)).Reciprocal().Mul(noise.Numel())
	if o.Inplace {
		return x.MulInplace(noise).MulInplace(scale)
	}
	return x.Mul(noise).Mul(scale)
}

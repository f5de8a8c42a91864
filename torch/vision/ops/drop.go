package ops

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

// StochasticDepth is [functional.StochasticDepth] as a layer, which does nothing in
// evaluation mode.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.StochasticDepth.html
type StochasticDepth struct {
	nn.Module
	P    float64 // the probability of zero
	Mode functional.StochasticDepthMode
}

// NewStochasticDepth returns the layer.
func NewStochasticDepth(p float64, mode functional.StochasticDepthMode) *StochasticDepth {
	return nn.Init(&StochasticDepth{P: p, Mode: mode})
}

// Forward returns x with what is dropped 0 and the rest divided by 1 − P; in evaluation
// mode x itself.
func (s *StochasticDepth) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *StochasticDepth) forward(x *torch.Tensor) *torch.Tensor {
	return functional.StochasticDepth(x, s.P, s.Mode, functional.StochasticDepthOptions{Training: new(s.IsTraining())})
}

// ExtraRepr returns the options as Python prints them.
func (s *StochasticDepth) ExtraRepr() string {
	return fmt.Sprintf("p=%s, mode=%s", python.Repr(s.P), s.Mode)
}

// DropBlockOptions are the options of [NewDropBlock2d] and [NewDropBlock3d].
type DropBlockOptions struct {
	Inplace bool     // overwrite the input
	Eps     *float64 // added to the number of elements that stay; default: 1e-6
}

// dropBlock is what [DropBlock2d] and [DropBlock3d] share.
type dropBlock struct {
	nn.Module
	P         float64 // about the share of zeros
	BlockSize int     // the side of a block
	Inplace   bool    // overwrite the input
	Eps       float64 // added to the number of elements that stay
}

func newDropBlock(p float64, blockSize int, options []DropBlockOptions) dropBlock {
	o := option.First(options)
	return dropBlock{P: p, BlockSize: blockSize, Inplace: o.Inplace, Eps: option.Or(o.Eps, 1e-6)}
}

// options returns the options of the functional forms.
func (d *dropBlock) options() functional.DropBlockOptions {
	return functional.DropBlockOptions{Inplace: d.Inplace, Eps: &d.Eps, Training: new(d.IsTraining())}
}

// ExtraRepr returns the options as Python prints them.
func (d *dropBlock) ExtraRepr() string {
	return fmt.Sprintf("p=%s, block_size=%d, inplace=%s", python.Repr(d.P), d.BlockSize, python.Repr(d.Inplace))
}

// DropBlock2d is [functional.DropBlock2d] as a layer, which does nothing in evaluation
// mode.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.DropBlock2d.html
type DropBlock2d struct {
	dropBlock // P, BlockSize, Inplace, Eps
}

// NewDropBlock2d returns the layer.
func NewDropBlock2d(p float64, blockSize int, options ...DropBlockOptions) *DropBlock2d {
	return nn.Init(&DropBlock2d{newDropBlock(p, blockSize, options)})
}

// Forward returns x, batch × channels × height × width, with zeros in random squares; in
// evaluation mode, and in place, x itself.
func (d *DropBlock2d) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *DropBlock2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.DropBlock2d(x, d.P, d.BlockSize, d.options())
}

// DropBlock3d is [functional.DropBlock3d] as a layer, which does nothing in evaluation
// mode.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.DropBlock3d.html
type DropBlock3d struct {
	dropBlock // P, BlockSize, Inplace, Eps
}

// NewDropBlock3d returns the layer.
func NewDropBlock3d(p float64, blockSize int, options ...DropBlockOptions) *DropBlock3d {
	return nn.Init(&DropBlock3d{newDropBlock(p, blockSize, options)})
}

// Forward returns x, batch × channels × depth × height × width, with zeros in random
// cubes; in evaluation mode, and in place, x itself.
func (d *DropBlock3d) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *DropBlock3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.DropBlock3d(x, d.P, d.BlockSize, d.options())
}

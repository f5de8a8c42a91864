package nn

import (
	"cmp"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// UpsampleOptions are the options of [NewUpsample], which needs one of the first
// two.
type UpsampleOptions struct {
	Size                 torch.Sizes                // of the result
	ScaleFactor          any                        // of the size: one number for all dimensions, or a []float64
	Mode                 functional.InterpolateMode // default: functional.InterpolateNearest
	AlignCorners         *bool                      // the centres of the corners stay, not their edges
	RecomputeScaleFactor bool                       // take the scale that the rounded size has
}

// Upsample scales the dimensions of x after batch and channels: length, height and
// width, or depth, height and width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
type Upsample struct {
	Module
	Size                 torch.Sizes
	ScaleFactor          any // nil, a float64 or a []float64
	Mode                 functional.InterpolateMode
	AlignCorners         *bool
	RecomputeScaleFactor bool
}

// NewUpsample returns the layer. Options that do not fit panic in Forward.
func NewUpsample(options ...UpsampleOptions) *Upsample {
	return Init(newUpsample(option.First(options)))
}

func newUpsample(o UpsampleOptions) *Upsample {
	if factor, ok := o.ScaleFactor.(int); ok {
		o.ScaleFactor = float64(factor)
	}
	return &Upsample{Size: o.Size, ScaleFactor: o.ScaleFactor, Mode: cmp.Or(o.Mode, functional.InterpolateNearest), AlignCorners: o.AlignCorners,
		RecomputeScaleFactor: o.RecomputeScaleFactor}
}

// Forward returns x, batch × channels × …, with its other dimensions scaled. It
// panics on options that do not fit.
func (u *Upsample) Forward(x *torch.Tensor) *torch.Tensor { return u.Run(x, u.forward) }

func (u *Upsample) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Interpolate(x, functional.InterpolateOptions{Size: u.Size, ScaleFactor: u.ScaleFactor, Mode: u.Mode,
		AlignCorners: u.AlignCorners, RecomputeScaleFactor: u.RecomputeScaleFactor})
}

// ExtraRepr returns the options as Python prints them.
func (u *Upsample) ExtraRepr() string {
	if u.ScaleFactor != nil {
		return fmt.Sprintf("scale_factor=%s, mode='%s'", python.Option(u.ScaleFactor), u.Mode)
	}
	return fmt.Sprintf("size=%s, mode='%s'", python.Option(u.Size), u.Mode)
}

// UpsamplingOptions are the options of [NewUpsamplingNearest2d] and
// [NewUpsamplingBilinear2d], which need one of them.
type UpsamplingOptions struct {
	Size        torch.Sizes // of the result
	ScaleFactor any         // of the size: one number for both dimensions, or a []float64
}

// UpsamplingNearest2d is [Upsample] of mode "nearest".
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
type UpsamplingNearest2d struct {
	Upsample // Size, ScaleFactor, Mode, AlignCorners, RecomputeScaleFactor
}

// NewUpsamplingNearest2d returns the layer. Options that do not fit panic in Forward.
func NewUpsamplingNearest2d(options ...UpsamplingOptions) *UpsamplingNearest2d {
	o := option.First(options)
	return Init(&UpsamplingNearest2d{*newUpsample(UpsampleOptions{Size: o.Size, ScaleFactor: o.ScaleFactor})})
}

// UpsamplingBilinear2d is [Upsample] of mode "bilinear" with aligned corners.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
type UpsamplingBilinear2d struct {
	Upsample // Size, ScaleFactor, Mode, AlignCorners, RecomputeScaleFactor
}

// NewUpsamplingBilinear2d returns the layer. Options that do not fit panic in
// Forward.
func NewUpsamplingBilinear2d(options ...UpsamplingOptions) *UpsamplingBilinear2d {
	o := option.First(options)
	return Init(&UpsamplingBilinear2d{*newUpsample(UpsampleOptions{
		Size: o.Size, ScaleFactor: o.ScaleFactor, Mode: "bilinear", AlignCorners: new(true)})})
}

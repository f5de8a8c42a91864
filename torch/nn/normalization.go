package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// LayerNorm normalises the elements of the last dimensions, whose sizes are
// NormalizedShape, by their mean and variance. Then it multiplies by Weight and
// adds Bias, which have that shape. It panics where the input's last dimensions
// are others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
type LayerNorm struct {
	Module
	NormalizedShape   []int
	Eps               float64
	ElementwiseAffine bool
	Weight, Bias      *torch.Tensor // or nil
}

// LayerNormOptions are the options of [NewLayerNorm].
type LayerNormOptions struct {
	Eps               *float64     // added to variances; default: 1e-5
	ElementwiseAffine *bool        // scale by Weight and shift by Bias; default: true
	Bias              *bool        // false leaves out Bias; default: true
	Device            torch.Device // default: torch.DefaultDevice()
	DType             torch.DType  // default: Float32
}

// NewLayerNorm returns the layer. The shape is an int, the size of the last
// dimension, or a []int.
func NewLayerNorm(normalizedShape torch.Sizes, options ...LayerNormOptions) *LayerNorm {
	o := option.First(options)
	l := &LayerNorm{NormalizedShape: sizes.Of("nn.NewLayerNorm", normalizedShape, 1), Eps: option.Or(o.Eps, 1e-5), ElementwiseAffine: option.Or(o.ElementwiseAffine, true)}
	l.Weight, l.Bias = scaleAndShift(l.NormalizedShape, l.ElementwiseAffine, option.Or(o.Bias, true), torch.TensorOptions{Device: o.Device, DType: o.DType})
	return Init(l)
}

// ResetParameters gives Weight and Bias their first values, ones and zeros.
func (l *LayerNorm) ResetParameters() {
	fill(l.Weight, 1)
	fill(l.Bias, 0)
}

// Forward returns x with its last dimensions normalised. It panics unless they are
// NormalizedShape.
func (l *LayerNorm) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LayerNorm) forward(x *torch.Tensor) *torch.Tensor {
	return functional.LayerNorm(x, l.NormalizedShape, functional.NormOptions{Weight: l.Weight, Bias: l.Bias, Eps: &l.Eps})
}

// ExtraRepr returns the options as Python prints them.
func (l *LayerNorm) ExtraRepr() string {
	return fmt.Sprintf("%s, eps=%s, elementwise_affine=%s, bias=%s", tuple(l.NormalizedShape), python.Repr(l.Eps),
		python.Repr(l.ElementwiseAffine), python.Repr(l.Bias != nil))
}

// RMSNorm divides the elements of the last dimensions, whose sizes are
// NormalizedShape, by the root of their mean square, and multiplies by Weight,
// which has that shape. It panics where the input's last dimensions are others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
type RMSNorm struct {
	Module
	NormalizedShape   []int
	Eps               *float64 // nil: the dtype's epsilon
	ElementwiseAffine bool
	Weight            *torch.Tensor // or nil
}

// RMSNormOptions are the options of [NewRMSNorm].
type RMSNormOptions struct {
	Eps               *float64     // added to mean squares; default: the dtype's epsilon
	ElementwiseAffine *bool        // multiply by Weight; default: true
	Device            torch.Device // default: torch.DefaultDevice()
	DType             torch.DType  // default: Float32
}

// NewRMSNorm returns the layer. The shape is an int, the size of the last
// dimension, or a []int.
func NewRMSNorm(normalizedShape torch.Sizes, options ...RMSNormOptions) *RMSNorm {
	o := option.First(options)
	r := &RMSNorm{NormalizedShape: sizes.Of("nn.NewRMSNorm", normalizedShape, 1), Eps: o.Eps, ElementwiseAffine: option.Or(o.ElementwiseAffine, true)}
	r.Weight, _ = scaleAndShift(r.NormalizedShape, r.ElementwiseAffine, false, torch.TensorOptions{Device: o.Device, DType: o.DType})
	return Init(r)
}

// ResetParameters gives Weight its first values, ones.
func (r *RMSNorm) ResetParameters() { fill(r.Weight, 1) }

// Forward returns x divided by the root mean square of its last dimensions. It
// panics unless they are NormalizedShape.
func (r *RMSNorm) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

func (r *RMSNorm) forward(x *torch.Tensor) *torch.Tensor {
	return functional.RMSNorm(x, r.NormalizedShape, functional.RMSNormOptions{Weight: r.Weight, Eps: r.Eps})
}

// ExtraRepr returns the options as Python prints them.
func (r *RMSNorm) ExtraRepr() string {
	return fmt.Sprintf("%s, eps=%s, elementwise_affine=%s", tuple(r.NormalizedShape), python.Repr(r.Eps), python.Repr(r.ElementwiseAffine))
}

// GroupNorm splits the channels of its input, batch × channels × …, into NumGroups
// groups and normalises each of each example by its mean and variance. Then it
// multiplies each channel by its Weight and adds its Bias.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
type GroupNorm struct {
	Module
	NumGroups    int
	NumChannels  int
	Eps          float64
	Affine       bool
	Weight, Bias *torch.Tensor // of NumChannels elements, or nil
}

// GroupNormOptions are the options of [NewGroupNorm].
type GroupNormOptions struct {
	Eps    *float64     // added to variances; default: 1e-5
	Affine *bool        // scale by Weight and shift by Bias; default: true
	Bias   *bool        // false leaves out Bias; default: true
	Device torch.Device // default: torch.DefaultDevice()
	DType  torch.DType  // default: Float32
}

// NewGroupNorm returns the layer. It panics unless the channels can be split into
// groups of equal size.
func NewGroupNorm(groups, channels int, options ...GroupNormOptions) *GroupNorm {
	o := option.First(options)
	if groups == 0 || channels%groups != 0 {
		panic(torch.Errorf("nn.NewGroupNorm", torch.ValueError, "num_channels (%d) must be divisible by num_groups (%d)",
			channels, groups))
	}
	g := &GroupNorm{NumGroups: groups, NumChannels: channels, Eps: option.Or(o.Eps, 1e-5), Affine: option.Or(o.Affine, true)}
	g.Weight, g.Bias = scaleAndShift([]int{channels}, g.Affine, option.Or(o.Bias, true), torch.TensorOptions{Device: o.Device, DType: o.DType})
	return Init(g)
}

// ResetParameters gives Weight and Bias their first values, ones and zeros.
func (g *GroupNorm) ResetParameters() {
	fill(g.Weight, 1)
	fill(g.Bias, 0)
}

// Forward returns x, batch × channels × …, with its groups of channels normalised.
// It panics where the channels are others.
func (g *GroupNorm) Forward(x *torch.Tensor) *torch.Tensor { return g.Run(x, g.forward) }

func (g *GroupNorm) forward(x *torch.Tensor) *torch.Tensor {
	return functional.GroupNorm(x, g.NumGroups, functional.NormOptions{Weight: g.Weight, Bias: g.Bias, Eps: &g.Eps})
}

// ExtraRepr returns the options as Python prints them.
func (g *GroupNorm) ExtraRepr() string {
	return fmt.Sprintf("%d, %d, eps=%s, affine=%s, bias=%s", g.NumGroups, g.NumChannels, python.Repr(g.Eps), python.Repr(g.Affine), python.Repr(g.Bias != nil))
}

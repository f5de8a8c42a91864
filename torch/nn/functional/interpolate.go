package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

// InterpolateMode says how [Interpolate] finds values between elements.
type InterpolateMode string

// The modes of Interpolate.
const (
	InterpolateNearest      InterpolateMode = "nearest"       // the nearest element, as OpenCV finds it
	InterpolateNearestExact InterpolateMode = "nearest-exact" // the nearest element, as Pillow finds it
	InterpolateArea         InterpolateMode = "area"          // averages of areas
	InterpolateLinear       InterpolateMode = "linear"        // in proportion; of length
	InterpolateBilinear     InterpolateMode = "bilinear"      // in proportion; of height and width
	InterpolateTrilinear    InterpolateMode = "trilinear"     // in proportion; of depth, height and width
	InterpolateBicubic      InterpolateMode = "bicubic"       // by cubic polynomials; of height and width
	InterpolateLanczos      InterpolateMode = "lanczos"       // by Lanczos' filter; of height and width, with Antialias
)

// InterpolateOptions are the options of [Interpolate], which needs one of the
// first two.
type InterpolateOptions struct {
	Size                 torch.Sizes     // of the result
	ScaleFactor          any             // of the size: one number for all dimensions, or a []float64
	Mode                 InterpolateMode // default: InterpolateNearest
	AlignCorners         *bool           // the centres of the corners stay, not their edges
	RecomputeScaleFactor bool            // take the scale that the rounded size has
	Antialias            bool            // filter when sizes shrink; of bilinear, bicubic and lanczos
}

// upsampler is an operator that makes sizes greater or smaller.
type upsampler struct {
	op      *torch.Operator
	corners bool // takes align_corners
}

// upsamplers are those of each mode, by the number of dimensions.
var upsamplers = map[InterpolateMode]map[int]upsampler{
	"nearest":       {1: {opUpsampleNearest1dVec, false}, 2: {opUpsampleNearest2dVec, false}, 3: {opUpsampleNearest3dVec, false}},
	"nearest-exact": {1: {opUpsampleNearestExact1dVec, false}, 2: {opUpsampleNearestExact2dVec, false}, 3: {opUpsampleNearestExact3dVec, false}},
	"linear":        {1: {opUpsampleLinear1dVec, true}},
	"bilinear":      {2: {opUpsampleBilinear2dVec, true}},
	"bicubic":       {2: {opUpsampleBicubic2dVec, true}},
	"trilinear":     {3: {opUpsampleTrilinear3dVec, true}},
}

var antialiasers = map[InterpolateMode]upsampler{
	"bilinear": {opUpsampleBilinear2dAaVec, true},
	"bicubic":  {opUpsampleBicubic2dAaVec, true},
	"lanczos":  {opUpsampleLanczos2dAaVec, true},
}

// Interpolate returns x (batch × channels × length, height × width, or depth ×
// height × width) with the last dimensions scaled.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
func Interpolate(x *torch.Tensor, options ...InterpolateOptions) *torch.Tensor {
	const name = "Interpolate"
	o := option.First(options)
	if o.Mode == "" {
		o.Mode = "nearest"
	}
	dims := x.Dim() - 2
	smooth := o.Mode != "nearest" && o.Mode != "area" && o.Mode != "nearest-exact"
	if !smooth && o.AlignCorners != nil {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"))
	}
	size, factors := o.scale(name, x, dims)
	if o.Antialias && (antialiasers[o.Mode].op == nil || dims != 2) {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"))
	}
	if o.Mode == "area" && dims >= 1 && dims <= 3 {
		pools := []func(*torch.Tensor, torch.Sizes) *torch.Tensor{AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d}
		return pools[dims-1](x, size)
	}
	by, ok := upsamplers[o.Mode][dims]
	if o.Antialias {
		by, ok = antialiasers[o.Mode], true
	}
	switch {
	case ok:
	case o.Mode == "lanczos" && dims == 2:
		panic(torch.Errorf("functional."+name, torch.ValueError, "Lanczos mode requires InterpolateOptions.Antialias"))
	case len(upsamplers[o.Mode]) == 1 && dims >= 1 && dims <= 3:
		var needs int
		for d := range upsamplers[o.Mode] {
			needs = d
		}
		panic(torch.Errorf("functional."+name, torch.NotImplementedError, "Got %dD input, but %s mode needs %dD input",
			dims+2, o.Mode, needs+2))
	default:
		panic(torch.Errorf("functional."+name, torch.NotImplementedError, "Input Error: Only 3D, 4D and 5D input Tensors supported (got %dD) for the modes: "+
			"nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)", dims+2, o.Mode))
	}
	var c torch.Call
	c.Tensor(x)
	c.OptionalInts(size)
	if by.corners {
		c.Bool(option.Or(o.AlignCorners, false))
	}
	c.OptionalFloats(factors)
	return c.One(by.op)
}

// scale checks size and scale factors, and returns the one that counts for all dims
// dimensions; the other is nil.
func (o *InterpolateOptions) scale(name string, x *torch.Tensor, dims int) (size []int, factors []float64) {
	const words = "Input and %s must have the same number of spatial dimensions, but got input with spatial dimensions of %s and %s. " +
		"Please provide input tensor in (N, C, d1, d2, ...,dK) format and %s format."
	size, factors = sizes.Optional("functional."+name, o.Size, dims), sizes.Floats("functional."+name, o.ScaleFactor, dims)
	switch {
	case size != nil && factors != nil:
		panic(torch.Errorf("functional."+name, torch.ValueError, "only one of size or scale_factor should be defined"))
	case size == nil && factors == nil:
		panic(torch.Errorf("functional."+name, torch.ValueError, "either size or scale_factor should be defined"))
	case size != nil && len(size) != max(dims, 0):
		panic(torch.Errorf("functional."+name, torch.ValueError, words,
			"output", list(sizes.After(x.Shape(), 2)), "output size of "+tuple(size...), "output size in (o1, o2, ...,oK)"))
	case size != nil && o.RecomputeScaleFactor:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"recompute_scale_factor is not meaningful with an explicit size."))
	case size != nil:
		return size, nil
	case len(factors) != max(dims, 0):
		panic(torch.Errorf("functional."+name, torch.ValueError, words,
			"scale_factor", list(sizes.After(x.Shape(), 2)), "scale_factor of shape "+python.Repr(python.TupleOf(factors)), "scale_factor in (s1, s2, ...,sK)"))
	}
	if !o.RecomputeScaleFactor && o.Mode != "area" {
		return nil, factors
	}
	for d, factor := range factors {
		size = append(size, int(float64(x.Size(d+2))*factor))
	}
	return size, nil
}

// Upsample is [Interpolate] by another name.
func Upsample(x *torch.Tensor, options ...InterpolateOptions) *torch.Tensor {
	return Interpolate(x, options...)
}

// UpsampleNearest is [Interpolate] of mode "nearest".
func UpsampleNearest(x *torch.Tensor, options ...InterpolateOptions) *torch.Tensor {
	o := option.First(options)
	o.fix("UpsampleNearest", InterpolateNearest, nil)
	return Interpolate(x, o)
}

// UpsampleBilinear is [Interpolate] of mode "bilinear" with aligned corners.
func UpsampleBilinear(x *torch.Tensor, options ...InterpolateOptions) *torch.Tensor {
	o := option.First(options)
	o.fix("UpsampleBilinear", InterpolateBilinear, new(true))
	return Interpolate(x, o)
}

// fix sets the options that a function has no choice of, and refuses others.
func (o *InterpolateOptions) fix(name string, mode InterpolateMode, alignCorners *bool) {
	if o.Mode != "" && o.Mode != mode {
		panic(torch.Errorf("functional."+name, torch.TypeError, "the mode is '%s'; Interpolate takes others", mode))
	}
	if o.AlignCorners != nil && (alignCorners == nil || *o.AlignCorners != *alignCorners) {
		panic(torch.Errorf("functional."+name, torch.TypeError, "AlignCorners cannot be chosen; Interpolate takes it"))
	}
	o.Mode, o.AlignCorners = mode, alignCorners
}

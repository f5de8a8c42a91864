package functional

import "github.com/wangkuiyi/gotorch/torch"

// InterpolateOptions are the options of [Interpolate], which needs one of the
// first two.
type InterpolateOptions struct {
	Size        []int     // of the result: one number for all dimensions, or one each
	ScaleFactor []float64 // of the size: one for all dimensions, or one each
	// Mode is "nearest", "nearest-exact", "area", "linear" (of length), "bilinear",
	// "bicubic", "lanczos" (of height and width) or "trilinear". Default: "nearest".
	Mode                 string
	AlignCorners         *bool // the centres of the corners stay, not their edges
	RecomputeScaleFactor bool  // take the scale that the rounded size has
	Antialias            bool  // filter when sizes shrink; of bilinear, bicubic and lanczos
}

// upsampler is an operator that makes sizes greater or smaller.
type upsampler struct {
	op      *torch.Operator
	corners bool // takes align_corners
}

// upsamplers are those of each mode, by the number of dimensions.
var upsamplers = map[string]map[int]upsampler{
	"nearest":       {1: {opUpsampleNearest1dVec, false}, 2: {opUpsampleNearest2dVec, false}, 3: {opUpsampleNearest3dVec, false}},
	"nearest-exact": {1: {opUpsampleNearestExact1dVec, false}, 2: {opUpsampleNearestExact2dVec, false}, 3: {opUpsampleNearestExact3dVec, false}},
	"linear":        {1: {opUpsampleLinear1dVec, true}},
	"bilinear":      {2: {opUpsampleBilinear2dVec, true}},
	"bicubic":       {2: {opUpsampleBicubic2dVec, true}},
	"trilinear":     {3: {opUpsampleTrilinear3dVec, true}},
}

var antialiasers = map[string]upsampler{
	"bilinear": {opUpsampleBilinear2dAaVec, true},
	"bicubic":  {opUpsampleBicubic2dAaVec, true},
	"lanczos":  {opUpsampleLanczos2dAaVec, true},
}

// Interpolate returns x (batch × channels × length, height × width, or depth ×
// height × width) with the last dimensions scaled.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
func Interpolate(x *torch.Tensor, o InterpolateOptions) *torch.Tensor {
	const name = "Interpolate"
	if o.Mode == "" {
		o.Mode = "nearest"
	}
	dims := x.Dim() - 2
	smooth := o.Mode != "nearest" && o.Mode != "area" && o.Mode != "nearest-exact"
	if !smooth && o.AlignCorners != nil {
		fail(name, torch.ValueError, "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
	}
	o.scale(name, x, dims)
	if o.Antialias && (antialiasers[o.Mode].op == nil || dims != 2) {
		fail(name, torch.ValueError, "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input")
	}
	if o.Mode == "area" && dims >= 1 && dims <= 3 {
		pools := []func(*torch.Tensor, []int) *torch.Tensor{AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d}
		return pools[dims-1](x, o.Size)
	}
	by, ok := upsamplers[o.Mode][dims]
	if o.Antialias {
		by, ok = antialiasers[o.Mode], true
	}
	switch {
	case ok:
	case o.Mode == "lanczos" && dims == 2:
		fail(name, torch.ValueError, "Lanczos mode requires antialias=True")
	case upsamplers[o.Mode] != nil && len(upsamplers[o.Mode]) == 1 && dims >= 1 && dims <= 3:
		var needs int
		for d := range upsamplers[o.Mode] {
			needs = d
		}
		fail(name, torch.NotImplementedError, "Got %dD input, but %s mode needs %dD input", dims+2, o.Mode, needs+2)
	default:
		fail(name, torch.NotImplementedError, "Input Error: Only 3D, 4D and 5D input Tensors supported (got %dD) for the modes: "+
			"nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)", dims+2, o.Mode)
	}
	var c torch.Call
	c.Tensor(x)
	if o.Size != nil {
		c.Ints(o.Size)
	} else {
		c.None()
	}
	if by.corners {
		c.Bool(or(o.AlignCorners, false))
	}
	if o.ScaleFactor != nil {
		c.Floats(o.ScaleFactor)
	} else {
		c.None()
	}
	return c.One(by.op)
}

// scale checks size and scale factors, of which one stays, for all dims dimensions.
func (o *InterpolateOptions) scale(name string, x *torch.Tensor, dims int) {
	const words = "Input and %s must have the same number of spatial dimensions, but got input with spatial dimensions of %s and %s"
	switch {
	case o.Size != nil && o.ScaleFactor != nil:
		fail(name, torch.ValueError, "only one of size or scale_factor should be defined")
	case o.Size == nil && o.ScaleFactor == nil:
		fail(name, torch.ValueError, "either size or scale_factor should be defined")
	case o.Size != nil && o.RecomputeScaleFactor:
		fail(name, torch.ValueError, "recompute_scale_factor is not meaningful with an explicit size.")
	case o.Size != nil:
		if o.Size = pair(o.Size, dims); len(o.Size) != dims {
			fail(name, torch.ValueError, words+" output size of %s. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.",
				"output", list(x.Shape()[2:]), "", list(o.Size))
		}
		return
	}
	factors := make([]float64, dims)
	for d := range factors {
		factors[d] = o.ScaleFactor[min(d, len(o.ScaleFactor)-1)]
	}
	if n := len(o.ScaleFactor); n != 1 && n != dims {
		fail(name, torch.ValueError, words+". Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.",
			"scale_factor", list(x.Shape()[2:]), "scale_factor of another length")
	}
	o.ScaleFactor = factors
	if o.RecomputeScaleFactor || o.Mode == "area" {
		o.Size = make([]int, dims)
		for d := range o.Size {
			o.Size[d] = int(float64(x.Size(d+2)) * factors[d])
		}
		o.ScaleFactor = nil
	}
}

// Upsample is [Interpolate] by another name.
func Upsample(x *torch.Tensor, o InterpolateOptions) *torch.Tensor { return Interpolate(x, o) }

// UpsampleNearest is [Interpolate] of mode "nearest".
func UpsampleNearest(x *torch.Tensor, o InterpolateOptions) *torch.Tensor {
	o.Mode = "nearest"
	return Interpolate(x, o)
}

// UpsampleBilinear is [Interpolate] of mode "bilinear" with aligned corners.
func UpsampleBilinear(x *torch.Tensor, o InterpolateOptions) *torch.Tensor {
	o.Mode, o.AlignCorners = "bilinear", new(true)
	return Interpolate(x, o)
}

package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
)

// PadOptions are the options of [Pad].
type PadOptions struct {
	Mode  torch.PadMode // default: torch.PadConstant
	Value float64       // what to pad with in mode torch.PadConstant
}

// Pad returns x with pad around it: pairs of widths before and after, for the last
// dimension first. Negative widths cut off.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
func Pad(x *torch.Tensor, pad []int, options ...PadOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(x)
	c.Ints(pad)
	c.OptionalString(string(o.Mode))
	if o.Value != 0 {
		c.Float(o.Value)
	} else {
		c.Default()
	}
	return c.One(opPad)
}

// GridMode says how [GridSample] finds values between pixels.
type GridMode string

// The modes of GridSample.
const (
	GridBilinear GridMode = "bilinear" // between the nearest pixels, or voxels, in proportion
	GridNearest  GridMode = "nearest"  // the nearest pixel
	GridBicubic  GridMode = "bicubic"  // by cubic polynomials; of height and width only
)

// GridPadding says what lies outside of what [GridSample] samples.
type GridPadding string

// The paddings of GridSample.
const (
	GridZeros      GridPadding = "zeros"      // 0
	GridBorder     GridPadding = "border"     // the pixels at the edge
	GridReflection GridPadding = "reflection" // the image in reverse
)

// The modes of grids and of their padding, as libtorch numbers them.
var (
	gridModes    = map[GridMode]int{"": 0, GridBilinear: 0, GridNearest: 1, GridBicubic: 2}
	gridPaddings = map[GridPadding]int{"": 0, GridZeros: 0, GridBorder: 1, GridReflection: 2}
)

// GridSampleOptions are the options of [GridSample].
type GridSampleOptions struct {
	Mode         GridMode    // default: GridBilinear
	PaddingMode  GridPadding // what lies outside; default: GridZeros
	AlignCorners bool        // −1 and 1 are the centres of the outer pixels, not their edges
}

// GridSample returns samples of x (batch × channels × height × width, or with a
// depth) at the points of grid (batch × height × width × 2, or with a depth and
// 3), coordinates x first, in [−1, 1].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
func GridSample(x, grid *torch.Tensor, options ...GridSampleOptions) *torch.Tensor {
	o := option.First(options)
	mode, ok := gridModes[o.Mode]
	if !ok {
		panic(torch.Errorf("functional.GridSample", torch.ValueError,
			"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '%s'", o.Mode))
	}
	padding, ok := gridPaddings[o.PaddingMode]
	if !ok {
		panic(torch.Errorf("functional.GridSample", torch.ValueError,
			"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '%s'", o.PaddingMode))
	}
	return torch.GridSampler(x, grid, mode, padding, o.AlignCorners)
}

// AffineGridOptions are the options of [AffineGrid].
type AffineGridOptions struct {
	AlignCorners bool // −1 and 1 are the centres of the outer pixels, not their edges
}

// AffineGrid returns a grid of points for [GridSample] by affine maps theta (batch
// × 2 × 3, or × 3 × 4), for a result of the given size (batch × channels × height ×
// width, or with a depth).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
func AffineGrid(theta *torch.Tensor, size []int, options ...AffineGridOptions) *torch.Tensor {
	const name = "AffineGrid"
	if !theta.DType().IsFloatingPoint() {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"Expected theta to have floating point type, but got %v", theta.DType()))
	}
	dims := len(size) - 2
	if dims != 2 && dims != 3 {
		panic(torch.Errorf("functional."+name, torch.NotImplementedError,
			"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size %s.", list(size)))
	}
	if theta.Dim() != 3 || theta.Size(-2) != dims || theta.Size(-1) != dims+1 {
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"Expected a batch of %dD affine matrices of shape Nx%dx%d for size %s. Got torch.Size(%s).", dims, dims, dims+1, list(size), list(theta.Shape())))
	}
	for _, n := range size {
		if n <= 0 {
			panic(torch.Errorf("functional."+name, torch.ValueError, "Expected non-zero, positive output size. Got %s",
				list(size)))
		}
	}
	return torch.AffineGridGenerator(theta, size, option.First(options).AlignCorners)
}

// UnfoldOptions are the options of [Unfold] and [Fold].
type UnfoldOptions struct {
	Dilation torch.Sizes // default: 1
	Padding  torch.Sizes // default: 0
	Stride   torch.Sizes // default: 1
}

// geometry passes a kernel's size and the options.
func (o UnfoldOptions) geometry(c *torch.Call, kernel torch.Sizes) {
	const op = "functional.Unfold"
	c.Sizes(kernel)
	c.Ints(sizes.Or(op, o.Dilation, 1, 2))
	c.Ints(sizes.Or(op, o.Padding, 0, 2))
	c.Ints(sizes.Or(op, o.Stride, 1, 2))
}

// Unfold returns the windows of x (batch × channels × height × width) as columns:
// batch × channels·window × windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
func Unfold(x *torch.Tensor, kernelSize torch.Sizes, options ...UnfoldOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	option.First(options).geometry(&c, kernelSize)
	return c.One(opIm2col)
}

// Fold returns the sums of windows at their places: the inverse of [Unfold] but
// for where they overlap.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
func Fold(x *torch.Tensor, outputSize, kernelSize torch.Sizes, options ...UnfoldOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.Sizes(outputSize)
	option.First(options).geometry(&c, kernelSize)
	return c.One(opCol2im)
}

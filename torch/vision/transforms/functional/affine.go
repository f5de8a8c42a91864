package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	nnf "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// WarpOptions are the options that functions which move pixels share.
type WarpOptions struct {
	Interpolation Interpolation // Nearest or Bilinear; default: what the function says
	Fill          []float64     // what comes from outside: a number for all channels, or one each; default: 0
}

// warp returns what lies at the points of a grid.
func warp(op string, x, grid *torch.Tensor, o WarpOptions, standard Interpolation) *torch.Tensor {
	mode := o.Interpolation
	if mode == "" {
		mode = standard
	}
	if mode != Nearest && mode != Bilinear {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Interpolation mode '%s' is unsupported with Tensor input", mode))
	}
	channels, _, _ := Dimensions(x)
	if n := len(o.Fill); n > 1 && n != channels {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"The number of elements in 'fill' cannot broadcast to match the number of channels of the image (%d != %d)", n, channels))
	}
	return batched(x, grid.DType(), func(x *torch.Tensor) *torch.Tensor {
		n := x.Size(0)
		points := grid.Expand(append([]int{n}, grid.Shape()[1:]...)...)
		like := torch.TensorOptions{DType: x.DType(), Device: x.Device()}
		if o.Fill != nil {
			inside := torch.Ones([]int{n, 1, x.Size(2), x.Size(3)}, like)
			x = torch.Cat([]*torch.Tensor{x, inside}, 1)
		}
		x = nnf.GridSample(x, points, nnf.GridSampleOptions{Mode: nnf.GridMode(mode)})
		if o.Fill == nil {
			return x
		}
		inside := x.Narrow(1, channels, 1)
		x = x.Narrow(1, 0, channels)
		fill := torch.FromSlice(o.Fill).To(x.DType(), x.Device()).View(1, -1, 1, 1)
		if mode == Nearest {
			return torch.Where(inside.Lt(0.5), fill, x)
		}
		return x.Mul(inside).Add(inside.Rsub(1).Mul(fill))
	})
}

// points returns the pixels' positions, 1 × width·height × 3, x and y and 1. The
// first one is at x and y.
func points(x, y float64, width, height int, like torch.TensorOptions) *torch.Tensor {
	grid := torch.Empty([]int{1, height, width, 3}, like)
	line := func(from float64, n int) *torch.Tensor {
		return torch.Linspace(from, from+float64(n)-1, n, torch.TensorOptions{Device: like.Device})
	}
	grid.Select(-1, 0).CopyInplace(line(x, width))
	grid.Select(-1, 1).CopyInplace(line(y, height).Unsqueeze(-1))
	grid.Select(-1, 2).FillInplace(1)
	return grid.View(1, height*width, 3)
}

// floats returns numbers as a tensor of the given shape.
func floats(values []float64, like torch.TensorOptions, shape ...int) *torch.Tensor {
	return torch.FromSlice(values).To(like.DType, like.Device).View(shape...)
}

// affineGrid returns where the pixels of a result of width × height come from.
func affineGrid(x *torch.Tensor, matrix []float64, width, height int) *torch.Tensor {
	like := torch.TensorOptions{DType: working(x), Device: x.Device()}
	theta := floats(matrix, like, 1, 2, 3).Transpose(1, 2)
	_, h, w := Dimensions(x)
	theta = theta.Div(floats([]float64{0.5 * float64(w), 0.5 * float64(h)}, like, 2))
	grid := points(-0.5*float64(width)+0.5, -0.5*float64(height)+0.5, width, height, like)
	return grid.Bmm(theta).View(1, height, width, 2)
}

// inverse returns the matrix that finds a pixel's origin: it undoes turning about a
// centre, moving, scaling and shearing.
func inverse(center [2]float64, angle float64, translate [2]float64, scale float64, shear [2]float64) []float64 {
	const degree = math.Pi / 180
	rot, sx, sy := angle*degree, shear[0]*degree, shear[1]*degree
	a := math.Cos(rot-sy) / math.Cos(sy)
	b := -math.Cos(rot-sy)*math.Tan(sx)/math.Cos(sy) - math.Sin(rot)
	c := math.Sin(rot-sy) / math.Cos(sy)
	d := -math.Sin(rot-sy)*math.Tan(sx)/math.Cos(sy) + math.Cos(rot)
	m := []float64{d / scale, -b / scale, 0, -c / scale, a / scale, 0}
	x, y := -center[0]-translate[0], -center[1]-translate[1]
	m[2] += float64(m[0]*x) + float64(m[1]*y) + center[0]
	m[5] += float64(m[3]*x) + float64(m[4]*y) + center[1]
	return m
}

// fromMiddle returns a point as seen from the middle of x, which nil stands for.
func fromMiddle(x *torch.Tensor, center *[2]float64) [2]float64 {
	if center == nil {
		return [2]float64{}
	}
	_, h, w := Dimensions(x)
	return [2]float64{center[0] - float64(w)*0.5, center[1] - float64(h)*0.5}
}

// RotateOptions are the options of [Rotate].
type RotateOptions struct {
	WarpOptions             // Interpolation: default "nearest"
	Expand      bool        // make the result large enough for all of the image
	Center      *[2]float64 // x and y to turn about, from the upper left; default: the middle
}

// Rotate returns the image turned counterclockwise by an angle in degrees.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.rotate.html
func Rotate(x *torch.Tensor, angle float64, options ...RotateOptions) *torch.Tensor {
	o := option.First(options)
	matrix := inverse(fromMiddle(x, o.Center), -angle, [2]float64{}, 1, [2]float64{})
	_, height, width := Dimensions(x)
	if o.Expand {
		width, height = expanded(matrix, width, height)
	}
	return warp("Rotate", x, affineGrid(x, matrix, width, height), o.WarpOptions, "nearest")
}

// expanded returns the size that holds all of an image that a matrix turns.
func expanded(matrix []float64, width, height int) (int, int) {
	w, h := 0.5*float64(width), 0.5*float64(height)
	like := torch.TensorOptions{DType: torch.Float32, Device: torch.CPU}
	corners := floats([]float64{-w, -h, 1, -w, h, 1, w, h, 1, w, -h, 1}, like, 4, 3)
	corners = corners.Matmul(floats(matrix, like, 2, 3).T())
	middle := floats([]float64{w, h}, like, 2)
	const tolerance = 1e-4
	cut := func(x *torch.Tensor) *torch.Tensor { return x.Add(middle).Div(tolerance).Trunc().Mul(tolerance) }
	greatest, _ := corners.MaxDim(0)
	least, _ := corners.MinDim(0)
	size := torch.ToSlice[float32](cut(greatest).Ceil().Sub(cut(least).Floor()))
	return int(size[0]), int(size[1])
}

// AffineOptions are the options of [Affine].
type AffineOptions struct {
	WarpOptions             // Interpolation: default "nearest"
	Center      *[2]float64 // x and y to turn about, from the upper left; default: the middle
}

// Affine returns the image turned clockwise by an angle, moved right and down,
// scaled, and sheared along x and y. Angles are in degrees.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.affine.html
func Affine(x *torch.Tensor, angle float64, translate [2]float64, scale float64, shear [2]float64, options ...AffineOptions) *torch.Tensor {
	const op = "Affine"
	o := option.First(options)
	if scale <= 0 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "Argument scale should be positive"))
	}
	matrix := inverse(fromMiddle(x, o.Center), angle, translate, scale, shear)
	_, height, width := Dimensions(x)
	return warp(op, x, affineGrid(x, matrix, width, height), o.WarpOptions, "nearest")
}

// Perspective returns the image as if seen from another side: four points of it, x
// and y from the upper left, go to four other points. Interpolation is "bilinear" by
// default.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.perspective.html
func Perspective(x *torch.Tensor, start, end [4][2]int, options ...WarpOptions) *torch.Tensor {
	_, height, width := Dimensions(x)
	like := torch.TensorOptions{DType: working(x), Device: x.Device()}
	c := perspective(start, end)
	size := floats([]float64{0.5 * float64(width), 0.5 * float64(height)}, like, 2)
	upper := floats(c[:6], like, 1, 2, 3).Transpose(1, 2).Div(size)
	lower := floats([]float64{c[6], c[7], 1, c[6], c[7], 1}, like, 1, 2, 3).Transpose(1, 2)
	from := points(0.5, 0.5, width, height, like)
	grid := from.Bmm(upper).Div(from.Bmm(lower)).Sub(1)
	return warp("Perspective", x, grid.View(1, height, width, 2), option.First(options), "bilinear")
}

// perspective returns the eight coefficients of the map that takes end to start.
func perspective(start, end [4][2]int) []float64 {
	var equations, results []float64
	for i := range start {
		x, y := float64(end[i][0]), float64(end[i][1])
		u, v := float64(start[i][0]), float64(start[i][1])
		equations = append(equations, x, y, 1, 0, 0, 0, -u*x, -u*y)
		equations = append(equations, 0, 0, 0, x, y, 1, -v*x, -v*y)
		results = append(results, u, v)
	}
	solution, _, _, _ := linalg.Lstsq(torch.FromSlice(equations, 8, 8), torch.FromSlice(results, 8, 1), linalg.LstsqOptions{Driver: "gels"})
	return torch.ToSlice[float64](solution.To(torch.Float32))
}

// ElasticTransform returns the image with each pixel taken from elsewhere: a
// displacement, 1 × height × width × 2, of x and y in units of half the image.
// Interpolation is "bilinear" by default.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.elastic_transform.html
func ElasticTransform(x, displacement *torch.Tensor, options ...WarpOptions) *torch.Tensor {
	_, height, width := Dimensions(x)
	line := func(n int) *torch.Tensor {
		size := float64(n)
		return torch.Linspace((-size+1)/size, (size-1)/size, n)
	}
	grid := torch.Meshgrid([]*torch.Tensor{line(height), line(width)}, torch.MeshgridOptions{Indexing: "ij"})
	identity := torch.Stack([]*torch.Tensor{grid[1], grid[0]}, -1).Unsqueeze(0)
	moved := identity.To(x.Device()).Add(displacement.To(x.Device()))
	return warp("ElasticTransform", x, moved, option.First(options), "bilinear")
}

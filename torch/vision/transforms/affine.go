package transforms

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// angles returns a range of angles; one number stands for its negative and itself.
func angles(op, name string, v any, sizes ...int) []float64 {
	if angle, ok := number.Float(v); ok {
		if angle < 0 {
			panic(torch.Errorf("transforms."+op, torch.ValueError, "If %s is a single number, it must be positive.",
				name))
		}
		return []float64{-angle, angle}
	}
	if list, ok := v.([]float64); ok && slices.Contains(sizes, len(list)) {
		return list
	}
	panic(torch.Errorf("transforms."+op, torch.ValueError, "%s should be a sequence of length %d.", name, sizes[0]))
}

// filled returns the options with 0 for no fill, as torchvision's classes have it.
func filled(o functional.WarpOptions, standard functional.Interpolation) functional.WarpOptions {
	if o.Fill == nil {
		o.Fill = []float64{0}
	}
	return interpolated(o, standard)
}

// show returns a fill as people write it.
func show(fill []float64) any {
	if len(fill) == 1 {
		return intOrFloat(fill[0])
	}
	return fill
}

// point returns a point as people write it.
func point(p *[2]float64) python.Tuple { return python.Tuple{intOrFloat(p[0]), intOrFloat(p[1])} }

// RandomRotation turns images by an angle in a range.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomRotation.html
type RandomRotation struct {
	Degrees []float64
	Options functional.RotateOptions
}

// RotationOptions are the options of [NewRandomRotation].
type RotationOptions = functional.RotateOptions

// NewRandomRotation returns the transform: by an angle in degrees, an int or a
// float64, at most in either direction, or from one to another, a []float64.
func NewRandomRotation(degrees any, options ...RotationOptions) *RandomRotation {
	o := option.First(options)
	o.WarpOptions = filled(o.WarpOptions, "nearest")
	return &RandomRotation{angles("NewRandomRotation", "degrees", degrees, 2), o}
}

// Forward returns the image turned.
func (r *RandomRotation) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.Rotate(x, uniform(r.Degrees[0], r.Degrees[1]), r.Options)
}

// String returns the transform as Python prints it.
func (r *RandomRotation) String() string {
	fields := []field{{"degrees", r.Degrees}, {"interpolation", string(r.Options.Interpolation)}, {"expand", r.Options.Expand}}
	if c := r.Options.Center; c != nil {
		fields = append(fields, field{"center", point(c)})
	}
	return repr("RandomRotation", append(fields, field{"fill", show(r.Options.Fill)})...)
}

// RandomAffine turns, moves, scales and shears images.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomAffine.html
type RandomAffine struct {
	Degrees []float64
	Shear   []float64
	Options RandomAffineOptions
}

// RandomAffineOptions are the options of [NewRandomAffine].
type RandomAffineOptions struct {
	functional.AffineOptions             // Interpolation: default "nearest"
	Translate                *[2]float64 // the most to move, as shares of width and height; default: not at all
	Scale                    *[2]float64 // by factors from and to; default: not at all
	Shear                    any         // along x as degrees are given, or along x and y as a []float64 of 4; default: not at all
}

// NewRandomAffine returns the transform: by an angle in degrees, an int or a float64,
// at most in either direction, or from one to another, a []float64.
func NewRandomAffine(degrees any, options ...RandomAffineOptions) *RandomAffine {
	const op = "NewRandomAffine"
	r := &RandomAffine{Degrees: angles(op, "degrees", degrees, 2), Options: option.First(options)}
	o := &r.Options
	o.WarpOptions = filled(o.WarpOptions, "nearest")
	if t := o.Translate; t != nil && !(0 <= t[0] && t[0] <= 1 && 0 <= t[1] && t[1] <= 1) {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "translation values should be between 0 and 1"))
	}
	if s := o.Scale; s != nil && (s[0] <= 0 || s[1] <= 0) {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "scale values should be positive"))
	}
	if o.Shear != nil {
		r.Shear = angles(op, "shear", o.Shear, 2, 4)
	}
	return r
}

// Forward returns the image moved.
func (r *RandomAffine) Forward(x *torch.Tensor) *torch.Tensor {
	_, height, width := functional.Dimensions(x)
	angle := uniform(r.Degrees[0], r.Degrees[1])
	var translate, shear [2]float64
	if t := r.Options.Translate; t != nil {
		dx, dy := t[0]*float64(width), t[1]*float64(height)
		translate[0] = float64(round(uniform(-dx, dx)))
		translate[1] = float64(round(uniform(-dy, dy)))
	}
	scale := 1.0
	if s := r.Options.Scale; s != nil {
		scale = uniform(s[0], s[1])
	}
	for i := 0; 2*i < len(r.Shear); i++ {
		shear[i] = uniform(r.Shear[2*i], r.Shear[2*i+1])
	}
	return functional.Affine(x, angle, translate, scale, shear, r.Options.AffineOptions)
}

// String returns the transform as Python prints it.
func (r *RandomAffine) String() string {
	fields := []field{{"degrees", r.Degrees}}
	o := r.Options
	add := func(name string, v *[2]float64) {
		if v != nil {
			fields = append(fields, field{name, python.TupleOf(v[:])})
		}
	}
	add("translate", o.Translate)
	add("scale", o.Scale)
	if r.Shear != nil {
		fields = append(fields, field{"shear", r.Shear})
	}
	if o.Interpolation != "nearest" {
		fields = append(fields, field{"interpolation", string(o.Interpolation)})
	}
	if fill := show(o.Fill); fill != any(0) {
		fields = append(fields, field{"fill", fill})
	}
	if o.Center != nil {
		fields = append(fields, field{"center", point(o.Center)})
	}
	return repr("RandomAffine", fields...)
}

// RandomPerspective shows images from another side by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomPerspective.html
type RandomPerspective struct {
	sometimes
	DistortionScale float64
}

// RandomPerspectiveOptions are the options of [NewRandomPerspective].
type RandomPerspectiveOptions struct {
	functional.WarpOptions          // Interpolation: default "bilinear"
	DistortionScale        *float64 // how far corners move, as a share of half the image; default: 0.5
	P                      *float64 // the probability; default: 0.5
}

// NewRandomPerspective returns the transform.
func NewRandomPerspective(options ...RandomPerspectiveOptions) *RandomPerspective {
	o := option.First(options)
	o.WarpOptions = filled(o.WarpOptions, "bilinear")
	r := &RandomPerspective{DistortionScale: 0.5}
	if o.DistortionScale != nil {
		r.DistortionScale = *o.DistortionScale
	}
	r.sometimes = newSometimes("RandomPerspective", []RandomOptions{{P: o.P}}, func(x *torch.Tensor) *torch.Tensor {
		_, height, width := functional.Dimensions(x)
		right, bottom := width-1, height-1
		start := [4][2]int{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}
		return functional.Perspective(x, start, r.corners(width, height), o.WarpOptions)
	})
	return r
}

// corners draws where the corners go: upper left, upper right, lower right and lower
// left.
func (r *RandomPerspective) corners(width, height int) (ends [4][2]int) {
	dx := int(r.DistortionScale * float64(width/2))
	dy := int(r.DistortionScale * float64(height/2))
	for i, at := range [4][2]bool{{false, false}, {true, false}, {true, true}, {false, true}} {
		for j, far := range at {
			size, d := [2]int{width, height}[j], [2]int{dx, dy}[j]
			if far {
				ends[i][j] = between(size-d-1, size)
			} else {
				ends[i][j] = below(d + 1)
			}
		}
	}
	return ends
}

// ElasticTransform moves pixels by smooth random distances.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ElasticTransform.html
type ElasticTransform struct{ Options ElasticTransformOptions }

// ElasticTransformOptions are the options of [NewElasticTransform].
type ElasticTransformOptions struct {
	functional.WarpOptions             // Interpolation: default "bilinear"
	Alpha                  *[2]float64 // how far, along x and y; default: 50
	Sigma                  *[2]float64 // how smooth, along x and y; default: 5
}

// NewElasticTransform returns the transform.
func NewElasticTransform(options ...ElasticTransformOptions) *ElasticTransform {
	o := option.First(options)
	o.WarpOptions = filled(o.WarpOptions, "bilinear")
	if o.Alpha == nil {
		o.Alpha = &[2]float64{50, 50}
	}
	if o.Sigma == nil {
		o.Sigma = &[2]float64{5, 5}
	}
	return &ElasticTransform{o}
}

// Forward returns the image with its pixels moved.
func (e *ElasticTransform) Forward(x *torch.Tensor) *torch.Tensor {
	_, height, width := functional.Dimensions(x)
	size := [2]int{width, height}
	parts := make([]*torch.Tensor, 2)
	for i, sigma := range e.Options.Sigma {
		d := torch.Rand([]int{1, 1, height, width}).Mul(2).Sub(1)
		if sigma > 0 {
			d = functional.GaussianBlur(d, []int{int(8*sigma+1) | 1}, e.Options.Sigma[:])
		}
		parts[i] = d.Mul(e.Options.Alpha[i]).Div(size[i])
	}
	return functional.ElasticTransform(x, torch.Cat(parts, 1).Permute(0, 2, 3, 1), e.Options.WarpOptions)
}

// String returns the transform as Python prints it.
func (e *ElasticTransform) String() string {
	o := e.Options
	return repr("ElasticTransform", field{"alpha", o.Alpha[:]}, field{"sigma", o.Sigma[:]},
		field{"interpolation", "InterpolationMode." + map[functional.Interpolation]string{functional.Nearest: "NEAREST", functional.Bilinear: "BILINEAR"}[o.Interpolation]},
		field{"fill", o.Fill})
}

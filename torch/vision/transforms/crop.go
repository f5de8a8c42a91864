package transforms

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// ResizeOptions are the options of [NewResize].
type ResizeOptions = functional.ResizeOptions

// Resize gives images another size.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html
type Resize struct {
	Size    []int
	Options ResizeOptions
}

// NewResize returns the transform: to a height and a width, or to one number for the
// shorter edge, whose ratio to the longer one stays.
func NewResize(size torch.Sizes, options ...ResizeOptions) *Resize {
	r := &Resize{ints("NewResize", size), withDefaults(option.First(options))}
	if len(r.Size) != 1 && len(r.Size) != 2 {
		panic(torch.Errorf("transforms.NewResize", torch.ValueError,
			"If size is a sequence, it should have 1 or 2 values"))
	}
	return r
}

func withDefaults(o ResizeOptions) ResizeOptions {
	if o.Interpolation == "" {
		o.Interpolation = "bilinear"
	}
	if o.Antialias == nil {
		o.Antialias = new(true)
	}
	return o
}

// Forward returns the image as functional.Resize does.
func (r *Resize) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.Resize(x, r.Size, r.Options)
}

// String returns the transform as Python prints it.
func (r *Resize) String() string {
	var limit any
	if r.Options.MaxSize != 0 {
		limit = r.Options.MaxSize
	}
	return repr("Resize", field{"size", oneOrTuple(r.Size)}, field{"interpolation", string(r.Options.Interpolation)},
		field{"max_size", limit}, field{"antialias", option.Or(r.Options.Antialias, true)})
}

// CenterCrop takes the middle of images.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
type CenterCrop struct{ Size []int }

// NewCenterCrop returns the transform, for a height and a width, or one number for
// both.
func NewCenterCrop(size torch.Sizes) *CenterCrop { return &CenterCrop{pair("NewCenterCrop", size)} }

// Forward returns the image as functional.CenterCrop does.
func (c *CenterCrop) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.CenterCrop(x, c.Size)
}

// String returns the transform as Python prints it.
func (c *CenterCrop) String() string {
	return repr("CenterCrop", field{"size", python.TupleOf(c.Size)})
}

// PadOptions are the options of [NewPad].
type PadOptions = functional.PadOptions

// Pad gives images a border.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Pad.html
type Pad struct {
	Padding []int
	Options PadOptions
}

// NewPad returns the transform, for one width for all sides, two for left and right,
// and top and bottom, or four for left, top, right and bottom.
func NewPad(padding torch.Sizes, options ...PadOptions) *Pad {
	const op = "NewPad"
	p := &Pad{ints(op, padding), option.First(options)}
	if n := len(p.Padding); n != 1 && n != 2 && n != 4 {
		panic(torch.Errorf("transforms."+op, torch.ValueError,
			"Padding must be an int or a 1, 2, or 4 element tuple, not a %d element tuple", n))
	}
	switch p.Options.PaddingMode {
	case "":
		p.Options.PaddingMode = "constant"
	case "constant", "edge", "reflect", "symmetric":
	default:
		panic(torch.Errorf("transforms."+op, torch.ValueError,
			"Padding mode should be either constant, edge, reflect or symmetric"))
	}
	return p
}

// Forward returns the image as functional.Pad does.
func (p *Pad) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.Pad(x, p.Padding, p.Options)
}

// String returns the transform as Python prints it.
func (p *Pad) String() string {
	return repr("Pad", field{"padding", oneOrTuple(p.Padding)}, field{"fill", intOrFloat(p.Options.Fill)},
		field{"padding_mode", p.Options.PaddingMode})
}

// oneOrTuple returns a single number as such, and several as a tuple.
func oneOrTuple(numbers []int) any {
	if len(numbers) == 1 {
		return numbers[0]
	}
	return python.TupleOf(numbers)
}

// intOrFloat returns a number without a fraction as an int, as people write it.
func intOrFloat(v float64) any {
	if v == math.Trunc(v) {
		return int(v)
	}
	return v
}

// RandomCrop takes a rectangle somewhere of images.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
type RandomCrop struct {
	Size    []int
	Padding []int
	Options RandomCropOptions
}

// RandomCropOptions are the options of [NewRandomCrop].
type RandomCropOptions struct {
	PadOptions
	Padding     torch.Sizes // pad so before, as NewPad does; default: nil, not at all
	PadIfNeeded bool        // pad images that are too small
}

// NewRandomCrop returns the transform, for a height and a width, or one number for
// both.
func NewRandomCrop(size torch.Sizes, options ...RandomCropOptions) *RandomCrop {
	const op = "NewRandomCrop"
	r := &RandomCrop{Size: pair(op, size), Options: option.First(options)}
	if r.Options.Padding != nil {
		r.Padding = ints(op, r.Options.Padding)
	}
	return r
}

// Forward returns the rectangle. It panics if the image is smaller, unless
// PadIfNeeded is set.
func (r *RandomCrop) Forward(x *torch.Tensor) *torch.Tensor {
	pad := func(padding ...int) { x = functional.Pad(x, padding, r.Options.PadOptions) }
	if r.Padding != nil {
		pad(r.Padding...)
	}
	height, width := r.Size[0], r.Size[1]
	_, h, w := functional.Dimensions(x)
	if r.Options.PadIfNeeded {
		if w < width {
			pad(width-w, 0)
		}
		if h < height {
			pad(0, height-h)
		}
		_, h, w = functional.Dimensions(x)
	}
	if h < height || w < width {
		panic(torch.Errorf("transforms.RandomCrop", torch.ValueError,
			"Required crop size (%d, %d) is larger than input image size (%d, %d)", height, width, h, w))
	}
	if h == height && w == width {
		return functional.Crop(x, 0, 0, h, w)
	}
	top := below(h - height + 1)
	left := below(w - width + 1)
	return functional.Crop(x, top, left, height, width)
}

// String returns the transform as Python prints it.
func (r *RandomCrop) String() string {
	var padding any
	if r.Padding != nil {
		padding = oneOrTuple(r.Padding)
	}
	return repr("RandomCrop", field{"size", python.TupleOf(r.Size)}, field{"padding", padding})
}

// RandomResizedCrop takes a rectangle somewhere of images, of a share of their area and
// a ratio of its edges by chance, and gives it a size.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomResizedCrop.html
type RandomResizedCrop struct {
	Size    []int
	Options RandomResizedCropOptions
}

// RandomResizedCropOptions are the options of [NewRandomResizedCrop].
type RandomResizedCropOptions struct {
	Scale         *[2]float64              // of the area, from and to; default: 0.08 and 1
	Ratio         *[2]float64              // of width to height, from and to; default: 3/4 and 4/3
	Interpolation functional.Interpolation // default: functional.Bilinear
	Antialias     *bool                    // as in ResizeOptions; default: true
}

// NewRandomResizedCrop returns the transform, for a height and a width, or one number
// for both.
func NewRandomResizedCrop(size torch.Sizes, options ...RandomResizedCropOptions) *RandomResizedCrop {
	o := option.First(options)
	if o.Scale == nil {
		o.Scale = &[2]float64{0.08, 1}
	}
	if o.Ratio == nil {
		o.Ratio = &[2]float64{3.0 / 4, 4.0 / 3}
	}
	r := withDefaults(ResizeOptions{Interpolation: o.Interpolation, Antialias: o.Antialias})
	o.Interpolation, o.Antialias = r.Interpolation, r.Antialias
	return &RandomResizedCrop{pair("NewRandomResizedCrop", size), o}
}

// Forward returns the rectangle with its new size.
func (r *RandomResizedCrop) Forward(x *torch.Tensor) *torch.Tensor {
	top, left, height, width := r.choose(x)
	return functional.ResizedCrop(x, top, left, height, width, r.Size,
		ResizeOptions{Interpolation: r.Options.Interpolation, Antialias: r.Options.Antialias})
}

func (r *RandomResizedCrop) choose(x *torch.Tensor) (top, left, height, width int) {
	_, h, w := functional.Dimensions(x)
	next := rectangles(*r.Options.Scale, *r.Options.Ratio)
	for range 10 {
		width, height = next(h * w)
		if 0 < width && width <= w && 0 < height && height <= h {
			top = below(h - height + 1)
			left = below(w - width + 1)
			return top, left, height, width
		}
	}
	width, height = w, h
	ratio := float64(w) / float64(h)
	if least := r.Options.Ratio[0]; ratio < least {
		height = round(float64(w) / least)
	} else if most := r.Options.Ratio[1]; ratio > most {
		width = round(float64(h) * most)
	}
	return (h - height) / 2, (w - width) / 2, height, width
}

// round rounds as Python does, halves to even numbers.
func round(v float64) int { return int(math.RoundToEven(v)) }

// rectangles returns a function that draws edges a and b of a rectangle, with a share
// of an area and a ratio a/b.
func rectangles(scale, ratio [2]float64) func(area int) (a, b int) {
	logs := torch.ToSlice[float64](torch.FromSlice(ratio[:]).To(torch.Float32).Log())
	return func(area int) (a, b int) {
		share := float64(area) * uniform(scale[0], scale[1])
		aspect := torch.Empty([]int{1}).UniformInplace(logs[0], logs[1], nil).Exp().Item()
		return round(math.Sqrt(share * aspect)), round(math.Sqrt(share / aspect))
	}
}

// String returns the transform as Python prints it.
func (r *RandomResizedCrop) String() string {
	short := func(v [2]float64) python.Tuple {
		return python.Tuple{math.RoundToEven(v[0]*1e4) / 1e4, math.RoundToEven(v[1]*1e4) / 1e4}
	}
	return repr("RandomResizedCrop", field{"size", python.TupleOf(r.Size)}, field{"scale", short(*r.Options.Scale)},
		field{"ratio", short(*r.Options.Ratio)}, field{"interpolation", string(r.Options.Interpolation)},
		field{"antialias", option.Or(r.Options.Antialias, true)})
}

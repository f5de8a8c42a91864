package transforms

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// RandomErasing overwrites a rectangle somewhere of images, of a share of their area
// and a ratio of its edges by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomErasing.html
type RandomErasing struct {
	P       float64
	Options RandomErasingOptions
}

// RandomErasingOptions are the options of [NewRandomErasing].
type RandomErasingOptions struct {
	P       *float64    // the probability; default: 0.5
	Scale   *[2]float64 // of the area, from and to; default: 0.02 and 0.33
	Ratio   *[2]float64 // of height to width, from and to; default: 0.3 and 3.3
	Value   []float64   // what to write: a number for all channels, or one each; default: 0
	Random  bool        // write normally distributed numbers instead of Value
	Inplace bool        // overwrite the image
}

// NewRandomErasing returns the transform. It panics on a probability and on a scale
// that are not between 0 and 1.
func NewRandomErasing(options ...RandomErasingOptions) *RandomErasing {
	const op = "NewRandomErasing"
	o := option.First(options)
	if o.Scale == nil {
		o.Scale = &[2]float64{0.02, 0.33}
	}
	if o.Ratio == nil {
		o.Ratio = &[2]float64{0.3, 3.3}
	}
	if o.Value == nil {
		o.Value = []float64{0}
	}
	r := &RandomErasing{probability([]RandomOptions{{P: o.P}}, 0.5), o}
	if o.Scale[0] < 0 || o.Scale[1] > 1 {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "Scale should be between 0 and 1"))
	}
	if r.P < 0 || r.P > 1 {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "Random erasing probability should be between 0 and 1"))
	}
	return r
}

// Forward returns the image with a rectangle overwritten, or x itself. It panics if
// Value has neither one number nor one for each channel.
func (r *RandomErasing) Forward(x *torch.Tensor) *torch.Tensor {
	if !chance(r.P) {
		return x
	}
	channels, h, w := functional.Dimensions(x)
	if n := len(r.Options.Value); n != 1 && n != channels {
		panic(torch.Errorf("transforms.RandomErasing", torch.ValueError,
			"If value is a sequence, it should have either a single value or %d (number of input channels)", channels))
	}
	next := rectangles(*r.Options.Scale, *r.Options.Ratio)
	for range 10 {
		height, width := next(h * w)
		if height >= h || width >= w {
			continue
		}
		var v *torch.Tensor
		if r.Options.Random {
			v = torch.Empty([]int{channels, height, width}).NormalInplace(0, 1, nil)
		} else {
			v = torch.FromSlice(r.Options.Value).View(-1, 1, 1)
		}
		top := below(h - height + 1)
		left := below(w - width + 1)
		return functional.Erase(x, top, left, height, width, v.To(x.DType(), x.Device()), functional.EraseOptions{Inplace: r.Options.Inplace})
	}
	return x
}

// String returns the transform as Python prints it.
func (r *RandomErasing) String() string {
	o := r.Options
	var value any = python.TupleOf(o.Value)
	if o.Random {
		value = "random"
	} else if len(o.Value) == 1 {
		value = intOrFloat(o.Value[0])
	}
	return repr("RandomErasing", field{"p", r.P}, field{"scale", python.TupleOf(o.Scale[:])},
		field{"ratio", python.TupleOf(o.Ratio[:])}, field{"value", value}, field{"inplace", o.Inplace})
}

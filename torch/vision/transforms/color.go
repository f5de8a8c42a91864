package transforms

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// Range is how far to go from where nothing changes, a number, or from
// where to where, a [2]float64. nil is none.
type Range = any

// ColorJitter changes brightness, contrast, saturation and hue, in any order.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ColorJitter.html
type ColorJitter struct {
	Brightness, Contrast, Saturation, Hue *[2]float64 // nil does not change it
}

// ColorJitterOptions are the options of [NewColorJitter]. Factors of 1 change nothing,
// nor does a hue of 0.
type ColorJitterOptions struct {
	Brightness Range // the factor; default: none
	Contrast   Range // the factor; default: none
	Saturation Range // the factor; default: none
	Hue        Range // the share of the colour circle, within −0.5 and 0.5; default: none
}

// NewColorJitter returns the transform. It panics on ranges that are negative, empty,
// or beyond what they may be.
func NewColorJitter(options ...ColorJitterOptions) *ColorJitter {
	o := option.First(options)
	return &ColorJitter{
		factors("brightness", o.Brightness, 1, [2]float64{0, math.Inf(1)}),
		factors("contrast", o.Contrast, 1, [2]float64{0, math.Inf(1)}),
		factors("saturation", o.Saturation, 1, [2]float64{0, math.Inf(1)}),
		factors("hue", o.Hue, 0, [2]float64{-0.5, 0.5}),
	}
}

// factors returns a range, or nil where nothing changes: at center.
func factors(name string, v Range, center float64, bound [2]float64) *[2]float64 {
	const op = "NewColorJitter"
	var r [2]float64
	around := func(v float64) {
		if v < 0 {
			panic(torch.Errorf("transforms."+op, torch.ValueError, "If %s is a single number, it must be non negative.",
				name))
		}
		r = [2]float64{center - v, center + v}
		if bound[0] == 0 {
			r[0] = max(r[0], 0)
		}
	}
	if v == nil {
		return nil
	}
	if f, ok := number.Float(v); ok {
		around(f)
	} else if r, ok = v.([2]float64); !ok {
		panic(torch.Errorf("transforms."+op, torch.TypeError,
			"%s should be a single number or a list/tuple with length 2.", name))
	}
	if !(bound[0] <= r[0] && r[0] <= r[1] && r[1] <= bound[1]) {
		panic(torch.Errorf("transforms."+op, torch.ValueError, "%s values should be between %v, but got %v.",
			name, bound, r))
	}
	if r[0] == center && r[1] == center {
		return nil
	}
	return &r
}

// Forward returns the image changed.
func (c *ColorJitter) Forward(x *torch.Tensor) *torch.Tensor {
	order := torch.ToSlice[int64](torch.Randperm(4))
	changes := make([]func(x *torch.Tensor) *torch.Tensor, 4)
	for i, change := range []struct {
		within *[2]float64
		adjust func(x *torch.Tensor, factor float64) *torch.Tensor
	}{
		{c.Brightness, functional.AdjustBrightness},
		{c.Contrast, functional.AdjustContrast},
		{c.Saturation, functional.AdjustSaturation},
		{c.Hue, functional.AdjustHue},
	} {
		if change.within != nil {
			factor := uniform(change.within[0], change.within[1])
			changes[i] = func(x *torch.Tensor) *torch.Tensor { return change.adjust(x, factor) }
		}
	}
	for _, i := range order {
		if changes[i] != nil {
			x = changes[i](x)
		}
	}
	return x
}

// String returns the transform as Python prints it.
func (c *ColorJitter) String() string {
	show := func(r *[2]float64) any {
		if r == nil {
			return nil
		}
		return python.TupleOf(r[:])
	}
	return repr("ColorJitter", field{"brightness", show(c.Brightness)}, field{"contrast", show(c.Contrast)},
		field{"saturation", show(c.Saturation)}, field{"hue", show(c.Hue)})
}

// GaussianBlur blurs images, by chance more or less.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.GaussianBlur.html
type GaussianBlur struct {
	KernelSize []int
	Sigma      [2]float64
}

// GaussianBlurOptions are the options of [NewGaussianBlur].
type GaussianBlurOptions struct {
	Sigma *[2]float64 // the standard deviation, from and to; default: 0.1 and 2
}

// NewGaussianBlur returns the transform, with a kernel of an odd width and height, or
// one number for both.
func NewGaussianBlur(kernelSize torch.Sizes, options ...GaussianBlurOptions) *GaussianBlur {
	const op = "NewGaussianBlur"
	g := &GaussianBlur{pair(op, kernelSize), option.Or(option.First(options).Sigma, [2]float64{0.1, 2})}
	for _, n := range g.KernelSize {
		if n <= 0 || n%2 == 0 {
			panic(torch.Errorf("transforms."+op, torch.ValueError,
				"Kernel size value should be an odd and positive number."))
		}
	}
	if !(0 < g.Sigma[0] && g.Sigma[0] <= g.Sigma[1]) {
		panic(torch.Errorf("transforms."+op, torch.ValueError,
			"sigma values should be positive and of the form (min, max)."))
	}
	return g
}

// Forward returns the image blurred.
func (g *GaussianBlur) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.GaussianBlur(x, g.KernelSize, []float64{uniform(g.Sigma[0], g.Sigma[1])})
}

// String returns the transform as Python prints it.
func (g *GaussianBlur) String() string {
	return repr("GaussianBlur", field{"kernel_size", python.TupleOf(g.KernelSize)}, field{"sigma", python.TupleOf(g.Sigma[:])})
}

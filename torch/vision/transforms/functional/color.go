package functional

import (
	"github.com/wangkuiyi/gotorch/torch"
	nnf "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// blend returns ratio·x + (1 − ratio)·y within the dtype's range.
func blend(op, name string, x, y *torch.Tensor, ratio float64) *torch.Tensor {
	if ratio < 0 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "%s (%v) is not non-negative.", name, ratio))
	}
	mixed := x.Mul(ratio).Add(y.Mul(1 - ratio))
	return mixed.Clamp(0, maxValue(x.DType())).To(x.DType())
}

// RGBToGrayscale returns the image's brightness, with one channel or three equal
// ones, a view.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.rgb_to_grayscale.html
func RGBToGrayscale(x *torch.Tensor, channels int) *torch.Tensor {
	const op = "RGBToGrayscale"
	own := mustBeColor(op, x, 3)
	if channels != 1 && channels != 3 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "num_output_channels should be either 1 or 3"))
	}
	shape := x.Shape()
	if own == 3 {
		rgb := x.Unbind(-3)
		gray := rgb[0].Mul(0.2989).Add(rgb[1].Mul(0.587)).Add(rgb[2].Mul(0.114))
		x = gray.To(x.DType()).Unsqueeze(-3)
	} else {
		x = x.Clone()
	}
	if channels == 3 {
		return x.Expand(shape...)
	}
	return x
}

// AdjustBrightness returns the image times a factor, 0 or more.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_brightness.html
func AdjustBrightness(x *torch.Tensor, factor float64) *torch.Tensor {
	const op = "AdjustBrightness"
	mustBeColor(op, x, 2)
	return blend(op, "brightness_factor", x, torch.ZerosLike(x), factor)
}

// AdjustContrast returns the image with its distance from the mean brightness times a
// factor, 0 or more.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_contrast.html
func AdjustContrast(x *torch.Tensor, factor float64) *torch.Tensor {
	const op = "AdjustContrast"
	gray := x
	if mustBeColor(op, x, 3) == 3 {
		gray = RGBToGrayscale(x, 1)
	}
	mean := gray.To(working(x)).MeanWith(torch.ReduceOptions{Dim: []int{-3, -2, -1}, Keepdim: true})
	return blend(op, "contrast_factor", x, mean, factor)
}

// AdjustSaturation returns the image with its distance from grey times a factor, 0 or
// more. A grey image stays.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_saturation.html
func AdjustSaturation(x *torch.Tensor, factor float64) *torch.Tensor {
	const op = "AdjustSaturation"
	if mustBeColor(op, x, 2) == 1 && factor >= 0 {
		return x
	}
	return blend(op, "saturation_factor", x, RGBToGrayscale(x, 1), factor)
}

// AdjustGamma returns gain·xᵞ within the dtype's range.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_gamma.html
func AdjustGamma(x *torch.Tensor, gamma, gain float64) *torch.Tensor {
	const op = "AdjustGamma"
	mustBeColor(op, x, 2)
	if gamma < 0 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "Gamma should be a non-negative real number"))
	}
	result := ConvertImageDType(x, working(x)).Pow(gamma).Mul(gain).Clamp(0, 1)
	return ConvertImageDType(result, x.DType())
}

// AdjustHue returns the image with its colours turned round the colour circle, by a
// factor from −0.5 to 0.5 of it. A grey image stays.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_hue.html
func AdjustHue(x *torch.Tensor, factor float64) *torch.Tensor {
	const op = "AdjustHue"
	if !(-0.5 <= factor && factor <= 0.5) {
		panic(torch.Errorf("functional."+op, torch.ValueError, "hue_factor (%v) is not in [-0.5, 0.5].", factor))
	}
	if mustBeColor(op, x, 2) == 1 {
		return x
	}
	h, s, v := hsv(ConvertImageDType(x, torch.Float32))
	return ConvertImageDType(rgb(h.Add(factor).Remainder(1), s, v), x.DType())
}

// hsv returns the hue, saturation and value of an image.
func hsv(x *torch.Tensor) (h, s, v *torch.Tensor) {
	parts := x.Unbind(-3)
	r, g, b := parts[0], parts[1], parts[2]
	most, _ := x.MaxDim(-3)
	least, _ := x.MinDim(-3)
	gray, span, ones := most.Eq(least), most.Sub(least), torch.OnesLike(most)
	s = span.Div(torch.Where(gray, ones, most))
	divisor := torch.Where(gray, ones, span)
	rc, gc, bc := most.Sub(r).Div(divisor), most.Sub(g).Div(divisor), most.Sub(b).Div(divisor)
	isR, isG := most.Eq(r), most.Eq(g)
	hr := isR.Mul(bc.Sub(gc))
	hg := isG.LogicalAnd(isR.LogicalNot()).Mul(rc.Add(2).Sub(bc))
	hb := isG.LogicalOr(isR).LogicalNot().Mul(gc.Add(4).Sub(rc))
	h = hr.Add(hg).Add(hb).Div(6).Add(1).Fmod(1)
	return h, s, most
}

// rgb undoes hsv.
func rgb(h, s, v *torch.Tensor) *torch.Tensor {
	i := h.Mul(6).Floor()
	f := h.Mul(6).Sub(i)
	sector := i.To(torch.Int32).Remainder(6)
	within := func(x *torch.Tensor) *torch.Tensor { return v.Mul(x.Rsub(1)).Clamp(0, 1) }
	p, q, t := within(s), within(s.Mul(f)), within(s.Mul(f.Rsub(1)))
	number := torch.Arange(0, 6, 1, torch.TensorOptions{Device: h.Device()}).View(-1, 1, 1)
	mask := sector.Unsqueeze(-3).Eq(number).To(h.DType())
	channels := make([]*torch.Tensor, 3)
	for c, choices := range [][]*torch.Tensor{{v, q, p, p, t, v}, {t, v, v, q, p, p}, {p, p, t, v, v, q}} {
		channels[c] = mask.Mul(torch.Stack(choices, -3)).Sum(-3) // one of them times 1
	}
	return torch.Stack(channels, -3)
}

// Invert returns the image's negative.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.invert.html
func Invert(x *torch.Tensor) *torch.Tensor {
	mustBeColor("Invert", x, 3)
	if white := maxValue(x.DType()); white != 1 {
		return x.Rsub(int(white))
	}
	return x.Rsub(1)
}

// Posterize returns a Uint8 image with only the upper bits of each number, 0 to 8 of
// them.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.posterize.html
func Posterize(x *torch.Tensor, bits int) *torch.Tensor {
	const op = "Posterize"
	if bits < 0 || bits > 8 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "The number if bits should be between 0 and 8. Got %d",
			bits))
	}
	mustBeUint8(op, x)
	return x.BitwiseAnd(256 - 1<<(8-bits))
}

func mustBeUint8(op string, x *torch.Tensor) {
	mustBeColor(op, x, 3)
	if x.DType() != torch.Uint8 {
		panic(torch.Errorf("functional."+op, torch.TypeError,
			"Only torch.uint8 image tensors are supported, but found %v", x.DType()))
	}
}

// Solarize returns the image with all numbers inverted that are not below a
// threshold.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.solarize.html
func Solarize(x *torch.Tensor, threshold float64) *torch.Tensor {
	const op = "Solarize"
	mustBeColor(op, x, 3)
	if threshold > maxValue(x.DType()) {
		panic(torch.Errorf("functional."+op, torch.TypeError, "Threshold should be less than bound of img."))
	}
	return torch.Where(x.Ge(threshold), Invert(x), x)
}

// AdjustSharpness returns the image blurred, as it is or sharpened: with a factor of
// 0, 1 or more. Images of 2 pixels or less in a direction stay.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_sharpness.html
func AdjustSharpness(x *torch.Tensor, factor float64) *torch.Tensor {
	const op = "AdjustSharpness"
	mustBeColor(op, x, 2)
	if x.Size(-1) <= 2 || x.Size(-2) <= 2 {
		return x
	}
	like := torch.TensorOptions{DType: working(x), Device: x.Device()}
	kernel := floats([]float64{1, 1, 1, 1, 5, 1, 1, 1, 1}, like, 3, 3)
	blurred := x.Clone()
	inside := torch.Between(1, -1)
	blurred.At(torch.Ellipsis, inside, inside).Set(filter(x, kernel.Div(kernel.Sum()), nil))
	return blend(op, "sharpness_factor", x, blurred, factor)
}

// filter returns the convolution of each channel with a kernel, after padding.
func filter(x, kernel *torch.Tensor, padding []int) *torch.Tensor {
	channels := x.Size(-3)
	kernel = kernel.Expand(channels, 1, kernel.Size(0), kernel.Size(1))
	return batched(x, kernel.DType(), func(x *torch.Tensor) *torch.Tensor {
		if padding != nil {
			x = nnf.Pad(x, padding, nnf.PadOptions{Mode: "reflect"})
		}
		return torch.Conv2d(x, kernel, torch.Conv2dOptions{Groups: &channels})
	})
}

// Autocontrast returns the image with each channel stretched to the dtype's range.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.autocontrast.html
func Autocontrast(x *torch.Tensor) *torch.Tensor {
	mustBeColor("Autocontrast", x, 3)
	white := maxValue(x.DType())
	area := []int{-2, -1}
	least := x.Amin(area, torch.AminOptions{Keepdim: true}).To(working(x))
	most := x.Amax(area, torch.AmaxOptions{Keepdim: true}).To(working(x))
	scale := most.Sub(least).Reciprocal().Mul(white)
	flat := scale.IsFinite().LogicalNot()
	least, scale = least.MaskedFill(flat, 0), scale.MaskedFill(flat, 1)
	return x.Sub(least).Mul(scale).Clamp(0, white).To(x.DType())
}

// Equalize returns a Uint8 image with each channel's numbers spread so that all are
// about as common.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.equalize.html
func Equalize(x *torch.Tensor) *torch.Tensor {
	const op = "Equalize"
	mustBeUint8(op, x)
	if x.Dim() > 4 {
		panic(torch.Errorf("functional."+op, torch.TypeError,
			"Input image tensor should have 3 or 4 dimensions, but found %d", x.Dim()))
	}
	planes := x.Reshape(-1, x.Size(-2), x.Size(-1)).Unbind(0)
	for i, plane := range planes {
		planes[i] = equalized(plane)
	}
	return torch.Stack(planes, 0).View(x.Shape()...)
}

// equalized is Equalize for one channel.
func equalized(x *torch.Tensor) *torch.Tensor {
	down := torch.DivOptions{RoundingMode: "floor"}
	counts := x.Reshape(-1).Bincount(torch.BincountOptions{Minlength: 256})
	present := counts.Index(counts.Ne(0))
	step := present.Narrow(0, 0, present.Numel()-1).Sum().Int() / 255
	if step == 0 {
		return x
	}
	table := counts.Cumsum(0).Add(step/2).Div(step, down)
	table = nnf.Pad(table, []int{1, 0}).Narrow(0, 0, 256).Clamp(0, 255)
	return table.Index(x.To(torch.Int64)).To(torch.Uint8)
}

// GaussianBlur returns the image blurred with a kernel of odd width and height, and
// standard deviations along x and y; an empty sigma gives 0.15·size + 0.35. One number
// stands for both.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.gaussian_blur.html
func GaussianBlur(x *torch.Tensor, kernelSize []int, sigma []float64) *torch.Tensor {
	const op = "GaussianBlur"
	if len(kernelSize) != 1 && len(kernelSize) != 2 {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"If kernel_size is a sequence its length should be 2. Got %d", len(kernelSize)))
	}
	width, height := pair(op, kernelSize)
	if width%2 == 0 || width < 0 || height%2 == 0 || height < 0 {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"kernel_size should have odd and positive integers. Got [%d, %d]", width, height))
	}
	switch len(sigma) {
	case 0:
		sigma = []float64{float64(width)*0.15 + 0.35, float64(height)*0.15 + 0.35}
	case 1:
		sigma = []float64{sigma[0], sigma[0]}
	case 2:
	default:
		panic(torch.Errorf("functional."+op, torch.ValueError, "If sigma is a sequence, its length should be 2. Got %d",
			len(sigma)))
	}
	if sigma[0] <= 0 || sigma[1] <= 0 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "sigma should have positive values. Got %v", sigma))
	}
	like := torch.TensorOptions{DType: working(x), Device: x.Device()}
	kernel := gaussian(height, sigma[1], like).Unsqueeze(1).Mm(gaussian(width, sigma[0], like).Unsqueeze(0))
	return filter(x, kernel, []int{width / 2, width / 2, height / 2, height / 2})
}

// gaussian returns the bell curve at n points, of sum 1.
func gaussian(n int, sigma float64, like torch.TensorOptions) *torch.Tensor {
	half := float64(n-1) * 0.5
	curve := torch.Linspace(-half, half, n, like).Div(sigma).Pow(2).Mul(-0.5).Exp()
	return curve.Div(curve.Sum())
}

package transforms

import (
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// sometimes is a transform that happens by chance.
type sometimes struct {
	P       float64
	name    string
	forward func(x *torch.Tensor) *torch.Tensor
	options []field // before p, in what Python prints
}

func newSometimes(name string, options []RandomOptions, f func(x *torch.Tensor) *torch.Tensor, fields ...field) sometimes {
	return sometimes{probability(options, 0.5), name, f, fields}
}

// Forward returns x transformed, or x itself.
func (s *sometimes) Forward(x *torch.Tensor) *torch.Tensor {
	if !chance(s.P) {
		return x
	}
	return s.forward(x)
}

// String returns the transform as Python prints it, which leaves out a space.
func (s *sometimes) String() string {
	return strings.Replace(repr(s.name, append(s.options, field{"p", s.P})...), ", p=", ",p=", 1)
}

// RandomHorizontalFlip exchanges left and right by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
type RandomHorizontalFlip struct{ sometimes }

// NewRandomHorizontalFlip returns the transform.
func NewRandomHorizontalFlip(options ...RandomOptions) *RandomHorizontalFlip {
	return &RandomHorizontalFlip{newSometimes("RandomHorizontalFlip", options, functional.HFlip)}
}

// RandomVerticalFlip turns images upside down by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomVerticalFlip.html
type RandomVerticalFlip struct{ sometimes }

// NewRandomVerticalFlip returns the transform.
func NewRandomVerticalFlip(options ...RandomOptions) *RandomVerticalFlip {
	return &RandomVerticalFlip{newSometimes("RandomVerticalFlip", options, functional.VFlip)}
}

// RandomGrayscale makes images grey by chance; they keep their channels.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomGrayscale.html
type RandomGrayscale struct{ sometimes }

// NewRandomGrayscale returns the transform.
func NewRandomGrayscale(options ...RandomOptions) *RandomGrayscale {
	p := probability(options, 0.1)
	return &RandomGrayscale{newSometimes("RandomGrayscale", []RandomOptions{{P: &p}}, func(x *torch.Tensor) *torch.Tensor {
		channels, _, _ := functional.Dimensions(x)
		return functional.RGBToGrayscale(x, channels)
	})}
}

// RandomInvert makes negatives of images by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomInvert.html
type RandomInvert struct{ sometimes }

// NewRandomInvert returns the transform.
func NewRandomInvert(options ...RandomOptions) *RandomInvert {
	return &RandomInvert{newSometimes("RandomInvert", options, functional.Invert)}
}

// RandomPosterize leaves only the upper bits of images of Uint8 by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomPosterize.html
type RandomPosterize struct{ sometimes }

// NewRandomPosterize returns the transform.
func NewRandomPosterize(bits int, options ...RandomOptions) *RandomPosterize {
	return &RandomPosterize{newSometimes("RandomPosterize", options, func(x *torch.Tensor) *torch.Tensor {
		return functional.Posterize(x, bits)
	}, field{"bits", bits})}
}

// RandomSolarize inverts by chance what is not below a threshold.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomSolarize.html
type RandomSolarize struct{ sometimes }

// NewRandomSolarize returns the transform.
func NewRandomSolarize(threshold float64, options ...RandomOptions) *RandomSolarize {
	return &RandomSolarize{newSometimes("RandomSolarize", options, func(x *torch.Tensor) *torch.Tensor {
		return functional.Solarize(x, threshold)
	}, field{"threshold", intOrFloat(threshold)})}
}

// RandomAdjustSharpness blurs or sharpens images by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomAdjustSharpness.html
type RandomAdjustSharpness struct{ sometimes }

// NewRandomAdjustSharpness returns the transform, with a factor of 0, 1 or more for
// blurred, as it is, or sharpened.
func NewRandomAdjustSharpness(factor float64, options ...RandomOptions) *RandomAdjustSharpness {
	return &RandomAdjustSharpness{newSometimes("RandomAdjustSharpness", options, func(x *torch.Tensor) *torch.Tensor {
		return functional.AdjustSharpness(x, factor)
	}, field{"sharpness_factor", intOrFloat(factor)})}
}

// RandomAutocontrast stretches each channel to the dtype's range by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomAutocontrast.html
type RandomAutocontrast struct{ sometimes }

// NewRandomAutocontrast returns the transform.
func NewRandomAutocontrast(options ...RandomOptions) *RandomAutocontrast {
	return &RandomAutocontrast{newSometimes("RandomAutocontrast", options, functional.Autocontrast)}
}

// RandomEqualize equalizes the histograms of images of Uint8 by chance.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomEqualize.html
type RandomEqualize struct{ sometimes }

// NewRandomEqualize returns the transform.
func NewRandomEqualize(options ...RandomOptions) *RandomEqualize {
	return &RandomEqualize{newSometimes("RandomEqualize", options, functional.Equalize)}
}

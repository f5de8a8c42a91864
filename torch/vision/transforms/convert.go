package transforms

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// ToTensor makes floating-point numbers from 0 to 1 of an image of Uint8; images of
// another dtype stay.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html
type ToTensor struct{}

// NewToTensor returns the transform.
func NewToTensor() *ToTensor { return &ToTensor{} }

// Forward returns the image as functional.ToTensor does.
func (*ToTensor) Forward(x *torch.Tensor) *torch.Tensor { return functional.ToTensor(x) }

// String returns the transform as Python prints it.
func (*ToTensor) String() string { return repr("ToTensor") }

// ConvertImageDType gives images another dtype, scaled to its range.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.ConvertImageDtype.html
type ConvertImageDType struct{ DType torch.DType }

// NewConvertImageDType returns the transform.
func NewConvertImageDType(dtype torch.DType) *ConvertImageDType { return &ConvertImageDType{dtype} }

// Forward returns the image as functional.ConvertImageDType does.
func (c *ConvertImageDType) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.ConvertImageDType(x, c.DType)
}

// String returns the transform as Python prints it.
func (*ConvertImageDType) String() string { return repr("ConvertImageDtype") }

// Normalize subtracts a mean from each channel and divides by a standard deviation.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
type Normalize struct {
	Mean, Std []float64
	Inplace   bool
}

// NormalizeOptions are the options of [NewNormalize].
type NormalizeOptions = functional.NormalizeOptions

// NewNormalize returns the transform, for one mean and standard deviation, or one for
// each channel.
func NewNormalize(mean, std []float64, options ...NormalizeOptions) *Normalize {
	return &Normalize{mean, std, option.First(options).Inplace}
}

// Forward returns the image as functional.Normalize does.
func (n *Normalize) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.Normalize(x, n.Mean, n.Std, NormalizeOptions{Inplace: n.Inplace})
}

// String returns the transform as Python prints it.
func (n *Normalize) String() string {
	return repr("Normalize", field{"mean", n.Mean}, field{"std", n.Std})
}

// Grayscale makes images grey.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Grayscale.html
type Grayscale struct{ NumOutputChannels int }

// GrayscaleOptions are the options of [NewGrayscale].
type GrayscaleOptions struct {
	NumOutputChannels *int // 1 or 3; default: 1
}

// NewGrayscale returns the transform.
func NewGrayscale(options ...GrayscaleOptions) *Grayscale {
	return &Grayscale{option.Or(option.First(options).NumOutputChannels, 1)}
}

// Forward returns the image as functional.RGBToGrayscale does.
func (g *Grayscale) Forward(x *torch.Tensor) *torch.Tensor {
	return functional.RGBToGrayscale(x, g.NumOutputChannels)
}

// String returns the transform as Python prints it.
func (g *Grayscale) String() string {
	return repr("Grayscale", field{"num_output_channels", g.NumOutputChannels})
}

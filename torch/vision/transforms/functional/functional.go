// Package functional is torchvision's transforms.functional: transforms of images as
// functions, without random numbers.
//
// An image is a tensor, channels × height × width, or a batch of images with more
// dimensions before these. Its elements are whole numbers from 0 to the greatest of
// their dtype, most often Uint8, or floating-point numbers from 0 to 1. [FromImage]
// makes one of an image.Image, and [ToImage] goes back. Values are those that
// torchvision gives for tensors; for its PIL images they can differ, since Pillow
// resizes and rotates in another way.
//
// Functions panic with a *torch.Error on tensors that are no images of the kind they
// take, and on options out of range. They return new tensors and leave their
// arguments alone, but may return views of them.
//
// https://docs.pytorch.org/vision/stable/transforms.html#functional-transforms
package functional

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Dimensions returns an image's channels, height and width; an image of two
// dimensions has one channel.
func Dimensions(x *torch.Tensor) (channels, height, width int) {
	if x.Dim() < 2 {
		panic(torch.Errorf("functional.Dimensions", torch.TypeError, "Tensor is not a torch image."))
	}
	channels = 1
	if x.Dim() > 2 {
		channels = x.Size(-3)
	}
	return channels, x.Size(-2), x.Size(-1)
}

// mustBeColor panics unless x has one or three channels, and at least dims
// dimensions.
func mustBeColor(op string, x *torch.Tensor, dims int) (channels int) {
	if x.Dim() < dims {
		panic(torch.Errorf("functional."+op, torch.TypeError,
			"Input image tensor should have at least %d dimensions, but found %d", dims, x.Dim()))
	}
	channels, _, _ = Dimensions(x)
	if channels != 1 && channels != 3 {
		panic(torch.Errorf("functional."+op, torch.TypeError,
			"Input image tensor permitted channel values are [1, 3], but found %d", channels))
	}
	return channels
}

var greatest = map[torch.DType]float64{
	torch.Uint8: math.MaxUint8, torch.Int8: math.MaxInt8, torch.Int16: math.MaxInt16, torch.Uint16: math.MaxUint16,
	torch.Int32: math.MaxInt32, torch.Int64: math.MaxInt64,
}

// maxValue returns what stands for white in an image.
func maxValue(d torch.DType) float64 {
	if v, ok := greatest[d]; ok {
		return v
	}
	return 1
}

// working returns the dtype to compute with: the image's own, or Float32.
func working(x *torch.Tensor) torch.DType {
	if d := x.DType(); d.IsFloatingPoint() {
		return d
	}
	return torch.Float32
}

// batched calls f with x as a batch of images of a dtype, and gives what it returns
// x's dimensions and dtype; numbers are rounded to whole ones where that has none
// else.
func batched(x *torch.Tensor, dtype torch.DType, f func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	own, single := x.DType(), x.Dim() < 4
	if single {
		x = x.Unsqueeze(0)
	}
	x = f(x.To(dtype))
	if single {
		x = x.Squeeze(0)
	}
	if own != dtype && !own.IsFloatingPoint() && own != torch.Bool {
		x = x.Round()
	}
	return x.To(own)
}

// ConvertImageDType returns the image with another dtype, its elements scaled to that
// dtype's range. It panics on casts that cannot be exact, such as of Float32 to Int32.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.convert_image_dtype.html
func ConvertImageDType(x *torch.Tensor, dtype torch.DType) *torch.Tensor {
	own := x.DType()
	in, out := maxValue(own), maxValue(dtype)
	switch {
	case own == dtype:
		return x
	case own.IsFloatingPoint() && dtype.IsFloatingPoint():
		return x.To(dtype)
	case own.IsFloatingPoint():
		if own == torch.Float32 && (dtype == torch.Int32 || dtype == torch.Int64) || own == torch.Float64 && dtype == torch.Int64 {
			panic(torch.Errorf("functional.ConvertImageDType", torch.RuntimeError,
				"The cast from %v to %v cannot be performed safely.", own, dtype))
		}
		return x.Mul(out + 1 - 1e-3).To(dtype)
	case dtype.IsFloatingPoint():
		return x.To(dtype).Div(in)
	case in > out:
		return x.Div(int((in+1)/(out+1)), torch.DivOptions{RoundingMode: "floor"}).To(dtype)
	}
	return x.To(dtype).Mul(int((out + 1) / (in + 1)))
}

// NormalizeOptions are the options of [Normalize].
type NormalizeOptions struct {
	Inplace bool // overwrite x
}

// Normalize returns (x − mean) ÷ std, with a mean and a standard deviation for each
// channel, or one for all. It panics unless x is of floating-point numbers and has
// three dimensions at least, and on a std of 0.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.normalize.html
func Normalize(x *torch.Tensor, mean, std []float64, options ...NormalizeOptions) *torch.Tensor {
	const op = "Normalize"
	if !x.DType().IsFloatingPoint() {
		panic(torch.Errorf("functional."+op, torch.TypeError, "Input tensor should be a float tensor. Got %v.",
			x.DType()))
	}
	if x.Dim() < 3 {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = %v", x.Shape()))
	}
	perChannel := func(values []float64) *torch.Tensor {
		return torch.FromSlice(values).To(x.DType(), x.Device()).View(-1, 1, 1)
	}
	deviation := perChannel(std)
	if deviation.Eq(0).Any().Bool() {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"std evaluated to zero after conversion to %v, leading to division by zero.", x.DType()))
	}
	if !option.First(options).Inplace {
		x = x.Clone()
	}
	return x.SubInplace(perChannel(mean)).DivInplace(deviation)
}

// EraseOptions are the options of [Erase].
type EraseOptions struct {
	Inplace bool // overwrite x
}

// Erase returns x with v, which broadcasts, in place of a rectangle.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.erase.html
func Erase(x *torch.Tensor, top, left, height, width int, v *torch.Tensor, options ...EraseOptions) *torch.Tensor {
	if !option.First(options).Inplace {
		x = x.Clone()
	}
	x.At(torch.Ellipsis, torch.Between(top, top+height), torch.Between(left, left+width)).Set(v)
	return x
}

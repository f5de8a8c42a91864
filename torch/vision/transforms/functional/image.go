package functional

import (
	"image"
	"image/color"

	"github.com/wangkuiyi/gotorch/torch"
)

// FromImage returns the pixels of an image as a Uint8 tensor, channels × height ×
// width: one channel of an *image.Gray, and red, green and blue of all others. Opacity
// is dropped, and numbers of 16 bits lose the lower 8.
//
// It is Python's pil_to_tensor, of an image that was converted to "L" or "RGB".
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
func FromImage(img image.Image) *torch.Tensor {
	bounds := img.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	if gray, ok := img.(*image.Gray); ok {
		pixels := make([]uint8, 0, width*height)
		for y := range height {
			row := gray.Pix[y*gray.Stride:]
			pixels = append(pixels, row[:width]...)
		}
		return torch.FromSlice(pixels, 1, height, width)
	}
	pixels := make([]uint8, 3*width*height)
	for y := range height {
		for x := range width {
			c := color.NRGBAModel.Convert(img.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.NRGBA)
			at := y*width + x
			pixels[at], pixels[at+width*height], pixels[at+2*width*height] = c.R, c.G, c.B
		}
	}
	return torch.FromSlice(pixels, 3, height, width)
}

// ToTensor returns an image as floating-point numbers from 0 to 1: Uint8 tensors are
// divided by 255, others stay.
//
//	x := functional.ToTensor(functional.FromImage(img))
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_tensor.html
func ToTensor(x *torch.Tensor) *torch.Tensor {
	if x.DType() != torch.Uint8 {
		return x
	}
	return x.To(torch.DefaultDType()).Div(255)
}

// ToImage returns a tensor, channels × height × width or height × width, as an image:
// an *image.Gray of one channel, and an *image.NRGBA of three or four. Floating-point
// numbers are multiplied by 255 and cut. It panics on tensors of another shape, and
// unless they are of Uint8 or floating-point numbers.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_pil_image.html
func ToImage(x *torch.Tensor) image.Image {
	const op = "ToImage"
	if x.Dim() == 2 {
		x = x.Unsqueeze(0)
	}
	if x.Dim() != 3 {
		fail(op, torch.ValueError, "pic should be 2/3 dimensional. Got %d dimensions.", x.Dim())
	}
	channels, height, width := Dimensions(x)
	if channels != 1 && channels != 3 && channels != 4 {
		fail(op, torch.ValueError, "pic should have 1, 3 or 4 channels. Got %d channels.", channels)
	}
	if x.DType().IsFloatingPoint() {
		x = x.Mul(255).To(torch.Uint8)
	}
	if x.DType() != torch.Uint8 {
		fail(op, torch.TypeError, "Input type %v is not supported", x.DType())
	}
	area := image.Rect(0, 0, width, height)
	if channels == 1 {
		return &image.Gray{Pix: torch.ToSlice[uint8](x), Stride: width, Rect: area}
	}
	if channels == 3 {
		opaque := torch.Full([]int{1, height, width}, 255, torch.TensorOptions{DType: torch.Uint8, Device: x.Device()})
		x = torch.Cat([]*torch.Tensor{x, opaque}, 0)
	}
	return &image.NRGBA{Pix: torch.ToSlice[uint8](x.Permute(1, 2, 0)), Stride: 4 * width, Rect: area}
}

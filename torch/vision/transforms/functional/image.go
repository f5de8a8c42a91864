package functional

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// FromImage returns the pixels of an image as a Uint8 tensor, channels × height ×
// width: one channel of an *image.Gray, and red, green and blue of all others. Opacity
// is dropped, and numbers of 16 bits lose the lower 8.
//
// It is Python's pil_to_tensor, of an image that was converted to "L" or "RGB".
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
func FromImage(img image.Image) *torch.Tensor {
	argument.NotNil("functional.FromImage", "the image", img)
	switch img := img.(type) {
	case *image.Gray:
		width, height := img.Rect.Dx(), img.Rect.Dy()
		pixels := make([]uint8, 0, width*height)
		for y := range height {
			row := img.Pix[y*img.Stride:]
			pixels = append(pixels, row[:width]...)
		}
		return torch.FromSlice(pixels, 1, height, width)
	case *image.NRGBA:
		return fromPixels(img.Rect, img.Pix, img.Stride)
	case *image.RGBA:
		if img.Opaque() {
			return fromPixels(img.Rect, img.Pix, img.Stride)
		}
	case *image.YCbCr: // which package draw draws fast, but onto an RGBA alone
		drawn := image.NewRGBA(img.Rect)
		draw.Draw(drawn, img.Rect, img, img.Rect.Min, draw.Src)
		return fromPixels(drawn.Rect, drawn.Pix, drawn.Stride)
	case *image.Paletted:
		return fromImage(&image.Paletted{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect, Palette: opaque(img.Palette)})
	}
	return fromImage(img)
}

// fromImage is FromImage for all kinds of images.
func fromImage(img image.Image) *torch.Tensor {
	drawn := image.NewNRGBA(img.Bounds())
	draw.Draw(drawn, drawn.Rect, img, drawn.Rect.Min, draw.Src)
	return fromPixels(drawn.Rect, drawn.Pix, drawn.Stride)
}

// opaque returns the palette's colours without their opacity.
func opaque(palette color.Palette) color.Palette {
	list := make(color.Palette, len(palette))
	for i, c := range palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		n.A = 255
		list[i] = n
	}
	return list
}

// fromPixels returns the first three of four channels.
func fromPixels(bounds image.Rectangle, pix []uint8, stride int) *torch.Tensor {
	width, height := bounds.Dx(), bounds.Dy()
	pixels := make([]uint8, 3*width*height)
	red, green, blue := pixels[:width*height], pixels[width*height:2*width*height], pixels[2*width*height:]
	for y := range height {
		row := pix[y*stride:]
		for x := range width {
			at, p := y*width+x, row[4*x:4*x+3]
			red[at], green[at], blue[at] = p[0], p[1], p[2]
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
		panic(torch.Errorf("functional."+op, torch.ValueError, "pic should be 2/3 dimensional. Got %d dimensions.",
			x.Dim()))
	}
	channels, height, width := Dimensions(x)
	if channels != 1 && channels != 3 && channels != 4 {
		panic(torch.Errorf("functional."+op, torch.ValueError, "pic should have 1, 3 or 4 channels. Got %d channels.",
			channels))
	}
	if x.DType().IsFloatingPoint() {
		x = x.Mul(255).To(torch.Uint8)
	}
	if x.DType() != torch.Uint8 {
		panic(torch.Errorf("functional."+op, torch.TypeError, "Input type %v is not supported", x.DType()))
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

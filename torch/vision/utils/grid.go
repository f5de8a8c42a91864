// Package utils is torchvision.utils: pictures of many images, and files of them.
//
// https://docs.pytorch.org/vision/stable/utils.html
package utils

import (
	"cmp"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// MakeGridOptions are the options of [MakeGrid].
type MakeGridOptions struct {
	NRow       *int        // images in a row; default: 8
	Padding    *int        // pixels around each image; default: 2
	Normalize  bool        // shift and scale elements to 0 to 1
	ValueRange *[2]float64 // what becomes 0 and 1, of Normalize only; default: the least and the greatest element
	ScaleEach  bool        // of Normalize only: each image by itself
	PadValue   float64     // of the pixels around images
}

// MakeGrid returns one image, 3 × height × width, of a batch, n × channels × height × width,
// with n images side by side; one channel becomes three alike. A batch of one image is that
// image, without anything around it, and so is what has no batch: channels × height × width,
// or height × width. It panics on other shapes, and on options for Normalize without it.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.utils.make_grid.html
func MakeGrid(images *torch.Tensor, options ...MakeGridOptions) *torch.Tensor {
	const op = "utils.MakeGrid"
	o := option.First(options)
	rowLength, padding := option.Or(o.NRow, 8), option.Or(o.Padding, 2)
	x := images
	switch {
	case !o.Normalize && (o.ValueRange != nil || o.ScaleEach):
		panic(torch.Errorf(op, torch.ValueError, "ValueRange and ScaleEach are for Normalize"))
	case rowLength < 1 || padding < 0:
		panic(torch.Errorf(op, torch.ValueError, "want 1 image or more in a row, and no negative padding, got %d and %d", rowLength, padding))
	case x.Dim() < 2 || x.Dim() > 4 || x.Dim() == 4 && x.Size(0) == 0:
		panic(torch.Errorf(op, torch.ValueError, "want images, n × channels × height × width, got the shape %v", x.Shape()))
	}
	for x.Dim() < 4 {
		x = x.Unsqueeze(0)
	}
	if x.Size(1) == 1 {
		x = torch.Cat([]*torch.Tensor{x, x, x}, 1)
	}
	if o.Normalize {
		x = normalized(x, o)
	}
	n := x.Size(0)
	if n == 1 {
		return x.Squeeze(0)
	}
	columns := min(rowLength, n)
	rows := (n + columns - 1) / columns
	height, width := x.Size(2)+padding, x.Size(3)+padding
	grid := x.NewFull([]int{x.Size(1), height*rows + padding, width*columns + padding}, o.PadValue)
	for k := range n {
		top, left := k/columns*height+padding, k%columns*width+padding
		grid.Narrow(1, top, height-padding).Narrow(2, left, width-padding).CopyInplace(x.Select(0, k))
	}
	return grid
}

// normalized returns images with elements from 0 to 1.
func normalized(x *torch.Tensor, o MakeGridOptions) *torch.Tensor {
	if o.ScaleEach {
		images := x.Unbind(0)
		o.ScaleEach = false
		for i, image := range images {
			images[i] = normalized(image, o)
		}
		return torch.Stack(images, 0)
	}
	low, high := 0.0, 0.0
	if o.ValueRange != nil {
		low, high = o.ValueRange[0], o.ValueRange[1]
	} else {
		low, high = x.Min().Item(), x.Max().Item()
	}
	return x.Clamp(low, high).Sub(low).Div(max(high-low, 1e-5))
}

// ImageFormat says what a file of an image is.
type ImageFormat string

// The formats.
const (
	PNG  ImageFormat = "png"
	JPEG ImageFormat = "jpeg"
)

// SaveImageOptions are the options of [SaveImage].
type SaveImageOptions struct {
	Format ImageFormat // default: by the ending of the path: .png, .jpg or .jpeg
	MakeGridOptions
}

// SaveImage writes what [MakeGrid] makes of images with elements from 0 to 1 to a file, which
// takes the place of an older one only when it is whole. What is beyond 0 and 1 is cut. It
// fails on a format that is not known, and on images without three channels, or one.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.utils.save_image.html
func SaveImage(path string, images *torch.Tensor, options ...SaveImageOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return fmt.Errorf("utils.SaveImage: %w", err)
	}
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	if ending == "jpg" {
		ending = string(JPEG)
	}
	format := cmp.Or(o.Format, ImageFormat(ending))
	var picture image.Image
	err = torch.Try(func() {
		torch.Scope(func() {
			torch.NoGrad(func() {
				grid := MakeGrid(images, o.MakeGridOptions).To(torch.Float32)
				picture = functional.ToImage(grid.Mul(255).AddInplace(0.5).ClampInplace(0, 255).To(torch.CPU, torch.Uint8))
			})
		})
	})
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return encode(w, picture, format) })
	}
	if err != nil {
		return fmt.Errorf("utils.SaveImage: %s: %w", path, err)
	}
	return nil
}

func encode(w io.Writer, picture image.Image, format ImageFormat) error {
	switch format {
	case PNG:
		return png.Encode(w, picture)
	case JPEG:
		return jpeg.Encode(w, picture, &jpeg.Options{Quality: 75})
	}
	return fmt.Errorf("the image format %q is not known, want %q or %q", format, PNG, JPEG)
}

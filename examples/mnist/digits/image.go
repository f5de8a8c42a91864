package digits

import (
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// longest is how many pixels an image may have in a line: to make them fewer takes a
// multiple of that.
const longest = 1 << 16

// Pixels from 0 to 1 are normalised by the mean and the deviation of MNIST's.
const (
	Mean      = 0.1307
	Deviation = 0.3081
)

// ReadImage reads an image file as what the networks take, 1 × 1 × 28 × 28, as
// [Prepare] does.
func ReadImage(path string) (*torch.Tensor, error) {
	img, err := datasets.DefaultLoader(path)
	if err != nil {
		return nil, err
	}
	if size := img.Bounds().Size(); max(size.X, size.Y) > longest {
		return nil, fmt.Errorf("%s: an image of %d × %d pixels is longer than %d: make it smaller", path, size.X, size.Y, longest)
	}
	return Prepare(img), nil
}

// Prepare makes of an image what the networks take, 1 × 1 × 28 × 28. The sets have
// bright figures on black, so an image with a bright edge is inverted. Of an image of
// another size than 28 × 28 the figure is cut out and put into the middle, as it was
// done for MNIST.
func Prepare(img image.Image) *torch.Tensor {
	bright := image.NewGray(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(bright, bright.Rect, image.White, image.Point{}, draw.Src) // below what is transparent
	draw.Draw(bright, bright.Rect, img, img.Bounds().Min, draw.Over)
	if edge(bright) > 127 {
		for i := range bright.Pix {
			bright.Pix[i] = 255 - bright.Pix[i]
		}
	}
	if bright.Rect.Size() != image.Pt(28, 28) {
		stretch(bright)
		bright = centered(bright)
	}
	x := torch.FromSlice(bright.Pix, 1, 1, 28, 28).To(torch.Float32)
	return x.Div(255).Sub(Mean).Div(Deviation)
}

// stretch makes the edge black and the brightest pixel white.
func stretch(img *image.Gray) {
	low, high := edge(img), int(brightest(img))
	for i, v := range img.Pix {
		img.Pix[i] = uint8(255 * max(0, int(v)-low) / max(1, high-low))
	}
}

func brightest(img *image.Gray) (most uint8) {
	for _, v := range img.Pix {
		most = max(most, v)
	}
	return most
}

// edge returns the mean brightness of the outermost pixels.
func edge(img *image.Gray) int {
	sum, n := 0, 0
	add := func(x, y int) { sum, n = sum+int(img.GrayAt(x, y).Y), n+1 }
	size := img.Rect.Size()
	for x := range size.X {
		add(x, 0)
		add(x, size.Y-1)
	}
	for y := range size.Y {
		add(0, y)
		add(size.X-1, y)
	}
	return sum / max(1, n)
}

// centered returns the figure in an image, 20 pixels long or wide, on 28 × 28
// pixels, with its centre of mass in the middle.
func centered(img *image.Gray) *image.Gray {
	const side, figure = 28, 20
	box := figureIn(img)
	out := image.NewGray(image.Rect(0, 0, side, side))
	if box.Empty() {
		return out
	}
	longest := float64(max(box.Dx(), box.Dy()))
	scaled := func(length int) int { return max(1, int(math.Round(float64(length)*figure/longest))) }
	small := image.NewGray(image.Rect(0, 0, scaled(box.Dx()), scaled(box.Dy())))
	draw.CatmullRom.Scale(small, small.Rect, img, box, draw.Src, nil)

	var mass, x, y float64
	for i, v := range small.Pix {
		mass += float64(v)
		x += float64(v) * (float64(i%small.Stride) + 0.5)
		y += float64(v) * (float64(i/small.Stride) + 0.5)
	}
	corner := image.Pt(int(math.Round(side/2-x/mass)), int(math.Round(side/2-y/mass)))
	draw.Draw(out, small.Rect.Add(corner), small, image.Point{}, draw.Src)
	return out
}

// figureIn returns the box around all that is brighter than gray.
func figureIn(img *image.Gray) (box image.Rectangle) {
	for i, v := range img.Pix {
		if v > 127 {
			x, y := i%img.Stride, i/img.Stride
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return box
}

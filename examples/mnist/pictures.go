package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/utils/explain"
)

// contactSheet shows images that were read wrong, each above what it is, in blue,
// and what it was taken for, in red.
func contactSheet(v verdict, set data.Sample, classes []string) image.Image {
	const across, most = 12, 60
	wrong := v.wrong(most)
	const cell, line = 3 * 28, 14
	rows := (len(wrong) + across - 1) / across
	sheet := blank(across*(cell+4)+4, 4+max(1, rows)*(cell+2*line+4))
	if len(wrong) == 0 {
		write(sheet, image.Pt(8, 20), "none was read wrong", blue)
	}
	for i, at := range wrong {
		corner := image.Pt(4+i%across*(cell+4), 4+i/across*(cell+2*line+4))
		paint(sheet, corner, 3, grayscale(pixels(set.Data.Select(0, at.index))))
		write(sheet, corner.Add(image.Pt(0, cell+line-3)), classes[at.is], blue)
		write(sheet, corner.Add(image.Pt(0, cell+2*line-3)), classes[at.read], red)
	}
	return sheet
}

// explanation shows images above what made the network take them for what it did:
// the size of the gradient of the winner's score, and integrated gradients, red for
// what speaks for it and blue for what speaks against.
func explanation(net network, images *torch.Tensor, scale int) image.Image {
	n := images.Size(0)
	const side, gap = 28, 4
	picture := blank(n*(side*scale+gap)+gap, 3*(side*scale+gap)+gap)
	net.Eval()
	torch.Scope(func() {
		_, predicted := torch.MaxDim(net.Forward(images), 1)
		saliency := explain.Saliency(net.Forward, images, predicted)
		integrated := explain.IntegratedGradients(net.Forward, images, predicted,
			explain.IntegratedGradientsOptions{Baseline: images.Min().ExpandAs(images)})
		for i := range n {
			x := gap + i*(side*scale+gap)
			for row, part := range []struct {
				of    *torch.Tensor
				paint func(v float64) color.Color
			}{{pixels(images.Select(0, i)), white}, {loudest(saliency.Select(0, i)), white}, {loudest(integrated.Select(0, i)), signed}} {
				paint(picture, image.Pt(x, gap+row*(side*scale+gap)), scale, colored(part.of, part.paint))
			}
		}
	})
	return picture
}

// pixels returns an image as it was before it was normalised: 28 × 28, 0 to 1.
func pixels(image *torch.Tensor) *torch.Tensor {
	return image.Reshape(28, 28).Mul(digits.Deviation).Add(digits.Mean).Clamp(0, 1)
}

// loudest scales x so that its greatest element by size is 1.
func loudest(x *torch.Tensor) *torch.Tensor {
	return x.Reshape(28, 28).Div(x.Abs().Max().ClampMin(1e-30))
}

func white(v float64) color.Color { return color.Gray{Y: uint8(255 * v)} }

// signed is white for 0, red for 1 and blue for -1.
func signed(v float64) color.Color {
	full := red
	if v < 0 {
		full, v = blue, -v
	}
	return mix(full, v)
}

// mix is a colour, so much of it, on white.
func mix(c color.NRGBA, share float64) color.NRGBA {
	fade := func(c uint8) uint8 { return uint8(255 + share*(float64(c)-255)) }
	return color.NRGBA{R: fade(c.R), G: fade(c.G), B: fade(c.B), A: 255}
}

func grayscale(x *torch.Tensor) image.Image { return colored(x, white) }

// colored makes an image of a matrix.
func colored(x *torch.Tensor, c func(v float64) color.Color) image.Image {
	height, width := x.Size(0), x.Size(1)
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, v := range torch.ToSlice[float64](x) {
		img.Set(i%width, i/width, c(v))
	}
	return img
}

func blank(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	return img
}

// paint puts an image into another, so many times as large.
func paint(to draw.Image, at image.Point, scale int, img image.Image) {
	size := img.Bounds().Size()
	for y := range size.Y * scale {
		for x := range size.X * scale {
			to.Set(at.X+x, at.Y+y, img.At(x/scale, y/scale))
		}
	}
}

// write writes a text that starts at a point on the baseline.
func write(to draw.Image, at image.Point, text string, c color.Color) {
	d := font.Drawer{Dst: to, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y)}
	d.DrawString(text)
}

// writePNG writes an image as a file of a folder.
func writePNG(dir, name string, img image.Image) error {
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(dir, name), file.Bytes(), 0o666)
}

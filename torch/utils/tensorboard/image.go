package tensorboard

import (
	gobytes "bytes"
	"image"
	"image/draw"
	"image/png"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ImageOptions are the options of [SummaryWriter.AddImage] and
// [SummaryWriter.AddImages].
type ImageOptions struct {
	WallTime    time.Time // when it happened; default: now
	DataFormats string    // what the dimensions are: N, C, H, W; default: "CHW", for AddImages "NCHW"
}

// AddImage adds an image of 1, 3 or 4 channels, or, with the format "HW", of none.
// Uint8 holds 0 to 255, other dtypes 0 to 1; what is beyond is cut off. It panics
// on a format that does not fit the shape.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_image
func (w *SummaryWriter) AddImage(tag string, img *torch.Tensor, step int, options ...ImageOptions) {
	w.addImage("SummaryWriter.AddImage", "CHW", tag, img, step, options)
}

// AddImages adds images of 1 or 3 channels side by side, 8 in a row. It is AddImage
// but for its default format.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_images
func (w *SummaryWriter) AddImages(tag string, imgs *torch.Tensor, step int, options ...ImageOptions) {
	w.addImage("SummaryWriter.AddImages", "NCHW", tag, imgs, step, options)
}

func (w *SummaryWriter) addImage(op, format, tag string, img *torch.Tensor, step int, options []ImageOptions) {
	o := option.First(options)
	if o.DataFormats != "" {
		format = strings.ToUpper(o.DataFormats)
	}
	var pixels []uint8
	var height, width, channels int
	torch.Scope(func() {
		torch.NoGrad(func() {
			x := levels(toHWC(op, img, format))
			height, width, channels = x.Size(0), x.Size(1), x.Size(2)
			pixels = torch.ToSlice[uint8](x)
		})
	})
	w.addPixels(EventOptions{o.WallTime}.time(), tag, step, toImage(op, pixels, height, width, channels), channels)
}

// AddFigure adds an image of Go's, such as a plot.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_figure
func (w *SummaryWriter) AddFigure(tag string, figure image.Image, step int, options ...EventOptions) {
	argument.NotNil("tensorboard.SummaryWriter.AddFigure", "the figure", figure)
	opaque := image.NewRGBA(figure.Bounds())
	draw.Draw(opaque, opaque.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Rect, figure, opaque.Rect.Min, draw.Over)
	w.addPixels(option.First(options).time(), tag, step, opaque, 3)
}

func (w *SummaryWriter) addPixels(at time.Time, tag string, step int, img image.Image, channels int) {
	var encoded gobytes.Buffer
	if err := png.Encode(&encoded, img); err != nil { // of sizes that PNG has not; a Buffer takes all
		panic(torch.Errorf("tensorboard.SummaryWriter.AddImage", torch.ValueError, "%v", err))
	}
	w.addEncoded(at, tag, step, img.Bounds().Size(), channels, encoded.Bytes())
}

// addEncoded adds the file of an image.
func (w *SummaryWriter) addEncoded(at time.Time, tag string, step int, size image.Point, channels int, file []byte) {
	w.add(at, step, bytes(1, tag), message(4,
		integer(1, size.Y), integer(2, size.X), integer(3, channels), bytes(4, file)))
}

// levels returns the elements of an image as 0 to 255.
func levels(x *torch.Tensor) *torch.Tensor {
	scale := 255
	if x.DType() == torch.Uint8 {
		scale = 1
	}
	return x.To(torch.Float32).Mul(scale).Clamp(0, 255).To(torch.Uint8)
}

// toHWC brings a tensor of a format to height, width and channels.
func toHWC(op string, x *torch.Tensor, format string) *torch.Tensor {
	want := map[int]string{2: "HW", 3: "HWC", 4: "NCHW"}[len(format)]
	order := make([]int, len(want))
	for i, dim := range want {
		order[i] = strings.IndexRune(format, dim)
		if order[i] < 0 {
			want = ""
		}
	}
	if want == "" || x.Dim() != len(want) {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "the format %q does not fit the shape %v",
			format, x.Shape()))
	}
	x = x.Permute(order...)
	switch want {
	case "HW":
		return torch.Stack([]*torch.Tensor{x, x, x}, 2)
	case "NCHW":
		const columns = 8
		x = grid(op, x, columns).Permute(1, 2, 0)
	}
	if x.Size(2) == 1 {
		x = x.Expand(x.Size(0), x.Size(1), 3)
	}
	return x
}

// grid lays images n × c × h × w out in rows of up to so many, on black.
func grid(op string, x *torch.Tensor, columns int) *torch.Tensor {
	n, c, h, w := x.Size(0), x.Size(1), x.Size(2), x.Size(3)
	if n == 0 || c != 1 && c != 3 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"want images of 1 or 3 channels, the shape (N, C, H, W) is %v", x.Shape()))
	}
	across := min(n, columns)
	down := (n + across - 1) / across
	return padded(x, down*across).Reshape(down, across, c, h, w).Permute(2, 0, 3, 1, 4).Reshape(c, down*h, across*w)
}

// padded returns x with zeros behind, so that its first dimension is n.
func padded(x *torch.Tensor, n int) *torch.Tensor {
	shape := slices.Clone(x.Shape())
	shape[0] = n
	canvas := torch.Zeros(shape, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
	canvas.Narrow(0, 0, x.Size(0)).CopyInplace(x)
	return canvas
}

// toImage makes an image of the bytes of 3 or 4 channels.
func toImage(op string, pixels []uint8, height, width, channels int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	switch channels {
	case 3:
		for i := range height * width {
			copy(img.Pix[4*i:], pixels[3*i:3*i+3])
			img.Pix[4*i+3] = 255
		}
	case 4:
		copy(img.Pix, pixels)
	default:
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "want 1, 3 or 4 channels, not %d", channels))
	}
	return img
}

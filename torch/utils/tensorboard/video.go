package tensorboard

import (
	gobytes "bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"math"
	"math/bits"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// VideoOptions are the options of [SummaryWriter.AddVideo].
type VideoOptions struct {
	WallTime time.Time // when it happened; default: now
	FPS      *float64  // frames per second; default: 4
}

// AddVideo adds videos N × T × C × H × W side by side, as an animated GIF. They have 1 or
// 3 channels, of which Uint8 holds 0 to 255, other dtypes 0 to 1; what is beyond is cut
// off. A frame of more than 256 colors is dithered, since a GIF holds no more. It panics
// on another shape.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_video
func (w *SummaryWriter) AddVideo(tag string, videos *torch.Tensor, step int, options ...VideoOptions) {
	const op = "SummaryWriter.AddVideo"
	if videos.Dim() != 5 || videos.Numel() == 0 || videos.Size(2) != 1 && videos.Size(2) != 3 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"want videos of 1 or 3 channels, the shape (N, T, C, H, W) is %v", videos.Shape()))
	}
	o := option.First(options)
	var frames [][]uint8
	var height, width int
	torch.Scope(func() {
		torch.NoGrad(func() {
			x := levels(sideBySide(videos))
			height, width = x.Size(1), x.Size(2)
			for _, frame := range x.Expand(-1, -1, -1, 3).Unbind(0) {
				frames = append(frames, torch.ToSlice[uint8](frame))
			}
		})
	})
	animation := &gif.GIF{}
	delay := int(math.Round(100 / option.Or(o.FPS, 4)))
	for _, frame := range frames {
		animation.Image = append(animation.Image, paletted(toImage(op, frame, height, width, 3)))
		animation.Delay = append(animation.Delay, delay)
	}
	var encoded gobytes.Buffer
	if err := gif.EncodeAll(&encoded, animation); err != nil { // of sizes that GIF has not; a Buffer takes all
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "%v", err))
	}
	w.addEncoded(EventOptions{o.WallTime}.time(), tag, step, image.Pt(width, height), videos.Size(2), encoded.Bytes())
}

// sideBySide lays videos n × t × c × h × w out as t frames h × w × c, each a grid of a
// power of 2, on black.
func sideBySide(x *torch.Tensor) *torch.Tensor {
	n, t, c, h, w := x.Size(0), x.Size(1), x.Size(2), x.Size(3), x.Size(4)
	down := 1 << ((bits.Len(uint(n)) - 1) / 2)
	all := 1 << bits.Len(uint(n-1))
	across := all / down
	return padded(x, all).Reshape(down, across, t, c, h, w).Permute(2, 0, 4, 1, 5, 3).Reshape(t, down*h, across*w, c)
}

// paletted returns an image with the colors that it has, or, if they are too many, with
// dithered ones.
func paletted(img *image.NRGBA) *image.Paletted {
	p := image.NewPaletted(img.Rect, nil)
	indices := map[color.NRGBA]uint8{}
	for i := range p.Pix {
		c := color.NRGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		index, ok := indices[c]
		if !ok {
			if len(p.Palette) > math.MaxUint8 {
				return dithered(img)
			}
			index = uint8(len(p.Palette))
			indices[c] = index
			p.Palette = append(p.Palette, c)
		}
		p.Pix[i] = index
	}
	return p
}

func dithered(img image.Image) *image.Paletted {
	p := image.NewPaletted(img.Bounds(), palette.Plan9)
	draw.FloydSteinberg.Draw(p, p.Rect, img, p.Rect.Min)
	return p
}

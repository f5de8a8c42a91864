package functional

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	nnf "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// HFlip returns the image with left and right exchanged.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.hflip.html
func HFlip(x *torch.Tensor) *torch.Tensor { return x.Flip(-1) }

// VFlip returns the image upside down.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.vflip.html
func VFlip(x *torch.Tensor) *torch.Tensor { return x.Flip(-2) }

// Crop returns a rectangle of the image, a view of it if it lies within; what lies
// outside is 0.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.crop.html
func Crop(x *torch.Tensor, top, left, height, width int) *torch.Tensor {
	_, h, w := Dimensions(x)
	right, bottom := left+width, top+height
	within := x.Index(torch.Ellipsis, torch.Between(max(top, 0), max(bottom, 0)), torch.Between(max(left, 0), max(right, 0)))
	if left >= 0 && top >= 0 && right <= w && bottom <= h {
		return within
	}
	return Pad(within, []int{
		max(-left+min(0, right), 0), max(-top+min(0, bottom), 0), max(right-max(w, left), 0), max(bottom-max(h, top), 0),
	})
}

// pair returns a size of two dimensions; one number stands for both.
func pair(op string, size []int) (height, width int) {
	switch len(size) {
	case 1:
		return size[0], size[0]
	case 2:
		return size[0], size[1]
	}
	panic(torch.Errorf("functional."+op, torch.ValueError, "Please provide only two dimensions (h, w) for size."))
}

// CenterCrop returns the middle of the image, of one size for height and width, or
// two. Where the image is smaller it is padded with 0.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.center_crop.html
func CenterCrop(x *torch.Tensor, size []int) *torch.Tensor {
	height, width := pair("CenterCrop", size)
	_, h, w := Dimensions(x)
	if width > w || height > h {
		dx, dy := max(width-w, 0), max(height-h, 0)
		x = Pad(x, []int{dx / 2, dy / 2, (dx + 1) / 2, (dy + 1) / 2})
		_, h, w = Dimensions(x)
	}
	return Crop(x, half(h-height), half(w-width), height, width)
}

// half returns n ÷ 2, rounded to the nearest even number as Python does.
func half(n int) int { return int(math.RoundToEven(float64(n) / 2)) }

// FiveCrop returns the corners of the image, top left, top right, bottom left and
// bottom right, and its middle. It panics if they are greater than the image.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.five_crop.html
func FiveCrop(x *torch.Tensor, size []int) []*torch.Tensor {
	const op = "FiveCrop"
	height, width := pair(op, size)
	_, h, w := Dimensions(x)
	if width > w || height > h {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Requested crop size (%d, %d) is bigger than input size (%d, %d)", height, width, h, w))
	}
	return []*torch.Tensor{
		Crop(x, 0, 0, height, width), Crop(x, 0, w-width, height, width),
		Crop(x, h-height, 0, height, width), Crop(x, h-height, w-width, height, width),
		CenterCrop(x, []int{height, width}),
	}
}

// TenCropOptions are the options of [TenCrop].
type TenCropOptions struct {
	VerticalFlip bool // turn the image upside down, not left to right
}

// TenCrop returns what [FiveCrop] does, and the same of the flipped image.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.ten_crop.html
func TenCrop(x *torch.Tensor, size []int, options ...TenCropOptions) []*torch.Tensor {
	flipped := HFlip
	if option.First(options).VerticalFlip {
		flipped = VFlip
	}
	return append(FiveCrop(x, size), FiveCrop(flipped(x), size)...)
}

// PadOptions are the options of [Pad].
type PadOptions struct {
	Fill        float64     // what to pad with in mode PaddingConstant
	PaddingMode PaddingMode // default: PaddingConstant
}

// Pad returns the image with a border: one width for all sides, two for left and
// right, and top and bottom, or four for left, top, right and bottom. Negative widths
// cut off.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.pad.html
func Pad(x *torch.Tensor, padding []int, options ...PadOptions) *torch.Tensor {
	const op = "Pad"
	o := option.First(options)
	var left, top, right, bottom int
	switch p := padding; len(p) {
	case 1:
		left, top, right, bottom = p[0], p[0], p[0], p[0]
	case 2:
		left, top, right, bottom = p[0], p[1], p[0], p[1]
	case 4:
		left, top, right, bottom = p[0], p[1], p[2], p[3]
	default:
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Padding must be an int or a 1, 2, or 4 element tuple, not a %d element tuple", len(p)))
	}
	sides := []int{left, right, top, bottom}
	dtype := working(x)
	mode := torch.PadMode(o.PaddingMode)
	switch o.PaddingMode {
	case "", PaddingConstant:
		return nnf.Pad(x, sides, nnf.PadOptions{Value: o.Fill})
	case PaddingEdge:
		mode = torch.PadReplicate
	case PaddingReflect:
	case PaddingSymmetric:
		return mirror(x, sides)
	default:
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Padding mode should be either constant, edge, reflect or symmetric"))
	}
	return batched(x, dtype, func(x *torch.Tensor) *torch.Tensor {
		return nnf.Pad(x, sides, nnf.PadOptions{Mode: mode})
	})
}

// mirror pads with what lies within, the edge included.
func mirror(x *torch.Tensor, sides []int) *torch.Tensor {
	cut := make([]int, 4)
	for i, n := range sides {
		cut[i] = min(n, 0)
	}
	x = nnf.Pad(x, cut)
	for i, dim := range []int{-1, -2} {
		n := x.Size(dim)
		var positions []int64
		for p := max(sides[2*i], 0) - 1; p >= 0; p-- {
			positions = append(positions, int64(p))
		}
		for p := range n {
			positions = append(positions, int64(p))
		}
		for p := range max(sides[2*i+1], 0) {
			positions = append(positions, int64(n-1-p))
		}
		x = x.IndexSelect(dim, torch.FromSlice(positions).To(x.Device()))
	}
	return x
}

// ResizeOptions are the options of [Resize].
type ResizeOptions struct {
	Interpolation Interpolation // default: Bilinear
	MaxSize       int           // of the longer edge, where one size is given; default: 0 sets no limit
	Antialias     *bool         // filter where the image shrinks, if bilinear or bicubic; default: true
}

// Resize returns the image with another size: height and width, or one number for
// the shorter edge, whose ratio to the longer one stays.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.resize.html
func Resize(x *torch.Tensor, size []int, options ...ResizeOptions) *torch.Tensor {
	o := option.First(options)
	_, h, w := Dimensions(x)
	height, width := resized(h, w, size, o.MaxSize)
	if height == h && width == w {
		return x
	}
	o.Interpolation = cmp.Or(o.Interpolation, Bilinear)
	i := nnf.InterpolateOptions{Size: []int{height, width}, Mode: nnf.InterpolateMode(o.Interpolation)}
	switch o.Interpolation {
	case Bilinear, Bicubic:
		i.AlignCorners = new(false)
		i.Antialias = o.Antialias == nil || *o.Antialias
	case Nearest, NearestExact:
	default:
		panic(torch.Errorf("functional.Resize", torch.ValueError,
			"Interpolation mode '%s' is unsupported with Tensor input", o.Interpolation))
	}
	return batched(x, floating(x), func(f *torch.Tensor) *torch.Tensor {
		f = nnf.Interpolate(f, i)
		if o.Interpolation == Bicubic && x.DType() == torch.Uint8 {
			f = f.Clamp(0, 255)
		}
		return f
	})
}

// floating returns x's dtype if it is of 32 or 64 bits, or Float32.
func floating(x *torch.Tensor) torch.DType {
	if x.DType() == torch.Float64 {
		return torch.Float64
	}
	return torch.Float32
}

// resized returns the size that an image of h × w gets.
func resized(h, w int, size []int, maxSize int) (height, width int) {
	const op = "Resize"
	if len(size) != 1 && len(size) != 2 {
		panic(torch.Errorf("functional."+op, torch.ValueError,
			"Size must be an int or a 1 or 2 element tuple/list, not a %d element tuple/list", len(size)))
	}
	if len(size) == 2 {
		if maxSize != 0 {
			panic(torch.Errorf("functional."+op, torch.ValueError,
				"max_size should only be passed if size specifies the length of the smaller edge"))
		}
		return size[0], size[1]
	}
	short, long := size[0], int(float64(size[0]*max(h, w))/float64(min(h, w)))
	if maxSize != 0 {
		if maxSize <= short {
			panic(torch.Errorf("functional."+op, torch.ValueError,
				"max_size = %d must be strictly greater than the requested size for the smaller edge size = %d", maxSize, short))
		}
		if long > maxSize {
			short, long = int(float64(maxSize*short)/float64(long)), maxSize
		}
	}
	if w <= h {
		return long, short
	}
	return short, long
}

// ResizedCrop is [Crop] and then [Resize].
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.functional.resized_crop.html
func ResizedCrop(x *torch.Tensor, top, left, height, width int, size []int, options ...ResizeOptions) *torch.Tensor {
	return Resize(Crop(x, top, left, height, width), size, options...)
}

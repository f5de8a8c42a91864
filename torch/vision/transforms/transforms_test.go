package transforms_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	T "github.com/wangkuiyi/gotorch/torch/vision/transforms"
	F "github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// picture returns an image of 2 × 3 pixels that does not start at the origin.
func picture() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(4, 7, 6, 10))
	for i := range 6 {
		img.Set(4+i%2, 7+i/2, color.NRGBA{R: uint8(i), G: uint8(10 + i), B: uint8(20 + i), A: 255})
	}
	return img
}

func TestFromImage(t *testing.T) {
	x := F.FromImage(picture())
	assert.Equal(t, []int{3, 3, 2}, x.Shape())
	assert.Equal(t, []uint8{0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25}, torch.ToSlice[uint8](x))
	transparent := image.NewRGBA(image.Rect(0, 0, 1, 1))
	transparent.Set(0, 0, color.NRGBA{R: 200, G: 100, A: 128})
	assert.Equal(t, []uint8{199, 99, 0}, torch.ToSlice[uint8](F.FromImage(transparent)), "without its opacity")
	gray := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(gray.Pix, []uint8{1, 2, 3, 4, 5, 6})
	x = F.FromImage(gray)
	assert.Equal(t, []int{1, 2, 3}, x.Shape())
	assert.Equal(t, []uint8{1, 2, 3, 4, 5, 6}, torch.ToSlice[uint8](x))
	part := gray.SubImage(image.Rect(1, 0, 3, 2))
	assert.Equal(t, []uint8{2, 3, 5, 6}, torch.ToSlice[uint8](F.FromImage(part)))
}

func TestToImage(t *testing.T) {
	img := picture()
	x := F.FromImage(img)
	back := F.ToImage(x)
	assert.Equal(t, img.Pix, back.(*image.NRGBA).Pix)
	assert.Equal(t, img.Pix, F.ToImage(x.Index(torch.Ellipsis)).(*image.NRGBA).Pix)
	assert.Equal(t, back, F.ToImage(F.ToTensor(x).Add(1e-4)), "of floating-point numbers")
	four := F.ToImage(torch.Cat([]*torch.Tensor{x, x.Narrow(0, 0, 1)}, 0))
	assert.Equal(t, color.NRGBA{R: 5, G: 15, B: 25, A: 5}, four.At(1, 2))
	gray := F.ToImage(x.Select(0, 1))
	assert.Equal(t, []uint8{10, 11, 12, 13, 14, 15}, gray.(*image.Gray).Pix)
	for _, c := range []struct {
		x       *torch.Tensor
		message string
	}{
		{x.Unsqueeze(0), "pic should be 2/3 dimensional. Got 4 dimensions."},
		{x.Narrow(0, 0, 2), "pic should have 1, 3 or 4 channels. Got 2 channels."},
		{x.To(torch.Int32), "Input type torch.int32 is not supported"},
	} {
		assert.ErrorContains(t, torch.Try(func() { F.ToImage(c.x) }), c.message)
	}
}

func TestPipeline(t *testing.T) {
	pipeline := T.NewCompose(
		T.NewLambda(func(x *torch.Tensor) *torch.Tensor { return x.Narrow(-2, 0, 2) }),
		T.NewToTensor(),
		T.NewNormalize([]float64{0.5}, []float64{0.1}, T.NormalizeOptions{Inplace: true}),
	)
	x := pipeline.Image(picture())
	assert.Equal(t, []int{3, 2, 2}, x.Shape())
	want := torch.FromSlice([]float32{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}, 3, 2, 2).Div(255).Sub(0.5).Div(0.1)
	assert.True(t, torch.Equal(want, x))
	assert.Equal(t, "Compose(\n    Lambda()\n    ToTensor()\n    Normalize(mean=[0.5], std=[0.1])\n)", pipeline.String())
	assert.Same(t, x, F.ToTensor(x), "only bytes change")
}

func TestErasingInplace(t *testing.T) {
	x := torch.Ones([]int{3, 8, 8})
	erasing := T.NewRandomErasing(T.RandomErasingOptions{P: new(1.0), Inplace: true})
	assert.Same(t, x, erasing.Forward(x))
	assert.Less(t, x.Sum().Item(), 192.0)
	assert.Same(t, x, T.NewRandomErasing(T.RandomErasingOptions{P: new(0.0)}).Forward(x))
}

func TestErrors(t *testing.T) {
	x := torch.Zeros([]int{3, 6, 8}, torch.TensorOptions{DType: torch.Uint8})
	two := x.Narrow(0, 0, 2)
	many := torch.Zeros([]int{1, 1, 3, 4, 4}, torch.TensorOptions{DType: torch.Uint8})
	for message, f := range map[string]func(){
		"Please provide only two dimensions (h, w) for size.":                    func() { T.NewCenterCrop([]int{1, 2, 3}) },
		"If size is a sequence, it should have 1 or 2 values":                    func() { T.NewResize([]int{1, 2, 3}) },
		"want an int or a []int, not a string":                                   func() { T.NewResize("large") },
		"Padding must be an int or a 1, 2, or 4 element tuple, not a 3 element":  func() { T.NewPad([]int{1, 2, 3}) },
		"Padding mode should be either constant, edge, reflect or symmetric":     func() { T.NewPad(1, pad("zeros")) },
		"Required crop size (9, 9) is larger than input image size (6, 8)":       func() { T.NewRandomCrop(9).Forward(x) },
		"Length of p doesn't match the number of transforms: 1 != 2":             func() { T.NewRandomChoice(make([]T.Transform, 2), T.RandomChoiceOptions{P: []float64{1}}) },
		"If brightness is a single number, it must be non negative.":             func() { T.NewColorJitter(T.ColorJitterOptions{Brightness: -1}) },
		"contrast should be a single number or a list/tuple with length 2.":      func() { T.NewColorJitter(T.ColorJitterOptions{Contrast: "high"}) },
		"hue values should be between":                                           func() { T.NewColorJitter(T.ColorJitterOptions{Hue: 0.6}) },
		"Kernel size value should be an odd and positive number.":                func() { T.NewGaussianBlur(4) },
		"sigma values should be positive and of the form (min, max).":            func() { T.NewGaussianBlur(3, T.GaussianBlurOptions{Sigma: new([2]float64{2, 1})}) },
		"If degrees is a single number, it must be positive.":                    func() { T.NewRandomRotation(-1) },
		"degrees should be a sequence of length 2.":                              func() { T.NewRandomRotation([]float64{1}) },
		"translation values should be between 0 and 1":                           func() { T.NewRandomAffine(0, T.RandomAffineOptions{Translate: &[2]float64{2, 0}}) },
		"scale values should be positive":                                        func() { T.NewRandomAffine(0, T.RandomAffineOptions{Scale: &[2]float64{0, 1}}) },
		"Scale should be between 0 and 1":                                        func() { T.NewRandomErasing(T.RandomErasingOptions{Scale: new([2]float64{0, 2})}) },
		"Random erasing probability should be between 0 and 1":                   func() { T.NewRandomErasing(T.RandomErasingOptions{P: new(2.0)}) },
		"The provided policy mnist is not recognized.":                           func() { T.NewAutoAugment(T.AutoAugmentOptions{Policy: "mnist"}) },
		"index 31 is out of bounds for dimension 0 with size 31":                 func() { T.NewRandAugment(T.RandAugmentOptions{Magnitude: new(31)}) },
		"The severity must be between [1, 10]. Got 11 instead.":                  func() { T.NewAugMix(T.AugMixOptions{Severity: new(11)}) },
		"Tensor is not a torch image.":                                           func() { F.Dimensions(torch.Zeros([]int{3})) },
		"Input image tensor permitted channel values are [1, 3], but found 2":    func() { F.Invert(two) },
		"should have at least 3 dimensions, but found 2":                         func() { F.RGBToGrayscale(x.Select(0, 0), 1) },
		"num_output_channels should be either 1 or 3":                            func() { F.RGBToGrayscale(x, 2) },
		"The cast from torch.float32 to torch.int64 cannot be performed safely.": func() { F.ConvertImageDType(F.ToTensor(x), torch.Int64) },
		"Input tensor should be a float tensor. Got torch.uint8.":                func() { F.Normalize(x, []float64{0}, []float64{1}) },
		"Expected tensor to be a tensor image of size (..., C, H, W)":            func() { F.Normalize(torch.Ones([]int{2, 2}), []float64{0}, []float64{1}) },
		"std evaluated to zero after conversion to torch.float32":                func() { F.Normalize(F.ToTensor(x), []float64{0}, []float64{0}) },
		"Requested crop size (7, 2) is bigger than input size (6, 8)":            func() { F.FiveCrop(x, []int{7, 2}) },
		"Interpolation mode 'lanczos' is unsupported with Tensor input":          func() { F.Resize(x, []int{3}, T.ResizeOptions{Interpolation: "lanczos"}) },
		"Interpolation mode 'bicubic' is unsupported with Tensor input":          func() { F.Rotate(x, 3, T.RotationOptions{WarpOptions: warp("bicubic")}) },
		"Size must be an int or a 1 or 2 element tuple/list, not a 3 element":    func() { F.Resize(x, []int{1, 2, 3}) },
		"max_size should only be passed if size specifies the length":            func() { F.Resize(x, []int{1, 2}, T.ResizeOptions{MaxSize: 3}) },
		"max_size = 3 must be strictly greater than the requested size":          func() { F.Resize(x, []int{3}, T.ResizeOptions{MaxSize: 3}) },
		"not a 3 element tuple":                                                  func() { F.Pad(x, []int{1, 2, 3}) },
		"Padding mode should be either constant":                                 func() { F.Pad(x, []int{1}, pad("zeros")) },
		"Argument scale should be positive":                                      func() { F.Affine(x, 0, [2]float64{}, 0, [2]float64{}) },
		"brightness_factor (-1) is not non-negative.":                            func() { F.AdjustBrightness(x, -1) },
		"saturation_factor (-1) is not non-negative.":                            func() { F.AdjustSaturation(x, -1) },
		"hue_factor (0.7) is not in [-0.5, 0.5].":                                func() { F.AdjustHue(x, 0.7) },
		"Gamma should be a non-negative real number":                             func() { F.AdjustGamma(x, -1, 1) },
		"The number if bits should be between 0 and 8. Got 9":                    func() { F.Posterize(x, 9) },
		"Threshold should be less than bound of img.":                            func() { F.Solarize(x, 256) },
		"Input image tensor should have 3 or 4 dimensions, but found 5":          func() { F.Equalize(many) },
		"If kernel_size is a sequence its length should be 2. Got 3":             func() { F.GaussianBlur(x, []int{1, 3, 5}, nil) },
		"kernel_size should have odd and positive integers. Got [2, 3]":          func() { F.GaussianBlur(x, []int{2, 3}, nil) },
		"If sigma is a sequence, its length should be 2. Got 3":                  func() { F.GaussianBlur(x, []int{3}, []float64{1, 2, 3}) },
		"sigma should have positive values. Got [0 0]":                           func() { F.GaussianBlur(x, []int{3}, []float64{0}) },
	} {
		assert.ErrorContains(t, torch.Try(f), message)
	}
}

func TestSmallImages(t *testing.T) {
	x := torch.FromSlice([]uint8{1, 2, 3, 4, 5, 6}, 3, 1, 2)
	assert.Same(t, x, F.AdjustSharpness(x, 2), "nothing to blur")
	assert.Same(t, x, F.Resize(x, []int{1, 2}), "has the size")
	gray := x.Narrow(0, 0, 1)
	assert.Same(t, gray, F.AdjustHue(gray, 0.1))
	assert.Same(t, gray, F.AdjustSaturation(gray, 2))
}

// All kinds of images give the colours that their pixels have one by one.
func TestFromImageOfEachKind(t *testing.T) {
	area := image.Rect(0, 0, 9, 7)
	random := rand.New(rand.NewPCG(1, 2))
	colors := func(n int) color.Palette {
		p := make(color.Palette, n)
		for i := range p {
			p[i] = color.NRGBA{uint8(random.Uint32()), uint8(random.Uint32()), uint8(random.Uint32()), uint8(random.Uint32())}
		}
		return p
	}
	ycbcr := image.NewYCbCr(area, image.YCbCrSubsampleRatio420)
	for _, plane := range [][]uint8{ycbcr.Y, ycbcr.Cb, ycbcr.Cr} {
		for i := range plane {
			plane[i] = uint8(random.Uint32())
		}
	}
	paletted := image.NewPaletted(area, colors(256))
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(random.Uint32())
	}
	kinds := []image.Image{ycbcr, paletted}
	for _, img := range []draw.Image{
		image.NewNRGBA(area), image.NewRGBA(area), image.NewNRGBA64(area), image.NewRGBA64(area), image.NewCMYK(area), image.NewGray16(area),
	} {
		for i, c := range colors(9 * 7) {
			img.Set(i%9, i/9, c)
		}
		kinds = append(kinds, img)
	}
	full := image.NewRGBA(area)
	draw.Draw(full, area, ycbcr, image.Point{}, draw.Src)
	for _, img := range append(kinds, full) {
		t.Run(fmt.Sprintf("%T", img), func(t *testing.T) {
			type part interface {
				SubImage(r image.Rectangle) image.Image
			}
			for _, r := range []image.Rectangle{area, image.Rect(2, 1, 8, 6)} {
				sub := img.(part).SubImage(r)
				want := make([]uint8, 3*r.Dx()*r.Dy())
				for y := range r.Dy() {
					for x := range r.Dx() {
						c := color.NRGBAModel.Convert(sub.At(r.Min.X+x, r.Min.Y+y)).(color.NRGBA)
						for i, v := range []uint8{c.R, c.G, c.B} {
							want[(i*r.Dy()+y)*r.Dx()+x] = v
						}
					}
				}
				got := F.FromImage(sub)
				assert.Equal(t, []int{3, r.Dy(), r.Dx()}, got.Shape())
				assert.Equal(t, want, torch.ToSlice[uint8](got))
			}
		})
	}
}

func BenchmarkFromImage(b *testing.B) {
	area := image.Rect(0, 0, 640, 480)
	for _, img := range []image.Image{image.NewYCbCr(area, image.YCbCrSubsampleRatio420), image.NewNRGBA(area), image.NewNRGBA64(area)} {
		b.Run(fmt.Sprintf("%T", img), func(b *testing.B) {
			for b.Loop() {
				F.FromImage(img).Close()
			}
		})
	}
}

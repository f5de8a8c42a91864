package transforms_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	T "github.com/wangkuiyi/gotorch/torch/vision/transforms"
	F "github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// results are what a transform makes in several calls, or the words of its error.
type results struct {
	images []torchtest.Tensor
	err    string
}

func (r *results) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, &r.err)
	}
	return json.Unmarshal(data, &r.images)
}

type golden struct {
	Images     map[string]torchtest.Tensor
	Transforms map[string]struct {
		Repr    string
		Results map[string]results
	}
	Functions map[string]map[string]results
}

func p(v float64) T.RandomOptions { return T.RandomOptions{P: &v} }

func warp(interpolation string, fill ...float64) F.WarpOptions {
	return F.WarpOptions{Interpolation: F.Interpolation(interpolation), Fill: fill}
}

func pad(mode string) T.PadOptions { return T.PadOptions{PaddingMode: F.PaddingMode(mode)} }

var named = map[string]T.Transform{
	"ToTensor":                  T.NewToTensor(),
	"ConvertImageDtype float64": T.NewConvertImageDType(torch.Float64),
	"ConvertImageDtype int16":   T.NewConvertImageDType(torch.Int16),
	"ConvertImageDtype uint8":   T.NewConvertImageDType(torch.Uint8),
	"Normalize": T.NewCompose(T.NewConvertImageDType(torch.Float32),
		T.NewNormalize([]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225})),
	"Resize 7":                 T.NewResize(7),
	"Resize 20":                T.NewResize(20, T.ResizeOptions{MaxSize: 22}),
	"Resize (5, 9)":            T.NewResize([]int{5, 9}),
	"Resize bicubic":           T.NewResize([]int{6, 20}, T.ResizeOptions{Interpolation: "bicubic"}),
	"Resize nearest":           T.NewResize([]int{6, 20}, T.ResizeOptions{Interpolation: "nearest"}),
	"Resize nearest-exact":     T.NewResize([]int{6, 20}, T.ResizeOptions{Interpolation: "nearest-exact"}),
	"Resize without antialias": T.NewResize([]int{5, 9}, T.ResizeOptions{Antialias: new(false)}),
	"CenterCrop 5":             T.NewCenterCrop(5),
	"CenterCrop (9, 20)":       T.NewCenterCrop([]int{9, 20}),
	"Pad 2":                    T.NewPad(2),
	"Pad fill":                 T.NewPad([]int{1, 2}, T.PadOptions{Fill: 1}),
	"Pad edge":                 T.NewPad([]int{1, 2, 3, 4}, pad("edge")),
	"Pad reflect":              T.NewPad([]int{1, 2, 3, 4}, pad("reflect")),
	"Pad symmetric":            T.NewPad([]int{1, 2, -3, 4}, pad("symmetric")),
	"RandomCrop":               T.NewRandomCrop(8),
	"RandomCrop padded":        T.NewRandomCrop([]int{10, 11}, T.RandomCropOptions{Padding: 2, PadOptions: pad("reflect")}),
	"RandomCrop if needed":     T.NewRandomCrop([]int{14, 13}, T.RandomCropOptions{PadIfNeeded: true, PadOptions: T.PadOptions{Fill: 1}}),
	"RandomHorizontalFlip":     T.NewRandomHorizontalFlip(),
	"RandomVerticalFlip":       T.NewRandomVerticalFlip(p(0.7)),
	"RandomResizedCrop":        T.NewRandomResizedCrop(6),
	"RandomResizedCrop bicubic": T.NewRandomResizedCrop([]int{5, 7}, T.RandomResizedCropOptions{
		Scale: new([2]float64{0.5, 0.9}), Ratio: new([2]float64{0.5, 0.6}), Interpolation: "bicubic"}),
	"RandomResizedCrop too tall": T.NewRandomResizedCrop(6, T.RandomResizedCropOptions{Scale: new([2]float64{4, 5}), Ratio: new([2]float64{0.2, 0.3})}),
	"RandomResizedCrop too wide": T.NewRandomResizedCrop(6, T.RandomResizedCropOptions{Scale: new([2]float64{4, 5}), Ratio: new([2]float64{3, 4})}),
	"Grayscale":                  T.NewGrayscale(),
	"Grayscale 3":                T.NewGrayscale(T.GrayscaleOptions{NumOutputChannels: new(3)}),
	"RandomGrayscale":            T.NewRandomGrayscale(p(0.5)),
	"ColorJitter":                T.NewColorJitter(T.ColorJitterOptions{Brightness: 0.4, Contrast: 0.3, Saturation: 0.2, Hue: 0.1}),
	"ColorJitter ranges":         T.NewColorJitter(T.ColorJitterOptions{Brightness: [2]float64{0.5, 2}, Hue: [2]float64{-0.3, 0.5}}),
	"RandomRotation":             T.NewRandomRotation(30),
	"RandomRotation expand":      T.NewRandomRotation([]float64{20, 80}, T.RotationOptions{WarpOptions: warp("bilinear", 0.5), Expand: true}),
	"RandomRotation center":      T.NewRandomRotation(45, T.RotationOptions{Center: &[2]float64{2, 3}, WarpOptions: warp("", 0.1, 0.2, 0.3)}),
	"RandomAffine": T.NewRandomAffine(20, T.RandomAffineOptions{
		Translate: &[2]float64{0.1, 0.2}, Scale: &[2]float64{0.8, 1.3}, Shear: 10}),
	"RandomAffine shear": T.NewRandomAffine([]float64{0, 90}, T.RandomAffineOptions{
		Shear: []float64{-5, 5, -10, 10}, AffineOptions: F.AffineOptions{WarpOptions: warp("bilinear", 1), Center: &[2]float64{}}}),
	"RandomPerspective":          T.NewRandomPerspective(T.RandomPerspectiveOptions{DistortionScale: new(0.4), P: new(0.8)}),
	"ElasticTransform":           T.NewElasticTransform(T.ElasticTransformOptions{Alpha: new([2]float64{30, 30}), Sigma: &[2]float64{1.5, 1.5}}),
	"GaussianBlur":               T.NewGaussianBlur(5),
	"GaussianBlur (3, 7)":        T.NewGaussianBlur([]int{3, 7}, T.GaussianBlurOptions{Sigma: new([2]float64{0.5, 1})}),
	"RandomErasing":              T.NewRandomErasing(T.RandomErasingOptions{P: new(0.8)}),
	"RandomErasing random":       T.NewRandomErasing(T.RandomErasingOptions{P: new(1.0), Random: true}),
	"RandomErasing values":       T.NewRandomErasing(T.RandomErasingOptions{P: new(1.0), Scale: new([2]float64{0.1, 0.2}), Ratio: new([2]float64{1, 2}), Value: []float64{1, 0, 1}}),
	"RandomInvert":               T.NewRandomInvert(),
	"RandomPosterize":            T.NewRandomPosterize(2),
	"RandomSolarize":             T.NewRandomSolarize(0.5, p(0.9)),
	"RandomAdjustSharpness":      T.NewRandomAdjustSharpness(2),
	"RandomAdjustSharpness blur": T.NewRandomAdjustSharpness(0.3, p(1)),
	"RandomAutocontrast":         T.NewRandomAutocontrast(),
	"RandomEqualize":             T.NewRandomEqualize(),
	"RandomApply":                T.NewRandomApply([]T.Transform{T.NewRandomVerticalFlip(p(1)), T.NewCenterCrop(4)}, p(0.4)),
	"RandomChoice": T.NewRandomChoice([]T.Transform{T.NewCenterCrop(4), T.NewRandomHorizontalFlip(p(1)), T.NewPad(1)},
		T.RandomChoiceOptions{P: []float64{1, 2, 3}}),
	"RandomOrder":         T.NewRandomOrder(T.NewCenterCrop(4), T.NewPad(1), T.NewResize([]int{6, 6})),
	"AutoAugment":         T.NewAutoAugment(),
	"AutoAugment cifar10": T.NewAutoAugment(T.AutoAugmentOptions{Policy: "cifar10", WarpOptions: warp("bilinear", 1)}),
	"AutoAugment svhn":    T.NewAutoAugment(T.AutoAugmentOptions{Policy: "svhn"}),
	"RandAugment":         T.NewRandAugment(),
	"RandAugment 3":       T.NewRandAugment(T.RandAugmentOptions{NumOps: new(3), Magnitude: new(5), NumMagnitudeBins: new(11), WarpOptions: warp("bilinear", 2)}),
	"TrivialAugmentWide":  T.NewTrivialAugmentWide(),
	"AugMix":              T.NewAugMix(),
	"AugMix 5":            T.NewAugMix(T.AugMixOptions{Severity: new(5), MixtureWidth: new(2), ChainDepth: new(2), Alpha: new(0.5), AllOps: new(false), WarpOptions: warp("nearest")}),
	"Compose":             T.NewCompose(T.NewResize(9), T.NewCenterCrop(8), T.NewRandomHorizontalFlip(), T.NewConvertImageDType(torch.Float32)),
}

var functions = map[string]func(x *torch.Tensor) *torch.Tensor{
	"five_crop": func(x *torch.Tensor) *torch.Tensor { return torch.Stack(F.FiveCrop(x, []int{5, 6}), 0) },
	"ten_crop": func(x *torch.Tensor) *torch.Tensor {
		return torch.Stack(F.TenCrop(x, []int{5, 6}, F.TenCropOptions{VerticalFlip: true}), 0)
	},
	"crop outside":      func(x *torch.Tensor) *torch.Tensor { return F.Crop(x, -2, 9, 7, 9) },
	"adjust_gamma":      func(x *torch.Tensor) *torch.Tensor { return F.AdjustGamma(x, 0.7, 1.2) },
	"adjust_brightness": func(x *torch.Tensor) *torch.Tensor { return F.AdjustBrightness(x, 1.7) },
	"adjust_contrast":   func(x *torch.Tensor) *torch.Tensor { return F.AdjustContrast(x, 0.4) },
	"adjust_saturation": func(x *torch.Tensor) *torch.Tensor { return F.AdjustSaturation(x, 2.5) },
	"adjust_hue":        func(x *torch.Tensor) *torch.Tensor { return F.AdjustHue(x, -0.25) },
	"gaussian_blur":     func(x *torch.Tensor) *torch.Tensor { return F.GaussianBlur(x, []int{3, 5}, nil) },
	"rotate":            func(x *torch.Tensor) *torch.Tensor { return F.Rotate(x, 33) },
	"affine": func(x *torch.Tensor) *torch.Tensor {
		return F.Affine(x, 15, [2]float64{1, 2}, 0.9, [2]float64{5, 3}, F.AffineOptions{WarpOptions: warp("bilinear")})
	},
	"perspective": func(x *torch.Tensor) *torch.Tensor {
		return F.Perspective(x, [4][2]int{{0, 0}, {14, 0}, {14, 11}, {0, 11}}, [4][2]int{{2, 1}, {13, 0}, {12, 10}, {1, 11}})
	},
	"erase": func(x *torch.Tensor) *torch.Tensor {
		return F.Erase(x, 1, 2, 3, 4, torch.Full([]int{}, 1, torch.TensorOptions{DType: x.DType()}))
	},
}

// check calls f as often as there are results.
func check(t *testing.T, h torchtest.Header, f func(x *torch.Tensor) *torch.Tensor, x *torch.Tensor, want results, what string) {
	t.Helper()
	torch.ManualSeed(0)
	if want.err != "" {
		assert.ErrorContains(t, torch.Try(func() {
			for range 30 {
				f(x)
			}
		}), want.err, what)
		return
	}
	before := x.Clone()
	for i, w := range want.images {
		tolerance := 1e-5
		switch {
		case w.DType != "float32" && w.DType != "float64":
			tolerance = 1 // numbers may be rounded the other way
		case x.DType() == torch.Uint8:
			tolerance = 1.01 / 255 // such a number, made floating-point afterwards
		}
		w.Check(t, f(x), h.Exact(), tolerance, fmt.Sprintf("%s, call %d", what, i))
	}
	assert.True(t, torch.Equal(before, x), "%s leaves its argument alone", what)
}

func load(t *testing.T) (golden, torchtest.Header) {
	var g golden
	h := torchtest.Golden(t, "testdata/transforms.json.gz", &g)
	return g, h
}

func TestTransforms(t *testing.T) {
	g, h := load(t)
	require.Len(t, g.Transforms, len(named))
	for name, c := range g.Transforms {
		transform := named[name]
		require.NotNil(t, transform, name)
		if name != "ToTensor" { // a Lambda there
			assert.Equal(t, c.Repr, fmt.Sprint(transform))
		}
		for image, want := range c.Results {
			check(t, h, transform.Forward, g.Images[image].Make(t), want, name+" of "+image)
		}
	}
}

func TestFunctions(t *testing.T) {
	g, h := load(t)
	require.Len(t, g.Functions, len(functions))
	for name, c := range g.Functions {
		for image, want := range c {
			check(t, h, functions[name], g.Images[image].Make(t), want, name+" of "+image)
		}
	}
}

package transforms

import (
	"cmp"
	"math"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// augmentation is an operation that comes in several strengths.
type augmentation struct {
	name       string
	magnitudes []float64 // nil has none
	signed     bool      // goes in two directions
}

// augment does an operation of a strength.
func augment(x *torch.Tensor, name string, magnitude float64, o functional.WarpOptions) *torch.Tensor {
	affine := func(translate, shear [2]float64, center *[2]float64) *torch.Tensor {
		return functional.Affine(x, 0, translate, 1, shear, functional.AffineOptions{WarpOptions: o, Center: center})
	}
	angle := math.Atan(magnitude) * (180 / math.Pi)
	switch name {
	case "ShearX":
		return affine([2]float64{}, [2]float64{angle, 0}, &[2]float64{})
	case "ShearY":
		return affine([2]float64{}, [2]float64{0, angle}, &[2]float64{})
	case "TranslateX":
		return affine([2]float64{math.Trunc(magnitude), 0}, [2]float64{}, nil)
	case "TranslateY":
		return affine([2]float64{0, math.Trunc(magnitude)}, [2]float64{}, nil)
	case "Rotate":
		return functional.Rotate(x, magnitude, functional.RotateOptions{WarpOptions: o})
	case "Brightness":
		return functional.AdjustBrightness(x, 1+magnitude)
	case "Color":
		return functional.AdjustSaturation(x, 1+magnitude)
	case "Contrast":
		return functional.AdjustContrast(x, 1+magnitude)
	case "Sharpness":
		return functional.AdjustSharpness(x, 1+magnitude)
	case "Posterize":
		return functional.Posterize(x, int(magnitude))
	case "Solarize":
		return functional.Solarize(x, magnitude)
	case "AutoContrast":
		return functional.Autocontrast(x)
	case "Equalize":
		return functional.Equalize(x)
	case "Invert":
		return functional.Invert(x)
	}
	return x
}

// space is how strong operations get, in so many steps.
type space struct {
	bins        int
	shear       float64
	dx, dy      float64 // pixels
	degrees     float64
	color       float64
	bits, fewer int // that Posterize leaves at first, and how many fewer at last
}

func (s space) steps(from, to float64) []float64 {
	return torch.ToSlice[float64](torch.Linspace(from, to, s.bins))
}

// moves are the operations that move pixels.
func (s space) moves() []augmentation {
	return []augmentation{
		{"ShearX", s.steps(0, s.shear), true}, {"ShearY", s.steps(0, s.shear), true},
		{"TranslateX", s.steps(0, s.dx), true}, {"TranslateY", s.steps(0, s.dy), true},
		{"Rotate", s.steps(0, s.degrees), true},
	}
}

// colors are those that make more or less of what there is.
func (s space) colors() []augmentation {
	var list []augmentation
	for _, name := range []string{"Brightness", "Color", "Contrast", "Sharpness"} {
		list = append(list, augmentation{name, s.steps(0, s.color), true})
	}
	return list
}

// tones are those that look at each number by itself or at how common it is.
func (s space) tones() []augmentation {
	per := float64(s.bins-1) / float64(s.fewer)
	bits := torch.Arange(0, s.bins, 1).Div(per).Round().Rsub(s.bits)
	return []augmentation{
		{"Posterize", torch.ToSlice[float64](bits), false}, {"Solarize", s.steps(255, 0), false},
		{"AutoContrast", nil, false}, {"Equalize", nil, false},
	}
}

// all is what [RandAugment] and [TrivialAugmentWide] choose from.
func (s space) all() []augmentation {
	list := append([]augmentation{{name: "Identity"}}, s.moves()...)
	return append(append(list, s.colors()...), s.tones()...)
}

// any draws an operation and does it, of a strength that choose gives the number of.
func (s space) any(x *torch.Tensor, list []augmentation, o functional.WarpOptions, choose func() int) *torch.Tensor {
	a := list[below(len(list))]
	magnitude := 0.0
	if a.magnitudes != nil {
		magnitude = a.magnitudes[choose()]
	}
	if a.signed && below(2) == 1 {
		magnitude = -magnitude
	}
	return augment(x, a.name, magnitude, o)
}

// mode and fill are how Python prints these options.
func mode(o functional.WarpOptions) field {
	return field{"interpolation", "InterpolationMode." + strings.ToUpper(string(o.Interpolation))}
}

func fill(o functional.WarpOptions) field {
	if o.Fill == nil {
		return field{"fill", nil}
	}
	return field{"fill", o.Fill}
}

// AutoAugment does two operations, of a pair by chance of those that were found to suit
// a data set. It is for images of Uint8.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.AutoAugment.html
type AutoAugment struct{ Options AutoAugmentOptions }

// Policy is the data set that pairs of operations were found to suit.
type Policy string

// The policies of AutoAugment.
const (
	PolicyImageNet Policy = "imagenet"
	PolicyCIFAR10  Policy = "cifar10"
	PolicySVHN     Policy = "svhn"
)

// AutoAugmentOptions are the options of [NewAutoAugment].
type AutoAugmentOptions struct {
	functional.WarpOptions        // Interpolation: default "nearest"
	Policy                 Policy // the data set; default: PolicyImageNet
}

// NewAutoAugment returns the transform. It panics on a policy that it does not know.
func NewAutoAugment(options ...AutoAugmentOptions) *AutoAugment {
	o := option.First(options)
	o.Policy = cmp.Or(o.Policy, PolicyImageNet)
	if policies[o.Policy] == nil {
		panic(torch.Errorf("transforms.NewAutoAugment", torch.ValueError, "The provided policy %s is not recognized.",
			o.Policy))
	}
	o.WarpOptions = interpolated(o.WarpOptions, "nearest")
	return &AutoAugment{o}
}

// interpolated returns the options with a default for the interpolation.
func interpolated(o functional.WarpOptions, standard functional.Interpolation) functional.WarpOptions {
	if o.Interpolation == "" {
		o.Interpolation = standard
	}
	return o
}

// Forward returns the image changed.
func (a *AutoAugment) Forward(x *torch.Tensor) *torch.Tensor {
	_, height, width := functional.Dimensions(x)
	list := policies[a.Options.Policy]
	chosen := list[below(len(list))]
	chances := torch.Rand([]int{2})
	signs := torch.ToSlice[int64](torch.Randint(0, 2, []int{2}))
	s := space{10, 0.3, 150.0 / 331 * float64(width), 150.0 / 331 * float64(height), 30, 0.9, 8, 4}
	known := append(s.all(), augmentation{name: "Invert"})
	for i, step := range chosen {
		if !chances.Select(0, i).Le(step.p).Bool() {
			continue
		}
		magnitude := 0.0
		for _, k := range known {
			if k.name == step.name && step.magnitude != none {
				magnitude = k.magnitudes[step.magnitude]
				if k.signed && signs[i] == 0 {
					magnitude = -magnitude
				}
			}
		}
		x = augment(x, step.name, magnitude, a.Options.WarpOptions)
	}
	return x
}

// String returns the transform as Python prints it.
func (a *AutoAugment) String() string {
	return repr("AutoAugment", field{"policy", "AutoAugmentPolicy." + strings.ToUpper(string(a.Options.Policy))}, fill(a.Options.WarpOptions))
}

// RandAugment does several operations by chance, all of one strength. It is for images
// of Uint8.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandAugment.html
type RandAugment struct{ Options RandAugmentOptions }

// RandAugmentOptions are the options of [NewRandAugment].
type RandAugmentOptions struct {
	functional.WarpOptions      // Interpolation: default "nearest"
	NumOps                 *int // how many operations; default: 2
	Magnitude              *int // how strong, of NumMagnitudeBins; default: 9
	NumMagnitudeBins       *int // default: 31
}

// NewRandAugment returns the transform. It panics unless there are more bins than the
// magnitude.
func NewRandAugment(options ...RandAugmentOptions) *RandAugment {
	o := option.First(options)
	if o.NumOps == nil {
		o.NumOps = new(2)
	}
	if o.Magnitude == nil {
		o.Magnitude = new(9)
	}
	o.NumMagnitudeBins = new(option.Or(o.NumMagnitudeBins, 31))
	if m := *o.Magnitude; m < 0 || m >= *o.NumMagnitudeBins {
		panic(torch.Errorf("transforms.NewRandAugment", torch.IndexError,
			"index %d is out of bounds for dimension 0 with size %d", m, *o.NumMagnitudeBins))
	}
	o.WarpOptions = interpolated(o.WarpOptions, "nearest")
	return &RandAugment{o}
}

// Forward returns the image changed.
func (r *RandAugment) Forward(x *torch.Tensor) *torch.Tensor {
	_, height, width := functional.Dimensions(x)
	s := space{*r.Options.NumMagnitudeBins, 0.3, 150.0 / 331 * float64(width), 150.0 / 331 * float64(height), 30, 0.9, 8, 4}
	list := s.all()
	for range *r.Options.NumOps {
		x = s.any(x, list, r.Options.WarpOptions, func() int { return *r.Options.Magnitude })
	}
	return x
}

// String returns the transform as Python prints it.
func (r *RandAugment) String() string {
	o := r.Options
	return repr("RandAugment", field{"num_ops", *o.NumOps}, field{"magnitude", *o.Magnitude},
		field{"num_magnitude_bins", *o.NumMagnitudeBins}, mode(o.WarpOptions), fill(o.WarpOptions))
}

// TrivialAugmentWide does one operation, of a strength by chance. It is for images of
// Uint8.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.TrivialAugmentWide.html
type TrivialAugmentWide struct{ Options TrivialAugmentWideOptions }

// TrivialAugmentWideOptions are the options of [NewTrivialAugmentWide].
type TrivialAugmentWideOptions struct {
	functional.WarpOptions      // Interpolation: default "nearest"
	NumMagnitudeBins       *int // how many strengths there are; default: 31
}

// NewTrivialAugmentWide returns the transform.
func NewTrivialAugmentWide(options ...TrivialAugmentWideOptions) *TrivialAugmentWide {
	o := option.First(options)
	o.NumMagnitudeBins = new(option.Or(o.NumMagnitudeBins, 31))
	o.WarpOptions = interpolated(o.WarpOptions, "nearest")
	return &TrivialAugmentWide{o}
}

// Forward returns the image changed.
func (w *TrivialAugmentWide) Forward(x *torch.Tensor) *torch.Tensor {
	s := space{*w.Options.NumMagnitudeBins, 0.99, 32, 32, 135, 0.99, 8, 6}
	return s.any(x, s.all(), w.Options.WarpOptions, func() int { return below(s.bins) })
}

// String returns the transform as Python prints it.
func (w *TrivialAugmentWide) String() string {
	o := w.Options
	return repr("TrivialAugmentWide", field{"num_magnitude_bins", *o.NumMagnitudeBins}, mode(o.WarpOptions), fill(o.WarpOptions))
}

// AugMix adds up the image and several chains of operations on it, with weights by
// chance. It is for images of Uint8.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.AugMix.html
type AugMix struct{ Options AugMixOptions }

// AugMixOptions are the options of [NewAugMix].
type AugMixOptions struct {
	functional.WarpOptions          // Interpolation: default "bilinear"
	Severity               *int     // how strong the operations are at most, of 10; default: 3
	MixtureWidth           *int     // how many chains; default: 3
	ChainDepth             *int     // operations in a chain; default: −1, 1 to 3 by chance
	Alpha                  *float64 // the greater, the more even the weights; default: 1
	AllOps                 *bool    // change brightness, colour, contrast and sharpness too; default: true
}

// NewAugMix returns the transform. It panics on a severity that is not between 1 and
// 10.
func NewAugMix(options ...AugMixOptions) *AugMix {
	o := option.First(options)
	o.Severity, o.MixtureWidth = new(option.Or(o.Severity, 3)), new(option.Or(o.MixtureWidth, 3))
	o.ChainDepth, o.Alpha = new(option.Or(o.ChainDepth, -1)), new(option.Or(o.Alpha, 1))
	if o.AllOps == nil {
		o.AllOps = new(true)
	}
	if *o.Severity < 1 || *o.Severity > 10 {
		panic(torch.Errorf("transforms.NewAugMix", torch.ValueError,
			"The severity must be between [1, 10]. Got %d instead.", *o.Severity))
	}
	o.WarpOptions = interpolated(o.WarpOptions, "bilinear")
	return &AugMix{o}
}

var opSampleDirichlet = torch.NewOperator("aten::_sample_dirichlet(Tensor self, Generator? generator=None) -> Tensor")

// weights draws n numbers that add up to 1, for each image of a batch.
func (a *AugMix) weights(batch, n int) *torch.Tensor {
	var c torch.Call
	c.Tensor(torch.Full([]int{n}, *a.Options.Alpha).Expand(batch, -1))
	c.Default()
	return c.One(opSampleDirichlet)
}

// Forward returns the image mixed.
func (a *AugMix) Forward(x *torch.Tensor) *torch.Tensor {
	o := a.Options
	_, height, width := functional.Dimensions(x)
	s := space{10, 0.3, float64(width) / 3, float64(height) / 3, 30, 0.9, 4, 4}
	list := append(s.moves(), s.tones()...)
	if *o.AllOps {
		list = append(list, s.colors()...)
	}
	batch := x
	for batch.Dim() < 4 {
		batch = batch.Unsqueeze(0)
	}
	n := batch.Size(0)
	shape := []int{n, 1, 1, 1}
	both := a.weights(n, 2)
	shares := a.weights(n, *o.MixtureWidth).Mul(both.Select(1, 1).View(n, -1))
	mix := both.Select(1, 0).View(shape...).Mul(batch)
	for i := range *o.MixtureWidth {
		chain := batch
		depth := *o.ChainDepth
		if depth <= 0 {
			depth = between(1, 4)
		}
		for range depth {
			chain = s.any(chain, list, o.WarpOptions, func() int { return below(*o.Severity) })
		}
		mix.AddInplace(shares.Select(1, i).View(shape...).Mul(chain))
	}
	return mix.View(x.Shape()...).To(x.DType())
}

// String returns the transform as Python prints it.
func (a *AugMix) String() string {
	o := a.Options
	return repr("AugMix", field{"severity", *o.Severity}, field{"mixture_width", *o.MixtureWidth}, field{"chain_depth", *o.ChainDepth},
		field{"alpha", *o.Alpha}, field{"all_ops", *o.AllOps}, mode(o.WarpOptions), fill(o.WarpOptions))
}

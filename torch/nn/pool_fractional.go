package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// FractionalMaxPoolOptions are the options of fractional max pooling, which needs
// one of the first two.
type FractionalMaxPoolOptions struct {
	OutputSize    torch.Sizes   // of the result
	OutputRatio   any           // of the output's size to the input's: one float64 for all dimensions, or a []float64
	RandomSamples *torch.Tensor // batch × channels × dimensions, from [0, 1); default: drawn at each Forward
}

// FractionalMaxPoolNd is what [FractionalMaxPool2d] and [FractionalMaxPool3d]
// share.
type FractionalMaxPoolNd struct {
	Module
	KernelSize    []int         // of a window
	OutputSize    []int         // nil: OutputRatio says it
	OutputRatio   []float64     // nil: OutputSize says it
	RandomSamples *torch.Tensor `nn:"_random_samples,buffer"` // nil: drawn at each Forward

	pool fractionalPool
}

// fractionalPool is a function of package functional.
type fractionalPool func(x *torch.Tensor, kernelSize torch.Sizes, options ...functional.FractionalMaxPoolOptions) (y, indices *torch.Tensor)

func newFractionalMaxPoolNd(name string, dims int, f fractionalPool, kernelSize torch.Sizes, o FractionalMaxPoolOptions) FractionalMaxPoolNd {
	op := "nn." + name
	p := FractionalMaxPoolNd{KernelSize: sizes.Of(op, kernelSize, dims), OutputSize: sizes.Optional(op, o.OutputSize, dims),
		OutputRatio: sizes.Floats(op, o.OutputRatio, dims), RandomSamples: o.RandomSamples, pool: f}
	switch {
	case dims == 3 && slices.ContainsFunc(p.KernelSize, func(n int) bool { return n <= 0 }):
		panic(torch.Errorf("nn."+name, torch.ValueError, "kernel_size must be greater than 0, but got %s",
			python.Option(kernelSize)))
	case p.OutputSize == nil && p.OutputRatio == nil:
		panic(torch.Errorf("nn."+name, torch.ValueError,
			"%s requires specifying either an output size, or a pooling ratio", name))
	case p.OutputSize != nil && p.OutputRatio != nil:
		panic(torch.Errorf("nn."+name, torch.ValueError, "only one of output_size and output_ratio may be specified"))
	case slices.ContainsFunc(p.OutputRatio, func(r float64) bool { return r <= 0 || r >= 1 }):
		panic(torch.Errorf("nn."+name, torch.ValueError, "output_ratio must be between 0 and 1 (got %s)",
			python.Option(o.OutputRatio)))
	}
	return p
}

// ForwardWithIndices is Forward that also returns where in a channel of x the
// maxima are (Int64).
func (p *FractionalMaxPoolNd) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, p.indexed)
}

func (p *FractionalMaxPoolNd) indexed(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pool(x, p.KernelSize, functional.FractionalMaxPoolOptions{
		OutputSize: p.OutputSize, OutputRatio: p.OutputRatio, RandomSamples: p.RandomSamples})
}

func (p *FractionalMaxPoolNd) forward(x *torch.Tensor) *torch.Tensor {
	y, indices := p.indexed(x)
	indices.Close()
	return y
}

// FractionalMaxPool2d gives the maxima of (batch × channels × height × width), with
// or without a batch, in windows at random places.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
type FractionalMaxPool2d struct {
	FractionalMaxPoolNd // KernelSize, OutputSize, OutputRatio, RandomSamples
}

// FractionalMaxPool2dOptions are the options of [NewFractionalMaxPool2d].
type FractionalMaxPool2dOptions = FractionalMaxPoolOptions

// NewFractionalMaxPool2d returns the layer. It panics on options that are not valid.
func NewFractionalMaxPool2d(kernelSize torch.Sizes, options ...FractionalMaxPool2dOptions) *FractionalMaxPool2d {
	return Init(&FractionalMaxPool2d{newFractionalMaxPoolNd("FractionalMaxPool2d", 2, functional.FractionalMaxPool2dWithIndices, kernelSize, option.First(options))})
}

// Forward returns the maxima of x, (batch ×) channels × height × width, in windows
// at random places. It panics on sizes that do not fit.
func (f *FractionalMaxPool2d) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

// FractionalMaxPool3d gives the maxima of (batch × channels × depth × height ×
// width), with or without a batch, in windows at random places.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
type FractionalMaxPool3d struct {
	FractionalMaxPoolNd // KernelSize, OutputSize, OutputRatio, RandomSamples
}

// FractionalMaxPool3dOptions are the options of [NewFractionalMaxPool3d].
type FractionalMaxPool3dOptions = FractionalMaxPoolOptions

// NewFractionalMaxPool3d returns the layer. It panics on options that are not valid.
func NewFractionalMaxPool3d(kernelSize torch.Sizes, options ...FractionalMaxPool3dOptions) *FractionalMaxPool3d {
	return Init(&FractionalMaxPool3d{newFractionalMaxPoolNd("FractionalMaxPool3d", 3, functional.FractionalMaxPool3dWithIndices, kernelSize, option.First(options))})
}

// Forward returns the maxima of x, (batch ×) channels × depth × height × width, in
// windows at random places. It panics on sizes that do not fit.
func (f *FractionalMaxPool3d) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

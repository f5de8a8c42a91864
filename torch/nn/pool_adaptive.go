package nn

import (
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// AdaptivePoolNd is what adaptive pooling shares: windows for an output of a given
// size. It is PyTorch's _AdaptiveAvgPoolNd and _AdaptiveMaxPoolNd.
type AdaptivePoolNd struct {
	Module
	OutputSize torch.Sizes // −1 keeps the input's size, as Python's None does
}

// ExtraRepr returns the options as Python prints them.
func (p *AdaptivePoolNd) ExtraRepr() string {
	return "output_size=" + strings.ReplaceAll(python.Option(p.OutputSize), "-1", "None")
}

// AdaptiveAvgPool1d gives the averages of (batch × channels × length), with or
// without a batch, in windows for an output of OutputSize.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
type AdaptiveAvgPool1d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveAvgPool1d returns the layer.
func NewAdaptiveAvgPool1d(outputSize torch.Sizes) *AdaptiveAvgPool1d {
	return Init(&AdaptiveAvgPool1d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the averages of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveAvgPool1d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveAvgPool1d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveAvgPool1d(x, p.OutputSize)
}

// AdaptiveAvgPool2d gives the averages of (batch × channels × height × width),
// with or without a batch, in windows for an output of OutputSize. −1 in a list
// of sizes keeps the input's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
type AdaptiveAvgPool2d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveAvgPool2d returns the layer.
func NewAdaptiveAvgPool2d(outputSize torch.Sizes) *AdaptiveAvgPool2d {
	return Init(&AdaptiveAvgPool2d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the averages of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveAvgPool2d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveAvgPool2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveAvgPool2d(x, p.OutputSize)
}

// AdaptiveAvgPool3d gives the averages of (batch × channels × depth × height ×
// width), with or without a batch, in windows for an output of OutputSize. −1 in
// a list of sizes keeps the input's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
type AdaptiveAvgPool3d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveAvgPool3d returns the layer.
func NewAdaptiveAvgPool3d(outputSize torch.Sizes) *AdaptiveAvgPool3d {
	return Init(&AdaptiveAvgPool3d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the averages of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveAvgPool3d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveAvgPool3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveAvgPool3d(x, p.OutputSize)
}

// AdaptiveMaxPool1d gives the maxima of (batch × channels × length), with or
// without a batch, in windows for an output of OutputSize.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
type AdaptiveMaxPool1d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveMaxPool1d returns the layer.
func NewAdaptiveMaxPool1d(outputSize torch.Sizes) *AdaptiveMaxPool1d {
	return Init(&AdaptiveMaxPool1d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the maxima of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveMaxPool1d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveMaxPool1d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveMaxPool1d(x, p.OutputSize)
}

// ForwardWithIndices also returns where in x the maxima are (Int64).
func (p *AdaptiveMaxPool1d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.AdaptiveMaxPool1dWithIndices(x, p.OutputSize)
	})
}

// AdaptiveMaxPool2d gives the maxima of (batch × channels × height × width), with
// or without a batch, in windows for an output of OutputSize. −1 in a list of
// sizes keeps the input's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
type AdaptiveMaxPool2d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveMaxPool2d returns the layer.
func NewAdaptiveMaxPool2d(outputSize torch.Sizes) *AdaptiveMaxPool2d {
	return Init(&AdaptiveMaxPool2d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the maxima of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveMaxPool2d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveMaxPool2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveMaxPool2d(x, p.OutputSize)
}

// ForwardWithIndices also returns where in a channel of x the maxima are (Int64).
func (p *AdaptiveMaxPool2d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.AdaptiveMaxPool2dWithIndices(x, p.OutputSize)
	})
}

// AdaptiveMaxPool3d gives the maxima of (batch × channels × depth × height ×
// width), with or without a batch, in windows for an output of OutputSize. −1 in
// a list of sizes keeps the input's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
type AdaptiveMaxPool3d struct {
	AdaptivePoolNd // OutputSize
}

// NewAdaptiveMaxPool3d returns the layer.
func NewAdaptiveMaxPool3d(outputSize torch.Sizes) *AdaptiveMaxPool3d {
	return Init(&AdaptiveMaxPool3d{AdaptivePoolNd{OutputSize: outputSize}})
}

// Forward returns the maxima of x: (batch ×) channels × OutputSize. It panics on
// inputs of other dimensions.
func (p *AdaptiveMaxPool3d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AdaptiveMaxPool3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AdaptiveMaxPool3d(x, p.OutputSize)
}

// ForwardWithIndices also returns where in a channel of x the maxima are (Int64).
func (p *AdaptiveMaxPool3d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.AdaptiveMaxPool3dWithIndices(x, p.OutputSize)
	})
}

package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// DropoutOptions are the options of dropouts.
type DropoutOptions struct {
	P       *float64 // the probability of zero; default: 0.5
	Inplace bool     // overwrite the input
}

// DropoutNd is what dropouts share: PyTorch's _DropoutNd. They do nothing in
// evaluation mode.
type DropoutNd struct {
	Module
	P       float64 // the probability of zero
	Inplace bool    // overwrite the input
}

func newDropout(name string, options []DropoutOptions) DropoutNd {
	o := option.First(options)
	d := DropoutNd{P: option.Or(o.P, 0.5), Inplace: o.Inplace}
	if d.P < 0 || d.P > 1 {
		panic(torch.Errorf("nn."+name, torch.ValueError, "dropout probability has to be between 0 and 1, but got %s",
			python.Repr(d.P)))
	}
	return d
}

// options returns the options of the functional form.
func (d *DropoutNd) options() functional.DropoutOptions {
	return functional.DropoutOptions{P: &d.P, Training: new(d.IsTraining()), Inplace: d.Inplace}
}

// ExtraRepr returns the options as Python prints them.
func (d *DropoutNd) ExtraRepr() string {
	return "p=" + python.Repr(d.P) + ", inplace=" + python.Repr(d.Inplace)
}

// Dropout zeroes each element with the probability P and divides the others by
// 1 − P. In evaluation mode it gives its input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
type Dropout struct {
	DropoutNd // P, Inplace
}

// NewDropout returns the layer. It panics unless P is in [0, 1].
func NewDropout(options ...DropoutOptions) *Dropout {
	return Init(&Dropout{newDropout("NewDropout", options)})
}

// Forward returns x with random elements 0 and the others divided by 1 − P; in
// evaluation mode, and in place, x itself.
func (d *Dropout) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *Dropout) forward(x *torch.Tensor) *torch.Tensor { return functional.Dropout(x, d.options()) }

// Dropout1d is [Dropout] of whole channels of its input, (batch ×) channels ×
// length.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
type Dropout1d struct {
	DropoutNd // P, Inplace
}

// NewDropout1d returns the layer. It panics unless P is in [0, 1].
func NewDropout1d(options ...DropoutOptions) *Dropout1d {
	return Init(&Dropout1d{newDropout("NewDropout1d", options)})
}

// Forward returns x, (batch ×) channels × length, with random channels 0 and the
// others divided by 1 − P; in evaluation mode, and in place, x itself.
func (d *Dropout1d) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *Dropout1d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Dropout1d(x, d.options())
}

// Dropout2d is [Dropout] of whole channels of its input, batch × channels × height
// × width. As in PyTorch, three dimensions are batch × channels × length.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
type Dropout2d struct {
	DropoutNd // P, Inplace
}

// NewDropout2d returns the layer. It panics unless P is in [0, 1].
func NewDropout2d(options ...DropoutOptions) *Dropout2d {
	return Init(&Dropout2d{newDropout("NewDropout2d", options)})
}

// Forward returns x, batch × channels × height × width, with random channels 0 and
// the others divided by 1 − P; in evaluation mode, and in place, x itself.
func (d *Dropout2d) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *Dropout2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Dropout2d(x, d.options())
}

// Dropout3d is [Dropout] of whole channels of its input, (batch ×) channels ×
// depth × height × width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
type Dropout3d struct {
	DropoutNd // P, Inplace
}

// NewDropout3d returns the layer. It panics unless P is in [0, 1].
func NewDropout3d(options ...DropoutOptions) *Dropout3d {
	return Init(&Dropout3d{newDropout("NewDropout3d", options)})
}

// Forward returns x, (batch ×) channels × depth × height × width, with random
// channels 0 and the others divided by 1 − P; in evaluation mode, and in place, x
// itself.
func (d *Dropout3d) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *Dropout3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Dropout3d(x, d.options())
}

// AlphaDropout is a dropout that keeps the mean and the variance of what [SELU]
// gives. As in PyTorch, it never overwrites its input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
type AlphaDropout struct {
	DropoutNd // P, Inplace
}

// NewAlphaDropout returns the layer. It panics unless P is in [0, 1].
func NewAlphaDropout(options ...DropoutOptions) *AlphaDropout {
	return Init(&AlphaDropout{newDropout("NewAlphaDropout", options)})
}

// Forward returns x with random elements dropped and the others changed such that
// mean and variance stay; in evaluation mode x itself.
func (d *AlphaDropout) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *AlphaDropout) forward(x *torch.Tensor) *torch.Tensor {
	o := d.options()
	o.Inplace = false
	return functional.AlphaDropout(x, o)
}

// FeatureAlphaDropout is [AlphaDropout] of whole channels of its input, batch ×
// channels × …
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
type FeatureAlphaDropout struct {
	DropoutNd // P, Inplace
}

// NewFeatureAlphaDropout returns the layer. It panics unless P is in [0, 1].
func NewFeatureAlphaDropout(options ...DropoutOptions) *FeatureAlphaDropout {
	return Init(&FeatureAlphaDropout{newDropout("NewFeatureAlphaDropout", options)})
}

// Forward returns x, batch × channels × …, with random channels dropped and the
// others changed such that mean and variance stay; in evaluation mode x itself.
func (d *FeatureAlphaDropout) Forward(x *torch.Tensor) *torch.Tensor { return d.Run(x, d.forward) }

func (d *FeatureAlphaDropout) forward(x *torch.Tensor) *torch.Tensor {
	o := d.options()
	o.Inplace = false
	return functional.FeatureAlphaDropout(x, o)
}

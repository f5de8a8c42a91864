package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Sigmoid gives 1 ÷ (1 + exp(−x)) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
type Sigmoid struct{ Module }

// NewSigmoid returns the layer.
func NewSigmoid() *Sigmoid { return Init(&Sigmoid{}) }

// Forward returns the sigmoid of each element of x.
func (s *Sigmoid) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Sigmoid) forward(x *torch.Tensor) *torch.Tensor { return functional.Sigmoid(x) }

// Hardsigmoid gives x ÷ 6 + ½ of each element, limited to [0, 1].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
type Hardsigmoid struct {
	Module
	Inplace bool
}

// NewHardsigmoid returns the layer.
func NewHardsigmoid(options ...HardsigmoidOptions) *Hardsigmoid {
	return Init(&Hardsigmoid{Inplace: option.First(options).Inplace})
}

// Forward returns x ÷ 6 + ½ of each element of x, limited to [0, 1]; in place, x
// itself.
func (h *Hardsigmoid) Forward(x *torch.Tensor) *torch.Tensor { return h.Run(x, h.forward) }

func (h *Hardsigmoid) forward(x *torch.Tensor) *torch.Tensor {
	return pick(h.Inplace, functional.HardsigmoidInplace, functional.Hardsigmoid)(x)
}

// Hardswish gives x × hardsigmoid(x) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
type Hardswish struct {
	Module
	Inplace bool
}

// NewHardswish returns the layer.
func NewHardswish(options ...HardswishOptions) *Hardswish {
	return Init(&Hardswish{Inplace: option.First(options).Inplace})
}

// Forward returns x × hardsigmoid(x) of each element of x; in place, x itself.
func (h *Hardswish) Forward(x *torch.Tensor) *torch.Tensor { return h.Run(x, h.forward) }

func (h *Hardswish) forward(x *torch.Tensor) *torch.Tensor {
	return pick(h.Inplace, functional.HardswishInplace, functional.Hardswish)(x)
}

// LogSigmoid gives log(1 ÷ (1 + exp(−x))) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
type LogSigmoid struct{ Module }

// NewLogSigmoid returns the layer.
func NewLogSigmoid() *LogSigmoid { return Init(&LogSigmoid{}) }

// Forward returns the logarithm of the sigmoid of each element of x.
func (l *LogSigmoid) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LogSigmoid) forward(x *torch.Tensor) *torch.Tensor { return functional.LogSigmoid(x) }

// Tanh gives the hyperbolic tangent of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
type Tanh struct{ Module }

// NewTanh returns the layer.
func NewTanh() *Tanh { return Init(&Tanh{}) }

// Forward returns the hyperbolic tangent of each element of x.
func (t *Tanh) Forward(x *torch.Tensor) *torch.Tensor { return t.Run(x, t.forward) }

func (t *Tanh) forward(x *torch.Tensor) *torch.Tensor { return functional.Tanh(x) }

// Softsign gives x ÷ (1 + |x|) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html
type Softsign struct{ Module }

// NewSoftsign returns the layer.
func NewSoftsign() *Softsign { return Init(&Softsign{}) }

// Forward returns x ÷ (1 + |x|) of each element of x.
func (s *Softsign) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softsign) forward(x *torch.Tensor) *torch.Tensor { return functional.Softsign(x) }

// Tanhshrink gives x − tanh(x) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
type Tanhshrink struct{ Module }

// NewTanhshrink returns the layer.
func NewTanhshrink() *Tanhshrink { return Init(&Tanhshrink{}) }

// Forward returns x − tanh(x) of each element of x.
func (t *Tanhshrink) Forward(x *torch.Tensor) *torch.Tensor { return t.Run(x, t.forward) }

func (t *Tanhshrink) forward(x *torch.Tensor) *torch.Tensor { return functional.Tanhshrink(x) }

// Hardshrink gives each element whose absolute value is greater than Lambd, and 0
// for others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
type Hardshrink struct {
	Module
	Lambd float64
}

// HardshrinkOptions are the options of [NewHardshrink].
type HardshrinkOptions struct {
	Lambd *float64 // default: 0.5
}

// NewHardshrink returns the layer.
func NewHardshrink(options ...HardshrinkOptions) *Hardshrink {
	return Init(&Hardshrink{Lambd: option.Or(option.First(options).Lambd, 0.5)})
}

// Forward returns the elements of x whose absolute value is greater than Lambd,
// and 0 for others.
func (h *Hardshrink) Forward(x *torch.Tensor) *torch.Tensor { return h.Run(x, h.forward) }

func (h *Hardshrink) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Hardshrink(x, functional.HardshrinkOptions{Lambd: &h.Lambd})
}

// ExtraRepr returns the options as Python prints them.
func (h *Hardshrink) ExtraRepr() string { return python.Repr(h.Lambd) }

// Softshrink brings each element nearer to 0 by Lambd, and to 0 those within it.
// It panics on a negative Lambd.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
type Softshrink struct {
	Module
	Lambd float64
}

// SoftshrinkOptions are the options of [NewSoftshrink].
type SoftshrinkOptions struct {
	Lambd *float64 // default: 0.5
}

// NewSoftshrink returns the layer.
func NewSoftshrink(options ...SoftshrinkOptions) *Softshrink {
	return Init(&Softshrink{Lambd: option.Or(option.First(options).Lambd, 0.5)})
}

// Forward returns the elements of x, brought nearer to 0 by Lambd. It panics if
// that is negative.
func (s *Softshrink) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softshrink) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Softshrink(x, functional.SoftshrinkOptions{Lambd: &s.Lambd})
}

// ExtraRepr returns the options as Python prints them.
func (s *Softshrink) ExtraRepr() string { return python.Repr(s.Lambd) }

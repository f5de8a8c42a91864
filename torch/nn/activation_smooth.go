package nn

import (
	"cmp"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// ELU gives each element where it is positive, and Alpha × (exp(x) − 1) elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html
type ELU struct {
	Module
	Alpha   float64
	Inplace bool
}

// ELUOptions are the options of [NewELU].
type ELUOptions struct {
	Alpha   *float64 // default: 1
	Inplace bool     // overwrite the input
}

// NewELU returns the layer.
func NewELU(options ...ELUOptions) *ELU {
	o := option.First(options)
	return Init(&ELU{Alpha: option.Or(o.Alpha, 1), Inplace: o.Inplace})
}

// Forward returns the elements of x, and Alpha × (exp(x) − 1) of the negative
// ones; in place, x itself.
func (e *ELU) Forward(x *torch.Tensor) *torch.Tensor { return e.Run(x, e.forward) }

func (e *ELU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(e.Inplace, functional.ELUInplace, functional.ELU)(x, functional.ELUOptions{Alpha: &e.Alpha})
}

// ExtraRepr returns the options as Python prints them.
func (e *ELU) ExtraRepr() string { return inplaceRepr("alpha="+python.Repr(e.Alpha), e.Inplace) }

// CELU gives max(0, x) + min(0, Alpha × (exp(x ÷ Alpha) − 1)) of each element. It
// panics on an Alpha of 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html
type CELU struct {
	Module
	Alpha   float64
	Inplace bool
}

// CELUOptions are the options of [NewCELU].
type CELUOptions struct {
	Alpha   *float64 // default: 1
	Inplace bool     // overwrite the input
}

// NewCELU returns the layer.
func NewCELU(options ...CELUOptions) *CELU {
	o := option.First(options)
	return Init(&CELU{Alpha: option.Or(o.Alpha, 1), Inplace: o.Inplace})
}

// Forward returns the elements of x, and Alpha × (exp(x ÷ Alpha) − 1) of the
// negative ones; in place, x itself. It panics on an Alpha of 0.
func (c *CELU) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

func (c *CELU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(c.Inplace, functional.CELUInplace, functional.CELU)(x, functional.CELUOptions{Alpha: &c.Alpha})
}

// ExtraRepr returns the options as Python prints them.
func (c *CELU) ExtraRepr() string { return inplaceRepr("alpha="+python.Repr(c.Alpha), c.Inplace) }

// SELU gives the scaled exponential linear unit of each element, which keeps the
// mean 0 and the variance 1 through layers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html
type SELU struct {
	Module
	Inplace bool
}

// NewSELU returns the layer.
func NewSELU(options ...SELUOptions) *SELU {
	return Init(&SELU{Inplace: option.First(options).Inplace})
}

// Forward returns the scaled exponential linear unit of each element of x; in
// place, x itself.
func (s *SELU) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SELU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(s.Inplace, functional.SELUInplace, functional.SELU)(x)
}

// ExtraRepr returns the options as Python prints them.
func (s *SELU) ExtraRepr() string { return inplaceRepr("", s.Inplace) }

// SiLU gives x × sigmoid(x) of each element. It is also called swish.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html
type SiLU struct {
	Module
	Inplace bool
}

// NewSiLU returns the layer.
func NewSiLU(options ...SiLUOptions) *SiLU {
	return Init(&SiLU{Inplace: option.First(options).Inplace})
}

// Forward returns x × sigmoid(x) of each element of x; in place, x itself.
func (s *SiLU) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SiLU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(s.Inplace, functional.SiLUInplace, functional.SiLU)(x)
}

// ExtraRepr returns the options as Python prints them.
func (s *SiLU) ExtraRepr() string { return inplaceRepr("", s.Inplace) }

// Mish gives x × tanh(softplus(x)) of each element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html
type Mish struct {
	Module
	Inplace bool
}

// NewMish returns the layer.
func NewMish(options ...MishOptions) *Mish {
	return Init(&Mish{Inplace: option.First(options).Inplace})
}

// Forward returns x × tanh(softplus(x)) of each element of x; in place, x itself.
func (m *Mish) Forward(x *torch.Tensor) *torch.Tensor { return m.Run(x, m.forward) }

func (m *Mish) forward(x *torch.Tensor) *torch.Tensor {
	return pick(m.Inplace, functional.MishInplace, functional.Mish)(x)
}

// ExtraRepr returns the options as Python prints them.
func (m *Mish) ExtraRepr() string { return inplaceRepr("", m.Inplace) }

// GELU gives x × Φ(x) of each element, Φ being the distribution function of the
// normal distribution. It panics on an approximation that it does not know.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
type GELU struct {
	Module
	Approximate functional.Approximation
}

// GELUOptions are the options of [NewGELU].
type GELUOptions struct {
	Approximate functional.Approximation // of Φ; default: functional.ApproximateNone
}

// NewGELU returns the layer.
func NewGELU(options ...GELUOptions) *GELU {
	return Init(&GELU{Approximate: cmp.Or(option.First(options).Approximate, functional.ApproximateNone)})
}

// Forward returns x × Φ(x) of each element of x. It panics on an approximation
// that it does not know.
func (g *GELU) Forward(x *torch.Tensor) *torch.Tensor { return g.Run(x, g.forward) }

func (g *GELU) forward(x *torch.Tensor) *torch.Tensor {
	return functional.GELU(x, functional.GELUOptions{Approximate: g.Approximate})
}

// ExtraRepr returns the options as Python prints them.
func (g *GELU) ExtraRepr() string { return "approximate='" + string(g.Approximate) + "'" }

// GLU gives the first half of the input along Dim times the sigmoid of the second
// half. It panics where the two are not of one size.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html
type GLU struct {
	Module
	Dim int
}

// GLUOptions are the options of [NewGLU].
type GLUOptions struct {
	Dim *int // default: -1
}

// NewGLU returns the layer.
func NewGLU(options ...GLUOptions) *GLU {
	return Init(&GLU{Dim: option.Or(option.First(options).Dim, -1)})
}

// Forward returns the first half of x along Dim times the sigmoid of the second
// half. It panics where the two are not of one size.
func (g *GLU) Forward(x *torch.Tensor) *torch.Tensor { return g.Run(x, g.forward) }

func (g *GLU) forward(x *torch.Tensor) *torch.Tensor {
	return functional.GLU(x, functional.GLUOptions{Dim: &g.Dim})
}

// ExtraRepr returns the options as Python prints them.
func (g *GLU) ExtraRepr() string { return fmt.Sprintf("dim=%d", g.Dim) }

// Softplus gives log(1 + exp(Beta × x)) ÷ Beta of each element, and the element
// itself where Beta × x is greater than Threshold.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html
type Softplus struct {
	Module
	Beta, Threshold float64
}

// SoftplusOptions are the options of [NewSoftplus].
type SoftplusOptions struct {
	Beta      *float64 // default: 1
	Threshold *float64 // default: 20
}

// NewSoftplus returns the layer.
func NewSoftplus(options ...SoftplusOptions) *Softplus {
	o := option.First(options)
	return Init(&Softplus{Beta: option.Or(o.Beta, 1), Threshold: option.Or(o.Threshold, 20)})
}

// Forward returns log(1 + exp(Beta × x)) ÷ Beta of each element of x.
func (s *Softplus) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softplus) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Softplus(x, functional.SoftplusOptions{Beta: &s.Beta, Threshold: &s.Threshold})
}

// ExtraRepr returns the options as Python prints them.
func (s *Softplus) ExtraRepr() string {
	return "beta=" + python.Repr(s.Beta) + ", threshold=" + python.Repr(s.Threshold)
}

package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// InplaceOptions are the options of activations that can overwrite their input
// and have no other options.
type InplaceOptions struct {
	Inplace bool // overwrite the input
}

type (
	// ReLUOptions are the options of [NewReLU].
	ReLUOptions = InplaceOptions
	// ReLU6Options are the options of [NewReLU6].
	ReLU6Options = InplaceOptions
	// SELUOptions are the options of [NewSELU].
	SELUOptions = InplaceOptions
	// SiLUOptions are the options of [NewSiLU].
	SiLUOptions = InplaceOptions
	// MishOptions are the options of [NewMish].
	MishOptions = InplaceOptions
	// HardsigmoidOptions are the options of [NewHardsigmoid].
	HardsigmoidOptions = InplaceOptions
	// HardswishOptions are the options of [NewHardswish].
	HardswishOptions = InplaceOptions
	// ThresholdOptions are the options of [NewThreshold].
	ThresholdOptions = InplaceOptions
)

// inplaceRepr writes options and, if it is set, inplace as Python prints them.
func inplaceRepr(options string, inplace bool) string {
	switch {
	case !inplace:
		return options
	case options == "":
		return "inplace=True"
	}
	return options + ", inplace=True"
}

// ReLU gives the greater of each element and 0; in place it gives the input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
type ReLU struct {
	Module
	Inplace bool
}

// NewReLU returns the layer.
func NewReLU(options ...ReLUOptions) *ReLU {
	return Init(&ReLU{Inplace: option.First(options).Inplace})
}

// Forward returns the greater of each element of x and 0; in place, x itself.
func (r *ReLU) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

func (r *ReLU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(r.Inplace, functional.ReLUInplace, functional.ReLU)(x)
}

// ExtraRepr returns the options as Python prints them.
func (r *ReLU) ExtraRepr() string { return inplaceRepr("", r.Inplace) }

// Hardtanh limits each element to [MinVal, MaxVal].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
type Hardtanh struct {
	Module
	MinVal, MaxVal float64
	Inplace        bool
}

// HardtanhOptions are the options of [NewHardtanh].
type HardtanhOptions struct {
	MinVal  *float64 // default: -1
	MaxVal  *float64 // default: 1
	Inplace bool     // overwrite the input
}

// NewHardtanh returns the layer. It panics unless MaxVal is greater than MinVal.
func NewHardtanh(options ...HardtanhOptions) *Hardtanh {
	o := option.First(options)
	h := &Hardtanh{MinVal: option.Or(o.MinVal, -1), MaxVal: option.Or(o.MaxVal, 1), Inplace: o.Inplace}
	if h.MaxVal <= h.MinVal {
		panic(torch.Errorf("nn.NewHardtanh", torch.ValueError, "max_val (%s) must be greater than min_val (%s)",
			python.Repr(h.MaxVal), python.Repr(h.MinVal)))
	}
	return Init(h)
}

// Forward returns x with each element limited to [MinVal, MaxVal]; in place, x
// itself.
func (h *Hardtanh) Forward(x *torch.Tensor) *torch.Tensor { return h.Run(x, h.forward) }

func (h *Hardtanh) forward(x *torch.Tensor) *torch.Tensor {
	return pick(h.Inplace, functional.HardtanhInplace, functional.Hardtanh)(x,
		functional.HardtanhOptions{MinVal: &h.MinVal, MaxVal: &h.MaxVal})
}

// ExtraRepr returns the options as Python prints them.
func (h *Hardtanh) ExtraRepr() string {
	return inplaceRepr("min_val="+python.Repr(h.MinVal)+", max_val="+python.Repr(h.MaxVal), h.Inplace)
}

// ReLU6 limits each element to [0, 6].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
type ReLU6 struct {
	Hardtanh // MinVal, MaxVal, Inplace
}

// NewReLU6 returns the layer.
func NewReLU6(options ...ReLU6Options) *ReLU6 {
	return Init(&ReLU6{Hardtanh{MinVal: 0, MaxVal: 6, Inplace: option.First(options).Inplace}})
}

// ExtraRepr returns the options as Python prints them.
func (r *ReLU6) ExtraRepr() string { return inplaceRepr("", r.Inplace) }

// LeakyReLU gives each element where it is positive, and NegativeSlope times it
// elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
type LeakyReLU struct {
	Module
	NegativeSlope float64
	Inplace       bool
}

// LeakyReLUOptions are the options of [NewLeakyReLU].
type LeakyReLUOptions struct {
	NegativeSlope *float64 // default: 0.01
	Inplace       bool     // overwrite the input
}

// NewLeakyReLU returns the layer.
func NewLeakyReLU(options ...LeakyReLUOptions) *LeakyReLU {
	o := option.First(options)
	return Init(&LeakyReLU{NegativeSlope: option.Or(o.NegativeSlope, 0.01), Inplace: o.Inplace})
}

// Forward returns the elements of x, the negative ones times NegativeSlope; in
// place, x itself.
func (l *LeakyReLU) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LeakyReLU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(l.Inplace, functional.LeakyReLUInplace, functional.LeakyReLU)(x,
		functional.LeakyReLUOptions{NegativeSlope: &l.NegativeSlope})
}

// ExtraRepr returns the options as Python prints them.
func (l *LeakyReLU) ExtraRepr() string {
	return inplaceRepr("negative_slope="+python.Repr(l.NegativeSlope), l.Inplace)
}

// PReLU gives each element where it is positive, and Weight times it elsewhere.
// Weight is learned: one number, or one for each channel, the second dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html
type PReLU struct {
	Module
	NumParameters int
	Weight        *torch.Tensor
	initial       float64
}

// PReLUOptions are the options of [NewPReLU].
type PReLUOptions struct {
	NumParameters *int         // 1, or the number of channels; default: 1
	Init          *float64     // Weight's first values; default: 0.25
	Device        torch.Device // default: torch.DefaultDevice()
	DType         torch.DType  // default: Float32
}

// NewPReLU returns the layer.
func NewPReLU(options ...PReLUOptions) *PReLU {
	o := option.First(options)
	p := &PReLU{NumParameters: option.Or(o.NumParameters, 1), initial: option.Or(o.Init, 0.25)}
	p.Weight = NewParameter(torch.Empty([]int{p.NumParameters}, torch.TensorOptions{Device: o.Device, DType: o.DType}))
	p.ResetParameters()
	return Init(p)
}

// ResetParameters gives Weight its first values.
func (p *PReLU) ResetParameters() { fill(p.Weight, p.initial) }

// Forward returns the elements of x, the negative ones times Weight. It panics
// where Weight has neither one element nor one for each channel.
func (p *PReLU) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *PReLU) forward(x *torch.Tensor) *torch.Tensor { return functional.PReLU(x, p.Weight) }

// ExtraRepr returns the options as Python prints them.
func (p *PReLU) ExtraRepr() string { return fmt.Sprintf("num_parameters=%d", p.NumParameters) }

// RReLU gives each element where it is positive. Elsewhere it gives the element
// times a number drawn from [Lower, Upper], in evaluation mode times their mean.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.RReLU.html
type RReLU struct {
	Module
	Lower, Upper float64
	Inplace      bool
}

// RReLUOptions are the options of [NewRReLU].
type RReLUOptions struct {
	Lower   *float64 // default: 1/8
	Upper   *float64 // default: 1/3
	Inplace bool     // overwrite the input
}

// NewRReLU returns the layer.
func NewRReLU(options ...RReLUOptions) *RReLU {
	o := option.First(options)
	return Init(&RReLU{Lower: option.Or(o.Lower, 1.0/8), Upper: option.Or(o.Upper, 1.0/3), Inplace: o.Inplace})
}

// Forward returns the elements of x, the negative ones times random numbers in
// training mode, and their mean in evaluation mode; in place, x itself.
func (r *RReLU) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

func (r *RReLU) forward(x *torch.Tensor) *torch.Tensor {
	return pick(r.Inplace, functional.RReLUInplace, functional.RReLU)(x,
		functional.RReLUOptions{Lower: &r.Lower, Upper: &r.Upper, Training: r.IsTraining()})
}

// ExtraRepr returns the options as Python prints them.
func (r *RReLU) ExtraRepr() string {
	return inplaceRepr("lower="+python.Repr(r.Lower)+", upper="+python.Repr(r.Upper), r.Inplace)
}

// Threshold gives each element where it is greater than Threshold, and Value
// elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html
type Threshold struct {
	Module
	Threshold, Value torch.Number
	Inplace          bool
}

// NewThreshold returns the layer.
func NewThreshold(threshold, value torch.Number, options ...ThresholdOptions) *Threshold {
	return Init(&Threshold{Threshold: threshold, Value: value, Inplace: option.First(options).Inplace})
}

// Forward returns the elements of x that are greater than Threshold, and Value for
// others; in place, x itself.
func (t *Threshold) Forward(x *torch.Tensor) *torch.Tensor { return t.Run(x, t.forward) }

func (t *Threshold) forward(x *torch.Tensor) *torch.Tensor {
	return pick(t.Inplace, functional.ThresholdInplace, functional.Threshold)(x, t.Threshold, t.Value)
}

// ExtraRepr returns the options as Python prints them.
func (t *Threshold) ExtraRepr() string {
	return inplaceRepr("threshold="+python.Repr(t.Threshold)+", value="+python.Repr(t.Value), t.Inplace)
}

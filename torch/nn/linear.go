package nn

import (
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// Linear computes x · Wᵀ + b. The input has any leading dimensions and in
// features last, the output out features last.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
type Linear struct {
	Module
	InFeatures  int
	OutFeatures int
	Weight      *torch.Tensor // out × in
	Bias        *torch.Tensor // out, or nil
}

// LinearOptions are the options of [NewLinear].
type LinearOptions struct {
	Bias   *bool        // add a bias; default: true
	Device torch.Device // default: torch.DefaultDevice()
	DType  torch.DType  // default: Float32
}

// NewLinear returns a layer from in to out features. Weight and bias are drawn
// evenly from (−1/√in, 1/√in), in that order.
func NewLinear(in, out int, options ...LinearOptions) *Linear {
	o := option.First(options)
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	l := &Linear{InFeatures: in, OutFeatures: out}
	l.Weight = NewParameter(torch.Empty([]int{out, in}, t))
	if o.Bias == nil || *o.Bias {
		l.Bias = NewParameter(torch.Empty([]int{out}, t))
	}
	l.ResetParameters()
	return Init(l)
}

// ResetParameters draws weight and bias anew, unless they are uninitialized.
func (l *Linear) ResetParameters() {
	if IsUninitialized(l.Weight) {
		return
	}
	nninit.KaimingUniform(l.Weight, nninit.KaimingOptions{A: math.Sqrt(5)})
	if l.Bias != nil {
		bound := 0.0
		if l.InFeatures > 0 {
			bound = 1 / math.Sqrt(float64(l.InFeatures))
		}
		nninit.Uniform(l.Bias, -bound, bound)
	}
}

// Forward returns x · Wᵀ + b.
func (l *Linear) Forward(x *torch.Tensor) *torch.Tensor {
	return l.Run(x, l.forward)
}

func (l *Linear) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Linear(x, l.Weight, l.Bias)
}

// ExtraRepr returns the options as Python prints them.
func (l *Linear) ExtraRepr() string {
	return fmt.Sprintf("in_features=%d, out_features=%d, bias=%s", l.InFeatures, l.OutFeatures, python.Repr(l.Bias != nil))
}

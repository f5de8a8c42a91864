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

// Bilinear computes x1ᵀ · W[k] · x2 + b[k] for each of its out features k. The
// inputs have in1 and in2 features last and the same leading dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
type Bilinear struct {
	Module
	In1Features int
	In2Features int
	OutFeatures int
	Weight      *torch.Tensor // out × in1 × in2
	Bias        *torch.Tensor // out, or nil
}

// BilinearOptions are the options of [NewBilinear].
type BilinearOptions = LinearOptions

// NewBilinear returns a layer from in1 and in2 to out features. Weight and bias are
// drawn evenly from (−1/√in1, 1/√in1), in that order. It panics unless in1 is
// positive.
func NewBilinear(in1, in2, out int, options ...BilinearOptions) *Bilinear {
	o := option.First(options)
	if in1 <= 0 {
		panic(torch.Errorf("nn.NewBilinear", torch.ValueError, "in1_features must be > 0, but got (in1_features=%d)",
			in1))
	}
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	b := &Bilinear{In1Features: in1, In2Features: in2, OutFeatures: out}
	b.Weight = NewParameter(torch.Empty([]int{out, in1, in2}, t))
	if option.Or(o.Bias, true) {
		b.Bias = NewParameter(torch.Empty([]int{out}, t))
	}
	b.ResetParameters()
	return Init(b)
}

// ResetParameters draws weight and bias anew.
func (b *Bilinear) ResetParameters() {
	bound := 1 / math.Sqrt(float64(b.In1Features))
	nninit.Uniform(b.Weight, -bound, bound)
	if b.Bias != nil {
		nninit.Uniform(b.Bias, -bound, bound)
	}
}

// Forward returns x1ᵀ · W[k] · x2 + b[k] for each k, as the last dimension.
func (b *Bilinear) Forward(x1, x2 *torch.Tensor) *torch.Tensor { return b.Run2(x1, x2, b.forward) }

func (b *Bilinear) forward(x1, x2 *torch.Tensor) *torch.Tensor {
	return functional.Bilinear(x1, x2, b.Weight, functional.BilinearOptions{Bias: b.Bias})
}

// ExtraRepr returns the options as Python prints them.
func (b *Bilinear) ExtraRepr() string {
	return fmt.Sprintf("in1_features=%d, in2_features=%d, out_features=%d, bias=%s",
		b.In1Features, b.In2Features, b.OutFeatures, python.Repr(b.Bias != nil))
}

package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// ReLU gives the greater of each element and 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
type ReLU struct {
	Module
	Inplace bool
}

// ReLUOptions are the options of [NewReLU].
type ReLUOptions struct {
	Inplace bool // overwrite the input
}

// NewReLU returns the layer.
func NewReLU(options ...ReLUOptions) *ReLU {
	r := &ReLU{}
	if len(options) > 0 {
		r.Inplace = options[0].Inplace
	}
	return Init(r)
}

// Forward returns the greater of x and 0, elementwise; x itself if in place.
func (r *ReLU) Forward(x *torch.Tensor) *torch.Tensor {
	return r.Run(x, r.forward)
}

func (r *ReLU) forward(x *torch.Tensor) *torch.Tensor {
	if r.Inplace {
		return x.ReLUInplace()
	}
	return x.ReLU()
}

// ExtraRepr returns the options as Python prints them.
func (r *ReLU) ExtraRepr() string {
	if r.Inplace {
		return "inplace=True"
	}
	return ""
}

// Flatten joins a run of dimensions into one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
type Flatten struct {
	Module
	StartDim int
	EndDim   int
}

// FlattenOptions are the options of [NewFlatten].
type FlattenOptions struct {
	StartDim *int // the first dimension to join; default: 1
	EndDim   *int // the last one; default: -1
}

// NewFlatten returns the layer.
func NewFlatten(options ...FlattenOptions) *Flatten {
	f := &Flatten{StartDim: 1, EndDim: -1}
	if len(options) > 0 {
		if d := options[0].StartDim; d != nil {
			f.StartDim = *d
		}
		if d := options[0].EndDim; d != nil {
			f.EndDim = *d
		}
	}
	return Init(f)
}

// Forward returns x with the dimensions joined, as a view where possible.
func (f *Flatten) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

func (f *Flatten) forward(x *torch.Tensor) *torch.Tensor { return x.Flatten(f.StartDim, f.EndDim) }

// ExtraRepr returns the options as Python prints them.
func (f *Flatten) ExtraRepr() string {
	return fmt.Sprintf("start_dim=%d, end_dim=%d", f.StartDim, f.EndDim)
}

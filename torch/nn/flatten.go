package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

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
	o := option.First(options)
	return Init(&Flatten{StartDim: option.Or(o.StartDim, 1), EndDim: option.Or(o.EndDim, -1)})
}

// Forward returns x with the dimensions joined, as a view where possible.
func (f *Flatten) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

func (f *Flatten) forward(x *torch.Tensor) *torch.Tensor { return x.Flatten(f.StartDim, f.EndDim) }

// ExtraRepr returns the options as Python prints them.
func (f *Flatten) ExtraRepr() string {
	return fmt.Sprintf("start_dim=%d, end_dim=%d", f.StartDim, f.EndDim)
}

// Unflatten splits a dimension into several.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
type Unflatten struct {
	Module
	Dim             int
	UnflattenedSize []int
}

// NewUnflatten returns the layer for a dimension and its new sizes, of which one may
// be −1 for what is left. Its Forward gives a view, and panics if the sizes do not
// make up that of the dimension.
func NewUnflatten(dim int, unflattenedSize []int) *Unflatten {
	return Init(&Unflatten{Dim: dim, UnflattenedSize: unflattenedSize})
}

// Forward returns a view of x with the dimension Dim split into UnflattenedSize.
// It panics if the sizes do not make up that of the dimension.
func (u *Unflatten) Forward(x *torch.Tensor) *torch.Tensor { return u.Run(x, u.forward) }

func (u *Unflatten) forward(x *torch.Tensor) *torch.Tensor {
	return x.Unflatten(u.Dim, u.UnflattenedSize)
}

// ExtraRepr returns the options as Python prints them.
func (u *Unflatten) ExtraRepr() string {
	return fmt.Sprintf("dim=%d, unflattened_size=%s", u.Dim, tuple(u.UnflattenedSize))
}

package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// PadNd is the base of all layers that pad.
type PadNd struct {
	Module
	Padding []int // pairs of widths before and after, for the last dimension first

	mode  torch.PadMode
	value float64
}

// newPad returns a padding of dims dimensions by widths, an int for all sides or a
// list of pairs.
func newPad(name string, dims int, widths torch.Sizes, mode torch.PadMode) PadNd {
	return PadNd{Padding: sizes.Of("nn."+name, widths, 2*dims), mode: mode}
}

func (p *PadNd) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Pad(x, p.Padding, functional.PadOptions{Mode: p.mode, Value: p.value})
}

// ExtraRepr returns the options as Python prints them.
func (p *PadNd) ExtraRepr() string { return tuple(p.Padding) }

// ConstantPadNd is what [ConstantPad1d], [ConstantPad2d] and [ConstantPad3d] share:
// PyTorch's _ConstantPadNd.
type ConstantPadNd struct {
	PadNd // Padding
	Value torch.Number
}

func newConstantPad(name string, dims int, widths torch.Sizes, value torch.Number) ConstantPadNd {
	p := ConstantPadNd{newPad(name, dims, widths, "constant"), value}
	p.value = toFloat(name, value)
	return p
}

// ExtraRepr returns the options as Python prints them.
func (p *ConstantPadNd) ExtraRepr() string {
	return fmt.Sprintf("padding=%s, value=%s", tuple(p.Padding), python.Repr(p.Value))
}

// CircularPadNd is what [CircularPad1d], [CircularPad2d] and [CircularPad3d] share:
// PyTorch's _CircularPadNd.
type CircularPadNd struct {
	PadNd // Padding
}

func (p *CircularPadNd) forward(x *torch.Tensor) *torch.Tensor {
	if dims := len(p.Padding) / 2; x.Dim() != dims+1 && x.Dim() != dims+2 {
		panic(torch.Errorf("nn."+typeName(p.self), torch.ValueError, "expected %dD or %dD input (got %dD input)",
			dims+1, dims+2, x.Dim()))
	}
	return p.PadNd.forward(x)
}

// ConstantPad1d pads (batch × channels × length), with or without a batch, with a
// constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
type ConstantPad1d struct {
	ConstantPadNd // Padding, Value
}

// NewConstantPad1d returns the layer. padding is an int for all sides, or a pair
// of widths, before and after. Negative widths cut off.
func NewConstantPad1d(padding torch.Sizes, value torch.Number) *ConstantPad1d {
	return Init(&ConstantPad1d{newConstantPad("ConstantPad1d", 1, padding, value)})
}

// Forward returns x, (batch ×) channels × length, padded with Value.
func (c *ConstantPad1d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// ConstantPad2d pads (batch × channels × height × width), with or without a
// batch, with a constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
type ConstantPad2d struct {
	ConstantPadNd // Padding, Value
}

// NewConstantPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Negative widths cut off.
func NewConstantPad2d(padding torch.Sizes, value torch.Number) *ConstantPad2d {
	return Init(&ConstantPad2d{newConstantPad("ConstantPad2d", 2, padding, value)})
}

// Forward returns x, (batch ×) channels × height × width, padded with Value.
func (c *ConstantPad2d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// ConstantPad3d pads (batch × channels × depth × height × width), with or without
// a batch, with a constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
type ConstantPad3d struct {
	ConstantPadNd // Padding, Value
}

// NewConstantPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Negative widths cut
// off.
func NewConstantPad3d(padding torch.Sizes, value torch.Number) *ConstantPad3d {
	return Init(&ConstantPad3d{newConstantPad("ConstantPad3d", 3, padding, value)})
}

// Forward returns x, (batch ×) channels × depth × height × width, padded with
// Value.
func (c *ConstantPad3d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// ZeroPad1d pads (batch × channels × length), with or without a batch, with
// zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
type ZeroPad1d struct {
	PadNd // Padding
}

// NewZeroPad1d returns the layer. padding is an int for all sides, or a pair of
// widths, before and after. Negative widths cut off.
func NewZeroPad1d(padding torch.Sizes) *ZeroPad1d {
	return Init(&ZeroPad1d{newPad("ZeroPad1d", 1, padding, "constant")})
}

// Forward returns x, (batch ×) channels × length, padded with zeros.
func (z *ZeroPad1d) Forward(x *torch.Tensor) *torch.Tensor { return z.Run(x, z.forward) }

// ZeroPad2d pads (batch × channels × height × width), with or without a batch,
// with zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
type ZeroPad2d struct {
	PadNd // Padding
}

// NewZeroPad2d returns the layer. padding is an int for all sides, or two pairs
// of widths, left, right, top and bottom. Negative widths cut off.
func NewZeroPad2d(padding torch.Sizes) *ZeroPad2d {
	return Init(&ZeroPad2d{newPad("ZeroPad2d", 2, padding, "constant")})
}

// Forward returns x, (batch ×) channels × height × width, padded with zeros.
func (z *ZeroPad2d) Forward(x *torch.Tensor) *torch.Tensor { return z.Run(x, z.forward) }

// ZeroPad3d pads (batch × channels × depth × height × width), with or without a
// batch, with zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
type ZeroPad3d struct {
	PadNd // Padding
}

// NewZeroPad3d returns the layer. padding is an int for all sides, or three pairs
// of widths, left, right, top, bottom, front and back. Negative widths cut off.
func NewZeroPad3d(padding torch.Sizes) *ZeroPad3d {
	return Init(&ZeroPad3d{newPad("ZeroPad3d", 3, padding, "constant")})
}

// Forward returns x, (batch ×) channels × depth × height × width, padded with
// zeros.
func (z *ZeroPad3d) Forward(x *torch.Tensor) *torch.Tensor { return z.Run(x, z.forward) }

// ReflectionPad1d pads (batch × channels × length), with or without a batch, with
// its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
type ReflectionPad1d struct {
	PadNd // Padding
}

// NewReflectionPad1d returns the layer. padding is an int for all sides, or a
// pair of widths, before and after. Forward panics on widths that reach beyond x.
func NewReflectionPad1d(padding torch.Sizes) *ReflectionPad1d {
	return Init(&ReflectionPad1d{newPad("ReflectionPad1d", 1, padding, "reflect")})
}

// Forward returns x, (batch ×) channels × length, padded with its reflection. It
// panics on widths that reach beyond x.
func (r *ReflectionPad1d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// ReflectionPad2d pads (batch × channels × height × width), with or without a
// batch, with its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
type ReflectionPad2d struct {
	PadNd // Padding
}

// NewReflectionPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on widths that
// reach beyond x.
func NewReflectionPad2d(padding torch.Sizes) *ReflectionPad2d {
	return Init(&ReflectionPad2d{newPad("ReflectionPad2d", 2, padding, "reflect")})
}

// Forward returns x, (batch ×) channels × height × width, padded with its
// reflection. It panics on widths that reach beyond x.
func (r *ReflectionPad2d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// ReflectionPad3d pads (batch × channels × depth × height × width), with or
// without a batch, with its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
type ReflectionPad3d struct {
	PadNd // Padding
}

// NewReflectionPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Forward panics on
// widths that reach beyond x.
func NewReflectionPad3d(padding torch.Sizes) *ReflectionPad3d {
	return Init(&ReflectionPad3d{newPad("ReflectionPad3d", 3, padding, "reflect")})
}

// Forward returns x, (batch ×) channels × depth × height × width, padded with its
// reflection. It panics on widths that reach beyond x.
func (r *ReflectionPad3d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// ReplicationPad1d pads (batch × channels × length), with or without a batch,
// with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
type ReplicationPad1d struct {
	PadNd // Padding
}

// NewReplicationPad1d returns the layer. padding is an int for all sides, or a
// pair of widths, before and after. Forward panics on an empty input.
func NewReplicationPad1d(padding torch.Sizes) *ReplicationPad1d {
	return Init(&ReplicationPad1d{newPad("ReplicationPad1d", 1, padding, "replicate")})
}

// Forward returns x, (batch ×) channels × length, padded with its outermost
// elements. It panics on an empty x.
func (r *ReplicationPad1d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// ReplicationPad2d pads (batch × channels × height × width), with or without a
// batch, with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
type ReplicationPad2d struct {
	PadNd // Padding
}

// NewReplicationPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on an empty input.
func NewReplicationPad2d(padding torch.Sizes) *ReplicationPad2d {
	return Init(&ReplicationPad2d{newPad("ReplicationPad2d", 2, padding, "replicate")})
}

// Forward returns x, (batch ×) channels × height × width, padded with its
// outermost elements. It panics on an empty x.
func (r *ReplicationPad2d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// ReplicationPad3d pads (batch × channels × depth × height × width), with or
// without a batch, with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
type ReplicationPad3d struct {
	PadNd // Padding
}

// NewReplicationPad3d returns the layer. padding is an int for all sides, or
// three pairs of widths, left, right, top, bottom, front and back. Forward panics
// on an empty input.
func NewReplicationPad3d(padding torch.Sizes) *ReplicationPad3d {
	return Init(&ReplicationPad3d{newPad("ReplicationPad3d", 3, padding, "replicate")})
}

// Forward returns x, (batch ×) channels × depth × height × width, padded with its
// outermost elements. It panics on an empty x.
func (r *ReplicationPad3d) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

// CircularPad1d pads (batch × channels × length), with or without a batch, with
// the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
type CircularPad1d struct {
	CircularPadNd // Padding
}

// NewCircularPad1d returns the layer. padding is an int for all sides, or a pair
// of widths, before and after. Forward panics on widths greater than the size of
// x.
func NewCircularPad1d(padding torch.Sizes) *CircularPad1d {
	return Init(&CircularPad1d{CircularPadNd{newPad("CircularPad1d", 1, padding, "circular")}})
}

// Forward returns x, (batch ×) channels × length, padded with the elements of its
// other end. It panics on widths greater than the size of x.
func (c *CircularPad1d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// CircularPad2d pads (batch × channels × height × width), with or without a
// batch, with the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
type CircularPad2d struct {
	CircularPadNd // Padding
}

// NewCircularPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on widths greater
// than the size of x.
func NewCircularPad2d(padding torch.Sizes) *CircularPad2d {
	return Init(&CircularPad2d{CircularPadNd{newPad("CircularPad2d", 2, padding, "circular")}})
}

// Forward returns x, (batch ×) channels × height × width, padded with the elements
// of its other end. It panics on widths greater than the size of x.
func (c *CircularPad2d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// CircularPad3d pads (batch × channels × depth × height × width), with or without
// a batch, with the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
type CircularPad3d struct {
	CircularPadNd // Padding
}

// NewCircularPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Forward panics on
// widths greater than the size of x.
func NewCircularPad3d(padding torch.Sizes) *CircularPad3d {
	return Init(&CircularPad3d{CircularPadNd{newPad("CircularPad3d", 3, padding, "circular")}})
}

// Forward returns x, (batch ×) channels × depth × height × width, padded with the
// elements of its other end. It panics on widths greater than the size of x.
func (c *CircularPad3d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

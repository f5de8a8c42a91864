package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// pad is what the layers of this file share.
type pad struct {
	layer
	Padding []int // pairs of widths before and after, for the last dimension first

	mode  torch.PadMode
	value float64
}

// newPad returns a padding of dims dimensions by widths, an int for all sides or a
// list of pairs.
func newPad(name string, dims int, widths torch.Sizes, mode torch.PadMode) pad {
	return pad{Padding: sizes.Of("nn."+name, widths, 2*dims), mode: mode}
}

func (p *pad) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Pad(x, p.Padding, functional.PadOptions{Mode: p.mode, Value: p.value})
}

// ExtraRepr returns the options as Python prints them.
func (p *pad) ExtraRepr() string { return tuple(p.Padding) }

// constantPad is what ConstantPad1d, ConstantPad2d and ConstantPad3d share.
type constantPad struct {
	pad
	Value torch.Number
}

func newConstantPad(name string, dims int, widths torch.Sizes, value torch.Number) constantPad {
	p := constantPad{newPad(name, dims, widths, "constant"), value}
	p.value = toFloat(name, value)
	return p
}

// ExtraRepr returns the options as Python prints them.
func (p *constantPad) ExtraRepr() string {
	return fmt.Sprintf("padding=%s, value=%s", tuple(p.Padding), python.Repr(p.Value))
}

// circularPad is what CircularPad1d, CircularPad2d and CircularPad3d share.
type circularPad struct{ pad }

func (p *circularPad) forward(x *torch.Tensor) *torch.Tensor {
	if dims := len(p.Padding) / 2; x.Dim() != dims+1 && x.Dim() != dims+2 {
		refuse(typeName(p.self), torch.ValueError, "expected %dD or %dD input (got %dD input)", dims+1, dims+2, x.Dim())
	}
	return p.pad.forward(x)
}

// ConstantPad1d pads (batch × channels × length), with or without a batch, with a
// constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
type ConstantPad1d struct{ constantPad }

// NewConstantPad1d returns the layer. padding is an int for all sides, or a pair
// of widths, before and after. Negative widths cut off.
func NewConstantPad1d(padding torch.Sizes, value torch.Number) *ConstantPad1d {
	return Init(&ConstantPad1d{newConstantPad("ConstantPad1d", 1, padding, value)})
}

// ConstantPad2d pads (batch × channels × height × width), with or without a
// batch, with a constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
type ConstantPad2d struct{ constantPad }

// NewConstantPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Negative widths cut off.
func NewConstantPad2d(padding torch.Sizes, value torch.Number) *ConstantPad2d {
	return Init(&ConstantPad2d{newConstantPad("ConstantPad2d", 2, padding, value)})
}

// ConstantPad3d pads (batch × channels × depth × height × width), with or without
// a batch, with a constant value.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
type ConstantPad3d struct{ constantPad }

// NewConstantPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Negative widths cut
// off.
func NewConstantPad3d(padding torch.Sizes, value torch.Number) *ConstantPad3d {
	return Init(&ConstantPad3d{newConstantPad("ConstantPad3d", 3, padding, value)})
}

// ZeroPad1d pads (batch × channels × length), with or without a batch, with
// zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
type ZeroPad1d struct{ pad }

// NewZeroPad1d returns the layer. padding is an int for all sides, or a pair of
// widths, before and after. Negative widths cut off.
func NewZeroPad1d(padding torch.Sizes) *ZeroPad1d {
	return Init(&ZeroPad1d{newPad("ZeroPad1d", 1, padding, "constant")})
}

// ZeroPad2d pads (batch × channels × height × width), with or without a batch,
// with zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
type ZeroPad2d struct{ pad }

// NewZeroPad2d returns the layer. padding is an int for all sides, or two pairs
// of widths, left, right, top and bottom. Negative widths cut off.
func NewZeroPad2d(padding torch.Sizes) *ZeroPad2d {
	return Init(&ZeroPad2d{newPad("ZeroPad2d", 2, padding, "constant")})
}

// ZeroPad3d pads (batch × channels × depth × height × width), with or without a
// batch, with zeros.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
type ZeroPad3d struct{ pad }

// NewZeroPad3d returns the layer. padding is an int for all sides, or three pairs
// of widths, left, right, top, bottom, front and back. Negative widths cut off.
func NewZeroPad3d(padding torch.Sizes) *ZeroPad3d {
	return Init(&ZeroPad3d{newPad("ZeroPad3d", 3, padding, "constant")})
}

// ReflectionPad1d pads (batch × channels × length), with or without a batch, with
// its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
type ReflectionPad1d struct{ pad }

// NewReflectionPad1d returns the layer. padding is an int for all sides, or a
// pair of widths, before and after. Forward panics on widths that reach beyond x.
func NewReflectionPad1d(padding torch.Sizes) *ReflectionPad1d {
	return Init(&ReflectionPad1d{newPad("ReflectionPad1d", 1, padding, "reflect")})
}

// ReflectionPad2d pads (batch × channels × height × width), with or without a
// batch, with its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
type ReflectionPad2d struct{ pad }

// NewReflectionPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on widths that
// reach beyond x.
func NewReflectionPad2d(padding torch.Sizes) *ReflectionPad2d {
	return Init(&ReflectionPad2d{newPad("ReflectionPad2d", 2, padding, "reflect")})
}

// ReflectionPad3d pads (batch × channels × depth × height × width), with or
// without a batch, with its reflection, without the outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
type ReflectionPad3d struct{ pad }

// NewReflectionPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Forward panics on
// widths that reach beyond x.
func NewReflectionPad3d(padding torch.Sizes) *ReflectionPad3d {
	return Init(&ReflectionPad3d{newPad("ReflectionPad3d", 3, padding, "reflect")})
}

// ReplicationPad1d pads (batch × channels × length), with or without a batch,
// with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
type ReplicationPad1d struct{ pad }

// NewReplicationPad1d returns the layer. padding is an int for all sides, or a
// pair of widths, before and after. Forward panics on an empty input.
func NewReplicationPad1d(padding torch.Sizes) *ReplicationPad1d {
	return Init(&ReplicationPad1d{newPad("ReplicationPad1d", 1, padding, "replicate")})
}

// ReplicationPad2d pads (batch × channels × height × width), with or without a
// batch, with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
type ReplicationPad2d struct{ pad }

// NewReplicationPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on an empty input.
func NewReplicationPad2d(padding torch.Sizes) *ReplicationPad2d {
	return Init(&ReplicationPad2d{newPad("ReplicationPad2d", 2, padding, "replicate")})
}

// ReplicationPad3d pads (batch × channels × depth × height × width), with or
// without a batch, with its outermost elements.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
type ReplicationPad3d struct{ pad }

// NewReplicationPad3d returns the layer. padding is an int for all sides, or
// three pairs of widths, left, right, top, bottom, front and back. Forward panics
// on an empty input.
func NewReplicationPad3d(padding torch.Sizes) *ReplicationPad3d {
	return Init(&ReplicationPad3d{newPad("ReplicationPad3d", 3, padding, "replicate")})
}

// CircularPad1d pads (batch × channels × length), with or without a batch, with
// the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
type CircularPad1d struct{ circularPad }

// NewCircularPad1d returns the layer. padding is an int for all sides, or a pair
// of widths, before and after. Forward panics on widths greater than the size of
// x.
func NewCircularPad1d(padding torch.Sizes) *CircularPad1d {
	return Init(&CircularPad1d{circularPad{newPad("CircularPad1d", 1, padding, "circular")}})
}

// CircularPad2d pads (batch × channels × height × width), with or without a
// batch, with the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
type CircularPad2d struct{ circularPad }

// NewCircularPad2d returns the layer. padding is an int for all sides, or two
// pairs of widths, left, right, top and bottom. Forward panics on widths greater
// than the size of x.
func NewCircularPad2d(padding torch.Sizes) *CircularPad2d {
	return Init(&CircularPad2d{circularPad{newPad("CircularPad2d", 2, padding, "circular")}})
}

// CircularPad3d pads (batch × channels × depth × height × width), with or without
// a batch, with the elements of its other end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
type CircularPad3d struct{ circularPad }

// NewCircularPad3d returns the layer. padding is an int for all sides, or three
// pairs of widths, left, right, top, bottom, front and back. Forward panics on
// widths greater than the size of x.
func NewCircularPad3d(padding torch.Sizes) *CircularPad3d {
	return Init(&CircularPad3d{circularPad{newPad("CircularPad3d", 3, padding, "circular")}})
}

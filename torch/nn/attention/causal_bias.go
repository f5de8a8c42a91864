package attention

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// CausalVariant says where the triangle of a [CausalBias] is where there are more keys than
// queries or fewer.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.bias.CausalVariant.html
type CausalVariant int

// The variants, with PyTorch's numbers.
const (
	UpperLeft  CausalVariant = iota + 1 // the first query attends to the first key
	LowerRight                          // the last query attends to all keys
)

// CausalBias says that queries attend to the keys that are not later than they. As a mask of
// numbers or of truths it need not exist for that.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.bias.CausalBias.html
type CausalBias struct {
	Variant  CausalVariant
	SeqLenQ  int // how many queries
	SeqLenKV int // how many keys
}

// CausalUpperLeft returns the bias for so many queries and keys that lets the first query
// attend to the first key.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.bias.causal_upper_left.html
func CausalUpperLeft(queries, keys int) CausalBias { return CausalBias{UpperLeft, queries, keys} }

// CausalLowerRight returns the bias for so many queries and keys that lets the last query
// attend to all keys. Where there are more queries than keys the first ones attend to none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.bias.causal_lower_right.html
func CausalLowerRight(queries, keys int) CausalBias { return CausalBias{LowerRight, queries, keys} }

// Materialize returns the bias as a mask, queries × keys, of Bool, on a device or on the CPU.
func (b CausalBias) Materialize(device ...torch.Device) *torch.Tensor {
	diagonal := 0
	switch b.Variant {
	case UpperLeft:
	case LowerRight:
		diagonal = b.SeqLenKV - b.SeqLenQ
	default:
		panic(torch.Errorf("attention.CausalBias", torch.ValueError, "CausalBias.variant must be a CausalVariant type, but found: %d", int(b.Variant)))
	}
	on := torch.TensorOptions{DType: torch.Bool, Device: option.First(device)}
	if on.Device == (torch.Device{}) {
		on.Device = torch.CPU
	}
	return torch.Ones([]int{b.SeqLenQ, b.SeqLenKV}, on).Tril(torch.TrilOptions{Diagonal: diagonal})
}

// ScaledDotProductAttention is functional.ScaledDotProductAttention with the bias for its mask,
// what Python's gives with attn_mask=bias. Where the triangle begins at the upper left the
// kernels for causal attention compute it; else the bias is made a mask, also on a GPU, where
// PyTorch has kernels without one. It panics with options that have a mask or say IsCausal.
//
// https://docs.pytorch.org/docs/stable/nn.attention.bias.html
func (b CausalBias) ScaledDotProductAttention(query, key, value *torch.Tensor, options ...functional.ScaledDotProductAttentionOptions) *torch.Tensor {
	const op = "attention.CausalBias.ScaledDotProductAttention"
	o := option.First(options)
	if o.IsCausal {
		panic(torch.Errorf(op, torch.ValueError, "CausalBias should not be used with causal=True"))
	}
	if o.AttnMask != nil {
		panic(torch.Errorf(op, torch.ValueError, "the bias is the mask: leave AttnMask out"))
	}
	if b.Variant == UpperLeft || b.Variant == LowerRight && b.SeqLenQ == b.SeqLenKV {
		o.IsCausal = true
	} else {
		o.AttnMask = b.Materialize(query.Device())
	}
	return functional.ScaledDotProductAttention(query, key, value, o)
}

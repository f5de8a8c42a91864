package torch

import "github.com/wangkuiyi/gotorch/internal/option"

// DivOptions are the options of [Tensor.Div].
type DivOptions struct {
	RoundingMode RoundingMode // RoundTrunc or RoundFloor; default: "" does not round
}

// Div returns x ÷ other, elementwise; integers are divided as floating-point
// numbers unless a rounding mode is given.
//
// https://docs.pytorch.org/docs/stable/generated/torch.div.html
func (x *Tensor) Div(other Operand, options ...DivOptions) *Tensor {
	c, rounds := divCall(x, other, options)
	if rounds {
		return c.One(opDivTensorMode)
	}
	return c.One(opDivTensor)
}

// Divide is [Tensor.Div] by another name.
func (x *Tensor) Divide(other Operand, options ...DivOptions) *Tensor {
	return x.Div(other, options...)
}

// Div is [Tensor.Div] as a function.
func Div(x *Tensor, other Operand, options ...DivOptions) *Tensor { return x.Div(other, options...) }

// DivInplace is [Tensor.Div] that writes its result into x and returns x.
func (x *Tensor) DivInplace(other Operand, options ...DivOptions) *Tensor {
	c, rounds := divCall(x, other, options)
	if rounds {
		c.Do(opDivTensorModeInplace)
	} else {
		c.Do(opDivTensorInplace)
	}
	return x
}

func divCall(x *Tensor, other Operand, options []DivOptions) (c Call, rounds bool) {
	c.Tensor(x)
	c.Operand(other)
	mode := option.First(options).RoundingMode
	if mode != "" {
		c.String(string(mode))
	}
	return c, mode != ""
}

// DivideInplace is [Tensor.DivInplace] by another name.
func (x *Tensor) DivideInplace(other Operand, options ...DivOptions) *Tensor {
	return x.DivInplace(other, options...)
}

// Divide is [Div] by another name.
func Divide(x *Tensor, other Operand, options ...DivOptions) *Tensor { return x.Div(other, options...) }

// RoundTo returns x rounded to decimals places, halves to the even digit; negative
// decimals round to tens and so on.
//
// https://docs.pytorch.org/docs/stable/generated/torch.round.html
func (x *Tensor) RoundTo(decimals int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Int(decimals)
	return c.One(opRoundDecimals)
}

// RoundTo is [Tensor.RoundTo] as a function.
func RoundTo(x *Tensor, decimals int) *Tensor { return x.RoundTo(decimals) }

// RoundToInplace is [Tensor.RoundTo] that writes its result into x and returns x.
func (x *Tensor) RoundToInplace(decimals int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Int(decimals)
	c.Do(opRoundDecimalsInplace)
	return x
}

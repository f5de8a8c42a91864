package constraints

import "github.com/wangkuiyi/gotorch/torch"

// GreaterThan are the numbers above a bound.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type GreaterThan struct {
	number
	Lower torch.Operand
}

// Check returns value > Lower.
func (c GreaterThan) Check(value *torch.Tensor) *torch.Tensor { return value.Gt(c.Lower) }

// String returns Python's repr.
func (c GreaterThan) String() string { return lower("GreaterThan", c.Lower) }

// GreaterThanEq are the numbers from a bound on.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type GreaterThanEq struct {
	number
	Lower torch.Operand
}

// Check returns value ≥ Lower.
func (c GreaterThanEq) Check(value *torch.Tensor) *torch.Tensor { return value.Ge(c.Lower) }

// String returns Python's repr.
func (c GreaterThanEq) String() string { return lower("GreaterThanEq", c.Lower) }

// LessThan are the numbers below a bound.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type LessThan struct {
	number
	Upper torch.Operand
}

// Check returns value < Upper.
func (c LessThan) Check(value *torch.Tensor) *torch.Tensor { return value.Lt(c.Upper) }

// String returns Python's repr.
func (c LessThan) String() string { return upper("LessThan", c.Upper) }

// Interval are the numbers between two bounds, both included.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Interval struct {
	number
	Lower, Upper torch.Operand
}

// Check returns Lower ≤ value ≤ Upper.
func (c Interval) Check(value *torch.Tensor) *torch.Tensor {
	return value.Ge(c.Lower).BitwiseAnd(value.Le(c.Upper))
}

// String returns Python's repr.
func (c Interval) String() string { return between("Interval", c.Lower, c.Upper) }

// HalfOpenInterval are the numbers between two bounds, the upper one excluded.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type HalfOpenInterval struct {
	number
	Lower, Upper torch.Operand
}

// Check returns Lower ≤ value < Upper.
func (c HalfOpenInterval) Check(value *torch.Tensor) *torch.Tensor {
	return value.Ge(c.Lower).BitwiseAnd(value.Lt(c.Upper))
}

// String returns Python's repr.
func (c HalfOpenInterval) String() string { return between("HalfOpenInterval", c.Lower, c.Upper) }

// IntegerInterval are the whole numbers between two bounds, both included.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type IntegerInterval struct {
	whole
	Lower, Upper torch.Operand
}

// Check returns where the value is whole and Lower ≤ value ≤ Upper.
func (c IntegerInterval) Check(value *torch.Tensor) *torch.Tensor {
	return isWhole(value).BitwiseAnd(value.Ge(c.Lower)).BitwiseAnd(value.Le(c.Upper))
}

// String returns Python's repr.
func (c IntegerInterval) String() string { return between("IntegerInterval", c.Lower, c.Upper) }

// IntegerGreaterThan are the whole numbers from a bound on.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type IntegerGreaterThan struct {
	whole
	Lower torch.Operand
}

// Check returns where the value is whole and value ≥ Lower.
func (c IntegerGreaterThan) Check(value *torch.Tensor) *torch.Tensor {
	return isWhole(value).BitwiseAnd(value.Ge(c.Lower))
}

// String returns Python's repr.
func (c IntegerGreaterThan) String() string { return lower("IntegerGreaterThan", c.Lower) }

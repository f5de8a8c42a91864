package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// BijectTo returns a bijective transform from the real numbers to those that a
// constraint allows. It panics with a NotImplementedError if there is none.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry
func BijectTo(c constraints.Constraint) Transform {
	if c == constraints.Simplex {
		return StickBreakingTransform{}
	}
	return transformTo(c, BijectTo)
}

// TransformTo returns a transform from the real numbers to those that a constraint
// allows, which need not be bijective and is good for optimization. It panics with
// a NotImplementedError if there is none.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry
func TransformTo(c constraints.Constraint) Transform {
	switch c {
	case constraints.Simplex:
		return SoftmaxTransform{}
	case constraints.LowerCholesky:
		return LowerCholeskyTransform{}
	case constraints.PositiveDefinite, constraints.PositiveSemidefinite:
		return PositiveDefiniteTransform{}
	}
	return transformTo(c, TransformTo)
}

// transformTo is what BijectTo and TransformTo share; to is that of the two which
// is asked for parts.
func transformTo(c constraints.Constraint, to func(constraints.Constraint) Transform) Transform {
	switch c {
	case constraints.Real:
		return IdentityTransform()
	case constraints.CorrCholesky:
		return CorrCholeskyTransform{}
	}
	switch c := c.(type) {
	case constraints.Independent:
		return NewIndependentTransform(to(c.Base), c.Dims)
	case constraints.GreaterThan:
		return toAbove(c.Lower)
	case constraints.GreaterThanEq:
		return toAbove(c.Lower)
	case constraints.LessThan:
		return NewComposeTransform(ExpTransform{}, NewAffineTransform(c.Upper, -1))
	case constraints.Interval:
		return toInterval(c.Lower, c.Upper)
	case constraints.HalfOpenInterval:
		return toInterval(c.Lower, c.Upper)
	case constraints.Cat:
		return NewCatTransform(all(c.Parts, to), c.Dim, c.Lengths...)
	case constraints.Stack:
		return NewStackTransform(all(c.Parts, to), c.Dim)
	}
	panic(torch.Errorf("distributions.BijectTo", torch.NotImplementedError, "Cannot transform %s constraints",
		nameOf(c)))
}

func toAbove(lower torch.Operand) Transform {
	return NewComposeTransform(ExpTransform{}, NewAffineTransform(lower, 1))
}

func toInterval(lower, upper torch.Operand) Transform {
	if isNumber(lower) && toFloat(lower) == 0 && isNumber(upper) && toFloat(upper) == 1 {
		return SigmoidTransform{}
	}
	var scale torch.Operand
	switch high := upper.(type) {
	case *torch.Tensor:
		scale = high.Sub(lower)
	default:
		if low, ok := lower.(*torch.Tensor); ok {
			scale = low.Rsub(upper)
		} else {
			scale = toFloat(upper) - toFloat(lower)
		}
	}
	return NewComposeTransform(SigmoidTransform{}, NewAffineTransform(lower, scale))
}

func all(list []constraints.Constraint, to func(constraints.Constraint) Transform) []Transform {
	transforms := make([]Transform, len(list))
	for i, c := range list {
		transforms[i] = to(c)
	}
	return transforms
}

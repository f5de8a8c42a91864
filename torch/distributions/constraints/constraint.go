// Package constraints is PyTorch's torch.distributions.constraints: what the
// parameters and the samples of distributions must satisfy.
//
//	constraints.Positive.Check(x)                                // x > 0, elementwise
//	constraints.Interval{Lower: -1.0, Upper: 1.0}.Check(x)       // -1 ≤ x ≤ 1
//	constraints.Independent{Base: constraints.Real, Dims: 1}     // real vectors
//	constraints.Simplex.Check(probs)                             // along the last dimension
//
// Python's "dependent" is not here: it stands for constraints that only an
// instance knows, and in Go a distribution's Support is always that of an
// instance.
package constraints

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/pytensor"
)

// Constraint is a region where a value is valid, such as the positive numbers.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Constraint interface {
	// Check returns where the value is valid, a Bool tensor of its shape less the
	// last EventDim dimensions.
	Check(value *torch.Tensor) *torch.Tensor
	// EventDim returns how many of the last dimensions make up one event: 0 for
	// numbers, 1 for vectors.
	EventDim() int
	// IsDiscrete reports whether the region consists of single points.
	IsDiscrete() bool
	// String returns Python's repr.
	String() string
}

// The constraints that have no parameters.
var (
	Real    Constraint = real{}    // all numbers but NaN
	Boolean Constraint = boolean{} // 0 and 1

	Positive           = GreaterThan{Lower: 0.0}
	Nonnegative        = GreaterThanEq{Lower: 0.0}
	UnitInterval       = Interval{Lower: 0.0, Upper: 1.0}
	NonnegativeInteger = IntegerGreaterThan{Lower: 0}
	PositiveInteger    = IntegerGreaterThan{Lower: 1}

	RealVector            = Independent{Base: Real, Dims: 1} // vectors without NaN
	Simplex    Constraint = simplex{}                        // nonnegative numbers that sum to 1, in the last dimension
	OneHot     Constraint = oneHot{}                         // one 1, the others 0, in the last dimension

	LowerTriangular      Constraint = lowerTriangular{}      // matrices with zeros above the diagonal
	LowerCholesky        Constraint = lowerCholesky{}        // lower triangular ones with a positive diagonal
	CorrCholesky         Constraint = corrCholesky{}         // such ones with rows of length 1
	Square               Constraint = square{}               // square matrices
	Symmetric            Constraint = symmetric{}            // symmetric matrices
	PositiveSemidefinite Constraint = positiveSemidefinite{} // symmetric ones with eigenvalues ≥ 0
	PositiveDefinite     Constraint = positiveDefinite{}     // symmetric ones with eigenvalues > 0
)

// number is embedded by constraints on single numbers.
type number struct{}

func (number) EventDim() int    { return 0 }
func (number) IsDiscrete() bool { return false }

// whole is embedded by constraints that allow whole numbers only.
type whole struct{}

func (whole) EventDim() int    { return 0 }
func (whole) IsDiscrete() bool { return true }

// isWhole returns where a value has no fraction.
func isWhole(value *torch.Tensor) *torch.Tensor { return value.Remainder(1).Eq(0) }

type real struct{ number }

func (real) Check(value *torch.Tensor) *torch.Tensor { return value.Eq(value) }
func (real) String() string                          { return "Real()" }

type boolean struct{ whole }

func (boolean) Check(value *torch.Tensor) *torch.Tensor { return value.Eq(0).BitwiseOr(value.Eq(1)) }
func (boolean) String() string                          { return "Boolean()" }

// lower, upper and between write constraints with bounds as Python does.
func lower(name string, bound torch.Operand) string {
	return fmt.Sprintf("%s(lower_bound=%s)", name, pytensor.Format(bound))
}

func upper(name string, bound torch.Operand) string {
	return fmt.Sprintf("%s(upper_bound=%s)", name, pytensor.Format(bound))
}

func between(name string, lower, upper torch.Operand) string {
	return fmt.Sprintf("%s(lower_bound=%s, upper_bound=%s)", name, pytensor.Format(lower), pytensor.Format(upper))
}

package constraints_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// all returns the constraints by the names of the golden cases.
func all() map[string]constraints.Constraint {
	return map[string]constraints.Constraint{
		"real":                  constraints.Real,
		"boolean":               constraints.Boolean,
		"positive":              constraints.Positive,
		"nonnegative":           constraints.Nonnegative,
		"unit_interval":         constraints.UnitInterval,
		"nonnegative_integer":   constraints.NonnegativeInteger,
		"positive_integer":      constraints.PositiveInteger,
		"less_than":             constraints.LessThan{Upper: 0.5},
		"greater_than":          constraints.GreaterThan{Lower: torch.NewTensor([]float32{0, 0, 1})},
		"half_open_interval":    constraints.HalfOpenInterval{Lower: 0.0, Upper: 1.0},
		"integer_interval":      constraints.IntegerInterval{Lower: 0, Upper: torch.NewTensor(1)},
		"real_vector":           constraints.RealVector,
		"independent":           constraints.Independent{Base: constraints.Positive, Dims: 2},
		"independent too few":   constraints.Independent{Base: constraints.Positive, Dims: 3},
		"mixture":               constraints.MixtureSameFamily{Base: constraints.GreaterThan{Lower: torch.NewTensor([]float32{-2, 0.5})}},
		"simplex":               constraints.Simplex,
		"one_hot":               constraints.OneHot,
		"multinomial":           constraints.Multinomial{Upper: 1},
		"lower_triangular":      constraints.LowerTriangular,
		"lower_cholesky":        constraints.LowerCholesky,
		"corr_cholesky":         constraints.CorrCholesky,
		"square":                constraints.Square,
		"symmetric":             constraints.Symmetric,
		"positive_semidefinite": constraints.PositiveSemidefinite,
		"positive_definite":     constraints.PositiveDefinite,

		"corr_cholesky of doubles":    constraints.CorrCholesky,
		"square of others":            constraints.Square,
		"positive_definite of others": constraints.PositiveDefinite,

		"cat": constraints.Cat{
			Parts: []constraints.Constraint{constraints.Positive, constraints.Boolean}, Dim: -1, Lengths: []int{1, 2},
		},
		"stack": constraints.Stack{Parts: []constraints.Constraint{constraints.Positive, constraints.Boolean}},
		"stack within": constraints.Stack{
			Parts: []constraints.Constraint{constraints.Positive, constraints.Real, constraints.Boolean}, Dim: -1,
		},
	}
}

func TestConstraintsAreThoseOfPython(t *testing.T) {
	var cases map[string]struct {
		Value    torchtest.Tensor
		Repr     string
		EventDim int `json:"event_dim"`
		Discrete bool
		Check    torchtest.Tensor
		Error    string
	}
	torchtest.Golden(t, "testdata/constraints.json", &cases)
	constraints := all()
	assert.Len(t, constraints, len(cases))
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, constraints, name)
			c := constraints[name]
			assert.Equal(t, want.Repr, c.String())
			assert.Equal(t, want.EventDim, c.EventDim())
			assert.Equal(t, want.Discrete, c.IsDiscrete())
			var got *torch.Tensor
			err := torch.Try(func() { got = c.Check(want.Value.Make(t)) })
			if want.Error == "" {
				require.NoError(t, err)
				want.Check.Check(t, got, true, 0)
				return
			}
			var e *torch.Error
			require.True(t, errors.As(err, &e), "%v", err)
			assert.Equal(t, torch.ValueError, e.Kind)
			assert.Equal(t, want.Error, e.Message)
		})
	}
}

package distributions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// TestOddDistributionsAreRefused has too many or too few dimensions and parameters.
func TestOddDistributionsAreRefused(t *testing.T) {
	normal := func() *distributions.Normal {
		return distributions.NewNormal(torch.Ones([]int{2}), torch.Ones([]int{2}))
	}
	short := func(d distributions.ExponentialFamily, params ...*torch.Tensor) func() {
		return func() { d.LogNormalizer(params...) }
	}
	one := torch.Ones([]int{1})
	half := distributions.Probs(0.5)
	const takes1, takes2 = "_log_normalizer() takes 1 natural parameters, but 0 were given", "_log_normalizer() takes 2 natural parameters, but 1 were given"
	cat := constraints.Cat{Parts: []constraints.Constraint{constraints.Positive}, Dim: -1}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"too many dimensions": {Call: func() { distributions.NewIndependent(normal(), 5) }, Kind: torch.ValueError,
			Words: "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual 5 vs 1"},
		"a negative number of dimensions": {Call: func() { distributions.NewIndependent(normal(), -1) }, Kind: torch.ValueError,
			Words: "reinterpreted_batch_ndims must be >= 0, got -1"},
		"Bernoulli":           {Call: short(distributions.NewBernoulli(half)), Kind: torch.TypeError, Words: takes1},
		"ContinuousBernoulli": {Call: short(distributions.NewContinuousBernoulli(half)), Kind: torch.TypeError, Words: takes1},
		"Poisson":             {Call: short(distributions.NewPoisson(1.0)), Kind: torch.TypeError, Words: takes1},
		"Exponential":         {Call: short(distributions.NewExponential(1.0)), Kind: torch.TypeError, Words: takes1},
		"Dirichlet":           {Call: short(distributions.NewDirichlet(torch.Ones([]int{2}))), Kind: torch.TypeError, Words: takes1},
		"Normal":              {Call: short(normal(), one), Kind: torch.TypeError, Words: takes2},
		"Gamma":               {Call: short(distributions.NewGamma(1.0, 1.0), one), Kind: torch.TypeError, Words: takes2},
		"Beta":                {Call: short(distributions.NewBeta(1.0, 1.0), one), Kind: torch.TypeError, Words: takes2},
		"a number as a vector": {Call: func() { distributions.CorrCholeskyTransform{}.Forward(torch.Ones(nil)) }, Kind: torch.IndexError,
			Words: "tuple index out of range"},
		"no parts": {Call: func() { distributions.NewCatTransform(nil, 0).Forward(torch.Ones([]int{0})) }, Kind: torch.ValueError,
			Words: "lengths (0) must match transforms (0), of which there must be one"},
		"a vector as a matrix": {Call: func() { constraints.Square.Check(one) }, Kind: torch.IndexError,
			Words: "Dimension out of range (expected to be in range of [-1, 0], but got -2)"},
		"an empty batch": {Call: func() {
			distributions.NewMultivariateNormal(torch.Zeros([]int{0, 2}), distributions.ScaleTril(torch.Eye(2).Expand(0, 2, 2)), distributions.Options{ValidateArgs: new(false)}).LogProb(torch.Ones([]int{0, 2}))
		}, Kind: torch.ValueError, Words: "integer division or modulo by zero: the batch of the distribution is empty"},
		"no lengths": {Call: func() { cat.Check(one) }, Kind: torch.ValueError, Words: "lengths (0) must match constraints (1)"},
		"a distribution by hand": {Call: func() { new(distributions.Common).StdDev() }, Kind: torch.RuntimeError,
			Words: "the distribution was not made by a function such as NewNormal"},
	})
}

// TestNilDistributionsAreRefused has nil where a distribution, a transform or a
// constraint is due.
func TestNilDistributionsAreRefused(t *testing.T) {
	normal := distributions.NewNormal(torch.Ones([]int{2}), 1.0)
	null := (*distributions.SoftmaxTransform)(nil)
	transforms := []distributions.Transform{distributions.ExpTransform{}, null}
	of := func(kind torch.ErrorKind, words string, call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: kind, Words: words}
	}
	const must, part = "must not be nil", "transforms must be a Transform or a list of Transforms, but part 1 is nil"
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Independent":             of(torch.TypeError, must, func() { distributions.NewIndependent(nil, 1) }),
		"TransformedDistribution": of(torch.TypeError, must, func() { distributions.NewTransformedDistribution(nil, nil) }),
		"its transforms":          of(torch.ValueError, part, func() { distributions.NewTransformedDistribution(normal, transforms) }),
		"MixtureSameFamily":       of(torch.TypeError, must, func() { distributions.NewMixtureSameFamily(nil, normal) }),
		"its components": of(torch.TypeError, must, func() {
			distributions.NewMixtureSameFamily(distributions.NewCategorical(distributions.Probs(torch.Ones([]int{2}))), nil)
		}),
		"ExponentialFamilyEntropy": of(torch.TypeError, must, func() { distributions.ExponentialFamilyEntropy(nil, 0) }),
		"KLDivergence":             of(torch.TypeError, must, func() { distributions.KLDivergence(normal, nil) }),
		"RegisterKL":               of(torch.TypeError, must, func() { distributions.RegisterKL[*distributions.Normal, *distributions.Laplace](nil) }),
		"ComposeTransform":         of(torch.ValueError, part, func() { distributions.NewComposeTransform(transforms...) }),
		"ComposeTransform by hand": of(torch.ValueError, part, func() { (&distributions.ComposeTransform{Parts: transforms}).Domain() }),
		"CatTransform":             of(torch.ValueError, part, func() { distributions.NewCatTransform(transforms, 0) }),
		"StackTransform":           of(torch.ValueError, part, func() { distributions.NewStackTransform(transforms, 0) }),
		"IndependentTransform":     of(torch.TypeError, must, func() { distributions.NewIndependentTransform(nil, 1) }),
		"Inv":                      of(torch.TypeError, must, func() { distributions.Inv(null) }),
		"WithCache":                of(torch.TypeError, must, func() { distributions.WithCache(nil) }),
		"CumulativeDistributionTransform": of(torch.TypeError, must, func() {
			distributions.NewCumulativeDistributionTransform(nil)
		}),
		"CumulativeDistributionTransform by hand": of(torch.TypeError, must, func() {
			new(distributions.CumulativeDistributionTransform).Forward(torch.Ones(nil))
		}),
		"a constraint within another": of(torch.TypeError, must, func() { constraints.Independent{}.EventDim() }),
		"a part of Stack":             of(torch.TypeError, must, func() { constraints.Stack{Parts: []constraints.Constraint{nil}}.IsDiscrete() }),
	})
}

// TestAffineTransformsOfManyDimensions add up over all that there are, as Python's
// slices do.
func TestAffineTransformsOfManyDimensions(t *testing.T) {
	x := torch.Ones([]int{2})
	assert.False(t, distributions.NewAffineTransform(1.0, 2.0).Equal((*distributions.AffineTransform)(nil)))
	y := distributions.NewAffineTransform(1.0, 2.0, 3).LogAbsDetJacobian(x, x)
	assert.Empty(t, y.Shape())
	assert.InDelta(t, 1.3862943649291992, y.Item(), 1e-6)
	z := distributions.NewReshapeTransform([]int{1, 2}, []int{2}).LogAbsDetJacobian(x, x)
	assert.Empty(t, z.Shape())
	r := distributions.NewIndependentTransform(distributions.ExpTransform{}, -3).LogAbsDetJacobian(x, x)
	assert.Equal(t, []int{2}, r.Shape())
}

package distributions_test

import (
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// near checks that two tensors are equal but for rounding.
func near(t *testing.T, want, got *torch.Tensor, what ...any) {
	t.Helper()
	assert.Equal(t, want.Shape(), got.Shape(), what...)
	options := torch.AllCloseOptions{Rtol: new(1e-4), Atol: new(1e-5)}
	assert.True(t, want.AllClose(got, options), "%v: want %v, got %v", what, want, got)
}

// family is a distribution that has no formula for divergences.
type family struct {
	distributions.ExponentialFamily
}

// TestFamiliesAgreeWithTheirFormulas compares the entropies and divergences that
// the natural parameters give with those that have formulas.
func TestFamiliesAgreeWithTheirFormulas(t *testing.T) {
	p, q := floats(0.2, 0.7), floats(0.4, 0.6)
	dirichlet := func(x *torch.Tensor) distributions.ExponentialFamily {
		return distributions.NewDirichlet(torch.Stack([]*torch.Tensor{x, x.Add(1)}, -1))
	}
	for name, make := range map[string]func(x *torch.Tensor) distributions.ExponentialFamily{
		"Bernoulli": func(x *torch.Tensor) distributions.ExponentialFamily {
			return distributions.NewBernoulli(distributions.Probs(x))
		},
		"ContinuousBernoulli": func(x *torch.Tensor) distributions.ExponentialFamily {
			return distributions.NewContinuousBernoulli(distributions.Probs(x))
		},
		"Exponential": func(x *torch.Tensor) distributions.ExponentialFamily { return distributions.NewExponential(x) },
		"Gamma":       func(x *torch.Tensor) distributions.ExponentialFamily { return distributions.NewGamma(x, x.Add(1)) },
		"Normal":      func(x *torch.Tensor) distributions.ExponentialFamily { return distributions.NewNormal(x, x) },
	} {
		near(t, make(p).Entropy(), distributions.ExponentialFamilyEntropy(make(p), 0), name)
	}
	for name, params := range map[string][2]distributions.ExponentialFamily{
		"Beta":      {distributions.NewBeta(p, q), distributions.NewBeta(q, p)},
		"Dirichlet": {dirichlet(p), dirichlet(q)},
		"Poisson":   {distributions.NewPoisson(p), distributions.NewPoisson(q)},
		"Normal":    {distributions.NewNormal(p, q), distributions.NewNormal(q, p)},
		"Gamma":     {distributions.NewGamma(p, q), distributions.NewGamma(q, p)},
	} {
		p, q := params[0], params[1]
		near(t, distributions.KLDivergence(p, q), distributions.KLDivergence(family{p}, family{q}), name)
	}
}

func TestMatricesOfACovarianceAgree(t *testing.T) {
	l := torch.NewTensor([][]float32{{1.2, 0}, {-0.4, 0.8}})
	sigma := l.Matmul(l.T())
	for name, c := range map[string]distributions.Covariance{
		"scale_tril":        distributions.ScaleTril(l),
		"covariance_matrix": distributions.CovarianceMatrix(sigma),
		"precision_matrix":  distributions.PrecisionMatrix(sigma.Inverse()),
	} {
		d := distributions.NewMultivariateNormal(torch.Zeros([]int{3, 2}), c)
		for _, d := range []*distributions.MultivariateNormal{d, d.Expand(2, 3).(*distributions.MultivariateNormal)} {
			batch := append(d.BatchShape(), 2, 2)
			near(t, l.Expand(batch...), d.ScaleTril(), name)
			near(t, sigma.Expand(batch...), d.CovarianceMatrix(), name)
			near(t, sigma.Inverse().Expand(batch...), d.PrecisionMatrix(), name)
			assert.Contains(t, d.String(), "precision_matrix: torch.Size(")
		}
		wishart := distributions.NewWishart(4.0, c)
		near(t, sigma.Mul(4), wishart.Mean(), name)
		near(t, sigma.Inverse(), wishart.PrecisionMatrix(), name)
	}
	w, diag := torch.NewTensor([][]float32{{1}, {0.5}}), floats(0.5, 2)
	low := distributions.NewLowRankMultivariateNormal(torch.Zeros([]int{3, 2}), w, diag)
	sigma = w.Matmul(w.T()).Add(diag.Diag())
	near(t, sigma.Expand(3, 2, 2), low.CovarianceMatrix())
	near(t, sigma.Inverse().Expand(3, 2, 2), low.PrecisionMatrix())
	near(t, low.CovarianceMatrix(), low.ScaleTril().Matmul(low.ScaleTril().MT()))
	full := distributions.NewMultivariateNormal(torch.Zeros([]int{3, 2}), distributions.CovarianceMatrix(sigma))
	x := floats(0.3, -0.2)
	near(t, full.LogProb(x), low.LogProb(x))
	near(t, torch.Zeros([]int{3}), distributions.KLDivergence(low, full))
	near(t, torch.Zeros([]int{3}), distributions.KLDivergence(full, low))
}

// TestWhatIsComputedLateOutlivesScopes is about parameters that are computed when
// they are first asked for.
func TestWhatIsComputedLateOutlivesScopes(t *testing.T) {
	d := distributions.NewBernoulli(distributions.Probs(0.25))
	l := distributions.NewMultivariateNormal(torch.Zeros([]int{1}), distributions.ScaleTril(torch.NewTensor([][]float32{{2}})))
	torch.Scope(func() {
		d.Logits()
		l.CovarianceMatrix()
	})
	assert.InDelta(t, -math.Log(3), d.Logits().Item(), 1e-6)
	assert.InDelta(t, 4, l.CovarianceMatrix().Item(), 1e-6)

	probs := floats(0.2, 0.4).SetRequiresGrad(true)
	d = distributions.NewBernoulli(distributions.Probs(probs))
	torch.NoGrad(func() { d.Logits() })
	d.Logits().Sum().Backward()
	near(t, floats(1/(0.2*0.8), 1/(0.4*0.6)), probs.Grad())
}

func TestManyGoroutinesUseADistribution(t *testing.T) {
	d := distributions.NewCategorical(distributions.Logits(floats(1, 2, 3)))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			torch.Scope(func() {
				assert.InDelta(t, 1, d.Probs().Sum().Item(), 1e-6)
				_ = d.String()
				_ = d.Expand(2).Sample(3)
			})
		})
	}
	wait.Wait()
}

func TestDerivedDistributionsShareDivergences(t *testing.T) {
	chi2, gamma := distributions.NewChi2(floats(3, 5)), distributions.NewGamma(floats(1, 2), 0.5)
	near(t, distributions.KLDivergence(distributions.NewGamma(floats(1.5, 2.5), 0.5), gamma),
		distributions.KLDivergence(chi2, gamma))

	exp, normal := []distributions.Transform{distributions.ExpTransform{}}, distributions.NewNormal(1, 2)
	log := distributions.NewTransformedDistribution(normal, exp)
	near(t, distributions.KLDivergence(distributions.NewNormal(0, 1), normal),
		distributions.KLDivergence(distributions.NewLogNormal(0, 1), log))
	tanh := distributions.NewTransformedDistribution(normal, []distributions.Transform{distributions.TanhTransform{}})
	e := torchtest.Fails(t, func() { distributions.KLDivergence(log, tanh) })
	assert.Equal(t, torch.NotImplementedError, e.Kind)

	batch := distributions.NewNormal(torch.Zeros([]int{2, 3}), 1)
	e = torchtest.Fails(t, func() {
		distributions.KLDivergence(distributions.NewIndependent(batch, 1), distributions.NewIndependent(batch, 2))
	})
	assert.Equal(t, torch.NotImplementedError, e.Kind)
	e = torchtest.Fails(t, func() { distributions.KLDivergence(normal, distributions.NewPoisson(1)) })
	assert.Contains(t, e.Message, "different exponential families")
}

// dice is a distribution of a program's own.
type dice struct{ distributions.Common }

func (*dice) Traits() distributions.Traits {
	return distributions.Traits{Support: constraints.IntegerInterval{Lower: 1, Upper: 6}}
}

func (*dice) Entropy() *torch.Tensor { return torch.NewTensor(math.Log(6)) }

func TestDistributionsOfOnesOwn(t *testing.T) {
	d := distributions.Init(&dice{}, []int{2}, nil)
	assert.Equal(t, "dice()", d.String())
	assert.Equal(t, []int{2}, d.BatchShape())
	assert.InDelta(t, 6, d.Perplexity().Item(), 1e-6)
	e := torchtest.Fails(t, func() { d.Sample() })
	assert.Equal(t, "dice does not implement rsample", e.Message)
	e = torchtest.Fails(t, func() { distributions.NewIndependent(d, 1).LogProb(floats(1, 1)) })
	assert.Equal(t, "dice does not implement log_prob", e.Message)

	distributions.RegisterKL(func(_ *dice, q *distributions.Normal) *torch.Tensor { return q.Scale })
	assert.InDelta(t, 3, distributions.KLDivergence(d, distributions.NewNormal(0, 3)).Item(), 0)
}

func TestAccessors(t *testing.T) {
	probs := distributions.Probs(floats(0.25, 0.75))
	logits := floats(-1.3862944, -0.28768209)
	relaxed := distributions.NewRelaxedOneHotCategorical(0.5, probs)
	assert.Equal(t, 0.5, relaxed.Temperature().Item())
	near(t, floats(0.25, 0.75), relaxed.Probs())
	near(t, logits, relaxed.Logits())
	bernoulli := distributions.NewRelaxedBernoulli(2.0, distributions.Probs(0.5))
	assert.Equal(t, 2.0, bernoulli.Temperature().Item())
	near(t, torch.NewTensor(float32(0)), bernoulli.Logits())
	near(t, logits, distributions.NewMultinomial(2, probs).Logits())
	near(t, floats(0.25, 0.75), distributions.NewMultinomial(2, probs).Probs())
	near(t, logits, distributions.NewOneHotCategorical(probs).Logits())
	near(t, floats(3, 5), distributions.NewChi2(floats(3, 5)).DF)

	pareto := distributions.NewGeneralizedPareto(0.0, 1.0, 0.5)
	near(t, pareto.CDF(floats(2)), pareto.LogCDF(floats(2)).Exp())
	near(t, floats(0.25), pareto.LogSurvivalFunction(floats(2)).Exp())
}

// TestConstantsAreRoundedAsPythons has values that differ in the last bit where Go
// folds constants exactly, or where its library rounds otherwise than Python's.
func TestConstantsAreRoundedAsPythons(t *testing.T) {
	double := func(v float64) *torch.Tensor { return torch.FromSlice([]float64{v}) }
	for scale, want := range map[float64]float64{
		1: 0x1.7419f246c6efap-2, 2.3: 0x1.ec1aa254a4885p+0, 0.7: 0x1.6ca8c9974813cp-3, 3: 0x1.a29d308f9fcd9p+1,
	} {
		assert.Equal(t, want, distributions.NewHalfNormal(double(scale)).Variance().Item(), "HalfNormal(%v)", scale) //nolint:testifylint // to the last bit
	}
	for scale, want := range map[float64]float64{
		3: 0x1.193ea7aad030bp+0, 0.1: -0x1.26bb1bbb55515p+1, 7.7: 0x1.0546b52e30f62p+1, 0.04795: -0x1.84cff61cfb46dp+1, // whose logarithm Go rounds otherwise
	} {
		got := distributions.NewAffineTransform(0, scale).LogAbsDetJacobian(double(0), nil).Item()
		assert.Equal(t, want, got, "AffineTransform(0, %v)", scale) //nolint:testifylint // to the last bit
	}
	if torch.Version() == "2.15.0" && runtime.GOARCH == "amd64" {
		assert.Equal(t, 0x1.e30339c8bbad3p+0, distributions.NewStudentT(double(2.3), 0, 1).Entropy().Item()) //nolint:testifylint // to the last bit
	}
}

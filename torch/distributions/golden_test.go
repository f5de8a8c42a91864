package distributions_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by, relative to the greater of 1 and the
// golden value, on another libtorch or CPU than that of the golden file.
const tolerance = 1e-4

// golden is testdata/distributions.json.gz, which scripts/golden/distributions.py
// makes.
type golden struct {
	Distributions []distributionCase
	Divergences   []struct {
		P, Q   int
		Value  *torchtest.Tensor
		PGrads map[string]*torchtest.Tensor `json:"p_grads"`
		QGrads map[string]*torchtest.Tensor `json:"q_grads"`
	}
}

type distributionCase struct {
	Class         string
	Params        map[string]json.RawMessage
	Repr, Support string
	Discrete      bool
	Batch, Event  []int
	HasRSample    bool `json:"has_rsample"`
	HasEnumerate  bool `json:"has_enumerate"`

	Sample, Sample2, Sample32                torchtest.Tensor
	RSample                                  *outcome
	LogProb                                  *outcome `json:"log_prob"`
	Entropy                                  *outcome
	Perplexity, Mean, Mode, Variance, StdDev *torchtest.Tensor
	CDF, ICDF, Enumerated, Listed            *torchtest.Tensor
	Probs                                    torchtest.Tensor
	Expanded                                 struct {
		Repr    string
		Batch   []int
		Sample  torchtest.Tensor
		LogProb torchtest.Tensor `json:"log_prob"`
		Mean    *torchtest.Tensor
	}
}

// outcome is an output and the gradients of the parameters.
type outcome struct {
	Value torchtest.Tensor
	Grads map[string]*torchtest.Tensor
}

// parameters are a case's parameters, tensors and numbers, by name.
type parameters map[string]torch.Operand

func (c *distributionCase) parameters(t *testing.T) parameters {
	params := parameters{}
	for name, raw := range c.Params {
		var number json.Number
		if json.Unmarshal(raw, &number) == nil {
			if i, err := number.Int64(); err == nil {
				params[name] = int(i)
			} else {
				f, err := number.Float64()
				require.NoError(t, err)
				params[name] = f
			}
			continue
		}
		var encoded torchtest.Tensor
		require.NoError(t, json.Unmarshal(raw, &encoded))
		params[name] = encoded.Make(t)
	}
	return params
}

// leaves makes the tensors require gradients, if they can.
func (p parameters) leaves() parameters {
	for _, v := range p {
		if x, ok := v.(*torch.Tensor); ok {
			x.SetRequiresGrad(x.IsFloatingPoint())
		}
	}
	return p
}

func (p parameters) tensor(name string) *torch.Tensor { return p[name].(*torch.Tensor) }

func (p parameters) chance() distributions.ProbsOrLogits {
	if probs, ok := p["probs"]; ok {
		return distributions.Probs(probs)
	}
	return distributions.Logits(p["logits"])
}

func (p parameters) covariance() distributions.Covariance {
	if _, ok := p["covariance_matrix"]; ok {
		return distributions.CovarianceMatrix(p.tensor("covariance_matrix"))
	}
	if _, ok := p["precision_matrix"]; ok {
		return distributions.PrecisionMatrix(p.tensor("precision_matrix"))
	}
	return distributions.ScaleTril(p.tensor("scale_tril"))
}

// one and two are makers from parameters of the given names.
func one[D distributions.Distribution](f func(a torch.Operand, o ...distributions.Options) D, name string) maker {
	return func(p parameters) distributions.Distribution { return f(p[name]) }
}

func two[D distributions.Distribution](f func(a, b torch.Operand, o ...distributions.Options) D, first, second string) maker {
	return func(p parameters) distributions.Distribution { return f(p[first], p[second]) }
}

func three[D distributions.Distribution](f func(a, b, c torch.Operand, o ...distributions.Options) D, names ...string) maker {
	return func(p parameters) distributions.Distribution { return f(p[names[0]], p[names[1]], p[names[2]]) }
}

func discrete[D distributions.Distribution](f func(p distributions.ProbsOrLogits, o ...distributions.Options) D) maker {
	return func(p parameters) distributions.Distribution { return f(p.chance()) }
}

func counted[D distributions.Distribution](f func(a torch.Operand, p distributions.ProbsOrLogits, o ...distributions.Options) D, name string) maker {
	return func(p parameters) distributions.Distribution { return f(p[name], p.chance()) }
}

type maker func(p parameters) distributions.Distribution

var makers = map[string]maker{
	"Bernoulli":   discrete(distributions.NewBernoulli),
	"Beta":        two(distributions.NewBeta, "concentration1", "concentration0"),
	"Binomial":    counted(distributions.NewBinomial, "total_count"),
	"Categorical": discrete(distributions.NewCategorical),
	"Cauchy":      two(distributions.NewCauchy, "loc", "scale"),
	"Chi2":        one(distributions.NewChi2, "df"),
	"ContinuousBernoulli": func(p parameters) distributions.Distribution {
		return distributions.NewContinuousBernoulli(p.chance())
	},
	"Dirichlet": func(p parameters) distributions.Distribution {
		return distributions.NewDirichlet(p.tensor("concentration"))
	},
	"Exponential":       one(distributions.NewExponential, "rate"),
	"FisherSnedecor":    two(distributions.NewFisherSnedecor, "df1", "df2"),
	"Gamma":             two(distributions.NewGamma, "concentration", "rate"),
	"GeneralizedPareto": three(distributions.NewGeneralizedPareto, "loc", "scale", "concentration"),
	"Geometric":         discrete(distributions.NewGeometric),
	"Gumbel":            two(distributions.NewGumbel, "loc", "scale"),
	"HalfCauchy":        one(distributions.NewHalfCauchy, "scale"),
	"HalfNormal":        one(distributions.NewHalfNormal, "scale"),
	"InverseGamma":      two(distributions.NewInverseGamma, "concentration", "rate"),
	"Kumaraswamy":       two(distributions.NewKumaraswamy, "concentration1", "concentration0"),
	"LKJCholesky": func(p parameters) distributions.Distribution {
		return distributions.NewLKJCholesky(p["dim"].(int), p["concentration"])
	},
	"Laplace":        two(distributions.NewLaplace, "loc", "scale"),
	"LogNormal":      two(distributions.NewLogNormal, "loc", "scale"),
	"LogisticNormal": two(distributions.NewLogisticNormal, "loc", "scale"),
	"LowRankMultivariateNormal": func(p parameters) distributions.Distribution {
		return distributions.NewLowRankMultivariateNormal(p.tensor("loc"), p.tensor("cov_factor"), p.tensor("cov_diag"))
	},
	"Multinomial": func(p parameters) distributions.Distribution {
		return distributions.NewMultinomial(p["total_count"].(int), p.chance())
	},
	"MultivariateNormal": func(p parameters) distributions.Distribution {
		return distributions.NewMultivariateNormal(p.tensor("loc"), p.covariance())
	},
	"NegativeBinomial":                 counted(distributions.NewNegativeBinomial, "total_count"),
	"Normal":                           two(distributions.NewNormal, "loc", "scale"),
	"OneHotCategorical":                discrete(distributions.NewOneHotCategorical),
	"OneHotCategoricalStraightThrough": discrete(distributions.NewOneHotCategoricalStraightThrough),
	"Pareto":                           two(distributions.NewPareto, "scale", "alpha"),
	"Poisson":                          one(distributions.NewPoisson, "rate"),
	"LogitRelaxedBernoulli":            counted(distributions.NewLogitRelaxedBernoulli, "temperature"),
	"RelaxedBernoulli":                 counted(distributions.NewRelaxedBernoulli, "temperature"),
	"ExpRelaxedCategorical":            counted(distributions.NewExpRelaxedCategorical, "temperature"),
	"RelaxedOneHotCategorical":         counted(distributions.NewRelaxedOneHotCategorical, "temperature"),
	"StudentT":                         three(distributions.NewStudentT, "df", "loc", "scale"),
	"Uniform":                          two(distributions.NewUniform, "low", "high"),
	"VonMises":                         two(distributions.NewVonMises, "loc", "concentration"),
	"Weibull":                          two(distributions.NewWeibull, "scale", "concentration"),
	"Wishart": func(p parameters) distributions.Distribution {
		return distributions.NewWishart(p["df"], p.covariance())
	},
	"IndependentNormal": func(p parameters) distributions.Distribution {
		return distributions.NewIndependent(distributions.NewNormal(p["loc"], p["scale"]), 1)
	},
	"MixtureOfNormals": func(p parameters) distributions.Distribution {
		return distributions.NewMixtureSameFamily(distributions.NewCategorical(p.chance()),
			distributions.NewNormal(p["loc"], p["scale"]))
	},
	"MixtureOfVectors": func(p parameters) distributions.Distribution {
		return distributions.NewMixtureSameFamily(distributions.NewCategorical(p.chance()),
			distributions.NewIndependent(distributions.NewNormal(p["loc"], p["scale"]), 1))
	},
	"TransformedNormal": func(p parameters) distributions.Distribution {
		return distributions.NewTransformedDistribution(distributions.NewNormal(p["loc"], p["scale"]),
			[]distributions.Transform{distributions.NewAffineTransform(1.0, -2.0), distributions.ExpTransform{}})
	},
	"TanhNormal": func(p parameters) distributions.Distribution {
		return distributions.NewTransformedDistribution(distributions.NewNormal(p["loc"], p["scale"]),
			[]distributions.Transform{distributions.WithCache(distributions.TanhTransform{})})
	},
}

// checker compares tensors with golden ones.
type checker struct {
	t         *testing.T
	exact     bool
	tolerance float64
}

func (c checker) equal(want torchtest.Tensor, got *torch.Tensor, what ...any) {
	c.t.Helper()
	want.Check(c.t, got, c.exact, c.tolerance, what...)
}

// optional compares what f gives, or checks that it is not implemented.
func (c checker) optional(want *torchtest.Tensor, f func() *torch.Tensor, what string) {
	c.t.Helper()
	if want != nil {
		c.equal(*want, f(), what)
		return
	}
	assert.ErrorIs(c.t, torch.Try(func() { f() }), &torch.Error{Kind: torch.NotImplementedError}, what)
}

// outcome compares what f gives for new parameters, and their gradients.
func (c checker) outcome(dc *distributionCase, want *outcome, f func(d distributions.Distribution) *torch.Tensor, what string) {
	c.t.Helper()
	if want == nil {
		c.optional(nil, func() *torch.Tensor { return f(makers[dc.Class](dc.parameters(c.t))) }, what)
		return
	}
	params := dc.parameters(c.t).leaves()
	torch.ManualSeed(1)
	y := f(makers[dc.Class](params))
	c.equal(want.Value, y, what)
	if y.RequiresGrad() {
		y.Backward(torch.BackwardOptions{Gradient: ramp(y)})
	}
	for name, grad := range want.Grads {
		c.grad(grad, params.tensor(name), what+": gradient of "+name)
	}
}

func (c checker) grad(want *torchtest.Tensor, x *torch.Tensor, what string) {
	c.t.Helper()
	if want == nil {
		assert.Nil(c.t, x.Grad(), what)
		return
	}
	c.equal(*want, x.Grad(), what)
}

// ramp returns the gradient that the golden file has for an output.
func ramp(y *torch.Tensor) *torch.Tensor {
	return torch.Linspace(0.5, 1.5, y.Numel(), torch.TensorOptions{DType: y.DType()}).Reshape(y.Shape()...)
}

func drawn(d distributions.Distribution, shape ...int) *torch.Tensor {
	torch.ManualSeed(1)
	return d.Sample(shape...)
}

func load(t *testing.T) (g golden, exact bool) {
	t.Helper()
	header := torchtest.Golden(t, "testdata/distributions.json.gz", &g)
	return g, header.Exact()
}

func TestDistributionsAreThoseOfPython(t *testing.T) {
	g, exact := load(t)
	seen := map[string]bool{}
	for i, c := range g.Distributions {
		seen[c.Class] = true
		t.Run(fmt.Sprintf("%s/%d", c.Class, i), func(t *testing.T) {
			require.Contains(t, makers, c.Class)
			c.check(checker{t, exact, tolerance})
		})
	}
	assert.Len(t, makers, len(seen))
}

func (c *distributionCase) check(is checker) {
	t := is.t
	d := makers[c.Class](c.parameters(t))
	assert.Equal(t, c.Repr, d.String())
	assert.Equal(t, c.Support, d.Support().String())
	assert.Equal(t, c.Discrete, d.Support().IsDiscrete())
	assert.Equal(t, c.Batch, append([]int{}, d.BatchShape()...))
	assert.Equal(t, c.Event, append([]int{}, d.EventShape()...))
	assert.Equal(t, c.HasRSample, d.HasRSample())
	assert.Equal(t, c.HasEnumerate, d.HasEnumerateSupport())

	c.drawn(is, c.Sample, drawn(d), "Sample()")
	is.equal(c.Sample32, drawn(d, 3, 2), "Sample(3, 2)")
	value := drawn(d, 2)
	is.equal(c.Sample2, value, "Sample(2)")
	assert.False(t, value.RequiresGrad())
	value = c.Sample2.Make(t)

	if c.HasRSample {
		is.outcome(c, c.RSample, func(d distributions.Distribution) *torch.Tensor { return d.RSample(2) }, "RSample")
	}
	is.outcome(c, c.LogProb, func(d distributions.Distribution) *torch.Tensor { return d.LogProb(value) }, "LogProb")
	is.outcome(c, c.Entropy, distributions.Distribution.Entropy, "Entropy")
	is.optional(c.Perplexity, d.Perplexity, "Perplexity")
	is.optional(c.Mean, d.Mean, "Mean")
	is.optional(c.Mode, d.Mode, "Mode")
	is.optional(c.Variance, d.Variance, "Variance")
	is.optional(c.StdDev, d.StdDev, "StdDev")
	is.optional(c.CDF, func() *torch.Tensor { return d.CDF(value) }, "CDF")
	probs := c.Probs.Make(t)
	is.optional(c.ICDF, func() *torch.Tensor { return d.ICDF(probs) }, "ICDF")
	is.optional(c.Enumerated, func() *torch.Tensor { return d.EnumerateSupport() }, "EnumerateSupport()")
	is.optional(c.Listed, func() *torch.Tensor { return d.EnumerateSupport(false) }, "EnumerateSupport(false)")

	batch := slices.Concat([]int{2}, d.BatchShape())
	assert.Equal(t, c.Expanded.Repr, makers[c.Class](c.parameters(t)).Expand(batch...).String())
	wide := d.Expand(batch...)
	assert.Equal(t, c.Expanded.Batch, wide.BatchShape())
	c.drawn(is, c.Expanded.Sample, drawn(wide), "Expand: Sample()")
	is.equal(c.Expanded.LogProb, wide.LogProb(value), "Expand: LogProb")
	is.optional(c.Expanded.Mean, wide.Mean, "Expand: Mean")
}

// drawn compares a single sample. libtorch 1.13.1 chooses a single one of several
// outcomes by another algorithm than 2.15.0.
func (c *distributionCase) drawn(is checker, want torchtest.Tensor, got *torch.Tensor, what string) {
	if chooses := regexp.MustCompile("Categorical$|StraightThrough|Mixture"); !is.exact && chooses.MatchString(c.Class) {
		assert.Equal(is.t, append([]int{}, want.Shape...), append([]int{}, got.Shape()...), what)
		return
	}
	is.equal(want, got, what)
}

// TestDivergencesAreThoseOfPython goes over all pairs of the cases.
func TestDivergencesAreThoseOfPython(t *testing.T) {
	g, exact := load(t)
	for _, c := range g.Divergences {
		p, q := &g.Distributions[c.P], &g.Distributions[c.Q]
		what := fmt.Sprintf("%s, %s", p.Class, q.Class)
		is := checker{t, exact, tolerance}
		a, b := p.parameters(t).leaves(), q.parameters(t).leaves()
		divergence := func() *torch.Tensor {
			return distributions.KLDivergence(makers[p.Class](a), makers[q.Class](b))
		}
		if c.Value == nil {
			is.optional(nil, divergence, what)
			continue
		}
		y := divergence()
		is.equal(*c.Value, y, what)
		if y.RequiresGrad() {
			y.Backward(torch.BackwardOptions{Gradient: ramp(y)})
		}
		// Where formulas here compute a term once and Python twice, gradients are added up
		// in another order.
		if is.exact {
			is.exact, is.tolerance = false, 1e-6
		}
		for name, want := range c.PGrads {
			is.grad(want, a.tensor(name), what+": gradient of p's "+name)
		}
		for name, want := range c.QGrads {
			is.grad(want, b.tensor(name), what+": gradient of q's "+name)
		}
	}
}

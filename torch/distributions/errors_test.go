package distributions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
)

// mistakes are those of scripts/golden/distribution_errors.py.
func mistakes() map[string]func() {
	var (
		ones  = torch.Ones([]int{2})
		eye   = torch.Eye(2)
		zeros = torch.Zeros([]int{2})
		one   = torch.NewTensor(float32(1))
		half  = distributions.Probs(0.5)
	)
	categorical := func(shape ...int) *distributions.Categorical {
		return distributions.NewCategorical(distributions.Probs(torch.Ones(shape)))
	}
	normal := func(shape ...int) *distributions.Normal { return distributions.NewNormal(torch.Ones(shape), 1.0) }
	binomial := func(count torch.Operand, p torch.Operand) *distributions.Binomial {
		return distributions.NewBinomial(count, distributions.Probs(p))
	}
	lowRank := func(loc, factor, diag *torch.Tensor) func() {
		return func() { distributions.NewLowRankMultivariateNormal(loc, factor, diag) }
	}
	multivariate := func(loc *torch.Tensor, c distributions.Covariance) func() {
		return func() { distributions.NewMultivariateNormal(loc, c) }
	}
	return map[string]func(){
		"parameter": func() { distributions.NewNormal(0, -1) },
		"parameters": func() {
			distributions.NewNormal(torch.Zeros([]int{2, 3}), floats(1, 2, -1).SetRequiresGrad(true))
		},
		"hidden parameter": func() { distributions.NewChi2(-1.0) },
		"base parameter":   func() { distributions.NewLogNormal(0.0, floats(0)) },
		"bounds":           func() { distributions.NewUniform(1.0, 0.0) },
		"matrix":           multivariate(zeros, distributions.CovarianceMatrix(eye.Neg())),
		"simplex":          func() { distributions.NewCategorical(distributions.Probs(floats(-1, 2))) },
		"count":            func() { binomial(0.5, one.Mul(0.5)) },
		"probability 0":    func() { distributions.NewGeometric(distributions.Probs(0.0)) },
		"probabilities 0":  func() { distributions.NewGeometric(distributions.Probs(floats(0.5, 0))) },
		"continuous": func() {
			distributions.NewContinuousBernoulli(distributions.Probs(2.0),
				distributions.ContinuousBernoulliOptions{Options: distributions.Options{ValidateArgs: new(true)}})
		},
		"no parameter":           func() { distributions.NewBernoulli(distributions.ProbsOrLogits{}) },
		"no number":              func() { distributions.NewBeta("a", 1.0) },
		"no dimension":           func() { distributions.NewCategorical(distributions.Probs(one)) },
		"no dimension of logits": func() { distributions.NewOneHotCategorical(distributions.Logits(one)) },
		"no concentration":       func() { distributions.NewDirichlet(one) },
		"loc":                    multivariate(one, distributions.CovarianceMatrix(eye)),
		"no covariance":          multivariate(zeros, distributions.Covariance{}),
		"covariance":             multivariate(zeros, distributions.CovarianceMatrix(ones)),
		"scale":                  multivariate(zeros, distributions.ScaleTril(ones)),
		"low rank loc":           lowRank(one, eye, ones),
		"low rank factor":        lowRank(ones, ones, ones),
		"low rank factor size":   lowRank(ones, torch.Eye(3), ones),
		"low rank diagonal":      lowRank(ones, eye, torch.Ones([]int{3})),
		"low rank batch":         lowRank(torch.Ones([]int{3, 2}), torch.Ones([]int{2, 2, 1}), ones),
		"wishart matrix":         func() { distributions.NewWishart(3, distributions.CovarianceMatrix(ones)) },
		"wishart df":             func() { distributions.NewWishart(0.5, distributions.CovarianceMatrix(eye)) },
		"lkj":                    func() { distributions.NewLKJCholesky(1, 1.0) },
		"independent":            func() { distributions.NewIndependent(normal(2), 2) },
		"transformed": func() {
			distributions.NewTransformedDistribution(distributions.NewNormal(0, 1),
				[]distributions.Transform{distributions.StickBreakingTransform{}})
		},
		"mixture size":        func() { distributions.NewMixtureSameFamily(categorical(2), normal(3)) },
		"mixture batch":       func() { distributions.NewMixtureSameFamily(categorical(3, 2), normal(4, 2)) },
		"support":             func() { distributions.NewBernoulli(distributions.Probs(0.3)).LogProb(floats(0.5)) },
		"support of cdf":      func() { distributions.NewExponential(0.3).CDF(one.Mul(-0.5)) },
		"support of a tensor": func() { binomial(3, floats(0.5, 0.1)).LogProb(one.Mul(4)) },
		"transformed cdf":     func() { distributions.NewLogNormal(0.0, 1.0).CDF(one.Neg()) },
		"event shape":         func() { distributions.NewDirichlet(ones).LogProb(torch.Ones([]int{3})) },
		"batch shape":         func() { normal(2).LogProb(torch.Ones([]int{4, 3})) },
		"enumeration": func() {
			distributions.NewIndependent(distributions.NewBernoulli(distributions.Probs(ones)), 1).EnumerateSupport()
		},
		"counts":            func() { distributions.NewBinomial(torch.NewTensor([]int{1, 2}), half).EnumerateSupport() },
		"entropy of counts": func() { distributions.NewBinomial(torch.NewTensor([]int{1, 2}), half).Entropy() },
		"no divergence": func() {
			distributions.KLDivergence(distributions.NewVonMises(0.0, 1.0), distributions.NewPoisson(1.0))
		},
		"divergence of counts": func() { distributions.KLDivergence(binomial(1, ones), binomial(2, ones)) },
	}
}

func TestErrorsArePythons(t *testing.T) {
	var cases map[string]struct{ Kind, Message string }
	torchtest.Golden(t, "testdata/errors.json", &cases)
	kinds := map[string]torch.ErrorKind{
		"ValueError": torch.ValueError, "NotImplementedError": torch.NotImplementedError, "RuntimeError": torch.RuntimeError,
	}
	all := mistakes()
	assert.Len(t, all, len(cases))
	for name, want := range cases {
		require.Contains(t, all, name)
		e := torchtest.Fails(t, all[name])
		assert.Equal(t, want.Message, e.Message, name)
		assert.Equal(t, kinds[want.Kind], e.Kind, name)
	}
}

func TestValidationCanBeTurnedOff(t *testing.T) {
	off := distributions.Options{ValidateArgs: new(false)}
	d := distributions.NewNormal(0, -1, off)
	assert.Equal(t, "Normal(loc: 0.0, scale: -1.0)", d.String())
	exponential := distributions.NewExponential(2, off)
	assert.InDelta(t, 2.693147, exponential.LogProb(floats(-1)).Item(), 1e-6)
	assert.InDelta(t, 2.693147, exponential.Expand(3).LogProb(floats(-1)).Index(0).Item(), 1e-6)

	distributions.SetDefaultValidateArgs(false)
	defer distributions.SetDefaultValidateArgs(true)
	distributions.NewNormal(0, -1)
	e := torchtest.Fails(t, func() { distributions.NewNormal(0, -1, distributions.Options{ValidateArgs: new(true)}) })
	assert.Equal(t, torch.ValueError, e.Kind)
}

func TestMissingMethodsAreNotImplemented(t *testing.T) {
	e := torchtest.Fails(t, func() { distributions.NewVonMises(0.0, 1.0).Entropy() })
	assert.Equal(t, &torch.Error{
		Op: "distributions.VonMises", Kind: torch.NotImplementedError, Message: "VonMises does not implement entropy",
	}, e)
	e = torchtest.Fails(t, func() { distributions.NewPoisson(1.0).RSample() })
	assert.Equal(t, "distributions.Poisson: Poisson does not implement rsample", e.Error())
}

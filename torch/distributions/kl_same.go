package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// The divergences of distributions of one type.
func init() {
	RegisterKL(klBernoulli)
	RegisterKL(klBeta)
	RegisterKL(klBinomial)
	RegisterKL(klCategorical)
	RegisterKL(klCauchy)
	RegisterKL(klContinuousBernoulli)
	RegisterKL(klDirichlet)
	RegisterKL(klExponential)
	RegisterKL(klGamma)
	RegisterKL(klGeometric)
	RegisterKL(klGumbel)
	RegisterKL(klLaplace)
	RegisterKL(klNormal)
	RegisterKL(klPareto)
	RegisterKL(klPoisson)
	RegisterKL(klUniform)
	RegisterKL(klIndependent)
	RegisterKL(klTransformed)
	RegisterKL(func(p, q *HalfNormal) *torch.Tensor {
		return klNormal(p.BaseDist.(*Normal), q.BaseDist.(*Normal))
	})
	RegisterKL(func(p, q *OneHotCategorical) *torch.Tensor {
		return klCategorical(p.categorical, q.categorical)
	})
}

func klBernoulli(p, q *Bernoulli) *torch.Tensor {
	pProbs, qProbs, pLogits, qLogits := p.Probs(), q.Probs(), p.Logits(), q.Logits()
	one := pProbs.Mul(functional.Softplus(qLogits.Neg()).Sub(functional.Softplus(pLogits.Neg())))
	toInf(one, qProbs.Eq(0))
	set(one, pProbs.Eq(0), 0)
	zero := pProbs.Rsub(1).Mul(functional.Softplus(qLogits).Sub(functional.Softplus(pLogits)))
	toInf(zero, qProbs.Eq(1))
	set(zero, pProbs.Eq(1), 0)
	return one.Add(zero)
}

func klBeta(p, q *Beta) *torch.Tensor {
	p1, p0, q1, q0 := p.Concentration1, p.Concentration0, q.Concentration1, q.Concentration0
	pSum, qSum := p1.Add(p0), q1.Add(q0)
	t1 := q1.Lgamma().Add(q0.Lgamma()).Add(pSum.Lgamma())
	t2 := p1.Lgamma().Add(p0.Lgamma()).Add(qSum.Lgamma())
	t3 := p1.Sub(q1).Mul(p1.Digamma())
	t4 := p0.Sub(q0).Mul(p0.Digamma())
	t5 := qSum.Sub(pSum).Mul(pSum.Digamma())
	return t1.Sub(t2).Add(t3).Add(t4).Add(t5)
}

func klBinomial(p, q *Binomial) *torch.Tensor {
	if p.TotalCount.Lt(q.TotalCount).Any().Bool() {
		panic(torch.Errorf("distributions.KLDivergence", torch.NotImplementedError,
			"KL between Binomials where q.total_count > p.total_count is not implemented"))
	}
	one := p.Probs().Mul(p.Logits().Sub(q.Logits()))
	kl := p.TotalCount.Mul(one.Add(p.Probs().Neg().Log1p()).Sub(q.Probs().Neg().Log1p()))
	return toInf(kl, p.TotalCount.Gt(q.TotalCount))
}

func klCategorical(p, q *Categorical) *torch.Tensor {
	t := p.Probs().Mul(p.Logits().Sub(q.Logits()))
	toInf(t, q.Probs().Eq(0).ExpandAs(t))
	set(t, p.Probs().Eq(0).ExpandAs(t), 0)
	return t.Sum(-1)
}

func klCauchy(p, q *Cauchy) *torch.Tensor {
	t1 := p.Scale.Add(q.Scale).Pow(2).Add(p.Loc.Sub(q.Loc).Pow(2)).Log()
	return t1.Sub(p.Scale.Mul(4).Mul(q.Scale).Log())
}

func klContinuousBernoulli(p, q *ContinuousBernoulli) *torch.Tensor {
	t1 := p.Mean().Mul(p.Logits().Sub(q.Logits()))
	t2 := p.logNorm().Add(p.Probs().Neg().Log1p())
	t3 := q.logNorm().Neg().Sub(q.Probs().Neg().Log1p())
	return t1.Add(t2).Add(t3)
}

func klDirichlet(p, q *Dirichlet) *torch.Tensor {
	pSum, qSum := p.Concentration.Sum(-1), q.Concentration.Sum(-1)
	t1 := pSum.Lgamma().Sub(qSum.Lgamma())
	t2 := p.Concentration.Lgamma().Sub(q.Concentration.Lgamma()).Sum(-1)
	t3 := p.Concentration.Sub(q.Concentration)
	t4 := p.Concentration.Digamma().Sub(pSum.Digamma().Unsqueeze(-1))
	return t1.Sub(t2).Add(t3.Mul(t4).Sum(-1))
}

func klExponential(p, q *Exponential) *torch.Tensor {
	ratio := q.Rate.Div(p.Rate)
	return ratio.Log().Neg().Add(ratio).Sub(1)
}

func klGamma(p, q *Gamma) *torch.Tensor {
	t1 := q.Concentration.Mul(p.Rate.Div(q.Rate).Log())
	t2 := q.Concentration.Lgamma().Sub(p.Concentration.Lgamma())
	t3 := p.Concentration.Sub(q.Concentration).Mul(p.Concentration.Digamma())
	t4 := q.Rate.Sub(p.Rate).Mul(p.Concentration.Div(p.Rate))
	return t1.Add(t2).Add(t3).Add(t4)
}

func klGeometric(p, q *Geometric) *torch.Tensor {
	return p.Entropy().Neg().Sub(q.Probs().Neg().Log1p().Div(p.Probs())).Sub(q.Logits())
}

func klGumbel(p, q *Gumbel) *torch.Tensor {
	ct1, ct2, ct3 := p.Scale.Div(q.Scale), q.Loc.Div(q.Scale), p.Loc.Div(q.Scale)
	t1 := ct1.Log().Neg().Sub(ct2).Add(ct3)
	t2 := ct1.Mul(eulerGamma)
	t3 := ct2.Add(ct1.Add(1).Lgamma()).Sub(ct3).Exp()
	return t1.Add(t2).Add(t3).Sub(1 + eulerGamma)
}

func klLaplace(p, q *Laplace) *torch.Tensor {
	ratio := p.Scale.Div(q.Scale)
	distance := p.Loc.Sub(q.Loc).Abs()
	t3 := ratio.Mul(distance.Neg().Div(p.Scale).Exp())
	return ratio.Log().Neg().Add(distance.Div(q.Scale)).Add(t3).Sub(1)
}

func klNormal(p, q *Normal) *torch.Tensor {
	ratio := p.Scale.Div(q.Scale).Pow(2)
	t1 := p.Loc.Sub(q.Loc).Div(q.Scale).Pow(2)
	return ratio.Add(t1).Sub(1).Sub(ratio.Log()).Mul(0.5)
}

func klPareto(p, q *Pareto) *torch.Tensor {
	alphas := q.Alpha.Div(p.Alpha)
	t1 := q.Alpha.Mul(p.Scale.Div(q.Scale).Log())
	result := t1.Add(alphas.Log().Neg()).Add(alphas).Sub(1)
	return toInf(result, p.Scale.Lt(q.Scale))
}

func klPoisson(p, q *Poisson) *torch.Tensor {
	return p.Rate.Mul(p.Rate.Log().Sub(q.Rate.Log())).Sub(p.Rate.Sub(q.Rate))
}

func klUniform(p, q *Uniform) *torch.Tensor {
	result := q.width().Div(p.width()).Log()
	return toInf(result, q.Low.Gt(p.Low).BitwiseOr(q.High.Lt(p.High)))
}

func klIndependent(p, q *Independent) *torch.Tensor {
	if p.ReinterpretedBatchNdims != q.ReinterpretedBatchNdims {
		panic(torch.Errorf("distributions.KLDivergence", torch.NotImplementedError,
			"the two have different numbers of reinterpreted dimensions"))
	}
	return sumRightmost(KLDivergence(p.BaseDist, q.BaseDist), p.ReinterpretedBatchNdims)
}

func klTransformed(p, q *TransformedDistribution) *torch.Tensor {
	if !equalParts(p.Transforms, q.Transforms) || !slices.Equal(p.eventShape, q.eventShape) {
		panic(torch.Errorf("distributions.KLDivergence", torch.NotImplementedError,
			"the two have different transforms or event shapes"))
	}
	return KLDivergence(p.BaseDist, q.BaseDist)
}

// infinite returns the divergence of a distribution from one that lacks a part of
// its support: infinity, of the size of a parameter.
func infinite(parameter *torch.Tensor) *torch.Tensor {
	return torch.FullLike(parameter, math.Inf(1))
}

package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/special"
)

// The divergences of distributions of two types, but for those that are infinite.
func init() {
	RegisterKL(func(p *Bernoulli, q *Poisson) *torch.Tensor {
		return p.Entropy().Neg().Sub(p.Probs().Mul(q.Rate.Log()).Sub(q.Rate))
	})

	RegisterKL(func(p *Beta, q *ContinuousBernoulli) *torch.Tensor {
		return p.Entropy().Neg().Sub(p.Mean().Mul(q.Logits())).Sub(q.Probs().Neg().Log1p()).Sub(q.logNorm())
	})
	RegisterKL(func(p *Beta, q *Exponential) *torch.Tensor {
		return p.Entropy().Neg().Sub(q.Rate.Log()).Add(q.Rate.Mul(p.Mean()))
	})
	RegisterKL(klBetaGamma)
	RegisterKL(klBetaNormal)
	RegisterKL(func(p *Beta, q *Uniform) *torch.Tensor {
		return toInf(p.Entropy().Neg().Add(q.width().Log()), q.Low.Gt(0.0).BitwiseOr(q.High.Lt(1.0)))
	})

	RegisterKL(func(p *ContinuousBernoulli, q *Exponential) *torch.Tensor {
		return p.Entropy().Neg().Sub(q.Rate.Log()).Add(q.Rate.Mul(p.Mean()))
	})
	RegisterKL(klContinuousBernoulliNormal)
	RegisterKL(func(p *ContinuousBernoulli, q *Uniform) *torch.Tensor {
		result := p.Entropy().Neg().Add(q.width().Log())
		return torch.Where(q.Low.Ge(0.0).LogicalOr(q.High.Le(1.0)), infinite(result), result)
	})

	RegisterKL(klExponentialGamma)
	RegisterKL(klExponentialGumbel)
	RegisterKL(klExponentialNormal)

	RegisterKL(func(p *Gamma, q *Exponential) *torch.Tensor {
		return p.Entropy().Neg().Sub(q.Rate.Log()).Add(q.Rate.Mul(p.Concentration).Div(p.Rate))
	})
	RegisterKL(klGammaGumbel)
	RegisterKL(klGammaNormal)
	RegisterKL(klGumbelNormal)
	RegisterKL(klLaplaceNormal)
	RegisterKL(klNormalGumbel)
	RegisterKL(klNormalLaplace)
	RegisterKL(klParetoExponential)
	RegisterKL(klParetoGamma)
	RegisterKL(klParetoNormal)
}

func klBetaGamma(p *Beta, q *Gamma) *torch.Tensor {
	total := p.Concentration1.Add(p.Concentration0)
	t2 := q.Concentration.Lgamma().Sub(q.Concentration.Mul(q.Rate.Log()))
	t3 := q.Concentration.Sub(1).Mul(p.Concentration1.Digamma().Sub(total.Digamma()))
	t4 := q.Rate.Mul(p.Concentration1).Div(total)
	return p.Entropy().Neg().Add(t2).Sub(t3).Add(t4)
}

func klBetaNormal(p *Beta, q *Normal) *torch.Tensor {
	mean, variance := p.Mean(), q.Scale.Pow(2)
	t2 := variance.Mul(2).Mul(math.Pi).Log().Mul(0.5)
	spread := mean.Mul(mean.Rsub(1)).Div(p.Concentration1.Add(p.Concentration0).Add(1))
	t3 := spread.Add(mean.Pow(2)).Mul(0.5)
	rest := t3.Sub(q.Loc.Mul(mean)).Add(q.Loc.Pow(2).Mul(0.5)).Div(variance)
	return p.Entropy().Neg().Add(t2).Add(rest)
}

func klContinuousBernoulliNormal(p *ContinuousBernoulli, q *Normal) *torch.Tensor {
	mean := p.Mean()
	t2 := q.Loc.Div(q.Scale).Square().Add(math.Log(2.0 * math.Pi)).Mul(0.5).Add(q.Scale.Log())
	t3 := p.Variance().Add(mean.Square()).Sub(q.Loc.Mul(2.0).Mul(mean)).Div(q.Scale.Square().Mul(2.0))
	return p.Entropy().Neg().Add(t2).Add(t3)
}

func klExponentialGamma(p *Exponential, q *Gamma) *torch.Tensor {
	ratio := q.Rate.Div(p.Rate)
	t1 := q.Concentration.Neg().Mul(ratio.Log())
	return t1.Add(ratio).Add(q.Concentration.Lgamma()).Add(q.Concentration.Mul(eulerGamma)).Sub(1 + eulerGamma)
}

func klExponentialGumbel(p *Exponential, q *Gumbel) *torch.Tensor {
	product, loc := p.Rate.Mul(q.Scale), q.Loc.Div(q.Scale)
	t1 := product.Log().Sub(1)
	t2 := loc.Exp().Mul(product).Div(product.Add(1))
	return t1.Sub(loc).Add(t2).Add(product.Reciprocal())
}

func klExponentialNormal(p *Exponential, q *Normal) *torch.Tensor {
	variance, square := q.Scale.Pow(2), p.Rate.Pow(2)
	t1 := square.Mul(variance).Mul(2).Mul(math.Pi).Log().Mul(0.5)
	rest := square.Reciprocal().Sub(q.Loc.Div(p.Rate)).Add(q.Loc.Pow(2).Mul(0.5)).Div(variance)
	return t1.Sub(1).Add(rest)
}

func klGammaGumbel(p *Gamma, q *Gumbel) *torch.Tensor {
	product, loc := p.Rate.Mul(q.Scale), q.Loc.Div(q.Scale)
	t1 := p.Concentration.Sub(1).Mul(p.Concentration.Digamma()).Sub(p.Concentration.Lgamma()).Sub(p.Concentration)
	t2 := product.Log().Add(p.Concentration.Div(product))
	t3 := loc.Exp().Mul(product.Reciprocal().Add(1).Pow(p.Concentration.Neg())).Sub(loc)
	return t1.Add(t2).Add(t3)
}

func klGammaNormal(p *Gamma, q *Normal) *torch.Tensor {
	variance, square := q.Scale.Pow(2), p.Rate.Pow(2)
	t1 := square.Mul(variance).Mul(2).Mul(math.Pi).Log().Mul(0.5).Sub(p.Concentration).Sub(p.Concentration.Lgamma())
	t2 := p.Concentration.Pow(2).Add(p.Concentration).Mul(0.5).Div(square)
	t3 := q.Loc.Mul(p.Concentration).Div(p.Rate)
	rest := t2.Sub(t3).Add(q.Loc.Pow(2).Mul(0.5)).Div(variance)
	return t1.Add(p.Concentration.Sub(1).Mul(p.Concentration.Digamma())).Add(rest)
}

func klGumbelNormal(p *Gumbel, q *Normal) *torch.Tensor {
	ratio := p.Scale.Div(q.Scale)
	t1 := ratio.Div(math.Sqrt(2 * math.Pi)).Log()
	t2 := ratio.Mul(math.Pi).Mul(0.5).Pow(2).Div(3)
	t3 := p.Mean().Sub(q.Loc).Div(q.Scale).Pow(2).Mul(0.5)
	return t1.Neg().Add(t2).Add(t3).Sub(eulerGamma + 1)
}

func klLaplaceNormal(p *Laplace, q *Normal) *torch.Tensor {
	variance := q.Scale.Pow(2)
	ratio := p.Scale.Pow(2).Div(variance)
	t1 := ratio.Mul(2).Div(math.Pi).Log().Mul(0.5)
	rest := p.Loc.Pow(2).Mul(0.5).Sub(p.Loc.Mul(q.Loc)).Add(q.Loc.Pow(2).Mul(0.5)).Div(variance)
	return t1.Neg().Add(ratio).Add(rest).Sub(1)
}

func klNormalGumbel(p *Normal, q *Gumbel) *torch.Tensor {
	mean, loc := p.Loc.Div(q.Scale), q.Loc.Div(q.Scale)
	ratio := p.Scale.Div(q.Scale).Pow(2)
	t1 := ratio.Log().Mul(0.5)
	t3 := mean.Neg().Add(ratio.Mul(0.5)).Add(loc).Exp()
	return t1.Neg().Add(mean.Sub(loc)).Add(t3).Sub(0.5 * (1 + math.Log(2*math.Pi)))
}

func klNormalLaplace(p *Normal, q *Laplace) *torch.Tensor {
	diff := p.Loc.Sub(q.Loc)
	ratio := diff.Div(p.Scale)
	t1 := p.Scale.Div(q.Scale).Log()
	t2 := p.Scale.Mul(math.Sqrt(2 / math.Pi)).Mul(ratio.Pow(2).Mul(-0.5).Exp())
	t3 := diff.Mul(ratio.Mul(math.Sqrt(0.5)).Erf())
	return t1.Neg().Add(t2.Add(t3).Div(q.Scale)).Sub(0.5 * (1 + math.Log(0.5*math.Pi)))
}

func klParetoExponential(p *Pareto, q *Exponential) *torch.Tensor {
	product := p.Scale.Mul(q.Rate)
	t1 := p.Alpha.Div(product).Log()
	t3 := p.Alpha.Mul(product).Div(p.Alpha.Sub(1))
	return toInf(t1.Sub(p.Alpha.Reciprocal()).Add(t3).Sub(1), p.Alpha.Le(1))
}

func klParetoGamma(p *Pareto, q *Gamma) *torch.Tensor {
	common := p.Scale.Log().Add(p.Alpha.Reciprocal())
	t1 := p.Alpha.Log().Sub(common)
	t2 := q.Concentration.Lgamma().Sub(q.Concentration.Mul(q.Rate.Log()))
	t3 := q.Concentration.Rsub(1).Mul(common)
	t4 := q.Rate.Mul(p.Alpha).Mul(p.Scale).Div(p.Alpha.Sub(1))
	return toInf(t1.Add(t2).Add(t3).Add(t4).Sub(1), p.Alpha.Le(1))
}

func klParetoNormal(p *Pareto, q *Normal) *torch.Tensor {
	variance, common := q.Scale.Pow(2).Mul(2), p.Scale.Div(p.Alpha.Sub(1))
	t1 := q.Scale.Mul(math.Sqrt(2 * math.Pi)).Mul(p.Alpha).Div(p.Scale).Log()
	t3 := p.Alpha.Mul(common.Pow(2)).Div(p.Alpha.Sub(2))
	t4 := p.Alpha.Mul(common).Sub(q.Loc).Pow(2)
	result := t1.Sub(p.Alpha.Reciprocal()).Add(t3.Add(t4).Div(variance)).Sub(1)
	return toInf(result, p.Alpha.Le(2))
}

// xLogX returns x log x, 0 at 0.
func xLogX(x *torch.Tensor) *torch.Tensor { return special.Xlogy(x, x) }

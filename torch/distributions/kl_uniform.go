package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// The divergences of uniform distributions from others.
func init() {
	RegisterKL(klUniformBeta)
	RegisterKL(func(p *Uniform, q *ContinuousBernoulli) *torch.Tensor {
		result := p.Entropy().Neg().Sub(p.Mean().Mul(q.Logits())).Sub(q.Probs().Neg().Log1p()).Sub(q.logNorm())
		return torch.Where(p.High.Ge(1.0).LogicalOr(p.Low.Le(0.0)), infinite(result), result)
	})
	RegisterKL(func(p *Uniform, q *Exponential) *torch.Tensor {
		result := q.Rate.Mul(p.High.Add(p.Low)).Div(2).Sub(p.width().Mul(q.Rate).Log())
		return toInf(result, p.Low.Lt(0.0))
	})
	RegisterKL(klUniformGamma)
	RegisterKL(klUniformGumbel)
	RegisterKL(klUniformNormal)
	RegisterKL(klUniformPareto)
}

// meanLog returns the mean of log x.
func (d *Uniform) meanLog() *torch.Tensor {
	return xLogX(d.High).Sub(xLogX(d.Low)).Sub(d.width()).Div(d.width())
}

func klUniformBeta(p *Uniform, q *Beta) *torch.Tensor {
	width := p.width()
	rise := xLogX(p.High).Sub(xLogX(p.Low)).Sub(width)
	fall := xLogX(p.High.Rsub(1)).Sub(xLogX(p.Low.Rsub(1))).Add(width)
	t2 := q.Concentration1.Sub(1).Mul(rise).Div(width)
	t3 := q.Concentration0.Sub(1).Mul(fall).Div(width)
	t4 := q.Concentration1.Lgamma().Add(q.Concentration0.Lgamma()).Sub(q.Concentration1.Add(q.Concentration0).Lgamma())
	return toInf(t3.Add(t4).Sub(width.Log()).Sub(t2), p.High.Gt(1.0).BitwiseOr(p.Low.Lt(0.0)))
}

func klUniformGamma(p *Uniform, q *Gamma) *torch.Tensor {
	width := p.width()
	t2 := q.Concentration.Lgamma().Sub(q.Concentration.Mul(q.Rate.Log()))
	rise := xLogX(p.High).Sub(xLogX(p.Low)).Sub(width)
	t3 := q.Concentration.Rsub(1).Mul(rise).Div(width)
	t4 := q.Rate.Mul(p.High.Add(p.Low)).Div(2)
	return toInf(width.Log().Neg().Add(t2).Add(t3).Add(t4), p.Low.Lt(0.0))
}

func klUniformGumbel(p *Uniform, q *Gumbel) *torch.Tensor {
	ratio := q.Scale.Div(p.width())
	high, low := p.High.Sub(q.Loc).Div(q.Scale), p.Low.Sub(q.Loc).Div(q.Scale)
	t1 := ratio.Log().Add(high.Add(low).Mul(0.5))
	return t1.Sub(ratio.Mul(high.Neg().Exp().Sub(low.Neg().Exp())))
}

func klUniformNormal(p *Uniform, q *Normal) *torch.Tensor {
	t1 := q.Scale.Mul(math.Sqrt(math.Pi * 2)).Div(p.width()).Log()
	t2 := p.width().Pow(2).Div(12)
	t3 := p.High.Add(p.Low).Sub(q.Loc.Mul(2)).Div(2).Pow(2)
	return t1.Add(t2.Add(t3).Mul(0.5).Div(q.Scale.Pow(2)))
}

func klUniformPareto(p *Uniform, q *Pareto) *torch.Tensor {
	t1 := q.Alpha.Mul(q.Scale.Pow(q.Alpha)).Mul(p.width()).Log()
	return toInf(p.meanLog().Mul(q.Alpha.Add(1)).Sub(t1), p.Low.Lt(q.Scale))
}

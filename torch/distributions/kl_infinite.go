package distributions

import "github.com/wangkuiyi/gotorch/torch"

// The divergences that are infinite: the first distribution has values that the
// second cannot have.
func init() {
	parameter := func(p Distribution) *torch.Tensor { return p.Traits().Arguments[0].Value }

	registerInfinite[*Beta, *Pareto](parameter)
	registerInfinite[*ContinuousBernoulli, *Pareto](func(p Distribution) *torch.Tensor {
		return p.(*ContinuousBernoulli).Probs()
	})
	registerInfinite[*Exponential, *Beta](parameter)
	registerInfinite[*Exponential, *ContinuousBernoulli](parameter)
	registerInfinite[*Exponential, *Pareto](parameter)
	registerInfinite[*Exponential, *Uniform](parameter)
	registerInfinite[*Gamma, *Beta](parameter)
	registerInfinite[*Gamma, *ContinuousBernoulli](parameter)
	registerInfinite[*Gamma, *Pareto](parameter)
	registerInfinite[*Gamma, *Uniform](parameter)
	registerInfinite[*Pareto, *Beta](parameter)
	registerInfinite[*Pareto, *ContinuousBernoulli](parameter)
	registerInfinite[*Pareto, *Uniform](parameter)
	registerInfinite[*Poisson, *Bernoulli](parameter)
	registerInfinite[*Poisson, *Binomial](parameter)
	registerOnHalfLine[*Gumbel](parameter)
	registerOnHalfLine[*Laplace](parameter)
	registerOnHalfLine[*Normal](parameter)
}

// registerInfinite makes a divergence infinite, of the size of a parameter of p.
func registerInfinite[P, Q Distribution](parameter func(p Distribution) *torch.Tensor) {
	RegisterKL(func(p P, _ Q) *torch.Tensor { return infinite(parameter(p)) })
}

// registerOnHalfLine registers those of P, which has all real values, from
// distributions on a part of the line.
func registerOnHalfLine[P Distribution](parameter func(p Distribution) *torch.Tensor) {
	registerInfinite[P, *Beta](parameter)
	registerInfinite[P, *ContinuousBernoulli](parameter)
	registerInfinite[P, *Exponential](parameter)
	registerInfinite[P, *Gamma](parameter)
	registerInfinite[P, *Pareto](parameter)
	registerInfinite[P, *Uniform](parameter)
}

"""The errors of torch.distributions, by name: their class and message.

torch/distributions/errors_test.go makes the same ones.
"""

import torch
import torch.distributions as D

ONES, EYE = torch.ones(2), torch.eye(2)

ERRORS = {
    "parameter": lambda: D.Normal(0, -1),
    "parameters": lambda: D.Normal(torch.zeros(2, 3), torch.tensor([1.0, 2.0, -1.0], requires_grad=True)),
    "hidden parameter": lambda: D.Chi2(-1.0),
    "base parameter": lambda: D.LogNormal(0.0, torch.tensor([0.0])),
    "bounds": lambda: D.Uniform(1.0, 0.0),
    "matrix": lambda: D.MultivariateNormal(torch.zeros(2), -EYE),
    "simplex": lambda: D.Categorical(torch.tensor([-1.0, 2.0])),
    "count": lambda: D.Binomial(0.5, torch.tensor(0.5)),
    "probability 0": lambda: D.Geometric(0.0),
    "probabilities 0": lambda: D.Geometric(torch.tensor([0.5, 0.0])),
    "continuous": lambda: D.ContinuousBernoulli(2.0, validate_args=True),
    "no parameter": lambda: D.Bernoulli(),
    "no number": lambda: D.Beta("a", 1.0),
    "no dimension": lambda: D.Categorical(torch.tensor(1.0)),
    "no dimension of logits": lambda: D.OneHotCategorical(logits=torch.tensor(1.0)),
    "no concentration": lambda: D.Dirichlet(torch.tensor(1.0)),
    "loc": lambda: D.MultivariateNormal(torch.tensor(1.0), EYE),
    "no covariance": lambda: D.MultivariateNormal(torch.zeros(2)),
    "covariance": lambda: D.MultivariateNormal(torch.zeros(2), ONES),
    "scale": lambda: D.MultivariateNormal(torch.zeros(2), scale_tril=ONES),
    "low rank loc": lambda: D.LowRankMultivariateNormal(torch.tensor(1.0), EYE, ONES),
    "low rank factor": lambda: D.LowRankMultivariateNormal(ONES, ONES, ONES),
    "low rank factor size": lambda: D.LowRankMultivariateNormal(ONES, torch.eye(3), ONES),
    "low rank diagonal": lambda: D.LowRankMultivariateNormal(ONES, EYE, torch.ones(3)),
    "low rank batch": lambda: D.LowRankMultivariateNormal(torch.ones(3, 2), torch.ones(2, 2, 1), ONES),
    "wishart matrix": lambda: D.Wishart(3, ONES),
    "wishart df": lambda: D.Wishart(0.5, EYE),
    "lkj": lambda: D.LKJCholesky(1),
    "independent": lambda: D.Independent(D.Normal(ONES, 1.0), 2),
    "transformed": lambda: D.TransformedDistribution(D.Normal(0, 1), [D.StickBreakingTransform()]),
    "mixture size": lambda: D.MixtureSameFamily(D.Categorical(ONES), D.Normal(torch.ones(3), 1.0)),
    "mixture batch": lambda: D.MixtureSameFamily(D.Categorical(torch.ones(3, 2)), D.Normal(torch.ones(4, 2), 1.0)),
    "support": lambda: D.Bernoulli(0.3).log_prob(torch.tensor([0.5])),
    "support of cdf": lambda: D.Exponential(0.3).cdf(torch.tensor(-0.5)),
    "support of a tensor": lambda: D.Binomial(3, torch.tensor([0.5, 0.1])).log_prob(torch.tensor(4.0)),
    "transformed cdf": lambda: D.LogNormal(0.0, 1.0).cdf(torch.tensor(-1.0)),
    "event shape": lambda: D.Dirichlet(ONES).log_prob(torch.ones(3)),
    "batch shape": lambda: D.Normal(ONES, 1.0).log_prob(torch.ones(4, 3)),
    "enumeration": lambda: D.Independent(D.Bernoulli(ONES), 1).enumerate_support(),
    "counts": lambda: D.Binomial(torch.tensor([1, 2]), 0.5).enumerate_support(),
    "entropy of counts": lambda: D.Binomial(torch.tensor([1, 2]), 0.5).entropy(),
    "no divergence": lambda: D.kl_divergence(D.VonMises(0.0, 1.0), D.Poisson(1.0)),
    "divergence of counts": lambda: D.kl_divergence(D.Binomial(1, ONES), D.Binomial(2, ONES)),
}


def cases():
    errors = {}
    for name, f in ERRORS.items():
        try:
            f()
        except Exception as e:  # whatever it is
            errors[name] = {"kind": type(e).__name__, "message": str(e)}
    assert errors.keys() == ERRORS.keys(), ERRORS.keys() - errors.keys()
    return errors

"""Golden cases of torch.distributions; torch/distributions/golden_test.go reads them.

A case of a distribution names its class and holds its parameters, numbers or
tensors. What was drawn, was so after manual_seed(1). The gradients are those for
an output's gradient of linspace(0.5, 1.5). A method that is not implemented has
null.
"""

import torch
import torch.distributions as D
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
from torch.distributions.relaxed_categorical import ExpRelaxedCategorical

from .tensors import encode


def t(*values):
    return torch.tensor(values)


def rising(*shape, start=0.3, end=1.7, dtype=torch.float32):
    n = torch.Size(shape).numel()
    return torch.linspace(start, end, n, dtype=torch.float64).reshape(shape).to(dtype)


SIMPLEX = t(0.2, 0.5, 0.3)
SPD = torch.tensor([[2.0, 0.3], [0.3, 1.0]])
TRIL = torch.tensor([[1.2, 0.0], [-0.4, 0.8]])
P = rising(2, 3, start=0.1, end=0.9)
L = rising(2, 3, start=-2, end=2)

# Class, parameters by name in the order of the constructor, of which "probs",
# "logits" and the forms of a covariance are one.
DISTRIBUTIONS = [
    ("Bernoulli", dict(probs=0.3)),
    ("Bernoulli", dict(probs=P)),
    ("Bernoulli", dict(logits=L.double())),
    ("Bernoulli", dict(probs=t(0.0, 0.5, 1.0))),
    ("Beta", dict(concentration1=0.7, concentration0=2)),
    ("Beta", dict(concentration1=t(0.5, 2.0), concentration0=t(0.5, 3.0))),
    ("Beta", dict(concentration1=rising(2, 1), concentration0=rising(3))),
    ("Binomial", dict(total_count=3, probs=P)),
    ("Binomial", dict(total_count=t(3.0, 3.0), probs=t(0.0, 1.0))),
    ("Binomial", dict(total_count=t(1, 4, 2), logits=L)),
    ("Categorical", dict(probs=SIMPLEX)),
    ("Categorical", dict(logits=L)),
    ("Categorical", dict(probs=t(0.0, 2.0, 6.0))),
    ("Categorical", dict(logits=rising(2, 2, 3).double())),
    ("Cauchy", dict(loc=0, scale=1.5)),
    ("Cauchy", dict(loc=L, scale=rising(3))),
    ("Chi2", dict(df=3)),
    ("Chi2", dict(df=rising(2, 3, end=5))),
    ("ContinuousBernoulli", dict(probs=0.3)),
    ("ContinuousBernoulli", dict(probs=P)),
    ("ContinuousBernoulli", dict(logits=t(-0.0005, 0.001, 1.0))),
    ("Dirichlet", dict(concentration=t(0.5, 1.0, 2.5))),
    ("Dirichlet", dict(concentration=rising(2, 3, start=0.4, end=3).double())),
    ("Exponential", dict(rate=2.5)),
    ("Exponential", dict(rate=rising(2, 3))),
    ("FisherSnedecor", dict(df1=5.0, df2=7.0)),
    ("FisherSnedecor", dict(df1=rising(2, 1, end=6), df2=rising(3, end=6))),
    ("Gamma", dict(concentration=0.4, rate=2)),
    ("Gamma", dict(concentration=rising(3).double(), rate=1.0)),
    ("Gamma", dict(concentration=rising(2, 1), rate=rising(3))),
    ("GeneralizedPareto", dict(loc=0.5, scale=1.0, concentration=0.2)),
    ("GeneralizedPareto", dict(loc=rising(3), scale=rising(3), concentration=t(-0.4, 0.0, 1.2))),
    ("Geometric", dict(probs=0.3)),
    ("Geometric", dict(logits=L)),
    ("Geometric", dict(probs=t(0.2, 1.0))),
    ("Gumbel", dict(loc=0.0, scale=2.0)),
    ("Gumbel", dict(loc=L, scale=rising(3))),
    ("HalfCauchy", dict(scale=1.5)),
    ("HalfCauchy", dict(scale=rising(2, 3))),
    ("HalfNormal", dict(scale=1.5)),
    ("HalfNormal", dict(scale=rising(2, 3))),
    ("InverseGamma", dict(concentration=2.5, rate=2.0)),
    ("InverseGamma", dict(concentration=rising(2, 1, end=3), rate=rising(3))),
    ("Kumaraswamy", dict(concentration1=2.0, concentration0=3.0)),
    ("Kumaraswamy", dict(concentration1=rising(2, 1), concentration0=rising(3))),
    ("LKJCholesky", dict(dim=3, concentration=1.5)),
    ("LKJCholesky", dict(dim=2, concentration=rising(2))),
    ("Laplace", dict(loc=0.0, scale=2.0)),
    ("Laplace", dict(loc=L, scale=rising(3))),
    ("LogNormal", dict(loc=0.0, scale=0.5)),
    ("LogNormal", dict(loc=L, scale=rising(3))),
    ("LogisticNormal", dict(loc=0.0, scale=0.5)),
    ("LogisticNormal", dict(loc=L, scale=rising(3))),
    ("LowRankMultivariateNormal", dict(loc=L, cov_factor=rising(3, 2), cov_diag=rising(2, 3))),
    ("LowRankMultivariateNormal", dict(loc=t(0.5, -1.0), cov_factor=rising(2, 1), cov_diag=t(0.5, 0.8))),
    ("Multinomial", dict(total_count=4, probs=SIMPLEX)),
    ("Multinomial", dict(total_count=2, logits=L)),
    ("MultivariateNormal", dict(loc=t(0.5, -1.0), covariance_matrix=SPD)),
    ("MultivariateNormal", dict(loc=t(0.5, -1.0).double(), precision_matrix=torch.stack([SPD, 2 * SPD]).double())),
    ("MultivariateNormal", dict(loc=rising(3, 2), scale_tril=TRIL)),
    ("NegativeBinomial", dict(total_count=3, probs=P)),
    ("NegativeBinomial", dict(total_count=rising(3), logits=L)),
    ("Normal", dict(loc=0, scale=1)),
    ("Normal", dict(loc=rising(2).double(), scale=0.5)),
    ("Normal", dict(loc=L, scale=rising(3))),
    ("OneHotCategorical", dict(probs=SIMPLEX)),
    ("OneHotCategorical", dict(logits=L)),
    ("OneHotCategoricalStraightThrough", dict(probs=SIMPLEX)),
    ("OneHotCategoricalStraightThrough", dict(logits=L)),
    ("Pareto", dict(scale=1.5, alpha=2.5)),
    ("Pareto", dict(scale=rising(2, 1), alpha=rising(3, end=3))),
    ("Poisson", dict(rate=2.5)),
    ("Poisson", dict(rate=rising(2, 3, start=0, end=9))),
    ("LogitRelaxedBernoulli", dict(temperature=t(0.5)[0], probs=0.3)),
    ("LogitRelaxedBernoulli", dict(temperature=t(2.0)[0], logits=L)),
    ("RelaxedBernoulli", dict(temperature=t(0.5)[0], probs=P)),
    ("RelaxedBernoulli", dict(temperature=t(2.0)[0], logits=L)),
    ("ExpRelaxedCategorical", dict(temperature=t(0.5)[0], probs=SIMPLEX)),
    ("RelaxedOneHotCategorical", dict(temperature=t(0.5)[0], probs=SIMPLEX)),
    ("RelaxedOneHotCategorical", dict(temperature=t(2.0)[0], logits=L)),
    ("StudentT", dict(df=3.0, loc=0.0, scale=1.0)),
    ("StudentT", dict(df=t(0.5, 1.5, 4.0), loc=L, scale=2.0)),
    ("Uniform", dict(low=0.0, high=2.0)),
    ("Uniform", dict(low=L, high=rising(3, start=3, end=4))),
    ("VonMises", dict(loc=0.5, concentration=2.0)),
    ("VonMises", dict(loc=L, concentration=t(1e-6, 1.0, 9.0))),
    ("Weibull", dict(scale=1.5, concentration=2.0)),
    ("Weibull", dict(scale=rising(2, 1), concentration=rising(3, start=1.2))),
    ("Wishart", dict(df=4, covariance_matrix=SPD)),
    ("Wishart", dict(df=t(3.0, 5.0), scale_tril=TRIL)),
    ("Wishart", dict(df=t(4.5).double()[0], precision_matrix=torch.stack([SPD, 2 * SPD]).double())),
    ("IndependentNormal", dict(loc=L, scale=rising(3))),
    ("MixtureOfNormals", dict(probs=SIMPLEX, loc=t(-1.0, 0.0, 2.0), scale=rising(3))),
    ("MixtureOfNormals", dict(logits=L, loc=L, scale=rising(3))),
    ("MixtureOfVectors", dict(probs=SIMPLEX, loc=rising(3, 2), scale=rising(3, 2))),
    ("TransformedNormal", dict(loc=L, scale=rising(3))),
    ("TanhNormal", dict(loc=L, scale=rising(3))),
]

COMPOSED = {
    "LogitRelaxedBernoulli": LogitRelaxedBernoulli,
    "ExpRelaxedCategorical": ExpRelaxedCategorical,
    "IndependentNormal": lambda **p: D.Independent(D.Normal(**p), 1),
    "MixtureOfNormals": lambda loc, scale, **p: D.MixtureSameFamily(D.Categorical(**p), D.Normal(loc, scale)),
    "MixtureOfVectors": lambda loc, scale, **p: D.MixtureSameFamily(
        D.Categorical(**p), D.Independent(D.Normal(loc, scale), 1)
    ),
    "TransformedNormal": lambda **p: D.TransformedDistribution(
        D.Normal(**p), [D.AffineTransform(1.0, -2.0), D.ExpTransform()]
    ),
    "TanhNormal": lambda **p: D.TransformedDistribution(D.Normal(**p), D.TanhTransform(cache_size=1)),
}


def make(cls, params):
    return COMPOSED.get(cls, getattr(D, cls, None))(**params)


def ramp(y):
    return torch.linspace(0.5, 1.5, y.numel(), dtype=y.dtype).reshape(y.shape)


def optional(f):
    """What f gives, encoded, or null where it is not implemented."""
    try:
        return encode(f())
    except NotImplementedError:
        return None


def fresh(params):
    """The parameters as leaves that require gradients."""
    return {
        n: v.clone().requires_grad_(v.is_floating_point()) if isinstance(v, torch.Tensor) else v for n, v in params.items()
    }


def with_grads(cls, params, f):
    """The output of f, of a distribution, and the gradients of its parameters."""
    params = fresh(params)
    try:
        torch.manual_seed(1)
        y = f(make(cls, params))
    except NotImplementedError:
        return None
    if y.requires_grad:
        try:
            y.backward(ramp(y))
        except RuntimeError:  # Wishart.rsample changes what its own backward needs
            return {"value": encode(y), "grads": {}}
    return {"value": encode(y), "grads": grads(params)}


def grads(params):
    leaves = {n: v.grad for n, v in params.items() if isinstance(v, torch.Tensor)}
    return {n: None if g is None else encode(g) for n, g in leaves.items()}


def drawn(d, *shape):
    torch.manual_seed(1)
    return d.sample(shape)


def distribution(cls, params):
    d = make(cls, params)
    value = drawn(d, 2)
    probs = torch.linspace(0.05, 0.95, value.numel(), dtype=torch.float32 if not value.is_floating_point() else value.dtype)
    probs = probs.reshape(value.shape)
    batch = (2, *d.batch_shape)
    wide = d.expand(batch)
    return {
        "class": cls,
        "params": {n: encode(v) if isinstance(v, torch.Tensor) else v for n, v in params.items()},
        "repr": repr(make(cls, params)),
        "support": repr(d.support),
        "discrete": d.support.is_discrete,
        "batch": list(d.batch_shape),
        "event": list(d.event_shape),
        "has_rsample": d.has_rsample,
        "has_enumerate": d.has_enumerate_support,
        "sample": encode(drawn(d)),
        "sample2": encode(value),
        "sample32": encode(drawn(d, 3, 2)),
        "rsample": with_grads(cls, params, lambda d: d.rsample((2,))) if d.has_rsample else None,
        "log_prob": with_grads(cls, params, lambda d: d.log_prob(value)),
        "entropy": with_grads(cls, params, lambda d: d.entropy()),
        "perplexity": optional(lambda: d.perplexity()),
        "mean": optional(lambda: d.mean),
        "mode": optional(lambda: d.mode),
        "variance": optional(lambda: d.variance),
        "stddev": optional(lambda: d.stddev),
        "cdf": optional(lambda: d.cdf(value)),
        "probs": encode(probs),
        "icdf": optional(lambda: d.icdf(probs)),
        "enumerated": optional(lambda: d.enumerate_support()) if d.has_enumerate_support else None,
        "listed": optional(lambda: d.enumerate_support(False)) if d.has_enumerate_support else None,
        "expanded": {
            "repr": repr(make(cls, params).expand(batch)),
            "batch": list(wide.batch_shape),
            "sample": encode(drawn(wide)),
            "log_prob": encode(wide.log_prob(value)),
            "mean": optional(lambda: wide.mean),
        },
    }


def divergences():
    """Those of all pairs whose batches fit: of a class with itself, and of the last
    cases of two classes. Pairs that are not implemented have null."""
    pairs = [divergence(p, q) for p in range(len(DISTRIBUTIONS)) for q in range(len(DISTRIBUTIONS))]
    return [case for case in pairs if case]


def divergence(p, q):
    (p_class, p_params), (q_class, q_params) = DISTRIBUTIONS[p], DISTRIBUTIONS[q]
    if p_class != q_class and any(DISTRIBUTIONS[i + 1][0] == DISTRIBUTIONS[i][0] for i in (p, q) if i + 1 < len(DISTRIBUTIONS)):
        return None  # the last of each class will do
    p_params, q_params = fresh(p_params), fresh(q_params)
    a, b = make(p_class, p_params), make(q_class, q_params)
    try:
        torch.broadcast_shapes(a.batch_shape, b.batch_shape)
        y = D.kl_divergence(a, b)
    except NotImplementedError:
        return {"p": p, "q": q, "value": None}
    except (RuntimeError, ValueError, IndexError):
        return None  # shapes that do not fit
    if y.requires_grad:
        y.backward(ramp(y))
    return {"p": p, "q": q, "value": encode(y), "p_grads": grads(p_params), "q_grads": grads(q_params)}


def cases():
    return {
        "distributions": [distribution(cls, params) for cls, params in DISTRIBUTIONS],
        "divergences": divergences(),
    }

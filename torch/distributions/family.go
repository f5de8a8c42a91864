package distributions

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ExponentialFamily is a distribution whose density is
//
//	exp(t(x)·θ − F(θ) + k(x))
//
// with the natural parameters θ, the log normalizer F and sufficient statistics t.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.exp_family.ExponentialFamily
type ExponentialFamily interface {
	Distribution
	// NaturalParams returns θ.
	NaturalParams() []*torch.Tensor
	// LogNormalizer returns F of natural parameters.
	LogNormalizer(params ...*torch.Tensor) *torch.Tensor
}

// ExponentialFamilyEntropy returns the entropy of d by the derivatives of its log
// normalizer, for families that have no formula of their own. meanCarrierMeasure
// is the mean of k(x).
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.exp_family.ExponentialFamily.entropy
func ExponentialFamilyEntropy(d ExponentialFamily, meanCarrierMeasure float64) *torch.Tensor {
	argument.NotNil("distributions.ExponentialFamilyEntropy", "the distribution", d)
	params := leaves(d.NaturalParams())
	f, gradients := differentiated(d, params)
	result := f.Add(-meanCarrierMeasure)
	shape := append(d.BatchShape(), -1)
	for i, g := range gradients {
		result = result.Sub(params[i].Mul(g).Reshape(shape...).Sum(-1))
	}
	return result
}

// bregman returns the divergence of two distributions of one exponential family.
func bregman(p, q ExponentialFamily) *torch.Tensor {
	if nameOf(p) != nameOf(q) {
		panic(torch.Errorf("distributions.KLDivergence", torch.NotImplementedError, "The cross KL-divergence between different exponential "+
			"families cannot be computed using Bregman divergences"))
	}
	params, others := leaves(p.NaturalParams()), q.NaturalParams()
	f, gradients := differentiated(p, params)
	result := q.LogNormalizer(others...).Sub(f)
	for i, g := range gradients {
		result = result.Sub(sumRightmost(others[i].Sub(params[i]).Mul(g), len(q.EventShape())))
	}
	return result
}

// leaves returns copies of tensors that start a graph.
func leaves(list []*torch.Tensor) []*torch.Tensor {
	list = slices.Clone(list)
	for i, x := range list {
		list[i] = x.Detach().SetRequiresGrad(true)
	}
	return list
}

// differentiated returns the log normalizer and its gradients, which have a graph.
func differentiated(d ExponentialFamily, params []*torch.Tensor) (f *torch.Tensor, gradients []*torch.Tensor) {
	f = d.LogNormalizer(params...)
	sum := []*torch.Tensor{f.Sum()}
	return f, autograd.Grad(sum, params, autograd.GradOptions{CreateGraph: true})
}

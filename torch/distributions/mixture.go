package distributions

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// MixtureSameFamily is a mixture of distributions of one type: a [Categorical]
// chooses along the last batch dimension of the other.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.mixture_same_family.MixtureSameFamily
type MixtureSameFamily struct {
	Common
	MixtureDistribution   *Categorical
	ComponentDistribution Distribution
}

// NewMixtureSameFamily returns the mixture of components. It panics with a
// ValueError if their last batch dimension is not as large as the number of
// outcomes, or if the batches do not fit.
func NewMixtureSameFamily(mixture *Categorical, component Distribution, options ...Options) *MixtureSameFamily {
	const name = "MixtureSameFamily"
	argument.NotNil("distributions."+name, "the mixture distribution", mixture)
	argument.NotNil("distributions."+name, "the component distribution", component)
	d := &MixtureSameFamily{MixtureDistribution: mixture, ComponentDistribution: component}
	all := component.BatchShape()
	if len(all) == 0 {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"the component distribution has no batch dimension to choose from"))
	}
	n := len(all) - 1
	of, batchShape := mixture.BatchShape(), all[:n]
	for i, j := len(of)-1, n-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		if of[i] != 1 && batchShape[j] != 1 && of[i] != batchShape[j] {
			panic(torch.Errorf("distributions."+name, torch.ValueError, "`mixture_distribution.batch_shape` (%s) is not compatible with "+
				"`component_distribution.batch_shape`(%s)", python.Size(of), python.Size(batchShape)))
		}
	}
	if k := mixture.Logits().Size(-1); k != all[n] {
		panic(torch.Errorf("distributions."+name, torch.ValueError, "`mixture_distribution component` (%d) does not equal "+
			"`component_distribution.batch_shape[-1]` (%d)", k, all[n]))
	}
	return Init(d, batchShape, component.EventShape(), options...)
}

// Expand returns the distribution for a greater batch.
func (d *MixtureSameFamily) Expand(batchShape ...int) Distribution {
	e := &MixtureSameFamily{
		MixtureDistribution:   d.MixtureDistribution.Expand(batchShape...).(*Categorical),
		ComponentDistribution: d.ComponentDistribution.Expand(append(slices.Clone(batchShape), d.MixtureDistribution.events)...),
	}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *MixtureSameFamily) Traits() Traits {
	return Traits{Support: constraints.MixtureSameFamily{Base: d.ComponentDistribution.Support()}}
}

// pad gives values a dimension for the components.
func (d *MixtureSameFamily) pad(x *torch.Tensor) *torch.Tensor {
	return x.Unsqueeze(-1 - len(d.eventShape))
}

// weights returns the probabilities of the components, to be multiplied with what
// each has of BatchShape and EventShape.
func (d *MixtureSameFamily) weights() *torch.Tensor {
	p := d.MixtureDistribution.Probs()
	shape := p.Shape()
	n := len(shape) - 1
	pad := len(d.batchShape) - n
	if n == 1 {
		pad = 0
	}
	return p.Reshape(slices.Concat(shape[:n], ones(pad), shape[n:], ones(len(d.eventShape)))...)
}

// Mean returns the mean.
func (d *MixtureSameFamily) Mean() *torch.Tensor {
	return d.average(d.ComponentDistribution.Mean())
}

// average returns the weighted mean of what components have.
func (d *MixtureSameFamily) average(x *torch.Tensor) *torch.Tensor {
	return d.weights().Mul(x).Sum(-1 - len(d.eventShape))
}

// Variance returns the variance, by that of and that between the components.
func (d *MixtureSameFamily) Variance() *torch.Tensor {
	within := d.average(d.ComponentDistribution.Variance())
	return within.Add(d.average(d.ComponentDistribution.Mean().Sub(d.pad(d.Mean())).Pow(2.0)))
}

// CDF returns the probability of values up to the given one.
func (d *MixtureSameFamily) CDF(value *torch.Tensor) *torch.Tensor {
	return d.ComponentDistribution.CDF(d.pad(value)).Mul(d.MixtureDistribution.Probs()).Sum(-1)
}

// LogProb returns the logarithm of the density.
func (d *MixtureSameFamily) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	log := d.ComponentDistribution.LogProb(d.pad(value))
	return log.Add(d.MixtureDistribution.Logits().LogSoftmax(-1)).LogSumExp([]int{-1})
}

// Sample draws a sample.
func (d *MixtureSameFamily) Sample(sampleShape ...int) (x *torch.Tensor) {
	torch.NoGrad(func() {
		dim := len(sampleShape) + len(d.batchShape)
		chosen := d.MixtureDistribution.Sample(sampleShape...)
		all := d.ComponentDistribution.Sample(sampleShape...)
		shape := chosen.Shape()
		index := chosen.Reshape(slices.Concat(shape, ones(len(d.eventShape)+1))...).
			Repeat(slices.Concat(ones(len(shape)+1), d.eventShape)...)
		x = all.Gather(dim, index).Squeeze(dim)
	})
	return x
}

// String returns Python's repr.
func (d *MixtureSameFamily) String() string {
	return fmt.Sprintf("MixtureSameFamily(\n  %v,\n  %v)", d.MixtureDistribution, d.ComponentDistribution)
}

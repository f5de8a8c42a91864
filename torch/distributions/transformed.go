package distributions

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// TransformedDistribution is the distribution of another one's samples after
// transforms.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transformed_distribution.TransformedDistribution
type TransformedDistribution struct {
	Common
	BaseDist   Distribution
	Transforms []Transform
}

// NewTransformedDistribution returns the distribution of base after transforms, of
// which the first is applied first. It panics with a ValueError if base has too
// few dimensions.
func NewTransformedDistribution(base Distribution, transforms []Transform, options ...Options) *TransformedDistribution {
	d := new(TransformedDistribution)
	batchShape, eventShape := d.build(base, transforms...)
	return Init(d, batchShape, eventShape, options...)
}

// build sets the fields, with base expanded as the transforms want it, and returns
// the batch and the event shape.
func (d *TransformedDistribution) build(base Distribution, transforms ...Transform) (batchShape, eventShape []int) {
	argument.NotNil("distributions.TransformedDistribution", "the base distribution", base)
	shape := slices.Concat(base.BatchShape(), base.EventShape())
	eventDim := len(base.EventShape())
	transform := NewComposeTransform(transforms...)
	domain, codomain := transform.Domain().EventDim(), transform.Codomain().EventDim()
	if len(shape) < domain {
		panic(torch.Errorf("distributions.TransformedDistribution", torch.ValueError,
			"base_distribution needs to have shape with size at least %d, but got %s.", domain, python.Size(shape)))
	}
	result := transform.ForwardShape(shape)
	if wanted := transform.InverseShape(result); !slices.Equal(shape, wanted) {
		base = base.Expand(first(wanted, len(wanted)-eventDim)...)
	}
	if more := domain - eventDim; more > 0 {
		base = NewIndependent(base, more)
	}
	d.BaseDist, d.Transforms = base, transforms
	batchShape = first(result, len(result)-max(codomain, eventDim+codomain-domain))
	return batchShape, result[len(batchShape):]
}

// Expand returns the distribution for a greater batch.
func (d *TransformedDistribution) Expand(batchShape ...int) Distribution {
	e := new(TransformedDistribution)
	d.expandTo(e, batchShape)
	return expanded(e, d, batchShape)
}

// expandTo sets the fields of e to those of d for a greater batch, and returns its
// base.
func (d *TransformedDistribution) expandTo(e *TransformedDistribution, batchShape []int) Distribution {
	shape := slices.Concat(batchShape, d.eventShape)
	for _, t := range slices.Backward(d.Transforms) {
		shape = t.InverseShape(shape)
	}
	e.Transforms = d.Transforms
	e.BaseDist = d.BaseDist.Expand(first(shape, len(shape)-len(d.BaseDist.EventShape()))...)
	return e.BaseDist
}

// Traits describes the distribution.
func (d *TransformedDistribution) Traits() Traits {
	support := d.BaseDist.Support()
	if n := len(d.Transforms); n > 0 {
		support = widened(d.Transforms[n-1].Codomain(), len(d.eventShape))
	}
	return Traits{Support: support, RSample: d.BaseDist.HasRSample()}
}

// traits returns those of a distribution that is made by transforms.
func (d *TransformedDistribution) traits(support constraints.Constraint, arguments ...Argument) Traits {
	return Traits{Arguments: arguments, Support: support, RSample: d.BaseDist.HasRSample()}
}

// Sample transforms a sample of the base.
func (d *TransformedDistribution) Sample(sampleShape ...int) (x *torch.Tensor) {
	torch.NoGrad(func() { x = d.forward(d.BaseDist.Sample(sampleShape...)) })
	return x
}

// RSample transforms a sample of the base that gradients flow through.
func (d *TransformedDistribution) RSample(sampleShape ...int) *torch.Tensor {
	return d.forward(d.BaseDist.RSample(sampleShape...))
}

func (d *TransformedDistribution) forward(x *torch.Tensor) *torch.Tensor {
	for _, t := range d.Transforms {
		x = t.Forward(x)
	}
	return x
}

// LogProb takes the value back to the base, and adds the change of volume.
func (d *TransformedDistribution) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	eventDim := len(d.eventShape)
	total, y := torch.Operand(0.0), value
	for _, t := range slices.Backward(d.Transforms) {
		x := t.Inverse(y)
		domain := t.Domain().EventDim()
		eventDim += domain - t.Codomain().EventDim()
		change := sumRightmost(t.LogAbsDetJacobian(x, y), eventDim-domain)
		if sum, ok := total.(*torch.Tensor); ok {
			total = sum.Sub(change)
		} else {
			total = change.Rsub(total)
		}
		y = x
	}
	return sumRightmost(d.BaseDist.LogProb(y), eventDim-len(d.BaseDist.EventShape())).Add(total)
}

// monotone returns probabilities as they are, or of the complement if the
// transforms turn numbers around.
func (d *TransformedDistribution) monotone(value *torch.Tensor) *torch.Tensor {
	sign := signOf(d.Transforms)
	if sign == 1 {
		return value
	}
	return value.Sub(0.5).Mul(sign).Add(0.5)
}

// CDF is that of the base at the value taken back.
func (d *TransformedDistribution) CDF(value *torch.Tensor) *torch.Tensor {
	for _, t := range slices.Backward(d.Transforms) {
		value = t.Inverse(value)
	}
	if d.validate {
		d.BaseDist.common().checkSample(value)
	}
	return d.monotone(d.BaseDist.CDF(value))
}

// ICDF transforms that of the base.
func (d *TransformedDistribution) ICDF(value *torch.Tensor) *torch.Tensor {
	return d.forward(d.BaseDist.ICDF(d.monotone(value)))
}

// Independent takes the last dimensions of a batch as a part of the event: the
// distributions along them become one, of vectors for example.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.independent.Independent
type Independent struct {
	Common
	BaseDist                Distribution
	ReinterpretedBatchNdims int
}

// NewIndependent returns the distribution of base's last batch dimensions together.
// It panics with a ValueError if base has fewer.
func NewIndependent(base Distribution, reinterpretedBatchNdims int, options ...Options) *Independent {
	argument.NotNil("distributions.Independent", "the base distribution", base)
	if reinterpretedBatchNdims < 0 {
		panic(torch.Errorf("distributions.Independent", torch.ValueError,
			"reinterpreted_batch_ndims must be >= 0, got %d", reinterpretedBatchNdims))
	}
	batchShape := base.BatchShape()
	cut := len(batchShape) - reinterpretedBatchNdims
	if cut < 0 {
		panic(torch.Errorf("distributions.Independent", torch.ValueError, "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "+
			"actual %d vs %d", reinterpretedBatchNdims, len(batchShape)))
	}
	d := &Independent{BaseDist: base, ReinterpretedBatchNdims: reinterpretedBatchNdims}
	return Init(d, batchShape[:cut], slices.Concat(batchShape[cut:], base.EventShape()), options...)
}

// Expand returns the distribution for a greater batch.
func (d *Independent) Expand(batchShape ...int) Distribution {
	base := d.BaseDist.Expand(slices.Concat(batchShape, d.eventShape[:d.ReinterpretedBatchNdims])...)
	return expanded(&Independent{BaseDist: base, ReinterpretedBatchNdims: d.ReinterpretedBatchNdims}, d, batchShape)
}

// Traits describes the distribution.
func (d *Independent) Traits() Traits {
	support := d.BaseDist.Support()
	if d.ReinterpretedBatchNdims > 0 {
		support = constraints.Independent{Base: support, Dims: d.ReinterpretedBatchNdims}
	}
	return Traits{
		Support:   support,
		RSample:   d.BaseDist.HasRSample(),
		Enumerate: d.ReinterpretedBatchNdims == 0 && d.BaseDist.HasEnumerateSupport(),
	}
}

// Sample draws from the base.
func (d *Independent) Sample(sampleShape ...int) *torch.Tensor {
	return d.BaseDist.Sample(sampleShape...)
}

// RSample draws from the base.
func (d *Independent) RSample(sampleShape ...int) *torch.Tensor {
	return d.BaseDist.RSample(sampleShape...)
}

// LogProb adds up the base's over an event.
func (d *Independent) LogProb(value *torch.Tensor) *torch.Tensor {
	return sumRightmost(d.BaseDist.LogProb(value), d.ReinterpretedBatchNdims)
}

// Entropy adds up the base's over an event.
func (d *Independent) Entropy() *torch.Tensor {
	return sumRightmost(d.BaseDist.Entropy(), d.ReinterpretedBatchNdims)
}

// Mean returns the base's.
func (d *Independent) Mean() *torch.Tensor { return d.BaseDist.Mean() }

// Mode returns the base's.
func (d *Independent) Mode() *torch.Tensor { return d.BaseDist.Mode() }

// Variance returns the base's.
func (d *Independent) Variance() *torch.Tensor { return d.BaseDist.Variance() }

// EnumerateSupport returns the base's, if no dimension was taken.
func (d *Independent) EnumerateSupport(expand ...bool) *torch.Tensor {
	if d.ReinterpretedBatchNdims > 0 {
		panic(torch.Errorf("distributions."+nameOf(d.self), torch.NotImplementedError,
			"Enumeration over cartesian product is not implemented"))
	}
	return d.BaseDist.EnumerateSupport(expand...)
}

// String returns Python's repr.
func (d *Independent) String() string {
	return fmt.Sprintf("Independent(%v, %d)", d.BaseDist, d.ReinterpretedBatchNdims)
}

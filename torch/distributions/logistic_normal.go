package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// LogisticNormal is the distribution of probabilities that stick breaking makes of
// independent normal numbers, one fewer than probabilities.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.logistic_normal.LogisticNormal
type LogisticNormal struct {
	TransformedDistribution
	Loc, Scale *torch.Tensor // means and standard deviations of the normal numbers
}

// NewLogisticNormal returns the distribution of means and standard deviations,
// tensors or numbers.
func NewLogisticNormal(loc, scale torch.Operand, options ...Options) *LogisticNormal {
	d := new(LogisticNormal)
	var base Distribution = NewNormal(loc, scale, options...)
	if len(base.BatchShape()) == 0 {
		base = base.Expand(1)
	}
	batchShape, eventShape := d.build(base, StickBreakingTransform{})
	d.takeParameters()
	return Init(d, batchShape, eventShape, options...)
}

// takeParameters sets Loc and Scale to those of the base.
func (d *LogisticNormal) takeParameters() {
	normal := d.BaseDist.(*Independent).BaseDist.(*Normal)
	d.Loc, d.Scale = normal.Loc, normal.Scale
}

// Expand returns the distribution for a greater batch.
func (d *LogisticNormal) Expand(batchShape ...int) Distribution {
	e := new(LogisticNormal)
	d.expandTo(&e.TransformedDistribution, batchShape)
	e.takeParameters()
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *LogisticNormal) Traits() Traits {
	return d.traits(constraints.Simplex, hidden(locScale(d.Loc, d.Scale))...)
}

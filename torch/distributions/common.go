package distributions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/pytensor"
)

// Common is what all distributions share, and each embeds it: the shapes, the
// validation, and methods for those that a distribution does not have itself.
type Common struct {
	self                   Distribution // that embeds this
	batchShape, eventShape []int
	validate               bool
}

func (c *Common) common() *Common { return c }

// made returns the distribution, and panics unless a function such as NewNormal made
// it.
func (c *Common) made() Distribution {
	if c.self == nil {
		panic(torch.Errorf("distributions.Common", torch.RuntimeError,
			"the distribution was not made by a function such as NewNormal, or with Init"))
	}
	return c.self
}

// mustTake panics unless there are n parameters, for LogNormalizer.
func (c *Common) mustTake(params []*torch.Tensor, n int) {
	if len(params) != n {
		panic(torch.Errorf("distributions."+nameOf(c.self), torch.TypeError,
			"_log_normalizer() takes %d natural parameters, but %d were given", n, len(params)))
	}
}

// BatchShape returns the shape of the batch.
func (c *Common) BatchShape() []int { return slices.Clone(c.batchShape) }

// EventShape returns the shape of a single sample.
func (c *Common) EventShape() []int { return slices.Clone(c.eventShape) }

// HasRSample reports whether gradients flow through RSample.
func (c *Common) HasRSample() bool { return c.made().Traits().RSample }

// HasEnumerateSupport reports whether there is EnumerateSupport.
func (c *Common) HasEnumerateSupport() bool { return c.made().Traits().Enumerate }

// Support returns which values a sample may have.
func (c *Common) Support() constraints.Constraint { return c.made().Traits().Support }

// Sample draws a sample that gradients do not flow through.
func (c *Common) Sample(sampleShape ...int) (x *torch.Tensor) {
	torch.NoGrad(func() { x = c.made().RSample(sampleShape...) })
	return x
}

// StdDev returns the square root of the variance.
func (c *Common) StdDev() *torch.Tensor { return c.made().Variance().Sqrt() }

// Perplexity returns the exponential of the entropy.
func (c *Common) Perplexity() *torch.Tensor { return c.made().Entropy().Exp() }

// RSample is for distributions that have none: it panics.
func (c *Common) RSample(...int) *torch.Tensor { return c.lacks("rsample") }

// LogProb is for distributions that have none: it panics.
func (c *Common) LogProb(*torch.Tensor) *torch.Tensor { return c.lacks("log_prob") }

// CDF is for distributions that have none: it panics.
func (c *Common) CDF(*torch.Tensor) *torch.Tensor { return c.lacks("cdf") }

// ICDF is for distributions that have none: it panics.
func (c *Common) ICDF(*torch.Tensor) *torch.Tensor { return c.lacks("icdf") }

// Entropy is for distributions that have none: it panics.
func (c *Common) Entropy() *torch.Tensor { return c.lacks("entropy") }

// Mean is for distributions that have none: it panics.
func (c *Common) Mean() *torch.Tensor { return c.lacks("mean") }

// Mode is for distributions that have none: it panics.
func (c *Common) Mode() *torch.Tensor { return c.lacks("mode") }

// Variance is for distributions that have none: it panics.
func (c *Common) Variance() *torch.Tensor { return c.lacks("variance") }

// EnumerateSupport is for distributions that have none: it panics.
func (c *Common) EnumerateSupport(...bool) *torch.Tensor { return c.lacks("enumerate_support") }

// Expand is for distributions that have none: it panics.
func (c *Common) Expand(...int) Distribution {
	c.lacks("expand")
	return nil
}

// String returns Python's repr.
func (c *Common) String() string {
	var list []string
	for _, a := range c.made().Traits().Arguments {
		if a.Hidden {
			continue
		}
		text := python.Size(a.Value.Shape())
		if a.Value.Numel() == 1 {
			text = pytensor.Format(a.Value)
		}
		list = append(list, a.Name+": "+text)
	}
	return nameOf(c.self) + "(" + strings.Join(list, ", ") + ")"
}

// nameOf returns the name of a value's type, without package and pointer.
func nameOf(v any) string {
	name := fmt.Sprintf("%T", v)
	return name[strings.LastIndexByte(name, '.')+1:]
}

func (c *Common) lacks(method string) *torch.Tensor {
	panic(torch.Errorf("distributions."+nameOf(c.self), torch.NotImplementedError, "%s does not implement %s",
		nameOf(c.self), method))
}

// shape returns the shape of a sample.
func (c *Common) shape(sampleShape []int) []int {
	return slices.Concat(sampleShape, c.batchShape, c.eventShape)
}

// constant returns a tensor with a value for each element of a sample, of x's
// dtype and device.
func (c *Common) constant(value float64, x *torch.Tensor) *torch.Tensor {
	return torch.Full(c.shape(nil), value, optionsOf(x))
}

// optionsOf returns options with the dtype and device of x.
func optionsOf(x *torch.Tensor) torch.TensorOptions {
	return torch.TensorOptions{DType: x.DType(), Device: x.Device()}
}

func (c *Common) validateArguments() {
	for _, a := range c.made().Traits().Arguments {
		if !a.Constraint.Check(a.Value).All().Bool() {
			panic(torch.Errorf("distributions."+nameOf(c.self), torch.ValueError, "Expected parameter %s (Tensor of shape %s) of distribution %v "+
				"to satisfy the constraint %v, but found invalid values:\n%s", a.Name, python.Repr(python.TupleOf(a.Value.Shape())), c.self, a.Constraint, pytensor.Format(a.Value)))
		}
	}
}

// check validates a value that LogProb, CDF or ICDF was given, unless validation
// is off.
func (c *Common) check(value *torch.Tensor) {
	if c.validate {
		c.checkSample(value)
	}
}

// checkSample panics with a ValueError if a value does not fit the shapes or is
// outside of the support.
func (c *Common) checkSample(value *torch.Tensor) {
	if value == nil {
		panic(torch.Errorf("distributions."+nameOf(c.self), torch.ValueError,
			"The value argument to log_prob must be a Tensor"))
	}
	got, want := value.Shape(), c.shape(nil)
	if event := len(got) - len(c.eventShape); event < 0 || !slices.Equal(got[event:], c.eventShape) {
		panic(torch.Errorf("distributions."+nameOf(c.self), torch.ValueError,
			"The right-most size of value must match event_shape: %s vs %s.", python.Size(got), python.Size(c.eventShape)))
	}
	for i, j := len(got)-1, len(want)-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		if got[i] != 1 && want[j] != 1 && got[i] != want[j] {
			panic(torch.Errorf("distributions."+nameOf(c.self), torch.ValueError,
				"Value is not broadcastable with batch_shape+event_shape: %s vs %s.", python.Size(got), python.Size(want)))
		}
	}
	if support := c.made().Support(); support != nil && !support.Check(value).All().Bool() {
		panic(torch.Errorf("distributions."+nameOf(c.self), torch.ValueError, "Expected value argument (Tensor of shape %s) to be within the support (%v) "+
			"of the distribution %v, but found invalid values:\n%s", python.Repr(python.TupleOf(got)), support, c.self, pytensor.Format(value)))
	}
}

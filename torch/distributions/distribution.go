package distributions

import (
	"slices"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Distribution is a distribution of probability, or a batch of independent ones.
// A sample has the shape that it is asked in, then BatchShape, one place for each
// distribution of the batch, then EventShape, that of a single sample.
//
// Methods that a distribution does not have panic with a NotImplementedError, as
// PyTorch's do. A distribution does not change; many goroutines may use it. One
// that was made within a [torch.Scope] is closed with it.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.distribution.Distribution
type Distribution interface {
	// BatchShape returns the shape of the batch.
	BatchShape() []int
	// EventShape returns the shape of a single sample.
	EventShape() []int

	// Sample draws a sample. Gradients do not flow through it.
	Sample(sampleShape ...int) *torch.Tensor
	// RSample draws a sample as a function of the parameters, to which gradients
	// flow, if HasRSample.
	RSample(sampleShape ...int) *torch.Tensor
	// HasRSample reports whether there is RSample.
	HasRSample() bool

	// LogProb returns the logarithm of the density, or of the probability, of the
	// value, which broadcasts with the batch. If arguments are validated, it panics
	// with a ValueError on values outside of Support and on shapes that do not fit.
	LogProb(value *torch.Tensor) *torch.Tensor
	// CDF returns the probability of values up to the given one.
	CDF(value *torch.Tensor) *torch.Tensor
	// ICDF returns the value up to which values have the given probability.
	ICDF(value *torch.Tensor) *torch.Tensor
	// Entropy returns the entropy in nats, in BatchShape.
	Entropy() *torch.Tensor
	// Perplexity returns the exponential of the entropy.
	Perplexity() *torch.Tensor

	// Mean, Mode, Variance and StdDev are of BatchShape and EventShape.
	Mean() *torch.Tensor
	Mode() *torch.Tensor
	Variance() *torch.Tensor
	StdDev() *torch.Tensor

	// Support returns which values a sample may have.
	Support() constraints.Constraint
	// EnumerateSupport returns all values of a discrete distribution along a new
	// first dimension, if HasEnumerateSupport. They are expanded to the batch's
	// shape unless expand is false; then its dimensions have size 1.
	EnumerateSupport(expand ...bool) *torch.Tensor
	// HasEnumerateSupport reports whether there is EnumerateSupport.
	HasEnumerateSupport() bool

	// Expand returns the same distribution for a greater batch. Its parameters are
	// views, and are not validated again.
	Expand(batchShape ...int) Distribution
	// Traits returns what the distribution says of itself.
	Traits() Traits
	// String returns Python's repr: the class and its parameters, numbers as they
	// are and tensors by their shapes.
	String() string

	common() *Common
}

// Traits is what a distribution says of itself.
type Traits struct {
	Arguments []Argument             // the parameters, in the order in which Python lists them
	Support   constraints.Constraint // the values that a sample may have; nil if there is nothing to check
	RSample   bool                   // gradients flow through samples
	Enumerate bool                   // the support can be enumerated
}

// Argument is a parameter of a distribution and what it must satisfy, Python's
// arg_constraints.
type Argument struct {
	Name       string // Python's name
	Value      *torch.Tensor
	Constraint constraints.Constraint
	Hidden     bool // String leaves it out, since Python computes it from others
}

// Options are the options of all distributions.
type Options struct {
	ValidateArgs *bool // check parameters, and values that LogProb and others are given; default: true
}

// unvalidated holds whether SetDefaultValidateArgs turned validation off.
var unvalidated atomic.Bool

// SetDefaultValidateArgs sets whether distributions validate their arguments if
// their options do not say. At first they do; it takes time.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.distribution.Distribution.set_default_validate_args
func SetDefaultValidateArgs(validate bool) { unvalidated.Store(!validate) }

// Init prepares d, a pointer to a struct that embeds [Common], for its methods,
// validates its arguments and returns it. Constructors end with it.
//
//	type Dice struct{ distributions.Common }
//
//	func NewDice() *Dice { return distributions.Init(&Dice{}, nil, nil) }
//
// It panics with a ValueError if an argument does not satisfy its constraint.
func Init[D Distribution](d D, batchShape, eventShape []int, options ...Options) D {
	validate := !unvalidated.Load()
	if o := option.First(options); o.ValidateArgs != nil {
		validate = *o.ValidateArgs
	}
	*d.common() = Common{self: d, batchShape: slices.Clone(batchShape), eventShape: slices.Clone(eventShape), validate: validate}
	if validate {
		d.common().validateArguments()
	}
	return d
}

// expanded prepares d, which has the parameters of another distribution expanded
// to batchShape, and returns it.
func expanded[D Distribution](d D, from Distribution, batchShape []int) D {
	*d.common() = Common{
		self: d, batchShape: slices.Clone(batchShape), eventShape: from.EventShape(), validate: from.common().validate,
	}
	return d
}

package distributions

import (
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// ProbsOrLogits is the parameter of a discrete distribution: its probabilities, or
// their logarithms, which need not be normalized. [Probs] and [Logits] make it.
type ProbsOrLogits struct{ probs, logits torch.Operand }

// Probs are probabilities, Python's argument probs=p: a tensor or a number.
func Probs(p torch.Operand) ProbsOrLogits { return ProbsOrLogits{probs: p} }

// Logits are the logarithms of odds p ÷ (1−p) of a distribution of two outcomes,
// and of unnormalized probabilities of one with more: Python's argument logits=l.
func Logits(l torch.Operand) ProbsOrLogits { return ProbsOrLogits{logits: l} }

// value returns the parameter that was given, which is the logits or not. It
// panics with a ValueError if there is none.
func (p ProbsOrLogits) value(name string) (v torch.Operand, isLogits bool) {
	if (p.probs == nil) == (p.logits == nil) {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"Either `probs` or `logits` must be specified, but not both."))
	}
	if p.probs != nil {
		return p.probs, false
	}
	return p.logits, true
}

// chance is embedded by distributions that have probabilities or logits; the other
// is computed when it is first asked for.
type chance struct {
	mutex         sync.Mutex
	probs, logits *torch.Tensor
	binary        bool // of two outcomes: the logits are those of the second
	clamped       bool // keep probabilities that are computed away from 0 and 1
}

// setBinary sets the parameter of a distribution of two outcomes.
func (c *chance) setBinary(x *torch.Tensor, isLogits bool) {
	c.binary = true
	if isLogits {
		c.logits = x
	} else {
		c.probs = x
	}
}

// Probs returns the probabilities.
func (c *chance) Probs() *torch.Tensor {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.probs == nil {
		torch.EnableGrad(func() {
			switch {
			case c.clamped:
				c.probs = clampProbs(c.logits.Sigmoid()).Keep()
			case c.binary:
				c.probs = c.logits.Sigmoid().Keep()
			default:
				c.probs = c.logits.Softmax(-1).Keep()
			}
		})
	}
	return c.probs
}

// Logits returns the logarithms of the odds or of the probabilities.
func (c *chance) Logits() *torch.Tensor {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.logits == nil {
		torch.EnableGrad(func() {
			p := clampProbs(c.probs)
			c.logits = p.Log()
			if c.binary {
				c.logits = c.logits.Sub(p.Neg().Log1p())
			}
			c.logits.Keep()
		})
	}
	return c.logits
}

// param returns a parameter that is there.
func (c *chance) param() *torch.Tensor {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.logits != nil {
		return c.logits
	}
	return c.probs
}

// expandTo sets to, the parameters of an expanded distribution.
func (c *chance) expandTo(to *chance, shape []int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	to.binary, to.clamped = c.binary, c.clamped
	if c.probs != nil {
		to.probs = c.probs.Expand(shape...)
	}
	if c.logits != nil {
		to.logits = c.logits.Expand(shape...)
	}
}

// arguments returns the parameters that are there.
func (c *chance) arguments(probs, logits constraints.Constraint) (list []Argument) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.probs != nil {
		list = append(list, Argument{Name: "probs", Value: c.probs, Constraint: probs})
	}
	if c.logits != nil {
		list = append(list, Argument{Name: "logits", Value: c.logits, Constraint: logits})
	}
	return list
}

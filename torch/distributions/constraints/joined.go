package constraints

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Independent takes the last Dims dimensions of a constraint's checks as one
// event, which is valid where all of it is.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Independent struct {
	Base Constraint
	Dims int
}

// Check returns where whole events are valid. It panics with a ValueError if the
// value has too few dimensions.
func (c Independent) Check(value *torch.Tensor) *torch.Tensor {
	ok := notNil(c.Base).Check(value)
	if ok.Dim() < c.Dims {
		tooFew(c.EventDim(), value)
	}
	return flattened(ok, ok.Dim()-c.Dims).All(-1)
}

// EventDim returns that of Base and Dims.
func (c Independent) EventDim() int { return notNil(c.Base).EventDim() + c.Dims }

// IsDiscrete reports whether Base is.
func (c Independent) IsDiscrete() bool { return notNil(c.Base).IsDiscrete() }

// String returns Python's repr.
func (c Independent) String() string {
	return fmt.Sprintf("IndependentConstraint(%s, %d)", c.Base, c.Dims)
}

// MixtureSameFamily is the constraint on samples of a mixture whose components
// have the support Base.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type MixtureSameFamily struct{ Base Constraint }

// Check returns where a value is valid for all components. It panics with a
// ValueError if the value has too few dimensions.
func (c MixtureSameFamily) Check(value *torch.Tensor) *torch.Tensor {
	ok := notNil(c.Base).Check(value.Unsqueeze(-1 - c.EventDim()))
	if value.Dim() < c.EventDim() {
		tooFew(c.EventDim(), value)
	}
	return flattened(ok, value.Dim()-c.EventDim()).All(-1)
}

// EventDim returns that of Base.
func (c MixtureSameFamily) EventDim() int { return notNil(c.Base).EventDim() }

// IsDiscrete reports whether Base is.
func (c MixtureSameFamily) IsDiscrete() bool { return notNil(c.Base).IsDiscrete() }

// String returns Python's repr.
func (c MixtureSameFamily) String() string {
	return fmt.Sprintf("MixtureSameFamilyConstraint(%s)", c.Base)
}

// notNil returns a constraint that another is made of, and panics if it is nil.
func notNil(c Constraint) Constraint {
	argument.NotNil("constraints", "a constraint within another", c)
	return c
}

func tooFew(want int, value *torch.Tensor) {
	panic(torch.Errorf("constraints.Check", torch.ValueError, "Expected value.dim() >= %d but got %d",
		want, value.Dim()))
}

// Cat applies constraints to the parts that a dimension is cut into.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Cat struct {
	Parts   []Constraint
	Dim     int
	Lengths []int // of the parts
}

// Check returns where the parts are valid, joined along Dim.
func (c Cat) Check(value *torch.Tensor) *torch.Tensor {
	if len(c.Lengths) != len(c.Parts) {
		panic(torch.Errorf("constraints.Cat", torch.ValueError, "lengths (%d) must match constraints (%d)",
			len(c.Lengths), len(c.Parts)))
	}
	checks := make([]*torch.Tensor, len(c.Parts))
	start := 0
	for i, part := range c.Parts {
		checks[i] = notNil(part).Check(value.Narrow(c.Dim, start, c.Lengths[i]))
		start += c.Lengths[i]
	}
	return torch.Cat(checks, c.Dim)
}

// EventDim returns the greatest of the parts.
func (c Cat) EventDim() int { return eventDim(c.Parts) }

// IsDiscrete reports whether a part is.
func (c Cat) IsDiscrete() bool { return anyDiscrete(c.Parts) }

// String returns Python's repr.
func (c Cat) String() string { return "Cat()" }

// Stack applies a constraint to each position of a dimension.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Stack struct {
	Parts []Constraint
	Dim   int
}

// Check returns where the positions are valid, stacked along Dim.
func (c Stack) Check(value *torch.Tensor) *torch.Tensor {
	checks := make([]*torch.Tensor, len(c.Parts))
	for i, part := range c.Parts {
		checks[i] = notNil(part).Check(value.Select(c.Dim, i))
	}
	return torch.Stack(checks, c.Dim)
}

// EventDim returns the greatest of the parts, and one more if Dim is within it.
func (c Stack) EventDim() int {
	dim := eventDim(c.Parts)
	if c.Dim+dim < 0 {
		dim++
	}
	return dim
}

// IsDiscrete reports whether a part is.
func (c Stack) IsDiscrete() bool { return anyDiscrete(c.Parts) }

// String returns Python's repr.
func (c Stack) String() string { return "Stack()" }

func eventDim(parts []Constraint) (dim int) {
	for _, c := range parts {
		dim = max(dim, notNil(c).EventDim())
	}
	return dim
}

func anyDiscrete(parts []Constraint) bool {
	for _, c := range parts {
		if notNil(c).IsDiscrete() {
			return true
		}
	}
	return false
}

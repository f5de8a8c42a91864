// Package plan describes a program of operators to the shim, which runs it in one call.
package plan

// Slot stands for a value among the arguments and results of a node.
type Slot struct{ Number int }

// Kind is what a value is.
type Kind int

// The kinds of values.
const (
	Computed Kind = iota
	Input         // Of says which
	Constant      // a tensor that is there, such as a parameter
	Gradient      // the gradient of a constant before the program runs; Of says of which value
)

// Value is a value of a program.
type Value struct {
	Kind         Kind
	Of           int
	RequiresGrad bool // of an input or a constant
}

// Node is a call of an operator. Its arguments are those of the operator's schema, its
// results a Slot, nil for what is not there, or a []any of these.
type Node struct {
	Arguments, Results []any
	Grad               bool // runs with gradients on, which some operators ask for
	Room               bool // its results are memory without values
}

// GradientOf is a gradient that a program leaves: of a constant, a value or -1 for none.
type GradientOf struct{ Constant, Value int }

// Program is a program that was recorded.
type Program struct {
	Values         []Value
	Nodes          []Node
	Results        []int
	Gradients      []GradientOf
	EmptyGradients []int // constants that must have no gradient before
}

package graph

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// Run runs the graph with other inputs, of the shapes, dtypes, strides and devices that it
// was captured with, and returns what the function would: new tensors, which require no
// gradients, or the inputs and constants themselves where the function returned these.
// Parameters, buffers and gradients are changed as the function changes them.
// Several goroutines may run a graph that changes nothing at once.
//
// It panics if the inputs are of another kind, but with Recapture it captures the function
// anew for them. Where an operator fails the panic names the node and the line that called it.
func (c *Captured) Run(inputs ...*torch.Tensor) []*torch.Tensor {
	if c == nil || c.plan == nil {
		panic(torch.Errorf("graph.Captured.Run", torch.TypeError, "there is no graph: Capture makes one"))
	}
	for i, x := range inputs {
		if x == nil {
			panic(torch.Errorf("graph.Captured.Run", torch.TypeError, "input %d is nil", i))
		}
	}
	if internals.InDispatch() {
		panic(torch.Errorf("graph.Captured.Run", torch.RuntimeError, "a captured graph does not run within a dispatch mode or another capture, which would not see its operators"))
	}
	results, node, err := c.plan.Run(inputs)
	switch {
	case err == nil:
		return results
	case node < 0 && c.options.Recapture && len(inputs) == c.arity() && !errors.Is(err, &torch.Error{Kind: torch.ClosedError}):
		return c.recapture(inputs)
	case node >= 0:
		err = c.at(node, err)
	}
	panic(err)
}

// arity returns how many inputs the function has.
func (c *Captured) arity() int { return len(c.Graph.Inputs) - len(c.Constants) }

// at says in an error of libtorch's at which node it was.
func (c *Captured) at(node int, err error) error {
	var e *torch.Error
	if errors.As(err, &e) && node < len(c.places) {
		e.Message += "\nat " + c.places[node]
	}
	return err
}

// recapture runs the graph that was captured for such inputs, or captures one.
func (c *Captured) recapture(inputs []*torch.Tensor) []*torch.Tensor {
	for i, other := range c.others.all() {
		results, node, err := other.plan.Run(inputs)
		switch {
		case err == nil:
			if i > 0 {
				c.prefer(other)
			}
			return results
		case node >= 0:
			panic(other.at(node, err))
		}
	}
	other, err := c.options.capture(c.function, inputs)
	if err != nil {
		panic(torch.Errorf("graph.Captured.Run", torch.RuntimeError, "capturing anew: %s", err.Error()))
	}
	c.prefer(other)
	return other.First
}

// prefer puts a graph before the others, and frees what there is no place for.
func (c *Captured) prefer(other *Captured) {
	for _, dropped := range c.others.prefer(other) {
		dropped.plan.Free()
	}
}

// Bytes returns how much memory the graph has planned for each goroutine that runs it, in
// bytes, without its inputs, results and constants.
func (c *Captured) Bytes() int { return c.plan.Bytes() }

// Close frees the graph's memory. The constants stay open. A graph that is closed does not
// run; closing it again does nothing.
func (c *Captured) Close() {
	if c == nil || c.plan == nil {
		return
	}
	c.plan.Free()
	for _, other := range c.others.clear() {
		other.plan.Free()
	}
}

// String returns the graph as a program, as [Graph.String] does.
func (c *Captured) String() string { return c.Graph.String() }

// place returns a node's name, and the line that called it.
func (n *Node) place() string {
	if n.Where == "" {
		return n.Name
	}
	return fmt.Sprintf("%s, %s", n.Name, n.Where)
}

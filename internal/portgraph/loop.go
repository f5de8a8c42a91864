package portgraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/graph"
)

// needed returns an argument of a node, which must be of a type.
func needed[T any](n *graph.Node, i int) (v T, err error) {
	if i < len(n.Inputs) {
		if v, ok := n.Inputs[i].Value.(T); ok {
			return v, nil
		}
	}
	return v, fmt.Errorf("argument %d of %s is no %T", i, n.Target, v)
}

// loop writes a loop that goes on as long as a graph says so: graph, graph, what it
// carries from one round to the next, other operands.
func (w *writer) loop(n *graph.Node) error {
	goesOn, err1 := needed[*graph.Graph](n, 0)
	body, err2 := needed[*graph.Graph](n, 1)
	first, err3 := needed[[]any](n, 2)
	others, err4 := needed[[]any](n, 3)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	carried, err := w.carry(first, allOutputs(n), goesOn, body)
	if err != nil {
		return err
	}
	fixed, err := w.texts(others...)
	if err != nil {
		return err
	}
	operands := slices.Concat(carried, fixed)
	w.line("for {")
	given, err := w.inner(goesOn, operands)
	if err != nil {
		return err
	}
	if len(given) != 1 {
		return fmt.Errorf("the condition of %s gives %d values", n.Target, len(given))
	}
	w.line("if !%s {\nbreak\n}", condition(given[0], goesOn.Outputs[0]))
	if given, err = w.inner(body, operands); err != nil {
		return err
	}
	if err := w.next(n, body, carried, given); err != nil {
		return err
	}
	w.line("}")
	return nil
}

// scan writes a loop over the slices of tensors along their first dimension: graph, what
// it carries from one slice to the next, tensors, other operands. It gives what it carries
// at last, and then what else the graph gives for each slice, stacked.
func (w *writer) scan(n *graph.Node) error {
	first, err := needed[[]any](n, 1)
	if err != nil {
		return err
	}
	return w.slices(n, first, 2)
}

// slices writes a loop over the slices of the tensors of an argument, after which come
// other operands; the node's graph is before all.
func (w *writer) slices(n *graph.Node, first []any, at int) error {
	body, err1 := needed[*graph.Graph](n, 0)
	over, err2 := needed[[]any](n, at)
	others, err3 := needed[[]any](n, at+1)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	outputs := allOutputs(n)
	if len(outputs) < len(first) || len(over) == 0 || len(body.Inputs) != len(first)+len(over)+len(others) {
		return fmt.Errorf("%s gives %d values, carries %d and runs over %d", n.Target, len(outputs), len(first), len(over))
	}
	carried, err := w.carry(first, outputs[:len(first)], body)
	if err != nil {
		return err
	}
	whole, err := w.texts(over...)
	if err != nil {
		return err
	}
	fixed, err := w.texts(others...)
	if err != nil {
		return err
	}
	names, _ := w.outputs(outputs[len(first):])
	lists := make([]string, len(names))
	for i, name := range names {
		if lists[i] = name; name != "_" {
			lists[i] = unique(name+"Parts", w.taken)
			w.line("var %s []*torch.Tensor", lists[i])
		}
	}
	index := unique("i", w.taken)
	at = len(w.lines)
	w.line("for range %s.Size(0) {", whole[0])
	rows := make([]string, len(over))
	for i, x := range whole {
		if rows[i] = "_"; w.uses[body.Inputs[len(first)+i]] > 0 {
			rows[i] = unique("part", w.taken)
			w.line("%s := %s.Select(0, %s)", rows[i], x, index)
			w.lines[at] = fmt.Sprintf("for %s := range %s.Size(0) {\n", index, whole[0])
		}
	}
	given, err := w.inner(body, slices.Concat(carried, rows, fixed))
	if err != nil {
		return err
	}
	if len(given) != len(outputs) {
		return fmt.Errorf("the graph of %s gives %d values, and %d are wanted", n.Target, len(given), len(outputs))
	}
	for i, list := range lists {
		if list == "_" {
			w.give(list, given[len(first)+i], body.Outputs[len(first)+i])
			continue
		}
		w.line("%s = append(%s, %s)", list, list, given[len(first)+i])
	}
	if err := w.next(n, body, carried, given); err != nil {
		return err
	}
	w.line("}")
	for i, list := range lists {
		if list != "_" {
			w.line("%s := torch.Stack(%s, 0)", names[i], list)
		}
	}
	return nil
}

// carry declares what a loop carries, which is a node's outputs after it, and returns the
// names; "_" for what neither the loop's graphs nor anybody after it reads.
func (w *writer) carry(first []any, outputs []*graph.Value, graphs ...*graph.Graph) ([]string, error) {
	texts, err := w.texts(first...)
	if err != nil {
		return nil, err
	}
	if len(outputs) > len(first) {
		return nil, fmt.Errorf("a loop carries %d values, and gives %d", len(first), len(outputs))
	}
	for i, text := range texts {
		name, uses := "carried", 0
		if i < len(outputs) && outputs[i] != nil {
			name, uses = local(outputs[i].Name), w.uses[outputs[i]]
		}
		for _, g := range graphs {
			if i < len(g.Inputs) {
				uses += w.uses[g.Inputs[i]]
			}
		}
		if texts[i] = "_"; uses == 0 {
			continue
		}
		texts[i] = unique(name, w.taken)
		if i < len(outputs) && outputs[i] != nil {
			w.names[outputs[i]] = texts[i]
		}
		w.line("%s := %s", texts[i], text)
	}
	return texts, nil
}

// next gives what a loop carries the values for its next round, all at once.
func (w *writer) next(n *graph.Node, body *graph.Graph, carried, given []string) error {
	if len(given) < len(carried) {
		return fmt.Errorf("the graph of %s gives %d values, and carries %d", n.Target, len(given), len(carried))
	}
	var left, right []string
	for i, name := range carried {
		if name == "_" {
			w.give(name, given[i], body.Outputs[i])
		} else if name != given[i] {
			left, right = append(left, name), append(right, given[i])
		}
	}
	if len(left) > 0 {
		w.line("%s = %s", strings.Join(left, ", "), strings.Join(right, ", "))
	}
	return nil
}

// condition returns a value as a condition of Go.
func condition(text string, v any) string {
	if typeOf(v) == "*torch.Tensor" {
		return text + ".Bool()"
	}
	return text
}

package graph

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// sliced returns the slices of an argument that is a list of tensors, along their first
// dimension: for each place along it, a slice of each tensor.
func sliced(args []any, i int) (rows [][]any, err error) {
	over, err := operands(args, i)
	if err != nil {
		return nil, err
	}
	for i, v := range over {
		x, ok := v.(*torch.Tensor)
		if !ok || x == nil || x.Dim() == 0 {
			closeRows(rows)
			return nil, fmt.Errorf("it runs over a %T without dimensions", v)
		}
		parts := x.Unbind(0)
		if i == 0 {
			rows = make([][]any, len(parts))
		}
		for row, part := range parts {
			if row < len(rows) {
				rows[row] = append(rows[row], part)
			} else {
				part.Close()
			}
		}
		if len(parts) != len(rows) {
			closeRows(rows)
			return nil, fmt.Errorf("its tensors have %d and %d slices", len(rows), len(parts))
		}
	}
	if len(rows) == 0 {
		return nil, errors.New("it runs over no slice, so that what it gives has no shape")
	}
	return rows, nil
}

func closeRows(rows [][]any) {
	for _, row := range rows {
		closeAll(row)
	}
}

func closeAll(values []any) {
	for _, v := range values {
		closeTensor(v)
	}
}

// stack stacks what was given for each slice, along a new first dimension, and closes it.
func stack(rows [][]any) ([]any, error) {
	defer closeRows(rows)
	results := make([]any, len(rows[0]))
	for i := range results {
		column := make([]*torch.Tensor, len(rows))
		for row, values := range rows {
			x, ok := values[i].(*torch.Tensor)
			if !ok {
				closeAll(results)
				return nil, fmt.Errorf("its graph gives a %T", values[i])
			}
			column[row] = x
		}
		err := torch.Try(func() { results[i] = torch.Stack(column, 0) })
		if err != nil {
			closeAll(results)
			return nil, err
		}
	}
	return results, nil
}

// mapped runs a graph for each slice of tensors and stacks what it gives: graph, tensors,
// other operands.
func mapped(n *Node) (call, error) {
	body, err := n.nested(0)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) ([]any, error) {
		others, err := operands(args, 2)
		if err != nil {
			return nil, err
		}
		over, err := sliced(args, 1)
		if err != nil {
			return nil, err
		}
		defer closeRows(over)
		rows := make([][]any, len(over))
		for i, row := range over {
			if rows[i], err = body.owned(append(row[:len(row):len(row)], others...)...); err != nil {
				closeRows(rows[:i])
				return nil, err
			}
		}
		return stack(rows)
	}, nil
}

// scan runs a graph for each slice of tensors, from the first to the last, with what it
// carries from one to the next, and stacks what else it gives: graph, what it carries at
// first, tensors, other operands. It gives what it carries at last, then the stacks.
func scan(n *Node) (call, error) {
	body, err := n.nested(0)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) (results []any, err error) {
		carried, err := operands(args, 1)
		if err != nil {
			return nil, err
		}
		others, err := operands(args, 3)
		if err != nil {
			return nil, err
		}
		over, err := sliced(args, 2)
		if err != nil {
			return nil, err
		}
		defer closeRows(over)
		var rows [][]any
		for i, row := range over {
			inputs := append(append(carried[:len(carried):len(carried)], row...), others...)
			outputs, err := body.owned(inputs...)
			if i > 0 {
				closeAll(carried)
			}
			if err == nil && len(outputs) < len(carried) {
				closeAll(outputs)
				err = fmt.Errorf("its graph gives %d values, and carries %d", len(outputs), len(carried))
			}
			if err != nil {
				closeRows(rows)
				return nil, err
			}
			carried, rows = outputs[:len(carried):len(carried)], append(rows, outputs[len(carried):])
		}
		stacks, err := stack(rows)
		if err != nil {
			closeAll(carried)
			return nil, err
		}
		return append(carried, stacks...), nil
	}, nil
}

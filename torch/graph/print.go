package graph

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// String returns the size as a number or by its symbol.
func (s Size) String() string {
	if s.Symbol != "" {
		return s.Symbol
	}
	return strconv.Itoa(s.N)
}

// String returns the dtype and the shape in short, such as "f32[s0, 4]".
func (t *TensorType) String() string {
	sizes := make([]string, len(t.Shape))
	for i, s := range t.Shape {
		sizes[i] = s.String()
	}
	return shortDType(t.DType) + "[" + strings.Join(sizes, ", ") + "]"
}

// shortDType returns PyTorch's short name of a dtype, such as "f32".
func shortDType(d torch.DType) string {
	name := strings.TrimPrefix(d.String(), "torch.")
	switch d {
	case torch.Bool:
		return "b8"
	case torch.BFloat16:
		return "bf16"
	}
	for _, kind := range []struct{ long, short string }{{"uint", "u"}, {"int", "i"}, {"float", "f"}, {"complex", "c"}} {
		if rest, ok := strings.CutPrefix(name, kind.long); ok {
			return kind.short + rest
		}
	}
	return name
}

// String returns the graph as a program, a line for each node:
//
//	graph(x: f32[s0, 4], w: f32[3, 4]):
//	  linear: f32[s0, 3] = aten::linear(x, w)
//	  return linear
func (g *Graph) String() string {
	var b strings.Builder
	g.print(&b, "")
	return b.String()
}

func (g *Graph) print(b *strings.Builder, indent string) {
	inputs := make([]string, len(g.Inputs))
	for i, v := range g.Inputs {
		inputs[i] = typed(v)
	}
	fmt.Fprintf(b, "%sgraph(%s):\n", indent, strings.Join(inputs, ", "))
	indent += "  "
	for _, n := range g.Nodes {
		n.print(b, indent)
	}
	outputs := make([]string, len(g.Outputs))
	for i, v := range g.Outputs {
		outputs[i] = text(v)
	}
	fmt.Fprintf(b, "%sreturn %s\n", indent, strings.Join(outputs, ", "))
}

func (n *Node) print(b *strings.Builder, indent string) {
	outputs := make([]string, len(n.Outputs))
	for i, out := range n.Outputs {
		switch v := out.(type) {
		case *Value:
			outputs[i] = typed(v)
		default:
			outputs[i] = text(v)
		}
	}
	inputs := make([]string, len(n.Inputs))
	var nested []*Graph
	for i, in := range n.Inputs {
		if g, ok := in.Value.(*Graph); ok {
			nested = append(nested, g)
			inputs[i] = in.Name
			continue
		}
		inputs[i] = text(in.Value)
		if in.Keyword {
			inputs[i] = in.Name + "=" + inputs[i]
		}
	}
	result := strings.Join(outputs, ", ")
	if result != "" {
		result += " = "
	}
	fmt.Fprintf(b, "%s%s%s(%s)\n", indent, result, n.Target, strings.Join(inputs, ", "))
	for _, g := range nested {
		g.print(b, indent+"  ")
	}
}

// typed returns a value's name and what is known of it.
func typed(v *Value) string {
	switch {
	case v.Type != nil:
		return v.Name + ": " + v.Type.String()
	case v.Size != nil:
		return v.Name + ": " + cmp.Or(string(v.Size.Kind), "size") + " " + v.Size.String()
	}
	return v.Name
}

// text returns an argument as it is written.
func text(argument any) string {
	switch v := argument.(type) {
	case nil:
		return "None"
	case *Value:
		return v.Name
	case string:
		return strconv.Quote(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = text(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case []*Value:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = item.Name
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *Graph:
		return "graph"
	}
	return fmt.Sprint(argument)
}

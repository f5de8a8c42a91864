package graph

import (
	"fmt"
	"strings"
)

// DOT returns the graph in the language of Graphviz: a box for each node, ellipses for
// what the caller gives and gets, cylinders for weights and constants, arrows labelled with
// what they carry, and graphs in graphs as clusters that dashed lines lead to.
//
//	os.WriteFile("graph.dot", []byte(g.DOT()), 0o644) // then: dot -Tsvg graph.dot -o graph.svg
//
// https://graphviz.org/doc/info/lang.html
func (g *Graph) DOT() string {
	d := &drawing{}
	d.line(0, "digraph {")
	d.line(1, `node [shape=box, fontname="Helvetica", fontsize=10]`)
	d.line(1, `edge [fontname="Helvetica", fontsize=8]`)
	d.line(1, "compound=true")
	d.graph(g, 1)
	d.line(0, "}")
	return d.text.String()
}

// drawing writes a graph.
type drawing struct {
	text     strings.Builder
	things   int // that have a name in the drawing
	clusters int
}

func (d *drawing) line(indent int, format string, args ...any) {
	d.text.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&d.text, format, args...)
	d.text.WriteByte('\n')
}

// thing draws something and returns its name.
func (d *drawing) thing(indent int, label, style string) string {
	id := fmt.Sprint("n", d.things)
	d.things++
	d.line(indent, "%s [label=%s%s]", id, quoted(label), style)
	return id
}

// quoted writes a label in the language's quotes.
func quoted(label string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(label) + `"`
}

// shapes are how inputs look.
var shapes = map[Role]string{
	Argument: ", shape=ellipse", Parameter: ", shape=cylinder, style=filled, fillcolor=lightblue",
	Buffer: ", shape=cylinder, style=filled, fillcolor=lightgrey", Constant: ", shape=cylinder",
}

// graph draws a graph and returns the name of one of the things in it.
func (d *drawing) graph(g *Graph, indent int) (one string) {
	from := map[*Value]string{}
	for _, v := range g.Inputs {
		from[v] = d.thing(indent, label(v), shapes[v.Role])
		one = from[v]
	}
	for _, n := range g.Nodes {
		id := d.thing(indent, n.Name+"\n"+n.Target, "")
		one = id
		for _, in := range n.Inputs {
			each(in.Value, func(v *Value) { d.arrow(indent, from[v], id, v) })
		}
		for _, inner := range n.graphs() {
			d.cluster(inner, n, id, indent)
		}
		for _, out := range n.Outputs {
			each(out, func(v *Value) {
				if v != nil {
					from[v] = id
				}
			})
		}
	}
	for i, out := range g.Outputs {
		id := d.thing(indent, fmt.Sprintf("output %d", i), ", shape=ellipse, peripheries=2")
		one = id
		each(out, func(v *Value) { d.arrow(indent, from[v], id, v) })
	}
	return one
}

// cluster draws a graph in a node.
func (d *drawing) cluster(g *Graph, n *Node, id string, indent int) {
	name := fmt.Sprint("cluster", d.clusters)
	d.clusters++
	title := n.Target
	for _, in := range n.Inputs {
		if in.Value == any(g) && in.Name != "" {
			title += ": " + in.Name
		}
	}
	d.line(indent, "subgraph %s {", name)
	d.line(indent+1, "label=%s", quoted(title))
	one := d.graph(g, indent+1)
	d.line(indent, "}")
	if one != "" {
		d.line(indent, "%s -> %s [lhead=%s, style=dashed]", id, one, name)
	}
}

// arrow draws what a value goes from and to.
func (d *drawing) arrow(indent int, from, to string, v *Value) {
	if from == "" {
		return // a value that is not there, which Prepare refuses
	}
	text := ""
	switch {
	case v.Type != nil:
		text = v.Type.String()
	case v.Size != nil:
		text = v.Size.String()
	}
	d.line(indent, "%s -> %s [label=%s]", from, to, quoted(text))
}

// label is a value's name and what is known of it.
func label(v *Value) string {
	if v.Type != nil {
		return v.Name + "\n" + v.Type.String()
	}
	return v.Name
}

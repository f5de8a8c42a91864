package portgraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// forward returns the source of Forward.
func (w *writer) forward() (string, error) {
	inputs, outputs := w.program.Signature()
	var parameters []string
	for i, in := range inputs {
		v := w.program.Graph.Inputs[i]
		switch {
		case in.Tensor != nil:
		case in.Kind == export.UserInput:
			w.names[v] = unique(local(v.Name), w.taken)
			parameters = append(parameters, w.names[v]+" "+goType(v))
		case in.Constant == nil:
		default:
			text, err := w.value(in.Constant)
			if err != nil {
				return "", fmt.Errorf("input %s: %w", v.Name, err)
			}
			w.names[v] = text
		}
	}
	if err := w.nodes(w.program.Graph); err != nil {
		return "", err
	}
	var results, types []string
	for i, out := range w.program.Graph.Outputs {
		text, err := w.value(out)
		if err != nil {
			return "", fmt.Errorf("output %d: %w", i, err)
		}
		spec := outputs[i]
		if spec.Kind == export.UserOutput || spec.Kind == export.LossOutput {
			results, types = append(results, text), append(types, typeOf(out))
			continue
		}
		target := w.target(spec)
		if target == "" {
			return "", fmt.Errorf("output %d is the new value of %s, which is not there", i, spec.Target)
		}
		w.line("torch.NoGrad(func() { %s.CopyInplace(%s) })", target, text)
	}
	if len(results) > 0 {
		w.line("return %s", strings.Join(results, ", "))
	}
	given := ""
	switch len(types) {
	case 0:
	case 1:
		given = types[0]
	default:
		given = "(" + strings.Join(types, ", ") + ")"
	}
	return fmt.Sprintf("// Forward does what the model's forward does: it takes the tensors and numbers of that one after the other, without the\n"+
		"// tuples, lists and dicts that they lie in, and gives its results so.\nfunc (m *%s) Forward(%s) %s {\n%s}\n",
		w.Type, strings.Join(parameters, ", "), given, strings.Join(w.lines, "")), nil
}

// target returns what an output is the new value of.
func (w *writer) target(spec export.OutputSpec) string {
	for v, made := range w.weights {
		if made.spec.Target == spec.Target && spec.Kind != export.InputMutation {
			return w.name(v)
		}
	}
	for _, v := range w.program.Graph.Inputs {
		if v.Name == spec.Target {
			return w.names[v]
		}
	}
	return ""
}

// goType returns the type of a value.
func goType(v *graph.Value) string {
	if v.Size == nil {
		return "*torch.Tensor"
	}
	switch v.Size.Kind {
	case graph.Bool:
		return "bool"
	case graph.Float:
		return "float64"
	}
	return "int"
}

// typeOf returns the type of an argument.
func typeOf(argument any) string {
	switch v := argument.(type) {
	case *graph.Value:
		return goType(v)
	case int:
		return "int"
	case bool:
		return "bool"
	case float64:
		return "float64"
	case string:
		return "string"
	}
	return "any"
}

// line adds a line to Forward.
func (w *writer) line(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...)+"\n")
}

// nodes writes the nodes of a graph, with an empty line and the name where another module
// begins.
func (w *writer) nodes(g *graph.Graph) error {
	for _, n := range g.Nodes {
		if place := w.place(n); place != w.where && n.Module != noModule {
			w.where = place
			if place == "" {
				w.line("")
			} else {
				w.line("\n// %s", place)
			}
		}
		if err := w.node(n); err != nil {
			where := ""
			if n.Where != "" {
				where = " (" + n.Where + ")"
			}
			return fmt.Errorf("node %s%s: %w", n.Name, where, err)
		}
	}
	return nil
}

// noModule is what PyTorch says of nodes that no module has made.
const noModule = "_empty_nn_module_stack_from_metadata_hook"

// place returns the innermost module that a node is in, of those that the source has a
// struct for.
func (w *writer) place(n *graph.Node) string {
	for path := n.Module; path != ""; path = path[:max(strings.LastIndexByte(path, '.'), 0)] {
		if w.structs[path] {
			return path
		}
	}
	return ""
}

// node writes one node.
func (w *writer) node(n *graph.Node) error {
	if l := w.calls[n]; l != nil {
		x, err := w.value(n.Inputs[kinds[n.Target].input].Value)
		if err != nil {
			return err
		}
		w.assign(n, l.expr+".Forward("+x+")")
		return nil
	}
	switch {
	case n.Target == "wrap_with_set_grad_enabled":
		return w.gradients(n)
	case n.Target == "wrap_with_autocast":
		return w.autocast(n)
	case n.Target == "cond":
		return w.branches(n)
	case n.Target == "aten::_assert_scalar":
		return w.assertion(n)
	case n.Target == "while_loop":
		return w.loop(n)
	case n.Target == "scan":
		return w.scan(n)
	case n.Target == "map_impl":
		return w.slices(n, nil, 1)
	case n.Target == "invoke_subgraph":
		return w.subgraph(n)
	case !strings.Contains(n.Target, "::"):
		return w.numbers(n)
	}
	if text := w.typed(n); text != "" {
		w.result.Typed++
		w.assign(n, text)
		return nil
	}
	return w.untyped(n)
}

// outputs returns the names of what a node gives; "_" for what nobody uses.
func (w *writer) outputs(values []*graph.Value) (names []string, used bool) {
	for _, v := range values {
		if v == nil || w.uses[v] == 0 {
			names = append(names, "_")
			continue
		}
		w.names[v] = unique(local(v.Name), w.taken)
		names = append(names, w.names[v])
		used = true
	}
	return names, used
}

// assign gives an expression's value, or values, to a node's outputs.
func (w *writer) assign(n *graph.Node, text string) {
	if len(n.Outputs) == 1 {
		if list, ok := n.Outputs[0].([]*graph.Value); ok {
			w.assignList(list, text)
			return
		}
	}
	var values []*graph.Value
	for _, out := range n.Outputs {
		v, _ := out.(*graph.Value)
		values = append(values, v)
	}
	names, used := w.outputs(values)
	switch {
	case used:
		w.line("%s := %s", strings.Join(names, ", "), text)
	case len(names) == 1 && strings.Contains(text, "Inplace("):
		w.line("%s", text)
	default:
		w.line("%s = %s", strings.Join(names, ", "), text)
	}
}

// assignList gives the elements of a list of tensors to values.
func (w *writer) assignList(values []*graph.Value, text string) {
	names, used := w.outputs(values)
	if !used {
		w.line("_ = %s", text)
		return
	}
	list := unique("parts", w.taken)
	w.line("%s := %s", list, text)
	var elements []string
	for i := range names {
		elements = append(elements, fmt.Sprintf("%s[%d]", list, i))
	}
	w.line("%s := %s", strings.Join(names, ", "), strings.Join(elements, ", "))
}

// untyped calls an operator by its name.
func (w *writer) untyped(n *graph.Node) error {
	var args, kwargs []string
	for _, in := range n.Inputs {
		text, err := w.value(in.Value)
		if err != nil {
			return fmt.Errorf("%s: argument %s: %w", n.Target, in.Name, err)
		}
		if in.Keyword {
			kwargs = append(kwargs, fmt.Sprintf("%q: %s", in.Name, text))
		} else {
			args = append(args, text)
		}
	}
	named := "nil"
	if len(kwargs) > 0 {
		named = "map[string]any{" + strings.Join(kwargs, ", ") + "}"
	}
	w.helpers["call"] = true
	w.result.Untyped = append(w.result.Untyped, n.Target)
	text := fmt.Sprintf("call(%q, []any{%s}, %s)", n.Target, strings.Join(args, ", "), named)
	if !slices.ContainsFunc(allOutputs(n), func(v *graph.Value) bool { return v != nil && w.uses[v] > 0 }) {
		w.line("%s", text)
		return nil
	}
	results := text
	if len(n.Outputs) > 1 {
		results = unique("results", w.taken)
		w.line("%s := %s", results, text)
	}
	for i, out := range n.Outputs {
		switch v := out.(type) {
		case *graph.Value:
			if names, used := w.outputs([]*graph.Value{v}); used {
				w.line("%s := %s[%d].(%s)", names[0], results, i, goType(v))
			}
		case []*graph.Value:
			w.assignList(v, fmt.Sprintf("%s[%d].([]*torch.Tensor)", results, i))
		}
	}
	return nil
}

// inner writes the nodes of a graph that another one calls, with what it takes, and
// returns what it gives.
func (w *writer) inner(g *graph.Graph, operands []string) ([]string, error) {
	if len(g.Inputs) != len(operands) {
		return nil, fmt.Errorf("a graph within takes %d values, and %d are given", len(g.Inputs), len(operands))
	}
	for i, v := range g.Inputs {
		w.names[v] = operands[i]
	}
	if err := w.nodes(g); err != nil {
		return nil, err
	}
	return w.texts(g.Outputs...)
}

// within writes a graph that another one calls, whose outputs go to variables.
func (w *writer) within(g *graph.Graph, operands []any, names []string) error {
	texts, err := w.texts(operands...)
	if err != nil {
		return err
	}
	given, err := w.inner(g, texts)
	if err != nil {
		return err
	}
	for i, name := range names {
		if i < len(given) {
			w.give(name, given[i], g.Outputs[i])
		}
	}
	return nil
}

// give gives a variable what a graph within gives; "_" takes what no node but the graph
// itself uses, since Go wants each variable used.
func (w *writer) give(name, text string, output any) {
	if v, _ := output.(*graph.Value); name != "_" || v != nil && w.uses[v] == 1 {
		w.line("%s = %s", name, text)
	}
}

// allOutputs returns the values that a node gives, those of lists one after the other; nil for
// what is no value.
func allOutputs(n *graph.Node) (values []*graph.Value) {
	for _, out := range n.Outputs {
		switch v := out.(type) {
		case []*graph.Value:
			values = append(values, v...)
		default:
			one, _ := v.(*graph.Value)
			values = append(values, one)
		}
	}
	return values
}

// variables declares what a graph within gives.
func (w *writer) variables(n *graph.Node) []string {
	values := allOutputs(n)
	names, _ := w.outputs(values)
	for i, name := range names {
		if name != "_" {
			w.line("var %s %s", name, goType(values[i]))
		}
	}
	return names
}

// subgraph writes a graph that a program has once and calls several times: graph, its name,
// operands.
func (w *writer) subgraph(n *graph.Node) error {
	body, err := needed[*graph.Graph](n, 0)
	if err != nil {
		return err
	}
	var operands []any
	for _, in := range n.Inputs[min(2, len(n.Inputs)):] {
		operands = append(operands, in.Value)
	}
	names := w.variables(n)
	w.line("{")
	if err := w.within(body, operands, names); err != nil {
		return err
	}
	w.line("}")
	return nil
}

// gradients writes a graph that runs with or without gradients: bool, graph, operands.
func (w *writer) gradients(n *graph.Node) error {
	return w.mode(n, 1, func(args []string) (string, string, bool) {
		return "torch.SetGradEnabled(" + args[0], "", true
	})
}

// autocast writes a graph that runs under autocast: device, dtype, enabled, cache, graph,
// operands.
func (w *writer) autocast(n *graph.Node) error {
	return w.mode(n, 4, func(args []string) (string, string, bool) {
		options := "Enabled: new(" + args[2] + ")"
		if args[1] != "nil" {
			options += ", DType: " + args[1]
		}
		if args[3] != "nil" {
			options += ", CacheEnabled: new(" + args[3] + ")"
		}
		return "torch.Autocast(torch.CPU", ", torch.AutocastOptions{" + options + "}", args[0] == `"cpu"`
	})
}

// mode writes a graph that runs in a mode: the argument after the mode's, before the
// operands.
func (w *writer) mode(n *graph.Node, at int, call func(args []string) (before, after string, ok bool)) error {
	body, err := needed[*graph.Graph](n, at)
	if err != nil {
		return err
	}
	var args []string
	for _, in := range n.Inputs[:at] {
		text, err := w.value(in.Value)
		if err != nil {
			return err
		}
		args = append(args, text)
	}
	before, after, ok := call(args)
	if !ok {
		return fmt.Errorf("%s of %s is not written as Go: run the program by export.Load and Program.Run", n.Target, strings.Join(args, ", "))
	}
	var operands []any
	for _, in := range n.Inputs[at+1:] {
		operands = append(operands, in.Value)
	}
	names := w.variables(n)
	w.line("%s, func() {", before)
	if err := w.within(body, operands, names); err != nil {
		return err
	}
	w.line("}%s)", after)
	return nil
}

// branches writes a choice between two graphs.
func (w *writer) branches(n *graph.Node) error {
	yes, err1 := needed[*graph.Graph](n, 1)
	no, err2 := needed[*graph.Graph](n, 2)
	operands, err3 := needed[[]any](n, 3)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	predicate, err := w.value(n.Inputs[0].Value)
	if err != nil {
		return err
	}
	names := w.variables(n)
	w.line("if %s {", condition(predicate, n.Inputs[0].Value))
	if err := w.within(yes, operands, names); err != nil {
		return err
	}
	w.line("} else {")
	if err := w.within(no, operands, names); err != nil {
		return err
	}
	w.line("}")
	return nil
}

// assertion writes a check of sizes.
func (w *writer) assertion(n *graph.Node) error {
	if len(n.Inputs) < 2 || typeOf(n.Inputs[0].Value) != "bool" {
		return w.untyped(n)
	}
	holds, err := w.value(n.Inputs[0].Value)
	if err != nil {
		return err
	}
	message, err := w.value(n.Inputs[1].Value)
	if err != nil {
		return err
	}
	w.line("if !%s {\npanic(torch.Errorf(%q, torch.RuntimeError, \"%%s\", %s))\n}", holds, w.Type+".Forward", message)
	return nil
}

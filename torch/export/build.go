package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// maxNesting is how deep graphs may lie in one another.
const maxNesting = 100

// builder makes a graph of what a file says of it.
type builder struct {
	json    *graphJSON
	values  map[string]*graph.Value
	nesting int
}

// build returns the graph.
func build(j *graphJSON, nesting int) (*graph.Graph, error) {
	if nesting > maxNesting {
		return nil, fmt.Errorf("graphs are nested more than %d deep", maxNesting)
	}
	b := &builder{j, map[string]*graph.Value{}, nesting}
	g := &graph.Graph{Single: j.Single}
	for i, in := range j.Inputs {
		v, err := b.define(in)
		value, ok := v.(*graph.Value)
		if err == nil && !ok {
			value = &graph.Value{Name: fmt.Sprint("constant_", i)}
			err = b.add(value)
		}
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		g.Inputs = append(g.Inputs, value)
	}
	for i := range j.Nodes {
		n, err := b.node(&j.Nodes[i])
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", brief.Text(j.Nodes[i].name()), err)
		}
		g.Nodes = append(g.Nodes, n)
	}
	for i, out := range j.Outputs {
		v, err := b.argument(out)
		if err != nil {
			return nil, fmt.Errorf("output %d: %w", i, err)
		}
		g.Outputs = append(g.Outputs, v)
	}
	return g, nil
}

// add adds a value by its name.
func (b *builder) add(v *graph.Value) error {
	if b.values[v.Name] != nil {
		return fmt.Errorf("the value %s is given twice", brief.Text(v.Name))
	}
	b.values[v.Name] = v
	return nil
}

// value returns a value that is there.
func (b *builder) value(name string) (*graph.Value, error) {
	v := b.values[name]
	if v == nil {
		return nil, fmt.Errorf("the value %s is not there yet", brief.Text(name))
	}
	return v, nil
}

// node makes a node.
func (b *builder) node(j *nodeJSON) (*graph.Node, error) {
	n := &graph.Node{Name: j.name(), Target: target(j.Target), Single: j.Single != nil && *j.Single, Where: where(j.Metadata["stack_trace"]), Module: module(j.Metadata["nn_module_stack"])}
	for _, in := range j.Inputs {
		v, err := b.argument(in.Arg)
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", brief.Text(in.Name), err)
		}
		name := in.Name
		if in.Arg.kind == "as_graph" && name == "" {
			var g named
			if err := in.Arg.read(&g); err != nil {
				return nil, err
			}
			name = g.Name
		}
		n.Inputs = append(n.Inputs, graph.Input{Name: name, Keyword: in.Kind == 2, Value: v})
	}
	for _, out := range j.Outputs {
		v, err := b.define(out)
		if err != nil {
			return nil, err
		}
		n.Outputs = append(n.Outputs, v)
	}
	if n.Name == "" && len(n.Outputs) > 0 {
		if v, ok := n.Outputs[0].(*graph.Value); ok {
			n.Name = v.Name
		}
	}
	return n, nil
}

// target returns an operator's name: "aten::add.Tensor" for "torch.ops.aten.add.Tensor".
func target(text string) string {
	rest, ok := strings.CutPrefix(text, "torch.ops.")
	if !ok {
		return text
	}
	if name, ok := strings.CutPrefix(rest, "higher_order."); ok {
		return name
	}
	namespace, name, _ := strings.Cut(rest, ".")
	return namespace + "::" + strings.TrimSuffix(name, ".default")
}

// where returns the innermost place of a trace of Python's.
func where(trace string) string {
	at := strings.LastIndex(trace, "File \"")
	if at < 0 {
		return ""
	}
	lines := strings.SplitN(trace[at:], "\n", 3)
	var file, function string
	var line int
	if _, err := fmt.Sscanf(strings.ReplaceAll(lines[0], ",", " "), "File %q line %d in %s", &file, &line, &function); err != nil {
		return brief.Text(lines[0])
	}
	text := fmt.Sprintf("%s:%d in %s", file, line, function)
	if len(lines) > 1 {
		text += ": " + strings.TrimSpace(lines[1])
	}
	return brief.Text(text)
}

// module returns the path of the innermost module: "encoder.fc1".
func module(stack string) string {
	parts := strings.Split(stack, ";")
	fields := strings.Split(parts[len(parts)-1], ",")
	if len(fields) < 2 {
		return ""
	}
	return brief.Text(fields[1])
}

// define makes the values that an input or an output of a node gives.
func (b *builder) define(u union) (any, error) {
	switch u.kind {
	case "as_tensor", "as_token", "as_custom_obj":
		var n named
		if err := u.read(&n); err != nil {
			return nil, err
		}
		return b.defineTensor(n.Name)
	case "as_tensors":
		var names []named
		if err := u.read(&names); err != nil {
			return nil, err
		}
		list := make([]*graph.Value, len(names))
		for i, n := range names {
			var err error
			if list[i], err = b.defineTensor(n.Name); err != nil {
				return nil, err
			}
		}
		return list, nil
	case "as_sym_int", "as_sym_float", "as_sym_bool":
		var name struct {
			Name *string `json:"as_name"`
		}
		if err := u.read(&name); err != nil || name.Name == nil {
			return nil, err
		}
		v := &graph.Value{Name: *name.Name}
		kind := map[string]graph.NumberKind{"as_sym_bool": graph.Bool, "as_sym_float": graph.Float}[u.kind]
		if size, ok := b.numbers(kind)[v.Name]; ok {
			s, err := sizeOf(size)
			if err != nil {
				return nil, err
			}
			s.Kind = kind
			v.Size = &s
		}
		return v, b.add(v)
	case "as_optional_tensor":
		var inner union
		if err := u.read(&inner); err != nil {
			return nil, err
		}
		if inner.kind == "as_optional_tensor" {
			return nil, errors.New("it is optional twice")
		}
		return b.define(inner)
	case "as_none", "as_int", "as_float", "as_bool", "as_string":
		return nil, nil
	}
	return nil, fmt.Errorf("it gives a value of kind %s, which is not known", brief.Text(u.kind))
}

// numbers returns what the file says of numbers of a kind.
func (b *builder) numbers(kind graph.NumberKind) map[string]union {
	switch kind {
	case graph.Bool:
		return b.json.Bools
	case graph.Float:
		return b.json.Floats
	}
	return b.json.Ints
}

// defineTensor makes a value that is a tensor, with what is known of it.
func (b *builder) defineTensor(name string) (*graph.Value, error) {
	v := &graph.Value{Name: name}
	if meta, ok := b.json.Tensors[name]; ok {
		var err error
		if v.Type, err = meta.tensor(); err != nil {
			return nil, fmt.Errorf("the value %s: %w", brief.Text(name), err)
		}
	}
	return v, b.add(v)
}

// tensor returns what is known of a tensor.
func (m *metaJSON) tensor() (*graph.TensorType, error) {
	t := &graph.TensorType{RequiresGrad: m.RequiresGrad}
	var err1, err2 error
	t.DType, err1 = enum(dtypes, m.DType)
	t.Device, err2 = m.Device.device()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if m.Layout != stridedLayout {
		var err error
		if t.Layout, err = enum(layouts, m.Layout); err != nil {
			return nil, err
		}
	}
	var err error
	if t.Shape, err = sizesOf(m.Sizes); err == nil {
		t.Stride, err = sizesOf(m.Strides)
	}
	return t, err
}

// sizesOf returns several sizes.
func sizesOf(list []union) ([]graph.Size, error) {
	sizes := make([]graph.Size, len(list))
	for i, u := range list {
		var err error
		if sizes[i], err = sizeOf(u); err != nil {
			return nil, err
		}
	}
	return sizes, nil
}

// sizeOf returns a size, or another number: itself or an expression.
func sizeOf(u union) (s graph.Size, err error) {
	switch u.kind {
	case "as_int":
		err = u.read(&s.N)
	case "as_bool", "as_float":
		s.Symbol = brief.Text(string(u.value))
	case "as_expr":
		var expr exprJSON
		if err = u.read(&expr); err != nil {
			return s, err
		}
		s.Symbol = infix(expr.Text)
		if expr.Hint != nil && expr.Hint.kind == "as_int" {
			err = expr.Hint.read(&s.N)
		}
	default:
		err = fmt.Errorf("a size is of kind %s", brief.Text(u.kind))
	}
	return s, err
}

// argument returns an argument of a node, or an output of the graph.
func (b *builder) argument(u union) (any, error) {
	switch u.kind {
	case "as_none":
		return nil, nil
	case "as_tensor", "as_custom_obj", "as_token":
		return read(u, func(n named) (any, error) { return b.value(n.Name) })
	case "as_tensors":
		return readList(u, func(n named) (any, error) { return b.value(n.Name) })
	case "as_nested_tensors":
		return readList(u, func(list []named) (any, error) {
			return each(list, func(n named) (any, error) { return b.value(n.Name) })
		})
	case "as_optional_tensor":
		return read(u, b.leaf)
	case "as_optional_tensors", "as_sym_ints", "as_sym_floats", "as_sym_bools":
		return readList(u, b.leaf)
	case "as_sym_int", "as_sym_float", "as_sym_bool":
		return read(u, b.leaf)
	case "as_name":
		return read(u, func(name string) (any, error) { return b.value(name) })
	case "as_int":
		return read(u, same[int])
	case "as_ints":
		return readList(u, same[int])
	case "as_int_lists":
		return readList(u, func(list []int) (any, error) { return each(list, same[int]) })
	case "as_float":
		return read(u, float)
	case "as_floats":
		return readList(u, float)
	case "as_float_lists":
		return readList(u, func(list []json.RawMessage) (any, error) { return each(list, float) })
	case "as_bool":
		return read(u, same[bool])
	case "as_bools":
		return readList(u, same[bool])
	case "as_string":
		return read(u, same[string])
	case "as_strings":
		return readList(u, same[string])
	case "as_complex":
		return read(u, func(c struct{ Real, Imag float64 }) (any, error) { return complex(c.Real, c.Imag), nil })
	case "as_scalar_type":
		return read(u, func(n int) (any, error) { return enum(dtypes, n) })
	case "as_layout":
		return read(u, func(n int) (any, error) { return enum(layouts, n) })
	case "as_memory_format":
		return read(u, func(n int) (any, error) { return enum(memoryFormats, n) })
	case "as_device":
		return read(u, func(d deviceJSON) (any, error) { return d.device() })
	case "as_graph":
		return read(u, func(g namedGraphJSON) (any, error) { return build(&g.Graph, b.nesting+1) })
	}
	return nil, fmt.Errorf("it is of kind %s, which is not known", brief.Text(u.kind))
}

// leaf returns an argument that is within another one and may hold none itself.
func (b *builder) leaf(u union) (any, error) {
	switch u.kind {
	case "as_none", "as_tensor", "as_name", "as_int", "as_float", "as_bool":
		return b.argument(u)
	}
	return nil, fmt.Errorf("within it lies one of kind %s", brief.Text(u.kind))
}

// read reads a union's value as a T and makes it what f does.
func read[T any](u union, f func(T) (any, error)) (any, error) {
	var v T
	if err := u.read(&v); err != nil {
		return nil, err
	}
	return f(v)
}

// readList does so for each of a list.
func readList[T any](u union, f func(T) (any, error)) (any, error) {
	return read(u, func(list []T) (any, error) { return each(list, f) })
}

func each[T any](list []T, f func(T) (any, error)) (any, error) {
	values := make([]any, len(list))
	for i, v := range list {
		var err error
		if values[i], err = f(v); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return values, nil
}

func same[T any](v T) (any, error) { return v, nil }

// float returns a float, which may be one that JSON has no number for.
func float(text json.RawMessage) (any, error) {
	switch name := strings.Trim(string(text), `"`); name {
	case "Infinity", "-Infinity", "NaN":
		return strconv.ParseFloat(name, 64)
	}
	var v float64
	if err := json.Unmarshal(text, &v); err != nil {
		return math.NaN(), err
	}
	return v, nil
}

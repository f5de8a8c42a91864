package export

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// encoder makes of a graph what a file says of it: the opposite of builder.
type encoder struct {
	symbols *symbols
	names   map[*graph.Value]string // in the file
	taken   map[string]bool
	json    *graphJSON
}

// fixed are inputs of a graph that are constants.
type fixed map[*graph.Value]any

// encode returns a graph as a file has it.
func (s *symbols) encode(g *graph.Graph, constants fixed) (*encoder, error) {
	e := &encoder{s, map[*graph.Value]string{}, map[string]bool{}, &graphJSON{Single: g.Single, Inputs: []union{}, Outputs: []union{},
		Nodes: []nodeJSON{}, Tensors: map[string]metaJSON{}, Ints: map[string]union{}, Bools: map[string]union{}, Floats: map[string]union{}}}
	for i, v := range g.Inputs {
		var u union
		var err error
		if constant, ok := constants[v]; ok {
			e.names[v] = e.free(v.Name)
			u, err = e.argument(constant)
		} else {
			u, err = e.define(v)
		}
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		e.json.Inputs = append(e.json.Inputs, u)
	}
	for _, n := range g.Nodes {
		if err := e.node(n); err != nil {
			return nil, fmt.Errorf("node %s: %w", brief.Text(n.Name), err)
		}
	}
	for i, out := range g.Outputs {
		u, err := e.argument(out)
		if err != nil {
			return nil, fmt.Errorf("output %d: %w", i, err)
		}
		e.json.Outputs = append(e.json.Outputs, u)
	}
	return e, nil
}

// values are those that a graph and the graphs in it define.
func values(g *graph.Graph) []*graph.Value {
	list := append([]*graph.Value(nil), g.Inputs...)
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			if nested, ok := in.Value.(*graph.Graph); ok {
				list = append(list, values(nested)...)
			}
		}
		for _, out := range n.Outputs {
			switch v := out.(type) {
			case *graph.Value:
				list = append(list, v)
			case []*graph.Value:
				list = append(list, v...)
			}
		}
	}
	return list
}

// special matches what Python's names may not have.
var special = regexp.MustCompile(`\W`)

// reserved are names that the Python code of a graph has for something else.
var reserved = map[string]bool{}

func init() {
	for _, name := range strings.Fields("False None True and as assert async await break class continue def del elif else except finally for " +
		"from global if import in is lambda nonlocal not or pass raise return try while with yield " +
		"self torch device inf nan math operator NoneType pytree fx_pytree as_none") {
		reserved[name] = true
	}
}

// free returns a name of Python's that nothing has: the one wanted, or one like it.
func (e *encoder) free(wanted string) string {
	base := special.ReplaceAllString(wanted, "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = "_" + base
	}
	name := base
	for i := 1; e.taken[name] || reserved[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	e.taken[name] = true
	return name
}

// named is an argument that is a value.
func (e *encoder) named(v *graph.Value) (union, error) {
	name, ok := e.names[v]
	switch {
	case !ok:
		return union{}, fmt.Errorf("the value %s is not there yet", brief.Text(v.Name))
	case v.Size == nil:
		return oneOf("as_tensor", named{name}), nil
	}
	return oneOf("as_sym_"+kind(v), map[string]string{"as_name": name}), nil
}

// kind returns the format's word for a number's kind.
func kind(v *graph.Value) string {
	if v.Size.Kind == graph.Int {
		return "int"
	}
	return string(v.Size.Kind)
}

// define adds a value that an input or a node gives.
func (e *encoder) define(v *graph.Value) (union, error) {
	name := e.free(v.Name)
	e.names[v] = name
	switch {
	case v.Type != nil:
		meta, err := e.meta(v.Type)
		if err != nil {
			return union{}, fmt.Errorf("the value %s: %w", brief.Text(v.Name), err)
		}
		e.json.Tensors[name] = meta
	case v.Size != nil:
		size, err := e.symbols.number(*v.Size)
		if err != nil {
			return union{}, fmt.Errorf("the value %s: %w", brief.Text(v.Name), err)
		}
		switch v.Size.Kind {
		case graph.Bool:
			e.json.Bools[name] = size
		case graph.Float:
			e.json.Floats[name] = size
		default:
			e.json.Ints[name] = size
		}
	default:
		return union{}, fmt.Errorf("of the value %s neither Type nor Size is known, and a file has to say the dtype and the shape", brief.Text(v.Name))
	}
	return e.named(v)
}

// meta returns what is known of a tensor.
func (e *encoder) meta(t *graph.TensorType) (m metaJSON, err error) {
	var err1, err2 error
	m = metaJSON{RequiresGrad: t.RequiresGrad, Sizes: []union{}, Strides: []union{}, Offset: oneOf("as_int", 0), Layout: stridedLayout, Device: deviceOf(t.Device)}
	m.DType, err1 = number(dtypes, t.DType)
	if t.Layout != 0 {
		m.Layout, err2 = number(layouts, t.Layout)
	}
	strides := t.Stride
	if strides == nil {
		strides = contiguous(t.Shape)
	}
	if err := errors.Join(err1, err2); err != nil || len(strides) != len(t.Shape) {
		return m, errors.Join(err, fmt.Errorf("%d sizes and %d strides", len(t.Shape), len(strides)))
	}
	for i := range t.Shape {
		size, err1 := e.symbols.number(t.Shape[i])
		stride, err2 := e.symbols.number(strides[i])
		if err := errors.Join(err1, err2); err != nil {
			return m, err
		}
		m.Sizes, m.Strides = append(m.Sizes, size), append(m.Strides, stride)
	}
	return m, nil
}

func deviceOf(d torch.Device) deviceJSON {
	kind, index, ok := strings.Cut(d.String(), ":")
	j := deviceJSON{Type: kind}
	if ok {
		j.Index = new(0)
		_, _ = fmt.Sscan(index, j.Index)
	}
	return j
}

// node adds a node.
func (e *encoder) node(n *graph.Node) error {
	j := nodeJSON{Target: pythonTarget(n.Target), Inputs: []argumentJSON{}, Outputs: []union{}, Metadata: metadata(n)}
	for _, in := range n.Inputs {
		a := argumentJSON{Name: in.Name, Kind: 1}
		var err error
		if nested, ok := in.Value.(*graph.Graph); ok {
			a.Name = "" // which is the graph's
			a.Arg, err = e.nested(in.Name, nested)
		} else {
			a.Arg, err = e.argument(in.Value)
		}
		if err != nil {
			return fmt.Errorf("argument %s: %w", brief.Text(in.Name), err)
		}
		if in.Keyword {
			a.Kind = 2
		}
		j.Inputs = append(j.Inputs, a)
	}
	higher := strings.HasPrefix(j.Target, "torch.ops.higher_order.")
	if higher {
		j.Single = &n.Single
	}
	for _, out := range n.Outputs {
		u, err := e.output(out)
		if err != nil {
			return err
		}
		j.Outputs = append(j.Outputs, u)
	}
	// A node that gives one value has its name, and any other one of its own.
	name := ""
	if len(n.Outputs) == 1 && (!higher || n.Single) {
		if v, ok := n.Outputs[0].(*graph.Value); ok && v != nil {
			name = e.names[v]
		}
	}
	if name == "" {
		name = e.free(n.Name)
	}
	j.Name = &name
	e.json.Nodes = append(e.json.Nodes, j)
	return nil
}

// output adds what a node gives.
func (e *encoder) output(out any) (union, error) {
	switch v := out.(type) {
	case nil:
		return oneOf("as_none", true), nil
	case *graph.Value:
		if v == nil {
			return oneOf("as_none", true), nil
		}
		return e.define(v)
	case []*graph.Value:
		list := make([]any, len(v))
		for i, item := range v {
			if _, err := e.define(item); err != nil {
				return union{}, err
			}
			list[i] = item
		}
		return e.list(list)
	}
	return union{}, fmt.Errorf("it gives a %T", out)
}

// pythonTarget returns Python's name of an operator: "torch.ops.aten.add.Tensor" for
// "aten::add.Tensor".
func pythonTarget(name string) string {
	namespace, operator, ok := strings.Cut(name, "::")
	switch {
	case ok && strings.Contains(operator, "."):
		return "torch.ops." + namespace + "." + operator
	case ok:
		return "torch.ops." + namespace + "." + operator + ".default"
	case strings.Contains(name, "."):
		return name
	}
	return "torch.ops.higher_order." + name
}

// metadata says where a node comes from, where Python shows it.
func metadata(n *graph.Node) map[string]string {
	m := map[string]string{}
	if n.Where != "" {
		m["stack_trace"] = trace(n.Where)
	}
	stack := []string{"L__self__,,torch.nn.modules.module.Module"}
	path := ""
	for part := range strings.SplitSeq(n.Module, ".") {
		if n.Module == "" {
			break
		}
		path = strings.TrimPrefix(path+"."+part, ".")
		plain := strings.NewReplacer(",", "_", ";", "_").Replace(path)
		stack = append(stack, fmt.Sprintf("L__self__%s,%s,torch.nn.modules.module.Module", plain, plain))
	}
	m["nn_module_stack"] = strings.Join(stack, ";")
	return m
}

var place = regexp.MustCompile(`^(.*?):(\d+)(?: in ([^:]*))?(?:: (.*))?$`)

// trace writes a place as Python writes one: what where reads.
func trace(at string) string {
	m := place.FindStringSubmatch(at)
	if m == nil {
		return at
	}
	function := m[3]
	if function == "" {
		function = "forward"
	}
	text := fmt.Sprintf("File %q, line %s, in %s", m[1], m[2], function)
	if m[4] != "" {
		text += "\n    " + m[4]
	}
	return text
}

// argument returns an argument of a node, or an output of the graph.
func (e *encoder) argument(argument any) (union, error) {
	switch v := argument.(type) {
	case nil:
		return oneOf("as_none", true), nil
	case *graph.Value:
		return e.named(v)
	case bool:
		return oneOf("as_bool", v), nil
	case int:
		return oneOf("as_int", v), nil
	case float64:
		return oneOf("as_float", pythonFloat(v)), nil
	case complex128:
		return oneOf("as_complex", map[string]pythonFloat{"real": pythonFloat(real(v)), "imag": pythonFloat(imag(v))}), nil
	case string:
		return oneOf("as_string", v), nil
	case torch.DType:
		return enumOf("as_scalar_type", dtypes, v)
	case torch.Layout:
		return enumOf("as_layout", layouts, v)
	case torch.MemoryFormat:
		return enumOf("as_memory_format", memoryFormats, v)
	case torch.Device:
		return oneOf("as_device", deviceOf(v)), nil
	case []*graph.Value:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = item
		}
		return e.list(list)
	case []any:
		return e.list(v)
	}
	return union{}, fmt.Errorf("it is a %T, which the format has not", argument)
}

// nested is an argument that is a graph.
func (e *encoder) nested(name string, g *graph.Graph) (union, error) {
	nested, err := e.symbols.encode(g, nil)
	if err != nil {
		return union{}, err
	}
	return oneOf("as_graph", namedGraphJSON{e.free(cmp.Or(name, "subgraph")), *nested.json}), nil
}

func enumOf[T comparable](kind string, values map[int]T, v T) (union, error) {
	n, err := number(values, v)
	return oneOf(kind, n), err
}

// pythonFloat is a float that stays one in Python, where 2 is an int.
type pythonFloat float64

func (f pythonFloat) MarshalJSON() ([]byte, error) {
	switch v := float64(f); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	}
	text := fmt.Sprintf("%.17g", float64(f))
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return []byte(text), nil
}

// list returns an argument that is a list, by what the items are.
func (e *encoder) list(list []any) (union, error) {
	items := make([]union, len(list))
	kinds := map[string]bool{}
	for i, item := range list {
		var err error
		if items[i], err = e.argument(item); err != nil {
			return union{}, fmt.Errorf("[%d]: %w", i, err)
		}
		kinds[items[i].kind] = true
	}
	only := func(allowed ...string) bool {
		n := 0
		for _, kind := range allowed {
			if kinds[kind] {
				n++
			}
		}
		return n == len(kinds)
	}
	bare := func(kind string) (union, error) { return oneOf(kind, bareValues(items)), nil }
	switch {
	case only("as_int"): // also none at all
		return bare("as_ints")
	case only("as_float"):
		return bare("as_floats")
	case only("as_bool"):
		return bare("as_bools")
	case only("as_string"):
		return bare("as_strings")
	case only("as_tensor"):
		return bare("as_tensors")
	case only("as_tensor", "as_none"):
		return oneOf("as_optional_tensors", items), nil
	case only("as_sym_int", "as_int"):
		return symbolic("int", items), nil
	case only("as_sym_float", "as_float"):
		return symbolic("float", items), nil
	case only("as_sym_bool", "as_bool"):
		return symbolic("bool", items), nil
	case only("as_tensors"):
		return bare("as_nested_tensors")
	case only("as_ints"):
		return bare("as_int_lists")
	case only("as_floats"):
		return bare("as_float_lists")
	}
	return union{}, errors.New("it is a list of several kinds, which the format has not")
}

// bareValues are unions without their kinds, which are the same.
func bareValues(items []union) []any {
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = item.value
	}
	return values
}

// symbolic is a list of numbers of a kind, of which some are values.
func symbolic(kind string, items []union) union {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
		if item.kind == "as_sym_"+kind {
			list[i] = item.value
		}
	}
	return oneOf("as_sym_"+kind+"s", list)
}

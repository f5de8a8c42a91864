package graph

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/plan"
	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// recorder is the dispatch mode that makes a graph of the operators that it sees. It keeps
// constants only, so that memory goes as it does without it.
type recorder struct {
	trace     trace
	graph     *Graph
	operators []*torch.OpOverload // of the graph's nodes
	arguments [][]any             // the same nodes, as a plan has them
	results   [][]any
	origin    *Node   // of a program that is run, the one it is at
	origins   []*Node // the same for each node that was recorded
	grads     []bool  // whether gradients were on
	traced    []*traced
	known     map[uintptr]*traced // by the address of what stands for the tensor
	alike     map[string]*traced  // by its memory and layout
	names     map[string]int      // how often each was given
	cleared   map[uint64]bool     // tensors whose gradients were cleared or set
	schemas   map[string]*schema.Schema
	lenient   bool             // go on where a graph cannot
	refusal   error            // why it cannot, or nil
	room      map[uintptr]bool // storages that were made without values, and not written to
}

// trace is package torch's.
type trace interface {
	Stand(x *torch.Tensor) *torch.Tensor
	Free()
}

// traced is a tensor that the recorder has seen.
type traced struct {
	number int
	kind   plan.Kind
	tensor *torch.Tensor // of a constant; nil for others
	stand  *torch.Tensor // what stands for it
	first  *Value
	value  *Value        // the latest, where operators have changed it in place
	entry  *torch.Tensor // the gradient that a constant had before
	of     int           // whose gradient it is
}

func newRecorder() *recorder {
	return &recorder{
		trace: internals.NewTrace(), graph: &Graph{}, known: map[uintptr]*traced{}, alike: map[string]*traced{}, names: map[string]int{},
		cleared: map[uint64]bool{}, schemas: map[string]*schema.Schema{}, room: map[uintptr]bool{},
	}
}

// free lets go of what the recorder holds, but for constants.
func (r *recorder) free() {
	r.trace.Free()
	for _, t := range r.traced {
		t.stand.Close()
	}
}

// layout is what tells a tensor that was made without an operator, as autograd does, from
// others: where its memory is, and how it lies there.
func layout(stand *torch.Tensor) string {
	_, storage := internals.Address(stand)
	return fmt.Sprint(storage, stand.StorageOffset(), stand.Shape(), stand.Stride(), stand.DType())
}

// name returns a name that no other value has.
func (r *recorder) name(base string) string {
	r.names[base]++
	if n := r.names[base]; n > 1 {
		return fmt.Sprintf("%s_%d", base, n-1)
	}
	return base
}

// add notes a tensor that was not seen before.
func (r *recorder) add(x *torch.Tensor, kind plan.Kind, name string) *traced {
	stand := r.trace.Stand(x)
	t := &traced{number: len(r.traced), kind: kind, stand: stand}
	t.first = r.newValue(x, name)
	t.value = t.first
	r.traced = append(r.traced, t)
	address, _ := internals.Address(stand)
	r.known[address] = t
	if key := layout(stand); r.alike[key] == nil {
		r.alike[key] = t
	}
	return t
}

func (r *recorder) newValue(x *torch.Tensor, name string) *Value {
	t := &TensorType{DType: x.DType(), Shape: numbers(x.Shape()), Device: x.Device(), RequiresGrad: x.RequiresGrad()}
	if !x.IsContiguous() {
		t.Stride = numbers(x.Stride())
	}
	return &Value{Name: r.name(name), Type: t}
}

// numbers are sizes that do not vary.
func numbers(list []int) []Size {
	sizes := make([]Size, len(list))
	for i, n := range list {
		sizes[i] = Size{N: n}
	}
	return sizes
}

// at returns what is known of a tensor itself, or nil.
func (r *recorder) at(x *torch.Tensor) *traced {
	stand := r.trace.Stand(x)
	defer stand.Close()
	address, _ := internals.Address(stand)
	return r.known[address]
}

// seen is at, or what is known of another tensor that lies at the same place.
func (r *recorder) seen(x *torch.Tensor) *traced {
	if t := r.at(x); t != nil {
		return t
	}
	stand := r.trace.Stand(x)
	defer stand.Close()
	t := r.alike[layout(stand)]
	if t != nil {
		address, _ := internals.Address(stand)
		r.known[address] = t
	}
	return t
}

// find returns what is known of a tensor. One that was not seen before is a constant: it
// was there before, or was made without an operator.
func (r *recorder) find(x *torch.Tensor) *traced {
	if internals.Foreign(x) {
		r.refuse("graph.Capture", "another goroutine made or changed a tensor that is used here, and a graph cannot know how: do it before, or in the function itself")
	}
	if t := r.seen(x); t != nil {
		return t
	}
	t := r.add(x, plan.Constant, "constant")
	r.hold(t, x)
	if key := internals.TensorKey(x); x.IsLeaf() && x.RequiresGrad() && !r.cleared[key] {
		t.entry = x.Grad().Keep()
	}
	return t
}

// hold makes what is known of x a constant.
func (r *recorder) hold(t *traced, x *torch.Tensor) {
	t.kind, t.tensor = plan.Constant, x.Keep()
}

// fill takes care of memory that was made without values. Operators that have some may
// write there without an operator: what is read before an operator has written to it is a
// constant.
func (r *recorder) fill(s *schema.Schema, call *torch.DispatchCall) {
	if len(r.room) == 0 {
		return
	}
	for i, argument := range s.Arguments {
		alias := argument.Type.Alias
		if argument.Type.Element != nil {
			alias = argument.Type.Element.Alias
		}
		for _, x := range tensors(call.Args[i : i+1]) {
			t := r.find(x)
			_, storage := internals.Address(t.stand)
			switch {
			case !r.room[storage] || alias != "" && !strings.HasSuffix(alias, "!"):
			case alias == "":
				if t.kind == plan.Computed {
					r.hold(t, x)
				}
			default:
				delete(r.room, storage)
			}
		}
	}
}

// makesRoom are operators whose results have no values.
var makesRoom = map[string]bool{
	"aten::empty.memory_format": true, "aten::empty_strided": true, "aten::empty_like": true, "aten::new_empty": true,
	"aten::new_empty_strided": true, "aten::empty_permuted": true,
}

// ofLayout are operators that give what depends on no values, so that it is the same in
// each run.
var ofLayout = map[string]bool{
	"aten::is_same_size": true, "aten::size": true, "aten::size.int": true, "aten::stride.int": true, "aten::sym_size.int": true,
	"aten::sym_size": true, "aten::sym_stride.int": true, "aten::sym_numel": true, "aten::sym_storage_offset": true, "aten::dim": true,
	"aten::_has_same_storage_numel": true,
}

// Dispatch calls an operator and notes it.
func (r *recorder) Dispatch(call *torch.DispatchCall) []any {
	if why := refuse(call); why != "" {
		r.refuse(call.Op.Name(), why)
		return call.Run()
	}
	if ofLayout[call.Op.Name()] {
		return call.Run()
	}
	s := r.schema(call.Op)
	r.fill(s, call)
	grad := torch.IsGradEnabled()
	node := &Node{Target: call.Op.Name(), Where: where()}
	arguments := make([]any, len(call.Args))
	for i, v := range call.Args {
		argument := r.argument(v)
		arguments[i] = slots(argument)
		if !s.Arguments[i].HasDefault || text(untraced(argument)) != defaultText(s.Arguments[i].Default) {
			node.Inputs = append(node.Inputs, Input{s.Arguments[i].Name, s.Arguments[i].Keyword || skipped(node, i), untraced(argument)})
		}
	}
	var before *traced
	if len(arguments) > 0 {
		if x, ok := call.Args[0].(*torch.Tensor); ok && x != nil {
			before = r.seen(x)
		}
	}
	results := call.Run()
	if before != nil && before.kind != plan.Computed && r.seen(call.Args[0].(*torch.Tensor)) != before {
		r.refuse(call.Op.Name(), "it changes the sizes or strides of a tensor that is not the graph's own: use the operator that is not in place")
	}
	base := strings.TrimPrefix(s.Name, "aten::")
	places := make([]any, len(results))
	for i, v := range results {
		name := base
		if len(results) > 1 {
			name = fmt.Sprintf("%s_%d", base, i)
		}
		switch v := v.(type) {
		case *torch.Tensor:
			if v == nil {
				node.Outputs = append(node.Outputs, (*Value)(nil))
				continue
			}
			value, number := r.result(v, name)
			if makesRoom[call.Op.Name()] {
				_, storage := internals.Address(r.traced[number].stand)
				r.room[storage] = true
			}
			node.Outputs = append(node.Outputs, value)
			places[i] = plan.Slot{Number: number}
		case []*torch.Tensor:
			values, list := make([]*Value, len(v)), make([]any, len(v))
			for j, x := range v {
				if x == nil {
					continue
				}
				var number int
				values[j], number = r.result(x, fmt.Sprintf("%s_%d", name, j))
				list[j] = plan.Slot{Number: number}
			}
			node.Outputs = append(node.Outputs, values)
			places[i] = list
		case nil:
			node.Outputs = append(node.Outputs, (*Value)(nil))
		default:
			r.refuse(call.Op.Name(), fmt.Sprintf("it gives a %T, which a graph cannot know before it runs", v))
		}
	}
	node.Name = base
	if len(node.Outputs) > 0 {
		if v, ok := node.Outputs[0].(*Value); ok && v != nil {
			node.Name = v.Name
		}
	}
	r.graph.Nodes = append(r.graph.Nodes, node)
	r.operators = append(r.operators, call.Op)
	r.arguments = append(r.arguments, arguments)
	r.results = append(r.results, places)
	r.grads = append(r.grads, grad)
	r.origins = append(r.origins, r.origin)
	return results
}

// SetGrads notes tensors whose gradients were set or cleared: what they were before does
// not count.
func (r *recorder) SetGrads(of []*torch.Tensor) {
	for _, x := range of {
		r.cleared[internals.TensorKey(x)] = true
	}
}

// Capturing says that the operators run again without Go.
func (r *recorder) Capturing() bool { return !r.lenient }

// ReadHost refuses to read a tensor's values.
func (r *recorder) ReadHost(what string, _ *torch.Tensor) { r.refuse(what, readsValue) }

const readsValue = "the value of a tensor is read, which a graph cannot know before it runs: leave Item, Float, ToSlice, printing and the like out of what is captured"

// Effect refuses what changes tensors or generators without an operator.
func (r *recorder) Effect(what string, _ *torch.Tensor) {
	r.refuse(what, "it is no operator, so a graph would not do it again: leave it out of what is captured")
}

// refuse notes why a graph cannot have an operator, and panics with it. A function may
// recover from that, but what it did is not captured then.
func (r *recorder) refuse(op, why string) {
	if at := where(); at != "" {
		why += " (" + at + ")"
	}
	err := torch.Errorf(op, torch.RuntimeError, "%s", why)
	if r.refusal == nil {
		r.refusal = err
	}
	if !r.lenient {
		panic(err)
	}
}

// skipped reports whether an argument before the i-th was left at its default, so that
// this one is passed by name.
func skipped(n *Node, i int) bool { return len(n.Inputs) < i }

// result notes a tensor that an operator gave: a new one, or one that it changed.
func (r *recorder) result(x *torch.Tensor, name string) (*Value, int) {
	t := r.at(x)
	if t == nil {
		t = r.add(x, plan.Computed, name)
	} else {
		t.value = r.newValue(x, name)
	}
	return t.value, t.number
}

// argument returns an argument with what is known of tensors in their place.
func (r *recorder) argument(v any) any {
	switch v := v.(type) {
	case *torch.Tensor:
		if v == nil {
			return nil
		}
		return r.find(v)
	case []*torch.Tensor:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = r.argument(x)
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = r.argument(x)
		}
		return list
	case []int:
		return listOf(v)
	case []float64:
		return listOf(v)
	case []bool:
		return listOf(v)
	}
	return v
}

func listOf[T any](list []T) []any {
	items := make([]any, len(list))
	for i, v := range list {
		items[i] = v
	}
	return items
}

// replace returns an argument with f of what is known of tensors.
func replace(argument any, f func(*traced) any) any {
	switch v := argument.(type) {
	case *traced:
		return f(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = replace(item, f)
		}
		return list
	}
	return argument
}

// slots returns an argument as a plan has it.
func slots(argument any) any {
	return replace(argument, func(t *traced) any { return plan.Slot{Number: t.number} })
}

// untraced returns an argument as a graph has it.
func untraced(argument any) any { return replace(argument, func(t *traced) any { return t.value }) }

// schema returns the schema of an operator.
func (r *recorder) schema(op *torch.OpOverload) *schema.Schema {
	if s := r.schemas[op.Name()]; s != nil {
		return s
	}
	s, err := schema.Parse(op.Schema())
	if err != nil {
		panic(torch.Errorf(op.Name(), torch.UnsupportedError, "%s", err.Error()))
	}
	r.schemas[op.Name()] = s
	return s
}

// defaultText returns a default of a schema as text writes it.
func defaultText(schema string) string {
	switch schema {
	case "True":
		return "true"
	case "False":
		return "false"
	}
	return strings.TrimSuffix(schema, ".")
}

// where returns the place in the user's program that the operator was called from.
func where() string {
	file, line := internals.Caller()
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

// sized are operators whose results have sizes that depend on values.
var sized = map[string]bool{
	"aten::nonzero": true, "aten::masked_select": true, "aten::_unique": true, "aten::_unique2": true, "aten::unique_dim": true,
	"aten::unique_consecutive": true, "aten::unique_dim_consecutive": true, "aten::bincount": true,
	"aten::repeat_interleave.Tensor": true, "aten::nonzero_static": false,
}

// refuse says why a graph cannot have a call, or "".
func refuse(call *torch.DispatchCall) string {
	name := call.Op.Name()
	switch {
	case refused[name]:
		return "a graph may not read or write files"
	case name == "aten::_local_scalar_dense" || name == "aten::is_nonzero" || name == "aten::equal":
		return readsValue
	case sized[name]:
		return "the size of its result depends on values, which a graph cannot know before it runs"
	case name == "aten::index.Tensor":
		for _, v := range tensors(call.Args[1:]) {
			if d := v.DType(); d == torch.Bool || d == torch.Uint8 {
				return "the size of what a mask picks depends on values, which a graph cannot know before it runs: torch.Where has a fixed one"
			}
		}
	}
	return ""
}

// tensors returns the tensors among arguments.
func tensors(arguments []any) (list []*torch.Tensor) {
	for _, v := range arguments {
		switch v := v.(type) {
		case *torch.Tensor:
			if v != nil {
				list = append(list, v)
			}
		case []*torch.Tensor:
			for _, x := range v {
				if x != nil {
					list = append(list, x)
				}
			}
		case []any:
			list = append(list, tensors(v)...)
		}
	}
	return list
}

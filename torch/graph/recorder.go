package graph

import (
	"fmt"
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
	nodes     []plan.Node         // those of the graph, as a plan has them
	operators []*torch.OpOverload // the same nodes' operators
	origin    *Node               // of a program that is run, the one it is at
	origins   []*Node             // the same for each node that was recorded
	traced    []*traced
	known     map[uint64]*traced // by the key of what stands for the tensor
	alike     map[string]*traced // by its memory and layout
	names     map[string]int     // how often each was given
	cleared   map[uint64]bool    // tensors whose gradients were cleared or set
	lenient   bool               // go on where a graph cannot
	refusal   error              // why it cannot, or nil
	room      map[uint64]bool    // storages that were made without values, and not written to
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
		trace: internals.NewTrace(), graph: &Graph{}, known: map[uint64]*traced{}, alike: map[string]*traced{}, names: map[string]int{},
		cleared: map[uint64]bool{}, room: map[uint64]bool{},
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
	return fmt.Sprint(internals.StorageID(stand), stand.StorageOffset(), stand.Shape(), stand.Stride(), stand.DType())
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
	r.known[internals.TensorKey(stand)] = t
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
	return r.known[internals.TensorKey(stand)]
}

// seen is at, or what is known of another tensor that lies at the same place.
func (r *recorder) seen(x *torch.Tensor) *traced {
	stand := r.trace.Stand(x)
	defer stand.Close()
	key := internals.TensorKey(stand)
	if r.known[key] == nil {
		r.known[key] = r.alike[layout(stand)] // nil as before, if nothing lies there
	}
	return r.known[key]
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

// hold makes what is known of x a constant. What a node gave it as is another value.
func (r *recorder) hold(t *traced, x *torch.Tensor) {
	if t.kind == plan.Computed {
		t.first = r.newValue(x, "constant")
		t.value = t.first
	}
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
			storage := internals.StorageID(t.stand)
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

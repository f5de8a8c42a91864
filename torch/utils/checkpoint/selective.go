package checkpoint

import (
	"slices"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// Policy says of an operator that a checkpointed function calls whether its results are
// kept, so that the second run need not compute them. It sees the operators below
// autograd, as [torch.WithDispatch] has them, with the arguments of the call and its results.
//
// https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.create_selective_checkpoint_contexts
type Policy func(call *torch.DispatchCall, results []any) Decision

// Decision is what a [Policy] says.
type Decision int

// The decisions. Where no compiler looks at them, must and prefer are the same.
//
// https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.CheckpointPolicy
const (
	PreferRecompute Decision = iota
	MustRecompute
	PreferSave
	MustSave
)

// Save returns the policy that keeps the results of operators of these names, such as
// "aten::mm", and of no others. A name with an overload's, "aten::add.Tensor", is for that.
func Save(names ...string) Policy {
	return func(call *torch.DispatchCall, _ []any) Decision {
		if slices.Contains(names, call.Op.Name()) || slices.Contains(names, operatorOf(call)) {
			return MustSave
		}
		return PreferRecompute
	}
}

// kept holds the results that a policy keeps, of each operator in the order of its calls.
type kept struct {
	policy  Policy
	entries map[*torch.OpOverload][]entry
}

// An entry is what is kept of a call; nil for nothing.
type entry struct {
	results  []any
	versions []int // of the results that are tensors
	views    bool  // of other tensors, whose versions they get when they are in the graph
	gone     bool  // the second run had them
}

// passes reports whether an operator is called more often in one run than in the other,
// as pack and unpack functions call it.
func passes(call *torch.DispatchCall) bool { return operatorOf(call) == "aten::detach" }

// operatorOf returns an operator's name without that of the overload.
func operatorOf(call *torch.DispatchCall) string {
	name, _, _ := strings.Cut(call.Op.Name(), ".")
	return name
}

// cache calls f and keeps what the policy says.
func (k *kept) cache(f func()) {
	if k == nil {
		f()
		return
	}
	torch.WithDispatch(caching{k}, f)
	for _, entries := range k.entries {
		for i := range entries {
			entries[i].detach()
		}
	}
}

// detach takes kept results out of the graph that f made, which would keep itself alive by
// them. Only here, out of f's operators, do the tensors still know of changes to them.
func (e *entry) detach() {
	if e.views {
		e.versions = versions(e.results)
	}
	for i, r := range e.results {
		e.results[i] = each(r, func(x *torch.Tensor) *torch.Tensor {
			defer x.Close()
			return x.Detach().Keep()
		})
	}
}

// close closes what was kept.
func (k *kept) close() {
	if k == nil {
		return
	}
	for _, entries := range k.entries {
		for _, e := range entries {
			for _, r := range e.results {
				each(r, func(x *torch.Tensor) *torch.Tensor {
					x.Close()
					return x
				})
			}
		}
	}
}

// replay calls f, whose operators get what was kept.
func (k *kept) replay(f func()) {
	if k == nil {
		f()
		return
	}
	torch.WithDispatch(&replaying{k, map[*torch.OpOverload]int{}}, f)
}

type caching struct{ *kept }

func (c caching) Dispatch(call *torch.DispatchCall) []any {
	results := call.Run()
	if passes(call) {
		return results
	}
	var e entry
	if c.policy(call, results) >= PreferSave {
		e.results = make([]any, len(results))
		for i, r := range results {
			e.results[i] = each(r, (*torch.Tensor).Keep)
		}
		e.versions = versions(results)
		e.views = slices.ContainsFunc(internals.SchemaOf(call.Op).Results, func(r schema.Result) bool {
			return r.Type.Alias != "" || r.Type.Element != nil && r.Type.Element.Alias != ""
		})
	}
	c.entries[call.Op] = append(c.entries[call.Op], e)
	return results
}

// each returns a result with f of each tensor in it.
func each(result any, f func(x *torch.Tensor) *torch.Tensor) any {
	switch r := result.(type) {
	case *torch.Tensor:
		if r != nil {
			return f(r)
		}
	case []*torch.Tensor:
		list := make([]*torch.Tensor, len(r))
		for i, x := range r {
			if x != nil {
				list[i] = f(x)
			}
		}
		return list
	}
	return result
}

// versions returns the version of each tensor in results.
func versions(results []any) (list []int) {
	for _, r := range results {
		each(r, func(x *torch.Tensor) *torch.Tensor {
			list = append(list, version(x))
			return x
		})
	}
	return list
}

// version returns how often a tensor was changed in place.
func version(x *torch.Tensor) int {
	results, err := versionOp().Call([]any{x}, nil)
	if err != nil {
		panic(err)
	}
	return results[0].(int)
}

var versionOp = sync.OnceValue(func() *torch.OpOverload {
	o, err := torch.Op("aten::_version")
	if err != nil {
		panic(err)
	}
	return o
})

type replaying struct {
	*kept
	calls map[*torch.OpOverload]int
}

func (r *replaying) Dispatch(call *torch.DispatchCall) []any {
	if passes(call) {
		return call.Run()
	}
	i := r.calls[call.Op]
	r.calls[call.Op]++
	if i >= len(r.entries[call.Op]) {
		panic(torch.Errorf(op, torch.RuntimeError, "call %d of %s in the second run of the function was not in the first: "+
			"what it does changes from run to run", i, call.Op.Name()))
	}
	e := &r.entries[call.Op][i]
	switch {
	case e.gone:
		panic(torch.Errorf(op, torch.RuntimeError, "Trying to backward an extra time. You are only allowed to backward once on any region "+
			"computed under selective activation checkpoint."))
	case e.results == nil:
		return call.Run()
	}
	e.gone = true
	results := e.results
	e.results = nil
	e.check(results)
	for i, r := range results {
		results[i] = each(r, func(x *torch.Tensor) *torch.Tensor {
			defer x.Close()
			return x.Detach() // of the second run's scope
		})
	}
	return results
}

// check panics if a kept result was changed in place.
func (e *entry) check(results []any) {
	if !slices.Equal(versions(results), e.versions) {
		panic(torch.Errorf(op, torch.RuntimeError, "Tensor cached during selective activation checkpoint has been mutated"))
	}
}

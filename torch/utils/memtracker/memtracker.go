// Package memtracker says what memory a program's tensors take, by module and by what they
// are for, and how it was at the peak.
//
//	tracker := memtracker.New(memtracker.Options{Modules: []nn.AnyModule{net}})
//	tracker.Track(func() { step(net, batch) })
//	fmt.Println(tracker.Peak().Table())
//
// What counts is the memory of storages, once for all tensors that share one, from the
// operator that made it until it is freed. What an operator takes for itself while it runs
// does not count.
//
// https://github.com/pytorch/pytorch/blob/main/torch/distributed/_tools/mem_tracker.py
package memtracker

import (
	"cmp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/moduletrack"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Kind says what memory is for.
type Kind string

// The kinds of memory.
const (
	Parameter  Kind = "Parameter"  // of the modules
	Buffer     Kind = "Buffer"     // of the modules
	Gradient   Kind = "Gradient"   // of the modules' parameters
	Activation Kind = "Activation" // made by operators that autograd may record, outside of backward passes
	Other      Kind = "Other"      // such as what a backward pass makes on the way, and an optimizer's state
)

// Options are the options of [New].
type Options struct {
	// Modules are the modules whose parameters and buffers count, and which are told apart,
	// with those within. A module counts as running in calls that call its hooks: see
	// nn.Module.RegisterForwardPreHook.
	Modules []nn.AnyModule
}

// Tracker follows memory.
type Tracker struct {
	options Options
	modules *moduletrack.Tracker
	live    map[uint64]*block // by the storage's number
	now     int
	peak    Snapshot
}

// watch is a storage that may be gone.
type watch interface {
	Gone() bool
	Free()
}

// block is the memory of a storage.
type block struct {
	watch  watch
	bytes  int
	kind   Kind
	module string
}

// New returns a tracker.
func New(options ...Options) *Tracker { return &Tracker{options: option.First(options)} }

// Track calls f and follows the memory of tensors that f makes in the calling goroutine, as
// [torch.WithDispatch] says, and of the modules. What an earlier call found is forgotten.
// It looks at all live storages at each operator, so it is for a few steps. It panics if f
// is nil.
func (t *Tracker) Track(f func()) {
	argument.NotNil("memtracker.Tracker.Track", "the function", f)
	t.live, t.now, t.peak = map[uint64]*block{}, 0, Snapshot{}
	t.modules = moduletrack.New(t.options.Modules...)
	defer t.close()
	for _, m := range t.options.Modules {
		root := moduletrack.TypeName(m)
		for _, p := range nn.Base(m).NamedParameters() {
			t.add(p.Tensor, Parameter, owner(root, p.Name))
			defer t.followGradient(p.Tensor, owner(root, p.Name))()
		}
		for _, b := range nn.Base(m).NamedBuffers() {
			t.add(b.Tensor, Buffer, owner(root, b.Name))
		}
	}
	t.look()
	torch.WithDispatch(t, f, torch.DispatchOptions{Scoped: true})
	t.sweep()
}

// owner returns the name of the module that a tensor of a root is a field of.
func owner(root, tensor string) string {
	if at := strings.LastIndexByte(tensor, '.'); at >= 0 {
		return root + "." + tensor[:at]
	}
	return root
}

// followGradient counts the gradient that a parameter has, and lets the one that it gets
// count as such, until what it returns is called. Libtorch says so from 2.1 on.
func (t *Tracker) followGradient(p *torch.Tensor, module string) (end func()) {
	t.markGradient(p, module)
	if !p.RequiresGrad() {
		return func() {}
	}
	var h *torch.Hook
	if torch.Try(func() { h = p.RegisterPostAccumulateGradHook(func(p *torch.Tensor) { t.markGradient(p, module) }) }) != nil {
		return func() { t.markGradient(p, module) }
	}
	return h.Remove
}

// markGradient makes a parameter's gradient, if there is one, memory of that kind.
func (t *Tracker) markGradient(p *torch.Tensor, module string) {
	if grad := p.Grad(); grad != nil {
		t.add(grad, Gradient, module)
		grad.Close()
	}
}

// close lets go of what the tracker refers to, but for the snapshots.
func (t *Tracker) close() {
	t.modules.Close()
	for _, b := range t.live {
		b.watch.Free()
	}
	t.live = nil
}

// add counts a tensor's storage, or says of one that counts already what it is for.
func (t *Tracker) add(x *torch.Tensor, kind Kind, module string) {
	if x == nil || x.Layout() != torch.Strided || x.IsNested() || x.IsMeta() {
		return
	}
	id := internals.StorageID(x)
	watch, bytes := internals.WatchStorage(x)
	if b := t.live[id]; b != nil {
		watch.Free()
		t.now += bytes - b.bytes // it may have been resized
		b.bytes = bytes
		if kind == Gradient {
			b.kind, b.module = kind, module
		}
		return
	}
	t.live[id] = &block{watch, bytes, kind, module}
	t.now += bytes
}

// sweep takes off what was freed.
func (t *Tracker) sweep() {
	for id, b := range t.live {
		if b.watch.Gone() {
			b.watch.Free()
			t.now -= b.bytes
			delete(t.live, id)
		}
	}
}

// look notes the peak.
func (t *Tracker) look() {
	if t.peak.Total >= t.now && t.peak.Modules != nil {
		return
	}
	t.peak = Snapshot{Total: t.now, Modules: map[string]map[Kind]int{}}
	for _, b := range t.live {
		if t.peak.Modules[b.module] == nil {
			t.peak.Modules[b.module] = map[Kind]int{}
		}
		t.peak.Modules[b.module][b.kind] += b.bytes
	}
}

// Dispatch counts what an operator made.
func (t *Tracker) Dispatch(call *torch.DispatchCall) []any {
	results := call.Run()
	t.sweep()
	kind := Other
	if !internals.InBackward() && torch.IsGradEnabled() {
		kind = Activation
	}
	module := cmp.Or(t.modules.Innermost(), outside)
	for _, v := range results {
		switch v := v.(type) {
		case *torch.Tensor:
			t.add(v, kind, module)
		case []*torch.Tensor:
			for _, x := range v {
				t.add(x, kind, module)
			}
		}
	}
	t.look()
	return results
}

// Peak returns what was alive when the latest Track's tensors took the most.
func (t *Tracker) Peak() Snapshot { return t.peak }

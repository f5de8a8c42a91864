// Package moduletrack knows which modules run in a goroutine, forward or backward, for
// tools that see operators by torch.WithDispatch.
//
// https://github.com/pytorch/pytorch/blob/main/torch/utils/module_tracker.py
package moduletrack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Tracker follows the modules that it was made with and those within, by their hooks. A
// module's name is its type's and, for one within, the path that leads to it: "Net",
// "Net.fc1".
type Tracker struct {
	forward  []string // the modules that run, from the outermost to the innermost
	backward []string // those whose part of a backward pass runs, the latest last
	hooks    []*torch.Hook
}

// New returns a tracker that follows modules until Close. Calls of other goroutines do not
// count, which are those outside of torch.WithDispatch.
func New(modules ...nn.AnyModule) *Tracker {
	t := new(Tracker)
	for _, m := range modules {
		root := TypeName(m)
		for _, named := range nn.Base(m).NamedModules() {
			t.follow(strings.TrimSuffix(root+"."+named.Name, "."), named.Module)
		}
	}
	return t
}

// TypeName returns the name of a module's type, without its package.
func TypeName(m nn.AnyModule) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// Close takes the hooks away.
func (t *Tracker) Close() {
	for _, h := range t.hooks {
		h.Remove()
	}
	t.hooks = nil
}

// Names returns the names of the modules that run, from the outermost to the innermost
// one, each once. In a backward pass they are those whose outputs' gradients are there and
// whose inputs' gradients are not; a module none of whose inputs needs a gradient is among
// them until the pass has ended.
func (t *Tracker) Names() []string {
	if len(t.backward) > 0 && !internals.InBackward() {
		t.backward = nil
	}
	names := slices.Clone(t.forward)
	for _, name := range t.backward {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Innermost returns the name of the module that runs within all others that do, or "". In
// a backward pass a module may begin after those within it.
func (t *Tracker) Innermost() (name string) {
	names := t.Names()
	slices.Reverse(names)
	within := func(other string) bool { return name == "" || strings.HasPrefix(other, name+".") }
	for i := slices.IndexFunc(names, within); i >= 0; i = slices.IndexFunc(names, within) {
		name = names[i]
	}
	return name
}

// follow registers the hooks of a module.
func (t *Tracker) follow(name string, module nn.AnyModule) {
	base := nn.Base(module)
	t.hooks = append(t.hooks,
		base.RegisterForwardPreHook(func(_ nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor {
			if internals.InDispatch() {
				t.forward = append(t.forward, name)
				t.after(inputs, func() { t.backward = without(t.backward, name) })
			}
			return nil
		}),
		base.RegisterForwardHook(func(_ nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
			if internals.InDispatch() {
				t.forward = without(t.forward, name)
				if outputs != nil {
					t.before(others(outputs, inputs), func() { t.backward = append(without(t.backward, name), name) })
				}
			}
			return nil
		}, nn.HookOptions{AlwaysCall: true}))
}

// before calls f when the first gradient of tensors is computed.
func (t *Tracker) before(tensors []*torch.Tensor, f func()) {
	for _, x := range requiring(tensors) {
		t.hooks = append(t.hooks, x.RegisterHook(func(*torch.Tensor) *torch.Tensor {
			if internals.InDispatch() {
				f()
			}
			return nil
		}))
	}
}

// after calls f when all gradients of tensors are computed.
func (t *Tracker) after(tensors []*torch.Tensor, f func()) {
	list := requiring(tensors)
	missing := len(list)
	for _, x := range list {
		t.hooks = append(t.hooks, x.RegisterHook(func(*torch.Tensor) *torch.Tensor {
			if missing--; missing == 0 && internals.InDispatch() {
				missing = len(list) // for another backward pass
				f()
			}
			return nil
		}))
	}
}

// others returns the tensors that are none of inputs. A module that gives its input has no
// part in a backward pass.
func others(tensors, inputs []*torch.Tensor) (list []*torch.Tensor) {
	for _, x := range tensors {
		if x != nil && !slices.ContainsFunc(inputs, func(in *torch.Tensor) bool {
			return in != nil && internals.TensorKey(in) == internals.TensorKey(x)
		}) {
			list = append(list, x)
		}
	}
	return list
}

// requiring returns the tensors that require gradients.
func requiring(tensors []*torch.Tensor) (list []*torch.Tensor) {
	for _, x := range tensors {
		if x != nil && x.RequiresGrad() {
			list = append(list, x)
		}
	}
	return list
}

// without returns the names without the last one that is name.
func without(names []string, name string) []string {
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] == name {
			return slices.Delete(slices.Clone(names), i, i+1)
		}
	}
	return names
}

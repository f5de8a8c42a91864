package nn

import (
	"iter"
	"slices"
	"strconv"
	"weak"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// NumberedModules is what [Sequential] and [ModuleList] share: modules that are named
// "0", "1" and so on.
type NumberedModules[M AnyModule] struct{ Module }

// Append adds modules at the end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html#torch.nn.ModuleList.append
func (r *NumberedModules[M]) Append(modules ...M) {
	for _, m := range modules {
		r.RegisterModule(strconv.Itoa(r.Len()), m)
	}
}

// Insert adds a module before the i-th one, or at the end. Those after it are
// numbered anew.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html#torch.nn.ModuleList.insert
func (r *NumberedModules[M]) Insert(i int, module M) {
	if i != r.Len() {
		i = r.index(i)
	}
	c := r.adopted(child{name: strconv.Itoa(i), module: module})
	r.children = slices.Insert(slices.Clip(r.children), i, c)
	r.number()
}

// Set replaces the i-th module; a negative i counts from the end.
func (r *NumberedModules[M]) Set(i int, module M) {
	c := &r.children[r.index(i)]
	*c = r.adopted(child{name: c.name, module: module})
}

// Pop takes the i-th module out and returns it; a negative i counts from the end.
// Those after it are numbered anew.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html#torch.nn.Sequential.pop
func (r *NumberedModules[M]) Pop(i int) M {
	module := r.At(i)
	i = r.index(i)
	leave(module)
	r.children = slices.Delete(slices.Clone(r.children), i, i+1)
	r.number()
	return module
}

// leave makes a module forget which one it was a part of.
func leave(module AnyModule) {
	if !argument.IsNil(module) {
		module.base().parent, module.base().name = weak.Pointer[Module]{}, ""
	}
}

// childAs returns a child's module childAs what a container holds, or nil if there is none.
func childAs[M AnyModule](c child) M {
	m, _ := c.get().(M)
	return m
}

// Len returns the number of modules.
func (r *NumberedModules[M]) Len() int { return len(r.children) }

// At returns the i-th module; a negative i counts from the end.
func (r *NumberedModules[M]) At(i int) M { return childAs[M](r.children[r.index(i)]) }

// All returns the modules with their numbers, in order.
func (r *NumberedModules[M]) All() iter.Seq2[int, M] {
	return func(yield func(int, M) bool) {
		for i, c := range r.children {
			if !yield(i, childAs[M](c)) {
				return
			}
		}
	}
}

// index returns a number from 0 for one that may count from the end, and panics if
// there is no such module.
func (r *NumberedModules[M]) index(i int) int { return indexOf(i, r.Len()) }

func indexOf(i, length int) int {
	if i < -length || i >= length {
		panic(torch.Errorf("nn.Module", torch.IndexError, "index %d is out of range", i))
	}
	return (i + length) % length
}

func (r *NumberedModules[M]) number() {
	self := weak.Make(&r.Module)
	for i := range r.children {
		c := &r.children[i]
		c.name = strconv.Itoa(i)
		if module := c.get(); module != nil && module.base().parent == self {
			module.base().name = c.name
		}
	}
}

// Sequential passes its input through layers, one after the other. They are
// named "0", "1" and so on, if [Sequential.Add] does not name them. It calls them by
// [Call], with their hooks.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
type Sequential struct {
	NumberedModules[Layer] // Append, Insert, Set, Pop, Len, At, All
}

// NewSequential returns the layers in a row.
func NewSequential(layers ...Layer) *Sequential {
	s := Init(&Sequential{})
	s.Append(layers...)
	return s
}

// Add adds a layer of the given name at the end and returns s: what Python does
// with an OrderedDict.
//
//	nn.NewSequential().Add("fc", nn.NewLinear(4, 2)).Add("relu", nn.NewReLU())
func (s *Sequential) Add(name string, layer Layer) *Sequential {
	s.RegisterModule(name, layer)
	return s
}

// Slice returns a Sequential of the same layers from the start-th to the one before
// end, under their names. Negative numbers count from the end.
func (s *Sequential) Slice(start, end int) *Sequential {
	part := Init(&Sequential{})
	for _, c := range between(s.children, start, end) {
		part.RegisterModule(c.name, c.module)
	}
	return part
}

// between returns list[start:end] as Python does.
func between[T any](list []T, start, end int) []T {
	limit := func(i int) int {
		if i < 0 {
			i += len(list)
		}
		return min(max(i, 0), len(list))
	}
	return list[limit(start):max(limit(start), limit(end))]
}

// Forward returns x passed through all layers.
func (s *Sequential) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Sequential) forward(x *torch.Tensor) *torch.Tensor {
	for i, l := range s.All() {
		if l == nil {
			panic(torch.Errorf("nn.Sequential", torch.TypeError, "layer %d is nil", i))
		}
		x = Call(l, x)
	}
	return x
}

// ModuleList holds modules of one type, named "0", "1" and so on. Whoever loops over
// them calls them by [Call] if their hooks are to be called.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
type ModuleList[M AnyModule] struct {
	NumberedModules[M] // Append, Insert, Set, Pop, Len, At, All
}

// NewModuleList returns a list of modules.
func NewModuleList[M AnyModule](modules ...M) *ModuleList[M] {
	l := Init(&ModuleList[M]{})
	l.Append(modules...)
	return l
}

// Slice returns a list of the same modules from the start-th to the one before end.
// Negative numbers count from the end.
func (l *ModuleList[M]) Slice(start, end int) *ModuleList[M] {
	part := NewModuleList[M]()
	for _, c := range between(l.children, start, end) {
		part.Append(childAs[M](c))
	}
	return part
}

// joinsRepeated makes String print equal neighbours once: "(0-2): 3 x Linear(...)".
func (l *ModuleList[M]) joinsRepeated() {}

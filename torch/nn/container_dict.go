package nn

import (
	"iter"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// ModuleDict holds modules of one type by name, in the order in which they came.
//
//	nn.NewModuleDict[nn.Layer]().Set("relu", nn.NewReLU()).Set("gelu", nn.NewGELU())
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
type ModuleDict[M AnyModule] struct{ Module }

// NewModuleDict returns an empty dict.
func NewModuleDict[M AnyModule]() *ModuleDict[M] { return Init(&ModuleDict[M]{}) }

// Set adds a module, or replaces the one of its name, and returns d.
func (d *ModuleDict[M]) Set(name string, module M) *ModuleDict[M] {
	if c := d.child(name); c != nil {
		*c = d.adopted(child{name: name, module: module})
	} else {
		d.RegisterModule(name, module)
	}
	return d
}

// At returns the module of a name, and panics if there is none.
func (d *ModuleDict[M]) At(name string) M {
	c := d.child(name)
	if c == nil {
		panic(torch.Errorf("nn.ModuleDict", torch.IndexError, "'%s'", name))
	}
	return childAs[M](*c)
}

// Has reports whether there is a module of a name.
func (d *ModuleDict[M]) Has(name string) bool { return d.child(name) != nil }

// Pop takes the module of a name out and returns it. It panics if there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html#torch.nn.ModuleDict.pop
func (d *ModuleDict[M]) Pop(name string) M {
	module := d.At(name)
	d.children = slices.DeleteFunc(slices.Clone(d.children), func(c child) bool { return c.name == name })
	leave(module)
	return module
}

// Len returns the number of modules.
func (d *ModuleDict[M]) Len() int { return len(d.children) }

// Keys returns the names in order.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html#torch.nn.ModuleDict.keys
func (d *ModuleDict[M]) Keys() []string {
	names := make([]string, d.Len())
	for i, c := range d.children {
		names[i] = c.name
	}
	return names
}

// All returns the modules with their names, in order.
func (d *ModuleDict[M]) All() iter.Seq2[string, M] {
	return func(yield func(string, M) bool) {
		for _, c := range d.children {
			if !yield(c.name, childAs[M](c)) {
				return
			}
		}
	}
}

package nn

import (
	"reflect"
	"unsafe"

	"github.com/wangkuiyi/gotorch/torch"
)

// DeepCopy returns a copy of a module and all within it, with copies of the
// parameters and buffers. What the module holds twice, the copy holds twice.
// Parameters require gradients as they did, and have no Grad. Hooks are those of
// the module, but removing one of a module leaves that of the copy.
//
// Modules and tensors are copied wherever fields, exported or not, hold them: in
// structs, slices, maps and interfaces, too. Other pointers, functions and channels
// are shared. It panics if a field holds a tensor that is not a leaf of the graph.
//
// It does what copy.deepcopy does with modules in Python.
func DeepCopy[M AnyModule](module M) M {
	c := &copier{tensors: map[*torch.Tensor]*torch.Tensor{}, modules: map[*Module]AnyModule{}}
	return c.module(module).(M)
}

// copier holds what is copied already.
type copier struct {
	tensors map[*torch.Tensor]*torch.Tensor
	modules map[*Module]AnyModule
}

func (c *copier) module(module AnyModule) AnyModule {
	old := Base(module)
	if copied, ok := c.modules[old]; ok {
		return copied
	}
	from := reflect.ValueOf(module).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	copied := to.Interface().(AnyModule)
	c.modules[old] = copied
	for _, d := range old.derived() {
		c.tensors[*d.tensor] = (*d.tensor).Detach().Clone().Keep() // until it is derived anew
	}
	c.within(to.Elem())
	c.rewire(old, copied.base(), &moved{from.Addr().UnsafePointer(), to.UnsafePointer(), from.Type().Size()})
	return copied
}

func (c *copier) tensor(x *torch.Tensor) *torch.Tensor {
	if x == nil || x.IsClosed() {
		return x
	}
	copied, ok := c.tensors[x]
	if !ok {
		if !x.IsLeaf() {
			panic(torch.Errorf("nn.DeepCopy", torch.RuntimeError,
				"Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment."))
		}
		copied = x.Detach().Clone().SetRequiresGrad(x.RequiresGrad()).Keep()
		if isParameter(x) {
			asParameter(copied)
		}
		c.tensors[x] = copied
	}
	return copied
}

// within puts copies of the modules and tensors that v holds in their places.
func (c *copier) within(v reflect.Value) {
	if v.Type() == baseType {
		return // rewire does it
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			c.within(reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()) // so that it can be set
		}
	case reflect.Array:
		for i := range v.Len() {
			c.within(v.Index(i))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			v.Set(c.held(v))
		}
	case reflect.Slice:
		if !v.IsNil() {
			list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(list, v)
			for i := range list.Len() {
				c.within(list.Index(i))
			}
			v.Set(list)
		}
	case reflect.Map:
		if !v.IsNil() {
			entries := reflect.MakeMap(v.Type())
			for key, value := range v.Seq2() {
				entry := reflect.New(v.Type().Elem()).Elem()
				entry.Set(value)
				c.within(entry)
				entries.SetMapIndex(key, entry)
			}
			v.Set(entries)
		}
	}
}

// held returns a copy of what v, a pointer or an interface, holds, or v itself if
// that is no module and no tensor.
func (c *copier) held(v reflect.Value) reflect.Value {
	switch held := v.Interface().(type) {
	case *torch.Tensor:
		return reflect.ValueOf(c.tensor(held))
	case AnyModule:
		return reflect.ValueOf(c.module(held))
	}
	return v
}

// moved says where a struct was and where its copy is.
type moved struct {
	from, to unsafe.Pointer
	size     uintptr
}

// place returns where in the copy is what was at p, or nil if p is not within the
// struct.
func (m *moved) place(p unsafe.Pointer) unsafe.Pointer {
	offset := uintptr(p) - uintptr(m.from)
	if offset >= m.size {
		return nil
	}
	return unsafe.Add(m.to, offset)
}

// rewire makes a copy's Module refer to the copy's own fields and parts.
func (c *copier) rewire(old, m *Module, structs *moved) {
	self := c.modules[old]
	if v := reflect.ValueOf(old.self); structs.place(v.UnsafePointer()) != nil { // what a lazy module became is a part of it
		self = reflect.NewAt(v.Type().Elem(), structs.place(v.UnsafePointer())).Interface().(AnyModule)
	}
	*m = Module{
		self:       self,
		made:       c.modules[old],
		runs:       old.runs,
		evaluating: old.evaluating,
		parameters: c.slots(old.parameters, structs),
		buffers:    c.slots(old.buffers, structs),
		calls:      old.calls.clone(),
		states:     old.states.clone(),
	}
	for _, d := range old.derived() {
		m.calls.derived = append(m.calls.derived, &derived{c.slots([]slot{d.slot}, structs)[0], d.compute})
	}
	for _, part := range old.children {
		if part.field.IsValid() {
			part.field = reflect.NewAt(part.field.Type(), structs.place(part.field.Addr().UnsafePointer())).Elem()
		} else if part.module != nil {
			part.module = c.module(part.module)
		}
		m.children = append(m.children, m.adopted(part))
	}
}

// slots returns a copy's slots.
func (c *copier) slots(old []slot, structs *moved) []slot {
	list := make([]slot, len(old))
	for i, s := range old {
		if field := structs.place(unsafe.Pointer(s.tensor)); field != nil {
			s.tensor = (**torch.Tensor)(field)
		} else {
			s.tensor = new(c.tensor(*s.tensor))
		}
		list[i] = s
	}
	return list
}

package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unsafe"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// strays looks in the fields that [Init] does not register for modules and tensors
// that would be lost: neither trained nor saved nor put into evaluation mode.
type strays struct {
	root    *Module
	has     map[any]bool     // the *Module of each module within it, and its tensors; nil: not asked yet
	seen    map[visited]bool // what may lead back to itself
	modules int              // how many the field at hand holds
}

// visited is what a pointer, a slice or a map refers to.
type visited struct {
	place  unsafe.Pointer
	kind   reflect.Type
	length int
}

// checkStrays panics if one of the fields holds what m does not have, or is there
// for modules that it would not have.
func (m *Module) checkStrays(fields []strayField) {
	s := &strays{root: m, seen: map[visited]bool{}}
	for _, f := range fields {
		s.modules = 0
		s.look(f.value, f.path, f.hint, true)
		if s.modules == 0 && isOfModules(f.value.Type()) {
			lose(f.path, "is for modules, which Init does not find in a "+f.value.Type().String(), f.hint)
		}
	}
}

// registered reports whether a *Module or a tensor is a part of the module.
func (s *strays) registered(part any) bool {
	if s.has == nil {
		s.has = map[any]bool{}
		for _, module := range s.root.Modules() {
			base := module.base()
			s.has[base] = true
			for _, slot := range slices.Concat(base.parameters, base.buffers) {
				s.has[*slot.tensor] = true
			}
		}
	}
	return s.has[part]
}

// strayField is a field that was not registered.
type strayField struct {
	value reflect.Value
	path  string
	hint  string // what to do about it
}

// lose panics on a field, with the remedy.
func lose(path, why, hint string) {
	panic(torch.Errorf("nn.Init", torch.TypeError, "field %s %s: %s, or tag it `nn:\"-\"` to leave it alone",
		path, why, hint))
}

// hintFor returns what to do about a field of a type that Init does not register.
func hintFor(t reflect.Type, exported bool) string {
	switch kind := t.Kind(); {
	case kind == reflect.Slice || kind == reflect.Array || kind == reflect.Map:
		return "hold modules in an nn.ModuleList or an nn.ModuleDict, and parameters in an nn.ParameterList or an nn.ParameterDict"
	case kind == reflect.Interface && !t.Implements(moduleType):
		return "give the field the type of the module, or nn.Layer, nn.AnyModule or *torch.Tensor"
	case isModuleStruct(t):
		return "make it a pointer"
	case kind == reflect.Struct || kind == reflect.Pointer && t != tensorType && !t.Implements(moduleType):
		return "embed nn.Module in the struct, make it with nn.Init, and hold a pointer to it"
	case !exported && t == tensorType:
		return "export the field, and make the tensor with nn.NewParameter or tag it `nn:\",buffer\"`"
	}
	return "export the field"
}

// isModuleStruct reports whether a struct embeds Module.
func isModuleStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(moduleType)
}

// look panics if v holds a module that is not registered, or a tensor that is not.
// What is behind a pointer to another struct belongs to that: there only modules and
// parameters count, and only where the struct's type says that it has such.
func (s *strays) look(v reflect.Value, path, hint string, own bool) {
	t := v.Type()
	switch {
	case isModuleStruct(t):
		lose(path, "holds a module by value", "make it a pointer")
	case t == tensorType:
		s.tensor(v.Interface().(*torch.Tensor), path, hint, own)
		return
	case t.Kind() == reflect.Pointer && t.Implements(moduleType):
		s.module(v.Interface().(AnyModule), path, hint)
		return
	}
	switch t.Kind() {
	case reflect.Interface:
		if e := v.Elem(); e.IsValid() && (own || e.Kind() == reflect.Pointer && (e.Type() == tensorType || e.Type().Implements(moduleType))) {
			s.look(addressable(e), path, hint, own)
		}
	case reflect.Pointer:
		if !v.IsNil() && mayHold(t.Elem(), false) && s.enter(v, 0) {
			s.look(v.Elem(), path, hint, false)
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("nn") != "-" && mayHold(f.Type, own) {
				s.look(unsealed(v.Field(i)), path+"."+f.Name, hint, own)
			}
		}
	case reflect.Slice, reflect.Array:
		if mayHold(t.Elem(), own) && (t.Kind() == reflect.Array || s.enter(v, v.Len())) {
			for i := range v.Len() {
				s.look(v.Index(i), path+"["+strconv.Itoa(i)+"]", hint, own)
			}
		}
	case reflect.Map:
		if mayHold(t.Elem(), own) && s.enter(v, 0) {
			for key, value := range v.Seq2() {
				s.look(addressable(value), fmt.Sprintf("%s[%v]", path, key), hint, own)
			}
		}
	}
}

// enter reports whether what v refers to is not yet seen.
func (s *strays) enter(v reflect.Value, length int) bool {
	at := visited{v.UnsafePointer(), v.Type(), length}
	if s.seen[at] {
		return false
	}
	s.seen[at] = true
	return true
}

func (s *strays) module(module AnyModule, path, hint string) {
	if argument.IsNil(module) {
		return
	}
	s.modules++
	if !s.registered(module.base()) {
		lose(path, "holds a module, a "+typeName(module)+", that Init does not find", hint)
	}
}

func (s *strays) tensor(x *torch.Tensor, path, hint string, own bool) {
	if x != nil && !s.registered(x) && (own || !x.IsClosed() && isParameter(x)) {
		lose(path, "holds a tensor that Init does not find", hint)
	}
}

// unsealed returns a field, exported or not, such that it can be read.
func unsealed(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
}

// addressable returns a copy of v whose fields can be read.
func addressable(v reflect.Value) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// mayHold reports whether a value of a type may hold modules or tensors: one that is
// a module's own also in interfaces of any type.
func mayHold(t reflect.Type, own bool) bool { return leads(t, own, map[asked]bool{}) }

// asked is what leads was asked before.
type asked struct {
	t   reflect.Type
	own bool
}

// leads is mayHold, but false for types that it was asked before.
func leads(t reflect.Type, own bool, before map[asked]bool) bool {
	if t == tensorType || t.Implements(moduleType) || isModuleStruct(t) {
		return true
	}
	if before[asked{t, own}] {
		return false
	}
	before[asked{t, own}] = true
	switch t.Kind() {
	case reflect.Interface:
		return own
	case reflect.Pointer:
		return leads(t.Elem(), false, before)
	case reflect.Slice, reflect.Map:
		return leads(t.Elem(), own, before)
	case reflect.Array:
		return t.Len() > 0 && leads(t.Elem(), own, before)
	case reflect.Struct:
		for i := range t.NumField() {
			if leads(t.Field(i).Type, own, before) {
				return true
			}
		}
	}
	return false
}

// isOfModules reports whether a field of the type is there for modules.
func isOfModules(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return isOfModules(t.Elem())
	}
	return t.Implements(moduleType)
}

package nn

import (
	"fmt"
	"reflect"
	"unsafe"
	"weak"

	"github.com/wangkuiyi/gotorch/internal"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Module is the base of every layer and network. A struct becomes a module by
// embedding it and passing a pointer to itself through [Init]:
//
//	type Net struct {
//		nn.Module
//		FC1, FC2 *nn.Linear
//	}
//
//	net := nn.Init(&Net{FC1: nn.NewLinear(784, 128), FC2: nn.NewLinear(128, 10)})
//
// Exported fields that hold modules are its children, exported *torch.Tensor
// fields its parameters, and so are those of a struct that it embeds. Parameters and
// buffers outlive a [torch.Scope] that Init is called in. The name of a field is in
// snake case, FC1 being fc1; a struct tag changes that:
//
//	Weight  *torch.Tensor `nn:"w"`                     // another name
//	Mean    *torch.Tensor `nn:",buffer"`               // a buffer
//	Cache   *torch.Tensor `nn:",buffer,nonpersistent"` // not in the state dict
//	Last    *torch.Tensor `nn:"-"`                     // none of these
//	teacher *Net          `nn:"-"`                     // no child
//
// Nothing is lost without a word: Init panics on a tensor that is neither made with
// [NewParameter] nor tagged, and on modules and tensors where it does not find them,
// such as in unexported fields, slices, maps, interfaces of other kinds and plain
// structs. They are put into exported fields, a [ModuleList], a [ModuleDict] or a
// [ParameterList] instead; a field with the tag "-", of whatever type, is left
// alone: what it holds is not trained, saved, moved or put into another mode.
// Functions and channels are not looked into, and what is behind a pointer to a struct
// that is no module belongs to that, but for modules and parameters.
//
// A module's Forward is an ordinary method. net.Forward(x) is how it is called; with
// [Call], as nn.Call(net, x), its hooks are called, too, which modules of this
// package and those that use [Module.Run] do by themselves.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
type Module struct {
	self       AnyModule
	made       AnyModule // what Init was called with: self, or a lazy module that became self
	runs       bool      // its Forward is this package's, which calls the hooks
	evaluating bool
	parameters []slot
	buffers    []slot
	children   []child
	parent     weak.Pointer[Module] // the first module that this one became a part of,
	name       string               // and its name there
	calls      *callHooks           // nil if there are none
	states     *stateHooks          // nil if there are none
}

// AnyModule is every struct that embeds [Module].
type AnyModule interface{ base() *Module }

// Layer is a module that makes one tensor from one tensor.
type Layer interface {
	AnyModule
	Forward(x *torch.Tensor) *torch.Tensor
}

// slot is a parameter or a buffer: a name and where the tensor is.
type slot struct {
	name      string
	tensor    **torch.Tensor
	buffer    bool // else a parameter
	transient bool // not in the state dict
}

// child is a module within a module: a field or one that was registered.
type child struct {
	name   string
	field  reflect.Value // not valid if it is none
	module AnyModule     // of one that is no field, or nil
}

// get returns the module, or nil if there is none.
func (c child) get() AnyModule {
	module := c.module
	if c.field.IsValid() {
		module, _ = c.field.Interface().(AnyModule)
	}
	if argument.IsNil(module) {
		return nil
	}
	return module
}

func (m *Module) base() *Module { return m }

// baseOf returns the Module that a module, an argument of op, embeds.
func baseOf(op string, module AnyModule) *Module {
	argument.NotNil(op, "the module", module)
	base := module.base()
	argument.NotNil(op, "the module", base)
	base.mustBeOf(module)
	return base
}

// isOf reports whether the module is what Init was called with, or a lazy one became.
func (m *Module) isOf(module AnyModule) bool { return module == m.self || module == m.made }

// mustBeOf panics if the module, whose Module is m, embeds a pointer to the one that
// Init was called with, and holds more, which is not registered.
func (m *Module) mustBeOf(module AnyModule) {
	if m.self == nil || m.isOf(module) {
		return
	}
	v := reflect.ValueOf(module)
	if v.Kind() == reflect.Pointer {
		if within(v.UnsafePointer(), reflect.ValueOf(m.made)) {
			return
		}
		v = v.Elem()
	} else {
		v = addressable(v)
	}
	if v.Kind() != reflect.Struct {
		return
	}
	hint := fmt.Sprintf("embed nn.Module in place of a %T, give that a field of its own, and make the %T with nn.Init", m.made, module)
	var others []strayField
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Tag.Get("nn") != "-" && mayHold(f.Type, true) {
			others = append(others, strayField{unsealed(v.Field(i)), v.Type().Name() + "." + f.Name, hint})
		}
	}
	m.checkStrays(others)
}

// within reports whether a place is in the struct that a pointer points to.
func within(place unsafe.Pointer, pointer reflect.Value) bool {
	return uintptr(place)-uintptr(pointer.UnsafePointer()) < pointer.Type().Elem().Size()
}

// Init finds the parameters, buffers and children of m, a pointer to a struct
// that embeds [Module], and returns m. It panics on a tag that it does not know,
// on two fields of one name, on a module held by value, on a child without Init, and
// on what would be lost, as [Module] says, with the field and the remedy.
func Init[M AnyModule](m M) M {
	argument.NotNil("nn.Init", "the module", m)
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic(torch.Errorf("nn.Init", torch.RuntimeError, "want a pointer to a struct that embeds nn.Module, not a %T",
			m))
	}
	base := baseWithin(v)
	*base = Module{self: m, made: m, runs: v.Type().Elem().PkgPath() == baseType.PkgPath()}
	base.checkStrays(base.register(v.Elem(), v.Type().Elem().Name()))
	return m
}

// baseWithin returns the Module that a struct embeds, given a pointer to it, and
// panics if that is another module's.
func baseWithin(pointer reflect.Value) *Module {
	var base *Module
	quietly(func() { base = pointer.Interface().(AnyModule).base() }) // it panics where an embedded pointer is nil
	if !within(unsafe.Pointer(base), pointer) {
		panic(torch.Errorf("nn.Init", torch.TypeError,
			"a %v embeds another module in place of nn.Module; embed nn.Module, and name the field", pointer.Type()))
	}
	return base
}

// initialized returns m, or panics where Init was not called.
func (m *Module) initialized() *Module {
	if m.self == nil {
		panic(torch.Errorf("nn.Module", torch.RuntimeError,
			"the module was not initialized: make it with nn.Init(&T{...})"))
	}
	return m
}

// RegisterModule adds a child that is not a field; nil is none. It panics if the
// name is taken, empty or has a dot, and if the child holds this module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_module
func (m *Module) RegisterModule(name string, module AnyModule) {
	m.initialized().checkName("module", name)
	m.children = append(m.children, m.adopted(child{name: name, module: module}))
}

// adopted returns c when its module knows that it is a part of m.
func (m *Module) adopted(c child) child {
	if module := c.get(); module != nil {
		module.base().mustBeOf(module)
		if module.base().self == nil {
			panic(torch.Errorf("nn.Module", torch.RuntimeError,
				`module "%s" was not initialized: make it with nn.Init(&T{...})`, c.name))
		}
		if module.base().holds(m) {
			panic(torch.Errorf("nn.Module", torch.RuntimeError, `module "%s" would hold itself`, c.name))
		}
		if module.base().name == "" {
			module.base().parent, module.base().name = weak.Make(m), c.name
		}
	}
	return c
}

// holds reports whether other is m or within it.
func (m *Module) holds(other *Module) bool {
	found := false
	m.start().walk(map[*Module]bool{}, func(_ string, module *Module) { found = found || module == other })
	return found
}

// RegisterParameter adds a parameter that is not a field; nil is none. It panics if
// the name is taken, empty or has a dot, and on a tensor that is not a leaf or that
// [NewParameter] did not make.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_parameter
func (m *Module) RegisterParameter(name string, parameter *torch.Tensor) {
	if parameter != nil && !isParameter(parameter) {
		panic(torch.Errorf("nn.Module", torch.TypeError,
			"cannot assign '%s' object to parameter '%s' (torch.nn.Parameter or None required): make it with nn.NewParameter", tensorTypeName(parameter.DType()), name))
	}
	m.initialized().add(slot{name: name, tensor: &parameter})
}

// RegisterBuffer adds a buffer that is not a field; nil is none. A persistent one
// is part of the state dict. It panics if the name is taken, empty or has a dot.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_buffer
func (m *Module) RegisterBuffer(name string, buffer *torch.Tensor, persistent bool) {
	m.initialized().add(slot{name: name, tensor: &buffer, buffer: true, transient: !persistent})
}

// IsTraining reports whether the module is in training mode, as modules are
// until Eval.
func (m *Module) IsTraining() bool { return !m.evaluating }

// Train puts the module and all within it into training mode, or, with false,
// into evaluation mode.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train
func (m *Module) Train(mode ...bool) {
	training := len(mode) == 0 || mode[0]
	for _, module := range m.Modules() {
		module.base().evaluating = !training
	}
}

// Eval puts the module and all within it into evaluation mode.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
func (m *Module) Eval() { m.Train(false) }

// ZeroGrad drops the gradients of all parameters.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.zero_grad
func (m *Module) ZeroGrad() { internals.ClearGrads(m.Parameters()) }

// SetRequiresGrad says for all parameters whether gradients are to be computed.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.requires_grad_
func (m *Module) SetRequiresGrad(on bool) {
	for _, p := range m.Parameters() {
		p.SetRequiresGrad(on)
	}
}

// Apply calls f for every module within this one, and for it last.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.apply
func (m *Module) Apply(f func(AnyModule)) {
	argument.NotNil("nn.Module.Apply", "the function", f)
	m.start().apply(f)
}

func (s *step) apply(f func(AnyModule)) {
	for _, next := range s.distinct() {
		next.apply(f)
	}
	f(s.module.self)
}

// Base returns the [Module] that a module embeds, for its methods.
//
//	for _, m := range net.Modules() {
//		nn.Base(m).RegisterForwardHook(watch)
//	}
func Base(module AnyModule) *Module { return baseOf("nn.Base", module).initialized() }

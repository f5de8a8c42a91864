package nn

import (
	"fmt"
	"reflect"
	"weak"

	"github.com/wangkuiyi/gotorch/internal"

	"github.com/wangkuiyi/gotorch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch"
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
// fields its parameters, and so are those of a struct that it embeds and that
// embeds Module. Parameters and buffers outlive a [torch.Scope] that Init is
// called in. The name of a field is in snake case, FC1 being fc1; a struct tag
// changes that:
//
//	Weight *torch.Tensor `nn:"w"`                     // another name
//	Mean   *torch.Tensor `nn:",buffer"`               // a buffer
//	Cache  *torch.Tensor `nn:",buffer,nonpersistent"` // not in the state dict
//	Last   *torch.Tensor `nn:"-"`                     // none of these
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
type Module struct {
	self       AnyModule
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
	return base
}

// Init finds the parameters, buffers and children of m, a pointer to a struct
// that embeds [Module], and returns m. It panics on a tag that it does not know,
// on two fields of one name and on a module held by value.
func Init[M AnyModule](m M) M {
	base := baseOf("nn.Init", m)
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		fail("nn.Init", fmt.Sprintf("want a pointer to a struct that embeds nn.Module, not a %T", m))
	}
	*base = Module{self: m}
	base.register(v.Elem())
	return m
}

// initialized returns m, or panics where Init was not called.
func (m *Module) initialized() *Module {
	if m.self == nil {
		fail("nn.Module", "the module was not initialized: make it with nn.Init(&T{...})")
	}
	return m
}

func fail(op, message string) {
	panic(&torch.Error{Op: op, Kind: torch.RuntimeError, Message: message})
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
		if module.base().holds(m) {
			fail("nn.Module", `module "`+c.name+`" would hold itself`)
		}
		if module.base().name == "" {
			module.base().parent, module.base().name = weak.Make(m), c.name
		}
	}
	return c
}

// holds reports whether other is m or within it.
func (m *Module) holds(other *Module) bool {
	if m == other {
		return true
	}
	for _, c := range m.children {
		if module := c.get(); module != nil && module.base().holds(other) {
			return true
		}
	}
	return false
}

// RegisterParameter adds a parameter that is not a field; nil is none. It panics if
// the name is taken, empty or has a dot, and on a tensor that is not a leaf.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_parameter
func (m *Module) RegisterParameter(name string, parameter *torch.Tensor) {
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
	for _, c := range m.NamedChildren() {
		c.Module.base().Apply(f)
	}
	f(m.initialized().self)
}

// NewParameter returns a leaf that shares x's memory and requires gradients, for
// a module's field. It stays alive after a [torch.Scope] that it was made in.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
func NewParameter(x *torch.Tensor) *torch.Tensor {
	return x.Detach().SetRequiresGrad(true).Keep()
}

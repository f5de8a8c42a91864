// Package parametrize is PyTorch's torch.nn.utils.parametrize: a parameter becomes
// a tensor that is computed from others, which are the parameters then.
//
//	parametrize.RegisterParametrization(layer, "weight", symmetric)
//
// The tensor, a field such as Weight, is computed anew at the beginning of each
// forward that goes through nn.Module.Run or nn.Call, and by nn.Module.GetTensor.
package parametrize

import (
	"errors"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// A parametrization is an [nn.Layer], which computes the tensor from one other, or
// a [Joint]. It may be an [Inverse] as well.

// Joint computes the tensor from several others.
type Joint interface {
	nn.AnyModule
	Forward(originals ...*torch.Tensor) *torch.Tensor
	// RightInverse returns others that Forward computes x from.
	RightInverse(x *torch.Tensor) []*torch.Tensor
}

// Inverse is a parametrization that knows from what it computes a tensor. It may
// panic with a [torch.NotImplementedError].
type Inverse interface {
	// RightInverse returns what Forward computes x from.
	RightInverse(x *torch.Tensor) *torch.Tensor
}

// Options are the options of [RegisterParametrization].
type Options struct {
	Unsafe bool // do not compute the tensor to check its shape and dtype
}

// RegisterParametrization makes the module's parameter or buffer of a name what
// parametrization, an [nn.Layer] or a [Joint], computes, and returns the module. The
// parameters are those of module.parametrizations.NAME then: "original", or
// "original0" and so on of a Joint. A tensor can have several parametrizations, each
// of which takes what the one before computes.
//
// It panics if there is no such tensor, and unless unsafe if its shape or dtype
// would change.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
func RegisterParametrization[M nn.AnyModule](module M, name string, parametrization nn.AnyModule, options ...Options) M {
	unsafe := option.First(options).Unsafe
	base := nn.Base(module)
	nn.Base(parametrization).Train(base.IsTraining())
	switch {
	case IsParametrized(module, name):
		listOf(base, name).extend(base, name, parametrization, unsafe)
	case !hasTensor(base, name):
		panic(torch.Errorf("parametrize.RegisterParametrization", torch.ValueError,
			"Module '%s' does not have a parameter, a buffer, or a parametrized element with name '%s'", base, name))
	default:
		list, value := newList(parametrization, base.GetTensor(name), has(base.NamedBuffers(), name), unsafe)
		base.Derive(name, value, func(module nn.AnyModule) *torch.Tensor { return listOf(nn.Base(module), name).value() })
		if !IsParametrized(module) {
			base.RegisterModule("parametrizations", nn.NewModuleDict[*ParametrizationList]())
		}
		dict(base).Set(name, list)
	}
	return module
}

// IsParametrized reports whether the module's tensor of a name, or without a name
// any, has a parametrization.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.is_parametrized.html
func IsParametrized(module nn.AnyModule, name ...string) bool {
	d := dict(nn.Base(module))
	return d != nil && (len(name) == 0 || d.Has(name[0]))
}

// Assign makes the originals of a tensor such that its parametrizations compute x.
// It is what Python does when x is assigned to module.NAME. It panics if one of them
// has no RightInverse.
func Assign(module nn.AnyModule, name string, x *torch.Tensor) {
	base := nn.Base(module)
	mustListOf("Assign", base, name).assign(x)
	base.GetTensor(name)
}

// RemoveOptions are the options of [RemoveParametrizations].
type RemoveOptions struct {
	LeaveParametrized *bool // keep what the parametrizations compute, not the original; default: true
}

// RemoveParametrizations makes the module's tensor of a name a parameter or a buffer
// again, and returns the module. It panics if it has no parametrization, and if its
// original cannot be kept because there are several.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html
func RemoveParametrizations[M nn.AnyModule](module M, name string, options ...RemoveOptions) M {
	const op = "RemoveParametrizations"
	base := nn.Base(module)
	list, leave := mustListOf(op, base, name), option.First(options).LeaveParametrized
	keepsValue := leave == nil || *leave
	var x *torch.Tensor
	switch {
	case list.originals == 0:
		x = list.original()
		if keepsValue {
			torch.NoGrad(func() { x.SetInplace(base.GetTensor(name)) })
		}
	case !keepsValue:
		panic(torch.Errorf("parametrize."+op, torch.ValueError,
			"Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors."))
	default:
		x = base.GetTensor(name)
		if x.RequiresGrad() {
			x = nn.NewParameter(x)
		}
	}
	dict(base).Pop(name)
	if dict(base).Len() == 0 {
		base.Unregister("parametrizations")
	}
	base.Restore(name, x)
	return module
}

// dict returns the module's parametrizations by the names of tensors, or nil.
func dict(base *nn.Module) *nn.ModuleDict[*ParametrizationList] {
	for _, c := range base.NamedChildren() {
		if d, ok := c.Module.(*nn.ModuleDict[*ParametrizationList]); ok && c.Name == "parametrizations" {
			return d
		}
	}
	return nil
}

func listOf(base *nn.Module, name string) *ParametrizationList { return dict(base).At(name) }

// mustListOf is listOf for an operation that panics where there is no list.
func mustListOf(op string, base *nn.Module, name string) *ParametrizationList {
	if d := dict(base); d == nil || !d.Has(name) {
		panic(torch.Errorf("parametrize."+op, torch.ValueError, "Module %s does not have a parametrization on %s",
			base, name))
	}
	return listOf(base, name)
}

// hasTensor reports whether the module has a parameter, a buffer or a parametrized
// tensor of a name.
func hasTensor(base *nn.Module, name string) bool {
	return has(base.NamedParameters(), name) || has(base.NamedBuffers(), name) || base.IsDerived(name)
}

func has(tensors []nn.NamedTensor, name string) bool {
	for _, n := range tensors {
		if n.Name == name {
			return true
		}
	}
	return false
}

// inverse returns the RightInverse of a parametrization for x, and whether it has
// one.
func inverse(parametrization nn.AnyModule, x *torch.Tensor) (y *torch.Tensor, ok bool) {
	p, ok := parametrization.(Inverse)
	if !ok {
		return x, false
	}
	err := torch.Try(func() { y = p.RightInverse(x) })
	switch {
	case errors.Is(err, &torch.Error{Kind: torch.NotImplementedError}):
		return x, false
	case err != nil:
		panic(err)
	}
	return y, true
}

// mustKeep panics unless x has the dtype and shape of what it replaces.
func mustKeep(what string, before, x *torch.Tensor, beforeName, name, flag string) {
	if before.DType() != x.DType() {
		panic(torch.Errorf("parametrize.RegisterParametrization", torch.ValueError,
			"%s dtype%s\n%sdtype: %v\n%sdtype: %v", what, flag, beforeName, before.DType(), name, x.DType()))
	}
	if size := python.Size(x.Shape()); size != python.Size(before.Shape()) {
		panic(torch.Errorf("parametrize.RegisterParametrization", torch.ValueError,
			"%s shape%s\n%sshape: %s\n%sshape: %s", what, flag, beforeName, python.Size(before.Shape()), name, size))
	}
}

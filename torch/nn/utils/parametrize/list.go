package parametrize

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// ParametrizationList holds the parametrizations of a tensor, and the originals
// that it is computed from.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.ParametrizationList.html
type ParametrizationList struct {
	nn.ModuleList[nn.AnyModule]
	originals int // how many there are for a Joint; else 0
	unsafe    bool
}

// newList returns the list with one parametrization of original, and what it
// computes.
func newList(parametrization nn.AnyModule, original *torch.Tensor, buffer, unsafe bool) (*ParametrizationList, *torch.Tensor) {
	l := nn.Init(&ParametrizationList{unsafe: unsafe})
	l.Append(parametrization)
	shaped := original.Detach()
	torch.NoGrad(func() {
		if joint, ok := parametrization.(Joint); ok {
			l.registerAll(joint.RightInverse(original), original, buffer)
			return
		}
		l.register("original", original, buffer)
		if x, ok := inverse(parametrization, original); ok {
			if x.DType() != original.DType() {
				panic(torch.Errorf("parametrize.RegisterParametrization", torch.ValueError, "When `right_inverse` outputs one tensor, it may not change the dtype."+
					"\noriginal.dtype: %v\nright_inverse(original).dtype: %v", original.DType(), x.DType()))
			}
			original.SetInplace(x)
		}
	})
	value := l.value()
	if !unsafe {
		mustKeep("Registering a parametrization may not change the", shaped, value, "unparametrized ", "parametrized ",
			" of the tensor, unless `unsafe` flag is enabled.")
	}
	return l, value
}

func (l *ParametrizationList) register(name string, x *torch.Tensor, buffer bool) {
	if buffer {
		l.RegisterBuffer(name, x, true)
	} else {
		l.RegisterParameter(name, x)
	}
}

func (l *ParametrizationList) registerAll(tensors []*torch.Tensor, original *torch.Tensor, buffer bool) {
	l.originals = len(tensors)
	for i, name := range l.names() {
		x := tensors[i]
		if !buffer {
			x = nn.NewParameter(x).SetRequiresGrad(original.RequiresGrad())
		}
		l.register(name, x, buffer)
	}
}

// extend adds a parametrization of what the list computes.
func (l *ParametrizationList) extend(base *nn.Module, name string, parametrization nn.AnyModule, unsafe bool) {
	layer, ok := parametrization.(nn.Layer)
	if !ok {
		panic(torch.Errorf("parametrize.RegisterParametrization", torch.TypeError,
			"a parametrization after the first must take one tensor, which a %T does not", parametrization))
	}
	if !unsafe {
		before := base.GetTensor(name)
		after := nn.Call(layer, before)
		const flag = ", unless the `unsafe` flag is enabled."
		mustKeep("Registering a parametrization may not change the", before, after, "module."+name+".", "parametrization(module."+name+").",
			" of the tensor"+flag)
		if x, ok := inverse(parametrization, after); ok {
			mustKeep("The tensor returned by parametrization.right_inverse must have the same", before, x, "module."+name+".", "returned ",
				" as module."+name+flag)
		}
	}
	l.Append(parametrization)
	l.unsafe = l.unsafe || unsafe
	base.GetTensor(name)
}

// original returns the only one that there is.
func (l *ParametrizationList) original() *torch.Tensor { return l.GetTensor("original") }

// all returns the originals of a Joint.
func (l *ParametrizationList) all() []*torch.Tensor {
	tensors := make([]*torch.Tensor, l.originals)
	for i, name := range l.names() {
		tensors[i] = l.GetTensor(name)
	}
	return tensors
}

// names returns those of the originals.
func (l *ParametrizationList) names() []string {
	if l.originals == 0 {
		return []string{"original"}
	}
	names := make([]string, l.originals)
	for i := range names {
		names[i] = fmt.Sprintf("original%d", i)
	}
	return names
}

// share makes the originals those of another list, which may be buffers in place of
// parameters.
func (l *ParametrizationList) share(other *ParametrizationList) {
	for _, name := range other.names() {
		l.Unregister(name)
		l.register(name, other.GetTensor(name), has(other.NamedBuffers(), name))
	}
}

// value returns what the parametrizations compute from the originals.
func (l *ParametrizationList) value() *torch.Tensor {
	return cached(l, func() (x *torch.Tensor) {
		for i, p := range l.All() {
			switch p := p.(type) {
			case Joint:
				x = nn.CallAll(p, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{p.Forward(in...)} }, l.all()...)[0]
			case nn.Layer:
				if i == 0 {
					x = l.original()
				}
				x = nn.Call(p, x)
			default:
				panic(torch.Errorf("parametrize.RegisterParametrization", torch.TypeError,
					"a %T is no parametrization: it has no Forward", p))
			}
		}
		return x
	})
}

// assign changes the originals so that value returns x.
func (l *ParametrizationList) assign(x *torch.Tensor) {
	torch.NoGrad(func() {
		for i := l.Len() - 1; i > 0 || i == 0 && l.originals == 0; i-- {
			p, ok := l.At(i).(Inverse)
			if !ok {
				panic(torch.Errorf("parametrize.Assign", torch.RuntimeError,
					"parametrization %s does not implement right_inverse.", nn.TypeName(l.At(i))))
			}
			x = p.RightInverse(x)
		}
		if l.originals == 0 {
			mustBe("The tensor returned by `right_inverse`", "original", x, l.original())
			l.original().SetInplace(x)
			return
		}
		for i, part := range l.At(0).(Joint).RightInverse(x) {
			original := l.all()[i]
			mustBe(fmt.Sprintf("Tensor %d returned by `right_inverse`", i), fmt.Sprintf("original%d", i), part, original)
			original.SetInplace(part)
		}
	})
}

// mustBe panics unless x has original's dtype.
func mustBe(what, name string, x, original *torch.Tensor) {
	if x.DType() != original.DType() {
		panic(torch.Errorf("parametrize.Assign", torch.ValueError, "%s has dtype %v while `%s` has dtype %v",
			what, x.DType(), name, original.DType()))
	}
}

package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// LazyModule is a module some of whose parameters or buffers are uninitialized:
// they get their shapes from the first input. Before its first forward,
// [Module.Run] calls InitializeParameters with that input. What it returns is the
// module from then on, for printing and for walks over networks: usually the
// module that the lazy one embeds, as a LazyLinear becomes a Linear.
//
//	type LazyLinear struct{ nn.Linear }
//
//	func (l *LazyLinear) InitializeParameters(x *torch.Tensor) nn.AnyModule {
//		if nn.IsUninitialized(l.Weight) { ... nn.Materialize(l.Weight, l.OutFeatures, x.Size(-1)) ... }
//		return &l.Linear
//	}
//
// Optimizers made before the first forward hold the same parameters. A state dict
// with initialized tensors can be loaded at any time.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.modules.lazy.LazyModuleMixin.html
type LazyModule interface {
	AnyModule
	InitializeParameters(x *torch.Tensor) AnyModule
}

// NewUninitializedParameter returns a parameter without elements for a
// [LazyModule].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html
func NewUninitializedParameter(options ...torch.TensorOptions) *torch.Tensor {
	return NewParameter(NewUninitializedBuffer(options...))
}

// NewUninitializedBuffer returns a buffer without elements for a [LazyModule].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedBuffer.html
func NewUninitializedBuffer(options ...torch.TensorOptions) *torch.Tensor {
	return torch.Empty([]int{0}, options...)
}

// IsUninitialized reports whether x, of a [LazyModule], is uninitialized.
func IsUninitialized(x *torch.Tensor) bool { return x.Dim() == 1 && x.Size(0) == 0 }

// Materialize gives an uninitialized tensor its shape; the values are arbitrary.
func Materialize(x *torch.Tensor, shape ...int) {
	x.SetData(torch.Empty(shape, torch.TensorOptions{DType: x.DType(), Device: x.Device()}))
}

// infer initializes a lazy module by its first input.
func (m *Module) infer(lazy LazyModule, x *torch.Tensor) {
	torch.NoGrad(func() { m.self = lazy.InitializeParameters(x) })
}

// materialize gives a lazy module the shapes that a state dict has, whose names for
// it begin with prefix.
func (m *Module) materialize(prefix string, dict map[string]*torch.Tensor) {
	if _, ok := m.self.(LazyModule); !ok {
		return
	}
	for _, s := range slices.Concat(m.parameters, m.buffers) {
		source := dict[prefix+s.name]
		if x := *s.tensor; x != nil && source != nil && IsUninitialized(x) {
			Materialize(x, source.Shape()...)
		}
	}
}

// LazyLinear is a [Linear] that takes the number of features in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
type LazyLinear struct{ Linear }

// NewLazyLinear is [NewLinear] for any number of features in.
func NewLazyLinear(out int, options ...LinearOptions) *LazyLinear {
	o := option.First(options)
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	l := &LazyLinear{Linear{OutFeatures: out, Weight: NewUninitializedParameter(t)}}
	if o.Bias == nil || *o.Bias {
		l.Bias = NewUninitializedParameter(t)
	}
	return Init(l)
}

// InitializeParameters gives the parameters the shapes that fit x, and draws them.
// It panics if parameters from a state dict do not fit.
func (l *LazyLinear) InitializeParameters(x *torch.Tensor) AnyModule {
	in := x.Size(-1)
	switch {
	case IsUninitialized(l.Weight):
		l.InFeatures = in
		Materialize(l.Weight, l.OutFeatures, in)
		if l.Bias != nil {
			Materialize(l.Bias, l.OutFeatures)
		}
		l.ResetParameters()
	case in != l.Weight.Size(-1):
		panic(torch.Errorf("nn.LazyLinear", torch.RuntimeError,
			"The in_features inferred from input: %d is not equal to in_features from self.weight: %d", in, l.Weight.Size(-1)))
	}
	l.InFeatures = in
	return &l.Linear
}

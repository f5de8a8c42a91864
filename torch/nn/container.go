package nn

import (
	"strconv"

	"github.com/wangkuiyi/gotorch/torch"
)

// Sequential passes its input through layers, one after the other. They are
// named "0", "1" and so on.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
type Sequential struct {
	Module
	layers []Layer
}

// NewSequential returns the layers in a row.
func NewSequential(layers ...Layer) *Sequential {
	s := Init(&Sequential{})
	for _, l := range layers {
		s.Append(l)
	}
	return s
}

// Append adds a layer at the end.
func (s *Sequential) Append(layer Layer) {
	s.RegisterModule(strconv.Itoa(len(s.layers)), layer)
	s.layers = append(s.layers, layer)
}

// Len returns the number of layers.
func (s *Sequential) Len() int { return len(s.layers) }

// At returns the i-th layer.
func (s *Sequential) At(i int) Layer { return s.layers[i] }

// Forward returns x passed through all layers.
func (s *Sequential) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Sequential) forward(x *torch.Tensor) *torch.Tensor {
	for _, l := range s.layers {
		x = l.Forward(x)
	}
	return x
}

// ModuleList holds modules of one type, named "0", "1" and so on.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
type ModuleList[M AnyModule] struct {
	Module
	modules []M
}

// NewModuleList returns a list of modules.
func NewModuleList[M AnyModule](modules ...M) *ModuleList[M] {
	l := Init(&ModuleList[M]{})
	for _, m := range modules {
		l.Append(m)
	}
	return l
}

// Append adds a module at the end.
func (l *ModuleList[M]) Append(module M) {
	l.RegisterModule(strconv.Itoa(len(l.modules)), module)
	l.modules = append(l.modules, module)
}

// Len returns the number of modules.
func (l *ModuleList[M]) Len() int { return len(l.modules) }

// At returns the i-th module.
func (l *ModuleList[M]) At(i int) M { return l.modules[i] }

// joinsRepeated makes String print equal neighbours once: "(0-2): 3 x Linear(...)".
func (l *ModuleList[M]) joinsRepeated() {}

// All returns the modules in order; it is not a copy.
func (l *ModuleList[M]) All() []M { return l.modules }

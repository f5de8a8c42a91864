package export

import (
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Module is a program as a module: its parameters and buffers have their names in the
// model that was exported, so optimizers train them, and state dicts fit.
type Module struct {
	nn.Module
	program *Program `nn:"-"`
}

// Module returns the program as a module, which shares its weights.
//
// https://docs.pytorch.org/docs/stable/export.html#torch.export.ExportedProgram.module
func (p *Program) Module() *Module {
	m := nn.Init(&Module{program: p})
	all := parts{"": m}
	for _, n := range p.Parameters {
		owner, name := all.place(n.Name)
		owner.RegisterParameter(name, n.Tensor)
	}
	for i, n := range p.Buffers {
		owner, name := all.place(n.Name)
		owner.RegisterBuffer(name, n.Tensor, p.persistent[i])
	}
	return m
}

// part is a module of the model that was exported: what it has, not what it does.
type part struct{ nn.Module }

// registry is where tensors and modules of a module are registered.
type registry interface {
	RegisterModule(name string, module nn.AnyModule)
	RegisterParameter(name string, parameter *torch.Tensor)
	RegisterBuffer(name string, buffer *torch.Tensor, persistent bool)
}

// parts are the modules of a model by their paths.
type parts map[string]registry

// place returns the module that a tensor belongs to by its path, and its name there.
func (p parts) place(path string) (owner registry, name string) {
	at := strings.LastIndexByte(path, '.')
	if at < 0 {
		return p[""], path
	}
	folder := path[:at]
	if p[folder] == nil {
		above, name := p.place(folder)
		child := nn.Init(&part{})
		above.RegisterModule(name, child)
		p[folder] = child
	}
	return p[folder], path[at+1:]
}

// Forward runs the program on a tensor and returns the tensor that it gives. It panics
// with a *[torch.Error] where [Program.Run] fails, and if the program takes or gives
// anything else.
func (m *Module) Forward(x *torch.Tensor) *torch.Tensor {
	value, err := m.program.Run(x)
	if err != nil {
		panic(torch.Errorf("export.Module", torch.RuntimeError, "%s", err.Error()))
	}
	y, ok := value.(*torch.Tensor)
	if !ok {
		panic(torch.Errorf("export.Module", torch.TypeError, "the program gives a %T: use Program.Run", value))
	}
	return y
}

// Package parametrizations is PyTorch's torch.nn.utils.parametrizations: the norm
// of a weight apart from its direction, its spectral norm 1, or its columns
// orthogonal.
package parametrizations

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// nameOr returns the name of the tensor to be parametrized.
func nameOr(name string) string {
	if name == "" {
		return "weight"
	}
	return name
}

// tensorOf returns the module's parameter or buffer of a name.
func tensorOf(op string, module nn.AnyModule, name string) (x *torch.Tensor) {
	if err := torch.Try(func() { x = nn.Base(module).GetTensor(name) }); err != nil || x == nil {
		panic(torch.Errorf("parametrizations."+op, torch.ValueError,
			"Module '%s' has no parameter or buffer with name '%s'", nn.Base(module), name))
	}
	return x
}

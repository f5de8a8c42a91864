package parametrizations

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

// WeightNormOptions are the options of [WeightNorm].
type WeightNormOptions struct {
	Name string // of the tensor; default: "weight"
	Dim  int    // norms are those of the parts along this dimension, or, with -1, of the whole; default: 0
}

// WeightNorm makes the module's weight g · v / ‖v‖, and returns the module. The
// parameters are parametrizations.weight.original0, the norms g, and original1, the
// direction v. State dicts of the older names weight_g and weight_v can be loaded.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
func WeightNorm[M nn.AnyModule](module M, options ...WeightNormOptions) M {
	o := option.First(options)
	name := nameOr(o.Name)
	norm := nn.Init(&weightNorm{dim: o.Dim})
	parametrize.RegisterParametrization(module, name, norm, parametrize.Options{Unsafe: true})
	nn.Base(module).RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		g, v := dict.Get(prefix+name+"_g"), dict.Get(prefix+name+"_v")
		if g == nil || v == nil {
			return
		}
		dict.Delete(prefix + name + "_g")
		dict.Delete(prefix + name + "_v")
		dict.Set(prefix+"parametrizations."+name+".original0", g)
		dict.Set(prefix+"parametrizations."+name+".original1", v)
	})
	return module
}

type weightNorm struct {
	nn.Module
	dim int
}

// GetName returns the name that Python prints.
func (*weightNorm) GetName() string { return "_WeightNorm" }

// Forward returns the weight of norms and direction.
func (w *weightNorm) Forward(originals ...*torch.Tensor) *torch.Tensor {
	return w.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		var c torch.Call
		c.Tensor(in[1])
		c.Tensor(in[0])
		c.Int(w.dim)
		return []*torch.Tensor{c.One(opWeightNorm)}
	}, originals...)[0]
}

// RightInverse returns the norms of x, and x.
func (w *weightNorm) RightInverse(x *torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{torch.NormExceptDim(x, torch.NormExceptDimOptions{Dim: w.dim}), x}
}

var opWeightNorm = torch.NewOperator("aten::_weight_norm(Tensor v, Tensor g, int dim=0) -> Tensor")

package prune

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
)

// unstructured prunes single elements: those that order gives the greatest numbers,
// or the least.
type unstructured struct {
	amount  Amount
	order   func(x *torch.Tensor) *torch.Tensor
	largest bool
}

// NewRandomUnstructured returns the method of [RandomUnstructured].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomUnstructured.html
func NewRandomUnstructured(amount Amount) Method {
	mustBeAmount(amount)
	return &unstructured{amount, func(x *torch.Tensor) *torch.Tensor { return torch.RandLike(x) }, true}
}

// NewL1Unstructured returns the method of [L1Unstructured].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.L1Unstructured.html
func NewL1Unstructured(amount Amount) Method {
	mustBeAmount(amount)
	return &unstructured{amount, func(x *torch.Tensor) *torch.Tensor { return x.Abs() }, false}
}

// ComputeMask returns the mask.
func (u *unstructured) ComputeMask(x, mask *torch.Tensor) *torch.Tensor {
	count := numberOf(u.amount, x.Numel())
	mask = mask.Clone(torch.CloneOptions{MemoryFormat: torch.ContiguousFormat})
	if count > 0 {
		_, pruned := u.order(x).View(-1).TopK(count, torch.TopKOptions{Largest: &u.largest})
		mask.View(-1).IndexFillInplace(0, pruned, 0)
	}
	return mask
}

// Dim returns the kind.
func (*unstructured) Dim() (dim int, kind Kind) { return 0, Unstructured }

// identity prunes nothing.
type identity struct{}

// ComputeMask returns mask.
func (identity) ComputeMask(_, mask *torch.Tensor) *torch.Tensor { return mask }

// Dim returns the kind.
func (identity) Dim() (dim int, kind Kind) { return 0, Unstructured }

// customMask prunes what a mask says.
type customMask struct{ mask *torch.Tensor }

// ComputeMask returns the product of both masks.
func (c customMask) ComputeMask(_, mask *torch.Tensor) *torch.Tensor {
	if size := python.Size(c.mask.Shape()); size != python.Size(mask.Shape()) {
		panic(torch.Errorf("prune", torch.ValueError, "default_mask shape %s must match self.mask shape %s",
			python.Size(mask.Shape()), size))
	}
	return mask.Mul(c.mask.To(mask.DType()))
}

// Dim returns the kind.
func (customMask) Dim() (dim int, kind Kind) { return 0, Global }

// Identity makes the module's parameter of a name pruned without pruning anything.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.identity.html
func Identity[M nn.AnyModule](module M, name string) M { return Apply(module, name, identity{}) }

// RandomUnstructured prunes elements of the module's parameter of a name, drawn at
// random, and returns the module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_unstructured.html
func RandomUnstructured[M nn.AnyModule](module M, name string, amount Amount) M {
	return Apply(module, name, NewRandomUnstructured(amount))
}

// L1Unstructured prunes the elements of the least absolute values of the module's
// parameter of a name, and returns the module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.l1_unstructured.html
func L1Unstructured[M nn.AnyModule](module M, name string, amount Amount, options ...Options) M {
	return Apply(module, name, NewL1Unstructured(amount), options...)
}

// CustomFromMask prunes the elements of the module's parameter of a name where mask
// is 0, and returns the module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.custom_from_mask.html
func CustomFromMask[M nn.AnyModule](module M, name string, mask *torch.Tensor) M {
	return Apply(module, name, customMask{mask})
}

// Parameter is a parameter of a module.
type Parameter struct {
	Module nn.AnyModule
	Name   string
}

// GlobalOptions are the options of [GlobalUnstructured].
type GlobalOptions struct {
	ImportanceScores map[Parameter]*torch.Tensor // of the parameters' shapes; default: the parameters themselves
}

// GlobalUnstructured prunes parameters as if they were one, with an unstructured
// method.
//
//	prune.GlobalUnstructured([]prune.Parameter{{net.FC1, "weight"}, {net.FC2, "weight"}}, prune.NewL1Unstructured(0.2))
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.global_unstructured.html
func GlobalUnstructured(parameters []Parameter, method Method, options ...GlobalOptions) {
	argument.NotNil("prune.GlobalUnstructured", "the method", method)
	if _, kind := method.Dim(); kind != Unstructured {
		panic(torch.Errorf("prune", torch.TypeError,
			`Only "unstructured" PRUNING_TYPE supported for the pruning method. Found a method of another`))
	}
	given := option.First(options).ImportanceScores
	scores, masks := make([]*torch.Tensor, len(parameters)), make([]*torch.Tensor, len(parameters))
	for i, p := range parameters {
		base := nn.Base(p.Module)
		x := base.GetTensor(p.Name).Detach()
		scores[i], masks[i] = x, torch.OnesLike(x)
		if s := given[p]; s != nil {
			scores[i] = s.Detach()
		}
		if isPruned(base, p.Name) {
			masks[i] = base.GetBuffer(p.Name + "_mask")
		}
	}
	mask := combined(method, utils.ParametersToVector(scores), utils.ParametersToVector(masks))
	start := 0
	for i, p := range parameters {
		end := start + masks[i].Numel()
		CustomFromMask(p.Module, p.Name, mask.Slice(0, start, end, 1).ViewAs(masks[i]))
		start = end
	}
}

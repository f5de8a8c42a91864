package utils

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// StackModuleState returns the parameters and the buffers of models of one type, each
// stacked, with the models in dimension 0: what fn.Vmap and [FunctionalCall] take to run
// them all at once. Parameters that require gradients are stacked to leaves of their own,
// which an optimizer can train. It panics without models, where the models' tensors differ in
// number, names or shapes, and where some are in training mode or require gradients and
// others do not.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
func StackModuleState[M nn.AnyModule](models []M) (parameters, buffers nn.StateDict) {
	const op = "utils.StackModuleState"
	refuse := func(format string, args ...any) { panic(torch.Errorf(op, torch.RuntimeError, format, args...)) }
	if len(models) == 0 {
		refuse("Expected at least one model, got 0.")
	}
	first := nn.Base(models[0])
	bases := make([]*nn.Module, len(models))
	for i, model := range models {
		bases[i] = nn.Base(model)
		if nn.TypeName(model) != nn.TypeName(models[0]) {
			refuse("Expected all models to be of the same class, got %s and %s.", nn.TypeName(models[0]), nn.TypeName(model))
		}
		if bases[i].IsTraining() != first.IsTraining() {
			refuse("Expected all models to have the same training/eval mode.")
		}
	}
	stack := func(kind string, of func(*nn.Module) []nn.NamedTensor) (stacked nn.StateDict) {
		lists := make([][]nn.NamedTensor, len(bases))
		for i, base := range bases {
			lists[i] = of(base)
			if len(lists[i]) != len(lists[0]) {
				refuse("Expected all models to have as many %s, got %d and %d.", kind, len(lists[0]), len(lists[i]))
			}
		}
		for k, place := range lists[0] {
			tensors := make([]*torch.Tensor, len(lists))
			for i, list := range lists {
				tensors[i] = list[k].Tensor
				if list[k].Name != place.Name {
					refuse("Expected all models to have the same %s, got %s and %s.", kind, place.Name, list[k].Name)
				}
				if tensors[i].RequiresGrad() != place.Tensor.RequiresGrad() {
					refuse("Expected %s from each model to have the same .requires_grad", place.Name)
				}
			}
			x := torch.NoGradValue(func() *torch.Tensor { return torch.Stack(tensors, 0) })
			stacked.Set(place.Name, x.SetRequiresGrad(place.Tensor.RequiresGrad()))
		}
		return stacked
	}
	return stack("parameters", (*nn.Module).NamedParameters), stack("buffers", (*nn.Module).NamedBuffers)
}

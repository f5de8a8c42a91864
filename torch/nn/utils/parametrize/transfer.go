package parametrize

import "github.com/wangkuiyi/gotorch/torch/nn"

// TransferParametrizationsAndParams gives a module the parametrizations of another
// one's tensors of some names, or without names of all, and returns it. Both have
// the same originals and the same parametrizations then. A tensor that the module
// lacks becomes a new parameter; if it has parametrizations, the others come after
// them. Fields of the module get their new values with its next forward. Without
// parametrizations to transfer, nothing changes. It panics as
// [RegisterParametrization] does, and if a name has no parametrization.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.transfer_parametrizations_and_params.html
func TransferParametrizationsAndParams[M nn.AnyModule](from nn.AnyModule, to M, names ...string) M {
	if !IsParametrized(from) {
		return to
	}
	source, target := nn.Base(from), nn.Base(to)
	if len(names) == 0 {
		names = dict(source).Keys()
	}
	for _, name := range names {
		list := mustListOf("TransferParametrizationsAndParams", source, name)
		if !hasTensor(target, name) {
			target.RegisterParameter(name, nn.NewParameter(source.GetTensor(name)))
		}
		for _, p := range list.All() {
			RegisterParametrization(to, name, p)
		}
		listOf(target, name).share(list)
	}
	return to
}

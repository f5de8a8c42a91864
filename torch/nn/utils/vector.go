package utils

import "github.com/wangkuiyi/gotorch/torch"

// ParametersToVector returns the elements of all parameters in one dimension.
// Gradients flow through it. It panics if they are on different devices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
func ParametersToVector(parameters []*torch.Tensor) *torch.Tensor {
	mustShareDevice("ParametersToVector", parameters)
	flat := make([]*torch.Tensor, len(parameters))
	for i, p := range parameters {
		flat[i] = p.View(-1)
	}
	return torch.Cat(flat, 0)
}

// VectorToParameters makes parameters views of parts of vector, one after the
// other. It panics if they are on different devices or vector is too short.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
func VectorToParameters(vector *torch.Tensor, parameters []*torch.Tensor) {
	mustShareDevice("VectorToParameters", parameters)
	start := 0
	for _, p := range parameters {
		end := start + p.Numel()
		p.SetData(vector.Detach().Slice(0, start, end, 1).ViewAs(p))
		start = end
	}
}

func mustShareDevice(op string, parameters []*torch.Tensor) {
	for _, p := range parameters {
		if p.Device() != parameters[0].Device() {
			panic(torch.Errorf("utils."+op, torch.TypeError,
				"Found two parameters on different devices, this is currently not supported."))
		}
	}
}

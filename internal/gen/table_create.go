package main

const creationByHand = `bartlett_window.periodic blackman_window.periodic hann_window.periodic hamming_window.periodic_alpha_beta kaiser_window.beta
	linspace linspace.Tensor_Tensor linspace.Tensor_Scalar linspace.Scalar_Tensor
	logspace logspace.Tensor_Tensor logspace.Tensor_Scalar logspace.Scalar_Tensor
	normal.Tensor_float normal.float_Tensor normal.Tensor_Tensor normal.float_float`

// creation are operators that make tensors; create.go and random.go have those
// of everyday use.
var creation = []entry{
	{op: "range.step", doc: "returns the numbers from start to end, end included, in steps of step. Arange takes its place.", positional: 2},
	{op: "scalar_tensor", page: "torch.tensor", doc: "returns a tensor without dimensions that holds s."},
	{op: "empty_strided", doc: "returns a tensor of the given sizes and strides, in elements, whose elements are not set."},
	{op: "empty_permuted", doc: "returns a tensor of the given size whose elements, not set, lie in memory in the order of the dimensions physical_layout."},
	{op: "tril_indices", doc: "returns the row and column indices (2 × n, Int64) of the lower triangle of a matrix."},
	{op: "triu_indices", doc: "returns the row and column indices (2 × n, Int64) of the upper triangle of a matrix."},
	{op: "from_file", doc: "returns a one-dimensional tensor of Size elements that is mapped to a file; changes reach the file if Shared is set."},
	{op: "new_empty", doc: "returns a tensor of the given size, and of x's dtype and device unless options give others, whose elements are not set."},
	{op: "new_empty_strided", doc: "is EmptyStrided with x's dtype and device, unless options give others."},
	{op: "new_zeros", doc: "is Zeros with x's dtype and device, unless options give others."},
	{op: "new_ones", doc: "is Ones with x's dtype and device, unless options give others."},
	{op: "new_full", doc: "is Full with x's dtype and device, unless options give others."},
}

package main

const layoutsByHand = `sparse_coo_tensor.indices sparse_coo_tensor.indices_size sparse_compressed_tensor.comp_plain_value_size sparse_compressed_tensor.comp_plain_value
	sparse_csr_tensor.crow_col_value_size sparse_csr_tensor.crow_col_value sparse_csc_tensor.ccol_row_value_size sparse_csc_tensor.ccol_row_value
	sparse_bsr_tensor.crow_col_value_size sparse_bsr_tensor.crow_col_value sparse_bsc_tensor.ccol_row_value_size sparse_bsc_tensor.ccol_row_value
	_nested_tensor_from_tensor_list`

// layouts are operators on sparse, quantized and nested tensors.
var layouts = []entry{
	// Sparse.
	{op: "to_sparse", forms: "m", doc: "returns a sparse copy of x, of the COO layout unless options give another."},
	{op: "to_sparse.sparse_dim", name: "ToSparseDim", forms: "m", doc: "returns a sparse COO copy of x whose first sparse_dim dimensions are sparse."},
	{op: "to_sparse_csr", doc: "returns a copy of x in compressed sparse rows."},
	{op: "to_sparse_csc", doc: "returns a copy of x in compressed sparse columns."},
	{op: "to_sparse_bsr", doc: "returns a copy of x in compressed sparse rows of blocks of blocksize."},
	{op: "to_sparse_bsc", doc: "returns a copy of x in compressed sparse columns of blocks of blocksize."},
	{op: "to_dense", doc: "returns a dense copy of a sparse x; a dense x itself."},
	{op: "sparse_mask", doc: "returns the elements of x at the indices of the sparse mask, as a sparse tensor."},
	{op: "_nnz", name: "NNZ", page: "-", forms: "m", doc: "returns how many elements a sparse tensor holds; of a COO one that is not coalesced, equal indices count each."},
	{op: "sparse_dim", doc: "returns the number of sparse dimensions."},
	{op: "dense_dim", doc: "returns the number of dense dimensions of a sparse tensor."},
	{op: "coalesce", doc: "returns a sparse COO x with each index once, in order; equal ones are added."},
	{op: "indices", doc: "returns the indices (Int64) of a coalesced sparse COO tensor, a column each."},
	{op: "values", doc: "returns the values of a sparse tensor, as a view; a COO one must be coalesced."},
	{op: "crow_indices", doc: "returns where each row starts in the values of a CSR or BSR tensor."},
	{op: "col_indices", doc: "returns the columns of the values of a CSR or BSR tensor."},
	{op: "ccol_indices", page: "-", doc: "returns where each column starts in the values of a CSC or BSC tensor."},
	{op: "row_indices", page: "-", doc: "returns the rows of the values of a CSC or BSC tensor."},
	{op: "indices_copy", doc: "is Indices into a new tensor."},
	{op: "values_copy", doc: "is Values into a new tensor."},
	{op: "crow_indices_copy", doc: "is CrowIndices into a new tensor."},
	{op: "col_indices_copy", doc: "is ColIndices into a new tensor."},
	{op: "ccol_indices_copy", page: "-", doc: "is CcolIndices into a new tensor."},
	{op: "row_indices_copy", page: "-", doc: "is RowIndices into a new tensor."},
	{op: "hspmm", doc: "returns the product of the sparse mat1 and the dense mat2, as a sparse tensor of sparse rows."},
	{op: "smm", doc: "returns the product of the sparse x and the dense mat2, as a sparse tensor."},
	{op: "sspaddmm", doc: "returns beta × x + alpha × (mat1 · mat2) of the sparse x and mat1 and the dense mat2, as a sparse tensor."},
	{op: "sparse_resize_", doc: "gives the sparse x itself another size and returns it."},
	{op: "sparse_resize_and_clear_", doc: "gives the sparse x itself another size without any values and returns it."},
	{op: "resize_as_sparse_", page: "-", doc: "gives the sparse x itself the_template's size and returns it."},
	{op: "to_mkldnn", doc: "returns a copy of x in oneDNN's own layout."},

	// Quantized.
	{op: "quantize_per_tensor", doc: "returns x quantized: round(x ÷ scale) + zero_point, as a dtype such as QInt8."},
	{op: "quantize_per_tensor.tensor_qparams", name: "QuantizePerTensorTensor", doc: "is QuantizePerTensor with scale and zero point in tensors."},
	{op: "quantize_per_tensor_dynamic", doc: "returns x quantized with scale and zero point chosen by its range."},
	{op: "quantize_per_channel", doc: "returns x quantized with a scale and a zero point for each index of axis."},
	{op: "dequantize.self", doc: "returns the Float32 values of a quantized x."},
	{op: "q_scale", page: "torch.Tensor.q_scale", doc: "returns the scale of a tensor that was quantized as a whole."},
	{op: "q_zero_point", page: "torch.Tensor.q_zero_point", doc: "returns the zero point of a tensor that was quantized as a whole."},
	{op: "q_per_channel_scales", page: "torch.Tensor.q_per_channel_scales", doc: "returns the scales of a tensor that was quantized by channel."},
	{op: "q_per_channel_zero_points", page: "torch.Tensor.q_per_channel_zero_points", doc: "returns the zero points of a tensor that was quantized by channel."},
	{op: "q_per_channel_axis", page: "torch.Tensor.q_per_channel_axis", doc: "returns the dimension along which a tensor was quantized by channel."},
	{op: "int_repr", page: "torch.Tensor.int_repr", doc: "returns the integers that a quantized x is stored as."},
	{op: "fake_quantize_per_tensor_affine", doc: "returns x quantized to integers from quant_min to quant_max and back, through which gradients flow."},
	{op: "fake_quantize_per_tensor_affine.tensor_qparams", name: "FakeQuantizePerTensorAffineTensor", doc: "is FakeQuantizePerTensorAffine with scale and zero point in tensors."},
	{op: "fake_quantize_per_channel_affine", doc: "returns x quantized by channel to integers from quant_min to quant_max and back, through which gradients flow."},
	{op: "quantized_batch_norm", doc: "returns batch normalisation of a quantized input, for inference."},
	{op: "quantized_max_pool1d", doc: "returns max pooling of a quantized x along its last dimension."},
	{op: "quantized_max_pool2d", doc: "returns max pooling of a quantized x along its last two dimensions."},

	// Nested.
	{op: "to_padded_tensor", doc: "returns a nested x as a dense tensor, with padding where a component is shorter."},
}

package main

const pickingByHand = `zero_ fill_.Scalar fill_.Tensor copy_ set_data uniform_ normal_ where set_.source_Tensor`

// picking are operators that take or set elements by their indices.
var picking = []entry{
	{op: "where.self", operand: true, forms: "f", doc: "returns the elements of x where condition holds and those of other elsewhere; all three broadcast, and x and other may be numbers."},
	{op: "index_select", doc: "returns a copy of x at the indices (one dimension, Int64 or Int32) of dim."},
	{op: "gather", doc: "returns, for each element of index (Int64), x's element at that index of dim."},
	{op: "take", doc: "returns the elements of x, as if flat, at the indices (Int64)."},
	{op: "take_along_dim", doc: "returns the elements of x at the indices (Int64) along Dim, or of x as if flat; shapes broadcast."},
	{op: "masked_select", doc: "returns a copy of the elements where the Bool mask holds, in one dimension."},
	{op: "nonzero", doc: "returns the indices (Int64) of the nonzero elements, a row each."},
	{op: "nonzero_static", forms: "mf", doc: "is Nonzero with a fixed number of rows: of more the first ones, of fewer filled up with fill_value."},
	{op: "argwhere", doc: "returns the indices (Int64) of the nonzero elements, a row each."},

	// In new tensors; the in-place forms change x.
	{op: "masked_fill.Tensor", page: "torch.Tensor.masked_fill", number: "masked_fill.Scalar", forms: "mfi", doc: "returns a copy of x with value, a number or a tensor without dimensions, where the Bool mask holds."},
	{op: "masked_scatter", page: "torch.Tensor.masked_scatter", doc: "returns a copy of x with the elements of source, in order, where the Bool mask holds."},
	{op: "index_add", doc: "returns a copy of x with alpha × source added at the indices of dim."},
	{op: "index_copy", doc: "returns a copy of x with source at the indices of dim."},
	{op: "index_fill.int_Tensor", page: "torch.Tensor.index_fill", number: "index_fill.int_Scalar", doc: "returns a copy of x with value at the indices of dim."},
	{op: "index_reduce", doc: "returns a copy of x with source joined to it at the indices of dim by \"prod\", \"mean\", \"amax\" or \"amin\"."},
	{op: "put", page: "torch.Tensor.put", doc: "returns a copy of x with source at the indices of x as if flat, added to it if accumulate is set."},
	{op: "scatter.src", number: "scatter.value", more: []string{"scatter.reduce", "scatter.value_reduce"}, forms: "mfi", doc: "returns a copy of x with src, a tensor or a number, at the indices of dim; Reduce ReducerAdd or ReducerMultiply joins it to x's elements."},
	{op: "scatter_add", doc: "returns a copy of x with src added at the indices of dim."},
	{op: "scatter_reduce.two", doc: "returns a copy of x with src joined to it at the indices of dim by \"sum\", \"prod\", \"mean\", \"amax\" or \"amin\"."},
	{op: "select_scatter", doc: "returns a copy of x with src at one index of dim."},
	{op: "slice_scatter", doc: "returns a copy of x with src from Start to End in steps of Step along Dim."},
	{op: "diagonal_scatter", doc: "returns a copy of x with src on a diagonal."},
	{op: "as_strided_scatter", doc: "returns a copy of x with src in the elements that AsStrided shows."},
	{op: "fill_diagonal_", doc: "sets the diagonal of x, whose sizes are equal if it has more than two dimensions, and returns x."},
	{op: "fill.Tensor", page: "torch.Tensor.fill_", number: "fill.Scalar", forms: "f", doc: "returns a tensor of x's shape and dtype, filled with value, a number or a tensor without dimensions."},
}

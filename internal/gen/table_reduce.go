package main

const reductionsByHand = `sum sum.dim_IntList mean mean.dim prod prod.dim_int std.correction var.correction std_mean.correction
	var_mean.correction max min argmax argmin all all.dim all.dims any any.dim any.dims linalg_vector_norm
	 nansum nanmean count_nonzero count_nonzero.dim_IntList median nanmedian
	unique_dim unique_consecutive _unique2 gradient.scalararray gradient.array gradient.scalarrayarray gradient.tensorarray trapezoid.x trapezoid.dx cumulative_trapezoid.x cumulative_trapezoid.dx
	histogramdd histogramdd.TensorList_bins`

// reductions are operators that join elements into fewer. Those with a form of
// their own are in reduce.go.
var reductions = []entry{
	{op: "cumsum", doc: "returns the running sums along dim."},
	{op: "cumprod", doc: "returns the running products along dim."},
	{op: "cummax", doc: "returns the running maxima along dim and their indices (Int64)."},
	{op: "cummin", doc: "returns the running minima along dim and their indices (Int64)."},
	{op: "logcumsumexp", doc: "returns the logarithms of the running sums of exponentials along dim."},
	{op: "logsumexp", name: "LogSumExp", doc: "returns the logarithm of the sums of exponentials along the dimensions dim."},
	{op: "max.dim", name: "MaxDim", forms: "mf", doc: "returns the greatest elements along dim and their indices (Int64)."},
	{op: "min.dim", name: "MinDim", forms: "mf", doc: "returns the smallest elements along dim and their indices (Int64)."},
	{op: "amax", positional: 1, doc: "returns the greatest elements along the dimensions dim; an empty list means all."},
	{op: "amin", positional: 1, doc: "returns the smallest elements along the dimensions dim; an empty list means all."},
	{op: "aminmax", doc: "returns the smallest and the greatest elements, of all or along Dim."},
	{op: "median.dim", name: "MedianDim", forms: "mf", doc: "returns the medians along dim and their indices (Int64); of an even number the lower one."},
	{op: "nanmedian.dim", name: "NanMedianDim", forms: "mf", doc: "returns the medians along dim and their indices (Int64), without the NaNs."},
	{op: "mode", positional: 1, doc: "returns the most frequent elements along dim and their indices (Int64)."},
	{op: "kthvalue", doc: "returns the k-th smallest elements along dim, counted from 1, and their indices (Int64)."},
	{op: "quantile", number: "quantile.scalar", doc: "returns the quantiles q, a number or a one-dimensional tensor in [0, 1], of all elements or along Dim."},
	{op: "nanquantile", number: "nanquantile.scalar", doc: "returns the quantiles q, a number or a one-dimensional tensor in [0, 1], without the NaNs."},
	{op: "topk", name: "TopK", doc: "returns the k greatest elements along dim, sorted, and their indices (Int64)."},
	{op: "sort", more: only("sort.stable"), doc: "returns the elements sorted along dim, equal ones in their old order if Stable is set, and their indices (Int64)."},
	{op: "argsort", more: only("argsort.stable"), doc: "returns the indices (Int64) that sort the elements along dim, those of equal ones in their old order if Stable is set."},
	{op: "msort", doc: "returns the elements sorted along the first dimension."},
	{op: "histc", doc: "returns how many elements fall into each of bins intervals of equal width between min and max; those of x where both are 0."},
	{op: "histogram.bin_ct", name: "Histogram", doc: "returns how many elements, or how much weight, falls into each of bins intervals of equal width, and the intervals' edges."},
	{op: "histogram.bins_tensor", name: "HistogramBins", forms: "mf", doc: "returns how many elements, or how much weight, falls into each of the intervals between the edges bins, and the edges."},
	{op: "bincount", doc: "returns how often each integer from 0 on occurs in a one-dimensional x, or the sums of their weights."},
	{op: "cov", doc: "returns the covariance matrix of the variables in the rows of x, observed in its columns."},
	{op: "corrcoef", doc: "returns the matrix of Pearson's correlation coefficients of the variables in the rows of x."},
	{op: "dist", doc: "returns the p-norm of x − other."},
	{op: "renorm", doc: "returns x with each part along dim whose p-norm exceeds maxnorm scaled down to it."},
	{op: "diff", doc: "returns the n-th differences of neighbours along dim."},
	{op: "cdist", doc: "returns the p-norm distances between each pair of rows of x1 (… × p × m) and x2 (… × r × m), … × p × r."},
	{op: "pdist", doc: "returns the p-norm distances between all pairs of rows of x (n × m), n(n−1)/2 of them."},
	{op: "pairwise_distance", doc: "returns the p-norm distances between the rows of x1 and those of x2."},
	{op: "cosine_similarity", doc: "returns x1 · x2 ÷ (|x1| |x2|) along dim."},
	{op: "segment_reduce", doc: "returns segments of data along its axis, each reduced by \"sum\", \"mean\", \"max\", \"min\" or \"prod\"."},
	{op: "hash_tensor", doc: "returns a hash (UInt64) of the elements' bits, along dim or of all."},
	{op: "searchsorted.Tensor", number: "searchsorted.Scalar", doc: "returns the indices (Int64) at which the elements of x, a number or a tensor, go into sorted_sequence, sorted along its last dimension."},
	{op: "bucketize.Tensor", left: only("bucketize.Scalar"), doc: "returns the indices (Int64) of the intervals between boundaries, sorted, that the elements of x, a number or a tensor, fall into."},
}

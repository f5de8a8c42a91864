package main

const functionalsByHand = `linear cross_entropy_loss l1_loss mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits
	kl_div nll_loss_nd poisson_nll_loss margin_ranking_loss cosine_embedding_loss hinge_embedding_loss soft_margin_loss multilabel_margin_loss
	multi_margin_loss triplet_margin_loss ctc_loss.Tensor elu elu_ leaky_relu_ hardtanh_ hardsigmoid_ hardswish_ silu_ mish_
	fractional_max_pool2d fractional_max_pool3d
	max_unpool2d max_unpool3d pad im2col col2im embedding_bag.padding_idx
	upsample_nearest1d.vec upsample_nearest2d.vec upsample_nearest3d.vec _upsample_nearest_exact1d.vec _upsample_nearest_exact2d.vec
	_upsample_nearest_exact3d.vec upsample_linear1d.vec upsample_bilinear2d.vec upsample_bicubic2d.vec upsample_trilinear3d.vec
	_upsample_bilinear2d_aa.vec _upsample_bicubic2d_aa.vec _upsample_lanczos2d_aa.vec`

// functionals are the functions of torch.nn.functional that are one operator.
var functionals = append([]entry{
	{op: "adaptive_avg_pool1d", doc: "returns averages of x (… × length) over output_size parts of equal length."},
	{op: "adaptive_avg_pool2d", doc: "returns averages of x (… × height × width) over output_size parts of equal size. A −1 in a list keeps the size of x."},
	{op: "adaptive_avg_pool3d", doc: "returns averages of x (… × depth × height × width) over output_size parts of equal size. A −1 in a list keeps the size of x."},
	{op: "adaptive_max_pool1d", name: "AdaptiveMaxPool1dWithIndices", doc: "returns maxima of x (… × length) over output_size parts of equal length, and their indices (Int64)."},
	{op: "adaptive_max_pool2d", name: "AdaptiveMaxPool2dWithIndices", doc: "returns maxima of x (… × height × width) over output_size parts of equal size, and their indices (Int64). A −1 in a list keeps the size of x."},
	{op: "adaptive_max_pool3d", name: "AdaptiveMaxPool3dWithIndices", doc: "returns maxima of x (… × depth × height × width) over output_size parts of equal size, and their indices (Int64). A −1 in a list keeps the size of x."},
	{op: "avg_pool1d", doc: "returns averages of x (… × length) in windows of kernel_size, stride apart."},
	{op: "avg_pool2d", doc: "returns averages of x (… × height × width) in windows of kernel_size, stride apart."},
	{op: "avg_pool3d", doc: "returns averages of x (… × depth × height × width) in windows of kernel_size, stride apart."},
	{op: "max_pool1d", doc: "returns maxima of x (… × length) in windows of kernel_size, stride apart."},
	{op: "max_pool2d", doc: "returns maxima of x (… × height × width) in windows of kernel_size, stride apart."},
	{op: "max_pool3d", doc: "returns maxima of x (… × depth × height × width) in windows of kernel_size, stride apart."},
	{op: "max_pool1d_with_indices", doc: "is MaxPool1d that also returns the indices (Int64) of the maxima."},
	{op: "max_pool2d_with_indices", doc: "is MaxPool2d that also returns the indices (Int64) of the maxima."},
	{op: "max_pool3d_with_indices", doc: "is MaxPool3d that also returns the indices (Int64) of the maxima."},
	{op: "bilinear", doc: "returns x1ᵀ · weight[k] · x2 + bias[k] for each k."},
	{op: "celu", name: "CELU", doc: "returns max(0, x) + min(0, Alpha × (exp(x ÷ Alpha) − 1)), elementwise."},
	{op: "channel_shuffle", doc: "returns x (n × channels × …) with its channels dealt out to groups in turn."},
	{op: "native_channel_shuffle", doc: "is ChannelShuffle by one kernel."},
	{op: "cosine_similarity", doc: "returns x1 · x2 ÷ (|x1| |x2|) along dim."},
	{op: "gelu", name: "GELU", doc: "returns x × the normal distribution function of x, elementwise; Approximate \"tanh\" approximates it."},
	{op: "glu", name: "GLU", doc: "returns the first half of x along Dim times the sigmoid of the second half."},
	{op: "hardshrink", doc: "returns x where |x| > Lambd, and 0 elsewhere."},
	{op: "hardsigmoid", doc: "returns x ÷ 6 + ½ limited to [0, 1], elementwise."},
	{op: "hardswish", doc: "returns x × hardsigmoid(x), elementwise."},
	{op: "hardtanh", doc: "returns x limited to [MinVal, MaxVal], elementwise."},
	{op: "leaky_relu", name: "LeakyReLU", doc: "returns x where it is positive and NegativeSlope × x elsewhere."},
	{op: "log_sigmoid", page: "torch.nn.functional.logsigmoid", name: "LogSigmoid", doc: "returns log(1 ÷ (1 + exp(−x))), elementwise."},
	{op: "mish", doc: "returns x × tanh(softplus(x)), elementwise."},
	{op: "one_hot", doc: "returns a tensor (Int64) with a last dimension of NumClasses, 1 at the index that x (Int64) holds, 0 elsewhere."},
	{op: "pairwise_distance", doc: "returns the p-norm distances between the rows of x1 and those of x2."},
	{op: "pdist", doc: "returns the p-norm distances between all pairs of rows of x (n × m), n(n−1)/2 of them."},
	{op: "pixel_shuffle", doc: "returns x (… × c·r² × h × w) as … × c × h·r × w·r, r being upscale_factor."},
	{op: "pixel_unshuffle", doc: "returns x (… × c × h·r × w·r) as … × c·r² × h × w, r being downscale_factor."},
	{op: "prelu", name: "PReLU", doc: "returns x where it is positive and weight × x elsewhere, weight having one element or one a channel."},
	{op: "relu", name: "ReLU", doc: "returns the greater of x and 0, elementwise."},
	{op: "relu6", name: "ReLU6", doc: "returns x limited to [0, 6], elementwise."},
	{op: "rrelu", name: "RReLU", doc: "returns x where it is positive, elsewhere x times a number drawn from [Lower, Upper], or their mean unless Training is set."},
	{op: "rms_norm", name: "RMSNorm", doc: "returns input divided by the root of the mean square of its last dimensions, normalized_shape."},
	{op: "scaled_dot_product_attention", doc: "returns softmax(query · keyᵀ × Scale + AttnMask) · value, by the fastest kernel that fits."},
	{op: "selu", name: "SELU", doc: "returns the scaled exponential linear unit of each element."},
	{op: "sigmoid", doc: "returns 1 ÷ (1 + exp(−x)), elementwise."},
	{op: "silu", name: "SiLU", doc: "returns x × sigmoid(x), elementwise."},
	{op: "softplus", doc: "returns log(1 + exp(Beta × x)) ÷ Beta, elementwise, and x where Beta × x > Threshold."},
	{op: "softshrink", doc: "returns x − Lambd where x > Lambd, x + Lambd where x < −Lambd, and 0 elsewhere."},
	{op: "tanh", doc: "returns the hyperbolic tangent of each element."},
	{op: "threshold", doc: "returns x where it is greater than threshold, and value elsewhere."},
}, convolutions...)

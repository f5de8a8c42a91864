package main

const networkByHand = ""

// network are the operators of neural networks that package torch has, most of
// them for package nn; package functional has the others.
var network = append([]entry{
	{op: "adaptive_avg_pool1d", doc: "returns averages of x (… × length) over output_size parts of equal length."},
	{op: "avg_pool1d", doc: "returns averages of x (… × length) in windows of kernel_size, stride apart."},
	{op: "adaptive_max_pool1d", doc: "returns maxima of x (… × length) over output_size parts of equal length, and their indices (Int64)."},
	{op: "max_pool1d", doc: "returns maxima of x (… × length) in windows of kernel_size, stride apart."},
	{op: "max_pool1d_with_indices", doc: "is MaxPool1d that also returns the indices (Int64) of the maxima."},
	{op: "max_pool2d", doc: "returns maxima of x (… × height × width) in windows of kernel_size, stride apart."},
	{op: "max_pool3d", doc: "returns maxima of x (… × depth × height × width) in windows of kernel_size, stride apart."},
	{op: "bilinear", doc: "returns x1ᵀ · weight[k] · x2 + bias[k] for each k."},
	{op: "channel_shuffle", doc: "returns x (n × channels × …) with its channels dealt out to groups in turn."},
	{op: "native_channel_shuffle", doc: "is ChannelShuffle by one kernel."},
	{op: "pixel_shuffle", doc: "returns x (… × c·r² × h × w) as … × c × h·r × w·r, r being upscale_factor."},
	{op: "pixel_unshuffle", doc: "returns x (… × c × h·r × w·r) as … × c·r² × h × w, r being downscale_factor."},
	{op: "prelu", name: "PReLU", doc: "returns x where it is positive and weight × x elsewhere, weight having one element or one a channel."},
	{op: "hardshrink", doc: "returns x where |x| > Lambd, and 0 elsewhere."},
	{op: "selu", name: "SELU", doc: "returns the scaled exponential linear unit of each element."},
	{op: "celu", name: "CELU", doc: "returns max(0, x) + min(0, Alpha × (exp(x ÷ Alpha) − 1)), elementwise."},
	{op: "threshold", doc: "returns x where it is greater than threshold, and value elsewhere."},
	{op: "dropout", doc: "returns x with elements zeroed with probability p and the others divided by 1 − p; x itself unless train is set."},
	{op: "feature_dropout", doc: "is Dropout of whole channels."},
	{op: "alpha_dropout", doc: "is Dropout that keeps the mean and the variance of what SELU gives."},
	{op: "feature_alpha_dropout", doc: "is AlphaDropout of whole channels."},
	{op: "native_dropout", doc: "is Dropout that also returns the mask."},
	{op: "rrelu", name: "RReLU", doc: "returns x where it is positive, elsewhere x times a number drawn from [Lower, Upper], or their mean unless Training is set."},
	{op: "embedding", doc: "returns the rows of weight at the indices."},
	{op: "embedding_renorm_", name: "EmbeddingRenormInplace", doc: "scales the rows of x at the indices down to a norm of max_norm and returns x."},
	{op: "batch_norm", doc: "returns input normalised by the mean and the variance of each channel: the running ones, or the batch's if training."},
	{op: "instance_norm", doc: "returns input normalised by the mean and the variance of each channel of each example."},
	{op: "group_norm", doc: "returns input normalised by the mean and the variance of groups of channels of each example."},
	{op: "layer_norm", doc: "returns input normalised by the mean and the variance of its last dimensions, normalized_shape."},
	{op: "rms_norm", name: "RMSNorm", doc: "returns input divided by the root of the mean square of its last dimensions, normalized_shape."},
	{op: "native_batch_norm", doc: "is BatchNorm that also returns the mean and the inverse standard deviation used."},
	{op: "native_layer_norm", doc: "is LayerNorm that also returns the means and the inverse standard deviations."},
	{op: "native_group_norm", doc: "is GroupNorm that also returns the means and the inverse standard deviations."},
	{op: "grid_sampler", doc: "returns samples of input at the points of grid, coordinates in [−1, 1]. Modes are libtorch's numbers."},
	{op: "affine_grid_generator", doc: "returns a grid of points for GridSampler from affine maps theta (n × 2 × 3 or n × 3 × 4)."},
	{op: "constant_pad_nd", name: "ConstantPadNd", doc: "returns x with Value around it: pairs of widths for the last dimension first."},
	{op: "norm_except_dim", doc: "returns the norms of v over all dimensions but Dim."},

	// Recurrent layers. params are the weights of all layers and directions, as nn.LSTM has them.
	{op: "lstm.input", name: "LSTM", doc: "runs an LSTM over input; hx are its first hidden and cell states."},
	{op: "lstm.data", name: "LSTMPacked", doc: "runs an LSTM over a packed sequence."},
	{op: "gru.input", name: "GRU", doc: "runs a GRU over input; hx is its first hidden state."},
	{op: "gru.data", name: "GRUPacked", doc: "runs a GRU over a packed sequence."},
	{op: "rnn_tanh.input", name: "RNNTanh", doc: "runs a recurrent network with tanh over input; hx is its first hidden state."},
	{op: "rnn_tanh.data", name: "RNNTanhPacked", doc: "runs a recurrent network with tanh over a packed sequence."},
	{op: "rnn_relu.input", name: "RNNReLU", doc: "runs a recurrent network with ReLU over input; hx is its first hidden state."},
	{op: "rnn_relu.data", name: "RNNReLUPacked", doc: "runs a recurrent network with ReLU over a packed sequence."},
	{op: "lstm_cell", name: "LSTMCell", doc: "returns the hidden and the cell state after one step of an LSTM."},
	{op: "gru_cell", name: "GRUCell", doc: "returns the hidden state after one step of a GRU."},
	{op: "rnn_tanh_cell", name: "RNNTanhCell", doc: "returns the hidden state after one step of a recurrent network with tanh."},
	{op: "rnn_relu_cell", name: "RNNReLUCell", doc: "returns the hidden state after one step of a recurrent network with ReLU."},
}, convolutions...)

// convolutions are in package torch and in package functional, as in Python.
var convolutions = []entry{
	{op: "conv1d", doc: "returns the convolution of input (n × in × length) and weight (out × in ÷ groups × kernel) plus bias."},
	{op: "conv2d", doc: "returns the convolution of input (n × in × height × width) and weight (out × in ÷ groups × kernel) plus bias."},
	{op: "conv3d", doc: "returns the convolution of input (n × in × depth × height × width) and weight (out × in ÷ groups × kernel) plus bias."},
	{op: "conv1d.padding", name: "Conv1dPadded", doc: "is Conv1d with Padding \"valid\", which is none, or \"same\", which keeps the length."},
	{op: "conv2d.padding", name: "Conv2dPadded", doc: "is Conv2d with Padding \"valid\", which is none, or \"same\", which keeps the size."},
	{op: "conv3d.padding", name: "Conv3dPadded", doc: "is Conv3d with Padding \"valid\", which is none, or \"same\", which keeps the size."},
	{op: "conv_transpose1d", doc: "returns the transposed convolution of input (n × in × length) and weight (in × out ÷ groups × kernel) plus bias."},
	{op: "conv_transpose2d.input", doc: "returns the transposed convolution of input (n × in × height × width) and weight (in × out ÷ groups × kernel) plus bias."},
	{op: "conv_transpose3d.input", doc: "returns the transposed convolution of input (n × in × depth × height × width) and weight (in × out ÷ groups × kernel) plus bias."},
	{op: "conv_tbc", name: "ConvTBC", doc: "returns the convolution of x (length × n × in) and weight (kernel × in × out) plus bias."},
}

// Package utils is PyTorch's torch.nn.utils: gradients are clipped, parameters
// made a vector, layers fused, and modules called with other parameters.
package utils

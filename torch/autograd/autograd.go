// Package autograd is PyTorch's torch.autograd: gradients without a Backward.
package autograd

import "github.com/wangkuiyi/gotorch/torch"

// GradOptions are the options of [Grad].
type GradOptions = torch.GradOptions

// Grad returns the gradients of outputs with respect to inputs, one an input, and
// adds to no Grad. It panics if an input does not take part in the outputs'
// graph, unless AllowUnused is set; the gradient is nil then.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
func Grad(outputs, inputs []*torch.Tensor, options ...GradOptions) []*torch.Tensor {
	return torch.GradOf(outputs, inputs, options...)
}

// Backward adds the gradients of outputs to the Grad of the leaves. gradients may
// be nil, or hold nil for an output of one element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
func Backward(outputs, gradients []*torch.Tensor, options ...torch.BackwardOptions) {
	torch.Backward(outputs, gradients, options...)
}

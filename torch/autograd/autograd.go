// Package autograd is PyTorch's torch.autograd: gradients without a Backward.
package autograd

import (
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// reply is what a function that libtorch calls gives back.
type reply = internal.CallbackReply[*torch.Tensor]

// GradOptions are the options of [Grad].
type GradOptions struct {
	GradOutputs []*torch.Tensor // the outputs' gradients; default: 1 each
	RetainGraph *bool           // keep the graph; default: CreateGraph
	CreateGraph bool            // record the gradients' own graph
	AllowUnused bool            // give nil for an input that the outputs do not depend on
}

// Grad returns the gradients of outputs with respect to inputs, one an input, and
// adds to no Grad. It panics if an input does not take part in the outputs'
// graph, unless AllowUnused is set; the gradient is nil then.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
func Grad(outputs, inputs []*torch.Tensor, options ...GradOptions) []*torch.Tensor {
	o := option.First(options)
	return internals.Grad(outputs, o.GradOutputs, inputs, o.RetainGraph, o.CreateGraph, o.AllowUnused)
}

// Backward adds the gradients of outputs to the Grad of the leaves. gradients may
// be nil, or hold nil for an output of one element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
func Backward(outputs, gradients []*torch.Tensor, options ...torch.BackwardOptions) {
	internals.Backward(outputs, gradients, option.First(options))
}

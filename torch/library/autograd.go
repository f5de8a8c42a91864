package library

import (
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// AutogradOptions are the options of [Operator.RegisterAutograd].
type AutogradOptions struct {
	// SetupContext keeps what the backward function needs: ctx.SaveForBackward keeps tensors,
	// and ctx.Value whatever else. outputs are the kernel's results.
	SetupContext func(ctx *autograd.Context, in Args, outputs []any)
}

// gradient is an operator's derivative.
type gradient struct {
	backward func(ctx *autograd.Context, gradOutputs ...*torch.Tensor) []*torch.Tensor
	setup    func(ctx *autograd.Context, in Args, outputs []any)
}

// RegisterAutograd gives the operator a derivative. backward gets the gradients of the
// tensors among the results and returns those of the tensors among the arguments, in their
// order, those of lists one by one; nil where there is none. What [autograd.Function] says
// of Backward holds for it.
//
// Without a derivative the results of an operator whose arguments require gradients require
// them, too, and a backward pass through them fails. It panics for a composite operator and
// for one that changes its arguments: make one that does not, and give that the derivative.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.register_autograd
func (o *Operator) RegisterAutograd(backward func(ctx *autograd.Context, gradOutputs ...*torch.Tensor) []*torch.Tensor, options ...AutogradOptions) {
	argument.NotNil(o.Name(), "the backward function", backward)
	o.refuseComposite("RegisterAutograd")
	for _, a := range internals.SchemaOf(o.op).Arguments {
		if strings.HasSuffix(aliasOf(a.Type), "!") {
			panic(torch.Errorf(o.Name(), torch.RuntimeError,
				"Cannot register autograd formula for non-functional operator %s with schema %s. Please create a functional operator and register an autograd formula for that.",
				o.Name(), o.Schema()))
		}
	}
	o.gradient.Store(&gradient{backward, option.First(options).SetupContext})
}

// function is one call of an operator, as autograd has it.
type function struct {
	operator *Operator
	gradient *gradient
	args     []any // until Forward has returned
	results  []any // those of Forward, and then those that are a part of the graph
	places   []place
}

// Name is that of the node in the graph, without "Backward".
func (f *function) Name() string {
	name := strings.NewReplacer("::", "_", ".", "_").Replace(f.operator.Name())
	if !strings.Contains(f.operator.Name(), ".") {
		name += "_default"
	}
	return "GeneratedBackwardFor_" + name
}

func (f *function) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	args := with(f.args, tensors(f.args), inputs)
	f.results = f.operator.defined.Below(args)
	if f.gradient != nil && f.gradient.setup != nil {
		f.gradient.setup(ctx, f.operator.args(args), f.results)
	}
	f.places = tensors(f.results)
	return listOf(f.places)
}

func (f *function) Backward(ctx *autograd.Context, gradOutputs ...*torch.Tensor) []*torch.Tensor {
	if f.gradient == nil {
		panic(torch.Errorf(f.operator.Name(), torch.RuntimeError,
			"Trying to backward through %s but no autograd formula was registered. Please use RegisterAutograd to add one.", f.operator.Name()))
	}
	return f.gradient.backward(ctx, gradOutputs...)
}

// Record computes the results as a part of autograd's graph.
func (b bodies) Record(args []any) []any {
	f := &function{operator: b.whole(), gradient: b.whole().gradient.Load(), args: args}
	outputs := autograd.Apply(f, listOf(tensors(args))...)
	results := with(f.results, f.places, outputs)
	f.args, f.results, f.places = nil, nil, nil // the graph keeps what it needs
	return results
}

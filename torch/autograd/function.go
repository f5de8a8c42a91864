package autograd

import (
	"reflect"
	"runtime"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Function is an operation with a derivative of its own. Parameters that are no
// tensors are fields of its type; what Backward needs from Forward goes through
// the context. A value that is used several times must not change. Its node in the graph
// has the name of its type, or what its method Name() string returns, if it has one, and
// "Backward".
//
// https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
type Function interface {
	// Forward computes the outputs. It runs with gradients off. Inputs may be nil,
	// and so may outputs.
	Forward(ctx *Context, inputs ...*torch.Tensor) []*torch.Tensor
	// Backward returns the gradients of the inputs, nil for those that have none,
	// from the gradients of the outputs. If it is made of differentiable operations,
	// it can itself be differentiated. It may run on another goroutine than Apply,
	// or on several at once.
	Backward(ctx *Context, gradOutputs ...*torch.Tensor) []*torch.Tensor
}

// ForwardFunction is a Function that forward gradients go through.
type ForwardFunction interface {
	Function
	// JVP returns the outputs' forward gradients from those of the inputs, nil for
	// inputs that have none. ctx.SavedTensors gives what Forward saved.
	JVP(ctx *Context, gradInputs ...*torch.Tensor) []*torch.Tensor
}

// Context is what Forward hands to Backward.
//
// https://docs.pytorch.org/docs/stable/autograd.html#context-method-mixins
type Context struct {
	// Value is for whatever else Backward needs. Tensors that are inputs or outputs
	// belong into SaveForBackward; as a part of Value they would keep the graph that
	// they are in alive.
	Value any

	needs         []bool
	save          []*torch.Tensor
	dirty         []*torch.Tensor
	constant      []*torch.Tensor
	keepUndefined bool
	node          cgotorch.FunctionNode // where the saved tensors are, in Backward
}

// SaveForBackward keeps tensors, nil ones too, for Backward, until the graph is
// freed. Called in Forward; a second call replaces the first.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.FunctionCtx.save_for_backward.html
func (c *Context) SaveForBackward(tensors ...*torch.Tensor) { c.save = tensors }

// SavedTensors returns the tensors that Forward saved. It panics if one of them was
// changed in place since, or if the graph is gone: a Backward before did not retain
// it, or nothing refers to it any more but the context.
func (c *Context) SavedTensors() []*torch.Tensor {
	if c.node == 0 {
		return c.save
	}
	var call torch.Call
	call.Int(int(c.node))
	r := internals.Through(&call, "autograd.Context.SavedTensors", cgotorch.SavedTensors)
	runtime.KeepAlive(c)
	return r.Tensors()
}

// MarkDirty says that Forward changed inputs in place; it must return them.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.FunctionCtx.mark_dirty.html
func (c *Context) MarkDirty(inputs ...*torch.Tensor) { c.dirty = inputs }

// MarkNonDifferentiable says that outputs have no gradients.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.FunctionCtx.mark_non_differentiable.html
func (c *Context) MarkNonDifferentiable(outputs ...*torch.Tensor) { c.constant = outputs }

// SetMaterializeGrads says whether Backward gets zeros for outputs that have no
// gradient, as it does by default, or nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.FunctionCtx.set_materialize_grads.html
func (c *Context) SetMaterializeGrads(on bool) { c.keepUndefined = !on }

// NeedsInputGrad reports whether the gradient of an input is asked for. Backward may
// return nil for those where it is not. It panics if there is no such input.
func (c *Context) NeedsInputGrad(input int) bool {
	if input < 0 || input >= len(c.needs) {
		panic(torch.Errorf("autograd.Context.NeedsInputGrad", torch.IndexError, "there is no input %d, but %d inputs",
			input, len(c.needs)))
	}
	return c.needs[input]
}

// Apply computes the outputs of f and makes f a part of the graph. An output that
// is an input marked as dirty is that same Tensor; other outputs are new.
//
// A panic of f's Backward goes on in the Backward that called it. If Backward
// returns a wrong number of gradients, or one of a wrong shape, that panics too.
// Transforms of package fn do not go through f.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.Function.html
func Apply(f Function, inputs ...*torch.Tensor) []*torch.Tensor {
	argument.NotNil("autograd.Apply", "the function", f)
	op := nameOf(f)
	ctx := &Context{needs: make([]bool, len(inputs))}
	for i, x := range inputs {
		ctx.needs[i] = x != nil && x.RequiresGrad()
	}
	var raw []*torch.Tensor
	torch.NoGrad(func() {
		internals.SetForwardGradEnabled(false, func() { raw = f.Forward(ctx, inputs...) })
	})
	for _, x := range ctx.dirty {
		if !slices.Contains(raw, x) {
			panic(torch.Errorf(op, torch.RuntimeError, "Some elements marked as dirty during the forward method were not returned as output."+
				" The inputs that are modified inplace must all be outputs of the Function."))
		}
	}

	var c torch.Call
	c.Int(int(internals.Callback(backward(f, ctx))))
	c.Int(int(internals.Callback(jvp(f, ctx))))
	c.String(op + "Backward")
	c.Bool(!ctx.keepUndefined)
	for _, list := range [][]*torch.Tensor{inputs, raw, ctx.save, ctx.dirty, ctx.constant} {
		c.Tensors(list)
	}
	r := internals.Through(&c, op, cgotorch.ApplyFunction)
	outputs := make([]*torch.Tensor, len(raw))
	for i := range outputs {
		if outputs[i] = r.Tensor(); raw[i] != nil && slices.Contains(ctx.dirty, raw[i]) {
			outputs[i].Close() // the input itself has become this output
			outputs[i] = raw[i]
		}
	}
	ctx.save, ctx.dirty, ctx.constant = nil, nil, nil // libtorch has them, or nobody needs them
	return outputs
}

// Apply1 is [Apply] for a function of one output, which it returns.
func Apply1(f Function, inputs ...*torch.Tensor) *torch.Tensor {
	outputs := Apply(f, inputs...)
	if len(outputs) != 1 {
		panic(torch.Errorf(nameOf(f), torch.RuntimeError, "Apply1 wants a function of one output, not of %d",
			len(outputs)))
	}
	return outputs[0]
}

// backward returns what libtorch calls with the gradients of the outputs.
func backward(f Function, ctx *Context) func([]*torch.Tensor, int) reply {
	return func(grads []*torch.Tensor, node int) reply {
		own := *ctx // another goroutine may run the same graph
		own.node = cgotorch.FunctionNode(node)
		runtime.AddCleanup(&own, cgotorch.FunctionNode.Forget, own.node)
		_, given := f.(giver)
		return reply{Tensors: f.Backward(&own, grads...), Given: given}
	}
}

// giver is a function whose Backward gives its results away: they are closed once libtorch
// has them. A leaf without a gradient then takes one as it is, without a copy.
type giver interface {
	GivesGradients(*internal.NotForPublicUse)
}

// jvp returns what libtorch calls with the forward gradients of the inputs.
func jvp(f Function, ctx *Context) func([]*torch.Tensor, int) reply {
	return func(grads []*torch.Tensor, _ int) reply {
		forward, ok := f.(ForwardFunction)
		if !ok {
			panic(torch.Errorf(nameOf(f), torch.NotImplementedError,
				"You must implement the jvp function for custom autograd.Function to use it with forward mode AD."))
		}
		return reply{Tensors: forward.JVP(ctx, grads...)}
	}
}

// nameOf returns the name of the function, or of its type, or of that which it unwraps to.
func nameOf(f Function) string {
	if named, ok := f.(interface{ Name() string }); ok {
		return named.Name()
	}
	if wrapper, ok := f.(interface{ Unwrap() Function }); ok {
		return nameOf(wrapper.Unwrap())
	}
	t := reflect.TypeOf(f)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

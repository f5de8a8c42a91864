package torch

import (
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// SetRequiresGrad says whether gradients are to be computed for the tensor, and
// returns it. It panics unless the tensor is a leaf of floating-point or complex
// numbers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html
func (x *Tensor) SetRequiresGrad(on bool) *Tensor {
	var c Call
	c.Tensor(x)
	c.Bool(on)
	c.Do(opRequiresGrad)
	return x
}

var opRequiresGrad = NewOperator("aten::requires_grad_(Tensor(a!) self, bool requires_grad=True) -> Tensor(a!)")

// Grad returns the gradient that [Tensor.Backward] added up, or nil. The result
// is the same tensor as libtorch's, not a copy: changing it changes the gradient.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.grad.html
func (x *Tensor) Grad() *Tensor {
	const op = "torch.Tensor.Grad"
	grad, scope, err := cgotorch.GetGrad(x.use(op))
	x.release()
	check(op, err)
	return newTensor(grad, scope)
}

// SetGrad sets the gradient; nil clears it. It panics if grad's shape, dtype or
// device are not the tensor's.
func (x *Tensor) SetGrad(grad *Tensor) {
	const op = "torch.Tensor.SetGrad"
	handle := x.use(op)
	defer x.release()
	var value cgotorch.Handle
	if grad != nil {
		value = grad.use(op)
		defer grad.release()
	}
	check(op, cgotorch.SetGrad(handle, value))
	setsGrads(x)
}

// gradInfo is what an optimizer asks of a tensor.
type gradInfo struct {
	Grad   *Tensor // nil if there is none
	DType  DType
	Device Device
}

// GradInfos asks several tensors by one call into libtorch, which is much less
// than [Tensor.Grad], [Tensor.DType] and [Tensor.Device] of each.
func (exports) GradInfos(tensors []*Tensor) []gradInfo {
	const op = "torch.GradInfos"
	var c Call
	c.notNil(op, tensors)
	r := c.through(op, cgotorch.GetGrads)
	list := make([]gradInfo, len(tensors))
	for i := range list {
		list[i] = gradInfo{r.Tensor(), r.DType(), r.Device()}
	}
	return list
}

// ClearGrads is [Tensor.SetGrad] with nil for several tensors, in one call.
func (exports) ClearGrads(tensors []*Tensor) {
	const op = "torch.ClearGrads"
	var c Call
	c.notNil(op, tensors)
	c.through(op, cgotorch.ClearGrads)
	setsGrads(tensors...)
}

// notNil passes a list without nil, or panics with an error of op.
func (c *Call) notNil(op string, tensors []*Tensor) {
	for i, x := range tensors {
		if x == nil {
			panic(Errorf(op, TypeError, "tensor %d is nil", i))
		}
	}
	c.Tensors(tensors)
}

// BackwardOptions are the options of [Tensor.Backward] and of autograd.Backward.
type BackwardOptions struct {
	Gradient    *Tensor   // of the tensor; default: 1, for one element
	RetainGraph *bool     // keep the graph for another Backward; default: CreateGraph
	CreateGraph bool      // record the gradients' own graph, for higher derivatives
	Inputs      []*Tensor // add up gradients into these only; default: all leaves
}

const opBackward = "torch.Tensor.Backward"

// Backward computes the gradients of the tensor with respect to the leaves of its
// graph and adds them to their Grad. It panics if the tensor has more than one
// element and no gradient is given, if it does not require gradients, or if its
// graph was freed by a Backward before.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
func (x *Tensor) Backward(options ...BackwardOptions) {
	o := option.First(options)
	backward(opBackward, []*Tensor{x}, []*Tensor{o.Gradient}, o)
}

// Backward is autograd.Backward.
func (exports) Backward(outputs, gradients []*Tensor, o BackwardOptions) {
	const op = "autograd.Backward"
	if o.Gradient != nil {
		panic(Errorf(op, TypeError, "the gradients of several tensors are an argument; Gradient is the option of one"))
	}
	backward(op, outputs, gradients, o)
}

func backward(op string, outputs, gradients []*Tensor, o BackwardOptions) {
	var c Call
	c.graph(op, outputs, gradients, o.Inputs, o.RetainGraph, o.CreateGraph)
	c.through(op, cgotorch.Backward)
}

// Grad is autograd.Grad; a nil retain stands for create.
func (exports) Grad(outputs, gradOutputs, inputs []*Tensor, retain *bool, create, allowUnused bool) []*Tensor {
	const op = "autograd.Grad"
	var c Call
	c.graph(op, outputs, gradOutputs, inputs, retain, create)
	c.Bool(allowUnused)
	r := c.through(op, cgotorch.Grad)
	gradients := make([]*Tensor, len(inputs))
	for i := range gradients {
		gradients[i] = r.Tensor()
	}
	return gradients
}

// graph passes what Backward and Grad share; a nil retain stands for create.
func (c *Call) graph(op string, outputs, gradients, inputs []*Tensor, retain *bool, create bool) {
	if len(gradients) == 0 {
		gradients = make([]*Tensor, len(outputs))
	}
	if len(gradients) != len(outputs) {
		panic(Errorf(op, RuntimeError, "got %d tensors and %d gradients", len(outputs), len(gradients)))
	}
	c.notNil(op, outputs)
	for i, g := range gradients {
		if g == nil {
			continue
		}
		if got, want := g.Shape(), outputs[i].Shape(); !slices.Equal(got, want) {
			panic(Errorf(op, RuntimeError,
				"Mismatch in shape: grad_output[%d] has a shape of %v and output[%d] has a shape of %v.", i, got, i, want))
		}
	}
	c.Tensors(gradients)
	c.notNil(op, inputs)
	if retain == nil {
		retain = &create
	}
	c.Bool(*retain)
	c.Bool(create)
}

// IsGradEnabled reports whether operations are recorded here: true but within
// [NoGrad] and [InferenceMode].
func IsGradEnabled() bool { return cgotorch.GradEnabled() }

// NoGrad calls f with the recording of operations off. The mode is that of the
// calling goroutine, which is locked to its thread for the length of f;
// goroutines that f starts record as usual. What [Scope] says of locked goroutines
// holds here too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
func NoGrad(f func()) { SetGradEnabled(false, f) }

// EnableGrad calls f with the recording of operations on, within [NoGrad].
//
// https://docs.pytorch.org/docs/stable/generated/torch.enable_grad.html
func EnableGrad(f func()) { SetGradEnabled(true, f) }

// SetGradEnabled is [EnableGrad] or [NoGrad].
func SetGradEnabled(enabled bool, f func()) {
	mustCall("torch.SetGradEnabled", f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	before := cgotorch.SetGradEnabled(enabled)
	defer cgotorch.SetGradEnabled(before)
	f()
}

// InferenceMode calls f with the recording of operations off for good: tensors
// made in f can never take part in autograd, which makes them cheaper. The rules
// of [NoGrad] about goroutines hold.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html
func InferenceMode(f func()) {
	mustCall("torch.InferenceMode", f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	defer cgotorch.EnterInference(true).Leave()
	f()
}

// IsInferenceModeEnabled reports whether this is within [InferenceMode].
func IsInferenceModeEnabled() bool { return cgotorch.InferenceEnabled() }

// RetainGrad makes Backward keep the gradient of a tensor that is not a leaf in
// Grad, and returns the tensor. It does nothing for a leaf, and panics if the
// tensor does not require gradients.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.retain_grad.html
func (x *Tensor) RetainGrad() *Tensor {
	var c Call
	c.Tensor(x)
	c.Do(opRetainGrad)
	return x
}

// RetainsGrad reports whether the tensor is no leaf and [Tensor.RetainGrad] was
// called.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.retains_grad.html
func (x *Tensor) RetainsGrad() bool {
	var c Call
	c.Tensor(x)
	r := c.Results(opRetainsGrad)
	return r.Bool()
}

var (
	opRetainGrad  = NewOperator("aten::retain_grad(Tensor(a!) self) -> ()")
	opRetainsGrad = NewOperator("aten::retains_grad(Tensor self) -> bool")
)

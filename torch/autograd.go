package torch

import (
	"runtime"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
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
	grad, scope, err := cgotorch.GetGrad(x.handle)
	runtime.KeepAlive(x)
	check("torch.Tensor.Grad", err)
	return newTensor(grad, scope)
}

// SetGrad sets the gradient; nil clears it. It panics if grad's shape, dtype or
// device are not the tensor's.
func (x *Tensor) SetGrad(grad *Tensor) {
	var handle cgotorch.Handle
	if grad != nil {
		if grad.handle == 0 {
			raise("torch.Tensor.SetGrad", ClosedError, "the gradient is closed")
		}
		handle = grad.handle
	}
	err := cgotorch.SetGrad(x.handle, handle)
	runtime.KeepAlive(x)
	runtime.KeepAlive(grad)
	check("torch.Tensor.SetGrad", err)
}

// GradInfo is what an optimizer asks of a tensor.
type GradInfo struct {
	Grad   *Tensor // nil if there is none
	DType  DType
	Device Device
}

// GradInfos asks several tensors by one call into libtorch, which is much less
// than [Tensor.Grad], [Tensor.DType] and [Tensor.Device] of each.
func GradInfos(tensors []*Tensor) []GradInfo {
	const op = "torch.GradInfos"
	var args cgotorch.Args
	listArgs(op, &args, tensors)
	results, err := cgotorch.GetGrads(&args)
	runtime.KeepAlive(tensors)
	check(op, err)
	r := Results{results}
	list := make([]GradInfo, len(tensors))
	for i := range list {
		list[i] = GradInfo{r.Tensor(), r.DType(), deviceOf(r.raw.TakeDevice())}
	}
	return list
}

// ClearGrads is [Tensor.SetGrad] with nil for several tensors, in one call.
func ClearGrads(tensors []*Tensor) {
	const op = "torch.ClearGrads"
	var args cgotorch.Args
	listArgs(op, &args, tensors)
	err := cgotorch.ClearGrads(&args)
	runtime.KeepAlive(tensors)
	check(op, err)
}

// listArgs writes a list without nil.
func listArgs(op string, args *cgotorch.Args, tensors []*Tensor) {
	args.List(len(tensors))
	for i, x := range tensors {
		if x == nil {
			raise(op, TypeError, "tensor %d is nil", i)
		}
		args.Tensor(x.handle)
	}
}

// BackwardOptions are the options of [Tensor.Backward] and [Backward].
type BackwardOptions struct {
	Gradient    *Tensor   // of the tensor; default: 1, for one element
	RetainGraph *bool     // keep the graph for another Backward; default: CreateGraph
	CreateGraph bool      // record the gradients' own graph, for higher derivatives
	Inputs      []*Tensor // add up gradients into these only; default: all leaves
}

// Backward computes the gradients of the tensor with respect to the leaves of its
// graph and adds them to their Grad. It panics if the tensor has more than one
// element and no gradient is given, if it does not require gradients, or if its
// graph was freed by a Backward before.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
func (x *Tensor) Backward(options ...BackwardOptions) {
	o := First(options)
	Backward([]*Tensor{x}, []*Tensor{o.Gradient}, o)
}

// Backward is [Tensor.Backward] for several tensors at once. gradients may be nil,
// or hold nil for a tensor of one element; options.Gradient is not used.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
func Backward(outputs, gradients []*Tensor, options ...BackwardOptions) {
	const op = "torch.Backward"
	o := First(options)
	var args cgotorch.Args
	graphArgs(op, &args, outputs, gradients, o.Inputs, o.RetainGraph, o.CreateGraph)
	err := cgotorch.Backward(&args)
	runtime.KeepAlive(outputs)
	runtime.KeepAlive(gradients)
	runtime.KeepAlive(o.Inputs)
	check(op, err)
}

// GradOptions are the options of [GradOf].
type GradOptions struct {
	GradOutputs []*Tensor // the outputs' gradients; default: 1 each
	RetainGraph *bool     // keep the graph; default: CreateGraph
	CreateGraph bool      // record the gradients' own graph
	AllowUnused bool      // give nil for an input that the outputs do not depend on
}

// GradOf returns the gradients of outputs with respect to inputs, without adding
// to any Grad. Package autograd has it as autograd.Grad.
func GradOf(outputs, inputs []*Tensor, options ...GradOptions) []*Tensor {
	const op = "autograd.Grad"
	o := First(options)
	var args cgotorch.Args
	graphArgs(op, &args, outputs, o.GradOutputs, inputs, o.RetainGraph, o.CreateGraph)
	args.Bool(o.AllowUnused)
	results, err := cgotorch.Grad(&args)
	runtime.KeepAlive(outputs)
	runtime.KeepAlive(o.GradOutputs)
	runtime.KeepAlive(inputs)
	check(op, err)
	r := Results{results}
	gradients := make([]*Tensor, len(inputs))
	for i := range gradients {
		gradients[i] = r.Tensor()
	}
	return gradients
}

// graphArgs writes what Backward and GradOf share; a nil retain stands for create.
func graphArgs(op string, args *cgotorch.Args, outputs, gradients, inputs []*Tensor, retain *bool, create bool) {
	if len(gradients) == 0 {
		gradients = make([]*Tensor, len(outputs))
	}
	if len(gradients) != len(outputs) {
		raise(op, RuntimeError, "got %d tensors and %d gradients", len(outputs), len(gradients))
	}
	listArgs(op, args, outputs)
	args.List(len(gradients))
	for i, g := range gradients {
		if g == nil {
			args.None()
			continue
		}
		if got, want := g.Shape(), outputs[i].Shape(); !slices.Equal(got, want) {
			raise(op, RuntimeError, "Mismatch in shape: grad_output[%d] has a shape of %v and output[%d] has a shape of %v.",
				i, got, i, want)
		}
		args.Tensor(g.handle)
	}
	listArgs(op, args, inputs)
	if retain == nil {
		retain = &create
	}
	args.Bool(*retain)
	args.Bool(create)
}

// IsGradEnabled reports whether operations are recorded here: true but within
// [NoGrad] and [InferenceMode].
func IsGradEnabled() bool { return cgotorch.GradEnabled() }

// NoGrad calls f with the recording of operations off. The mode is that of the
// calling goroutine, which is locked to its thread for the length of f;
// goroutines that f starts record as usual.
//
// https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
func NoGrad(f func()) { SetGradEnabled(false, f) }

// EnableGrad calls f with the recording of operations on, within [NoGrad].
//
// https://docs.pytorch.org/docs/stable/generated/torch.enable_grad.html
func EnableGrad(f func()) { SetGradEnabled(true, f) }

// SetGradEnabled is [EnableGrad] or [NoGrad].
func SetGradEnabled(enabled bool, f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
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
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer cgotorch.EnterInference(true).Leave()
	f()
}

// IsInferenceModeEnabled reports whether this is within [InferenceMode].
func IsInferenceModeEnabled() bool { return cgotorch.InferenceEnabled() }

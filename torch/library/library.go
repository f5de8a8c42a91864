// Package library defines operators in Go, as PyTorch's torch.library does in Python.
// They are called by name ([torch.Op]), by the programs of package export, in captured
// graphs and under vmap, and dispatch modes see them:
//
//	scale, err := library.Define("mylib::scale(Tensor x, float s=2) -> Tensor",
//		func(in library.Args) []any {
//			return []any{in.Tensor("x").Mul(in.Float("s"))}
//		})
//	...
//	y := scale.Call(x, 3.0)[0].(*torch.Tensor)
//
// A kernel sees plain tensors: autograd is above it. [Operator.RegisterAutograd] gives the
// operator gradients, [Operator.RegisterFake] the shapes of its results for tensors on
// torch.Meta, [Operator.RegisterKernel] other kernels for a type of device.
//
// https://docs.pytorch.org/docs/stable/library.html
package library

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Kernel computes the results of an operator, one for each that the schema has, of the
// types that [torch.OpOverload.Call] lists.
//
// Each call is a [torch.Scope] of its own: the arguments, and what the kernel makes, are
// closed when it has returned, but for those that [torch.Tensor.Keep] took out. Results
// must not share memory with arguments or with one another, unless the schema says so, and
// arguments must not be changed unless it does: "Tensor(a!) x". A kernel may run in several
// goroutines at once. A panic goes on in the call of the operator.
type Kernel func(in Args) []any

// DefineOptions are the options of [Define].
type DefineOptions struct {
	// Composite says that the kernel is made of other operators, from which the operator has
	// its gradients, its meta shapes and its batches. It may give views of its arguments.
	// It is CompositeImplicitAutograd of PyTorch's dispatcher.
	Composite bool
}

// Operator is an operator that is defined in Go.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.custom_op
type Operator struct {
	defined   definition
	op        *torch.OpOverload
	composite bool

	mutex    sync.Mutex // of who changes the following
	kernel   atomic.Pointer[kernels]
	gradient atomic.Pointer[gradient]
	batch    atomic.Pointer[BatchRule]
	closed   sync.Once
}

// definition is package torch's.
type definition interface {
	Op() *torch.OpOverload
	Run(args []any) []any
	Below(args []any) []any
	Autocast(device torch.Device, dtype torch.DType)
	Remove()
}

// kernels are an operator's by the type of device, "" for those that have none of their own.
type kernels map[string]Kernel

// Define defines an operator for tensors on all devices. The schema is PyTorch's:
//
//	mylib::scale(Tensor x, float s=2) -> Tensor
//	mylib::split(Tensor[] list, int[] sizes, *, bool flag=False) -> (Tensor, Tensor[])
//	mylib::fill_(Tensor(a!) x, Scalar value) -> Tensor(a!)
//	mylib::log(Tensor x, str? text=None) -> ()
//
// The kernel may be nil if [Operator.RegisterKernel] gives others. The operator is there
// until [Operator.Close].
//
// It fails on a schema that is none, without a namespace or in one of libtorch's own, with
// types that Go has no values for, on one that gives views and is not composite, and if
// there is such an operator. Libtorch keeps schemas: an operator that was closed can be
// defined again with the same one only.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.custom_op
func Define(schema string, kernel Kernel, options ...DefineOptions) (*Operator, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if kernel == nil && o.Composite {
		return nil, torch.Errorf("library.Define", torch.TypeError, "a composite operator needs a kernel")
	}
	operator := &Operator{composite: o.Composite}
	held := kernels{}
	if kernel != nil {
		held[""] = kernel
	}
	operator.kernel.Store(&held)
	made := make(chan struct{})
	defer close(made)
	d, err := internals.Define(schema, o.Composite, bodies{operator, made})
	if err != nil {
		return nil, err
	}
	operator.defined, operator.op = d, d.Op()
	return operator, nil
}

// Name returns the operator's name, such as "mylib::scale".
func (o *Operator) Name() string { return o.op.Name() }

// Schema returns the operator's schema as libtorch writes it.
func (o *Operator) Schema() string { return o.op.Schema() }

// Op returns the operator as [torch.Op] does.
func (o *Operator) Op() *torch.OpOverload { return o.op }

// Call calls the operator with positional arguments and returns its results. Those that
// are left out at the end take their defaults. It panics where [torch.OpOverload.Call],
// which takes arguments by name, fails.
func (o *Operator) Call(args ...any) []any {
	results, err := o.op.Call(args, nil)
	if err != nil {
		panic(err)
	}
	return results
}

// RegisterKernel gives the operator a kernel for tensors on a type of device, such as
// torch.CUDA(0), in the place of the one before. The device is that of the first tensor
// among the arguments, or else an argument of type Device, or else the CPU. It panics on
// torch.Meta, whose kernel RegisterFake sets, and for a composite operator.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.register_kernel
func (o *Operator) RegisterKernel(device torch.Device, kernel Kernel) {
	if device.IsMeta() {
		panic(torch.Errorf(o.Name(), torch.ValueError, "RegisterFake sets the kernel for torch.Meta"))
	}
	o.setKernel("RegisterKernel", device, kernel)
}

// RegisterFake gives the operator a kernel for tensors on torch.Meta, which have shapes but
// no values: it returns tensors of the shapes, strides and dtypes of the results. Without
// one, an operator that has results fails there. It panics for a composite operator.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.register_fake
func (o *Operator) RegisterFake(fake Kernel) { o.setKernel("RegisterFake", torch.Meta, fake) }

func (o *Operator) setKernel(what string, device torch.Device, kernel Kernel) {
	argument.NotNil(o.Name(), "the kernel", kernel)
	o.refuseComposite(what)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	held := kernels{device.Type(): kernel}
	for kind, k := range *o.kernel.Load() {
		if kind != device.Type() {
			held[kind] = k
		}
	}
	o.kernel.Store(&held)
}

// refuseComposite panics for a composite operator.
func (o *Operator) refuseComposite(what string) {
	if o.composite {
		panic(torch.Errorf(o.Name(), torch.ValueError, "a composite operator has no %s: it is made of operators that have their own", what))
	}
}

// RegisterAutocast says what autocast on the CPU or CUDA does with the operator: tensors of
// floating point but float64 among its arguments are cast to a dtype, and the kernel runs
// with autocast off. Without it a kernel runs with autocast on. It panics for another device,
// for a composite operator, and if the dtype is none.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.register_autocast
func (o *Operator) RegisterAutocast(device torch.Device, castInputs torch.DType) {
	o.refuseComposite("RegisterAutocast")
	switch {
	case !device.IsCPU() && !device.IsCUDA():
		panic(torch.Errorf(o.Name(), torch.ValueError, "there is autocast for the CPU and CUDA, not for %v", device))
	case castInputs == 0:
		panic(torch.Errorf(o.Name(), torch.TypeError, "RegisterAutocast needs a dtype"))
	}
	o.defined.Autocast(device, castInputs)
}

// Close removes the operator: [torch.Op] does not find it any more, and who calls it fails.
// Calls that run end as if it were there. Closing it again does nothing.
func (o *Operator) Close() {
	if o != nil && o.defined != nil {
		o.closed.Do(o.defined.Remove)
	}
}

// Library holds operators of one namespace. [New] makes one.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.Library
type Library struct {
	namespace string
	mutex     sync.Mutex
	operators []*Operator
}

// New returns an empty library. It fails if the namespace is no name.
func New(namespace string) (*Library, error) {
	isPart := func(r rune) bool {
		return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if strings.TrimFunc(namespace, isPart) != "" || namespace == "" {
		return nil, torch.Errorf("library.New", torch.ValueError, "%q is no name of a namespace", namespace)
	}
	return &Library{namespace: namespace}, nil
}

// Define is [Define] for an operator of the library, whose name needs no namespace.
func (l *Library) Define(schema string, kernel Kernel, options ...DefineOptions) (*Operator, error) {
	if l == nil || l.namespace == "" {
		return nil, torch.Errorf("library.Library.Define", torch.TypeError, "there is no library: New makes one")
	}
	name, _, _ := strings.Cut(schema, "(")
	if space, _, ok := strings.Cut(name, "::"); !ok {
		schema = l.namespace + "::" + schema
	} else if space != l.namespace {
		return nil, torch.Errorf("library.Library.Define", torch.ValueError, "the schema is of the namespace %s, and the library of %s", space, l.namespace)
	}
	operator, err := Define(schema, kernel, options...)
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.operators = append(l.operators, operator)
	return operator, nil
}

// Operators returns the library's operators, in the order in which they were defined.
func (l *Library) Operators() []*Operator {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.operators)
}

// Close removes all operators of the library. It can define others then.
func (l *Library) Close() {
	if l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, o := range l.operators {
		o.Close()
	}
	l.operators = nil
}

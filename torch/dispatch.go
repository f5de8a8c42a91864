package torch

import (
	"fmt"
	"sync"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/schema"
)

// DispatchCall is the call of an operator that a [DispatchMode] sees.
type DispatchCall struct {
	// Op is the operator, the same pointer for each call of it.
	Op *OpOverload
	// Args are all arguments in the schema's order, as [OpOverload.Call] takes them, those
	// with defaults too. A tensor that is missing is a nil *Tensor, and a number in the
	// place of a tensor is the number.
	Args []any
}

// Run calls the operator with Args as they are now and returns its results, as
// [OpOverload.Call] does. Modes further out see the call. It panics where the operator
// fails, and where Args does not fit it.
func (c *DispatchCall) Run() []any {
	if c == nil || c.Op == nil || c.Op.op == nil {
		panic(Errorf("torch.DispatchCall.Run", TypeError, "there is no operator: a DispatchMode is given one"))
	}
	o := c.Op
	if len(c.Args) != len(o.schema.Arguments) {
		panic(Errorf(o.Name(), TypeError, "expected %d arguments, but a dispatch mode gave %d\nDeclaration: %s",
			len(o.schema.Arguments), len(c.Args), o.schema.Text))
	}
	return o.run(&Call{undefined: true}, c.Args)
}

// DispatchMode sees the operators that are called within [WithDispatch]. Dispatch is
// called in the place of each and returns the results, usually those of call.Run().
//
// Operators that Dispatch itself calls are not seen by the mode, only by those further
// out. What it returns takes the place of the operator's results, but for operators that
// change their arguments and give these.
//
// The tensors in a call are new references to libtorch's, which belong to the mode: it
// may keep them, and like all others they are closed by [Tensor.Close], at the end of the
// [Scope] around the operator, or by the garbage collector. [DispatchOptions] can close
// them at once.
type DispatchMode interface {
	Dispatch(call *DispatchCall) []any
}

// HostReader is a [DispatchMode] that also sees where Go reads a tensor's elements
// without an operator. ReadHost is called before that with the name of the function that
// reads, such as "torch.ToSlice", "torch.Tensor.String" or "torch.Save". It may panic.
// Where Go reads by an operator, as [Tensor.Item] does by aten::_local_scalar_dense,
// Dispatch sees that instead.
type HostReader interface {
	ReadHost(what string, x *Tensor)
}

// DispatchOptions are the options of [WithDispatch].
type DispatchOptions struct {
	// Scoped makes each Dispatch a [Scope] of its own: the tensors of the call, its results
	// and whatever else Dispatch makes are closed when it has returned, but for those that
	// [Tensor.Keep] took out. Libtorch keeps what it needs. So a program takes no more
	// memory for being seen, and its backward passes are the same: libtorch copies
	// gradients that somebody else refers to.
	Scoped bool
}

// WithDispatch calls f; mode sees each operator that f calls, in its forward and backward
// passes and in optimizers' steps, as TorchDispatchMode does in Python. What it sees are
// the operators below autograd: composite ones, such as aten::linear, are seen as those
// that they are made of.
//
// Modes may be nested: the innermost one sees a call first and hands it on to the next
// by [DispatchCall.Run].
//
//	type printer struct{}
//
//	func (printer) Dispatch(call *torch.DispatchCall) []any {
//		fmt.Println(call.Op.Name())
//		return call.Run()
//	}
//
//	torch.WithDispatch(printer{}, func() { net.Forward(x).Sum().Backward() })
//
// A panic of the mode goes on in the function that called the operator. Operators whose
// arguments Go has no values for, such as futures, fail within f. A backward
// pass on CUDA runs in threads of libtorch's own, whose operators are not seen.
//
// The mode is that of the calling goroutine, which is locked to its thread for the length
// of f; goroutines that f starts are outside of it. It panics if mode or f is nil.
//
// https://docs.pytorch.org/docs/stable/torch.html#torch.overrides.TorchDispatchMode
func WithDispatch(mode DispatchMode, f func(), options ...DispatchOptions) {
	const op = "torch.WithDispatch"
	if mode == nil {
		panic(Errorf(op, TypeError, "the mode is nil"))
	}
	mustCall(op, f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	d := enterDispatch(op, mode)
	defer d.leave()
	if option.First(options).Scoped {
		scope, number := openScope()
		defer closeScope(scope, number)
		d.scope, d.number = scope, number
	}
	f()
}

// dispatch is a mode in force on a thread.
type dispatch struct {
	mode   DispatchMode
	handle cgotorch.DispatchMode
	outer  cgotorch.DispatchMode // what the thread was in before
	scope  *scope                // of each call, nil for none
	number uint64                // the scope's
}

// dispatches has each dispatch by its handle.
var dispatches sync.Map

// enterDispatch puts the calling thread into a mode.
func enterDispatch(op string, mode DispatchMode) *dispatch {
	d := &dispatch{mode: mode, outer: cgotorch.CurrentDispatchMode()}
	handle, err := cgotorch.NewDispatchMode(cgotorch.Register(d.call))
	check(op, err)
	d.handle = handle
	dispatches.Store(handle, d)
	cgotorch.SetDispatchMode(handle)
	return d
}

// leave puts the thread back into what it was in.
func (d *dispatch) leave() {
	cgotorch.SetDispatchMode(d.outer)
	dispatches.Delete(d.handle)
	d.handle.Free()
	forgetForeign()
}

// call is what libtorch calls in the place of an operator.
func (d *dispatch) call(raw cgotorch.Results, give func(*cgotorch.Args)) {
	if d.scope != nil {
		raw.Scope = d.number
		before := cgotorch.SetScope(d.number)
		defer func() {
			cgotorch.SetScope(before)
			d.scope.close(kept | lent)
		}()
	}
	in := Results{raw}
	defer in.raw.Drop() // nothing, unless taking them fails
	o := seenOverload(uint64(in.Int()))
	call := &DispatchCall{Op: o, Args: make([]any, len(o.schema.Arguments))}
	for i, argument := range o.schema.Arguments {
		call.Args[i] = in.take(argument.Type)
	}
	o.give(&Call{undefined: true}, fmt.Sprintf("the dispatch mode %T", d.mode), d.mode.Dispatch(call), give)
}

// give gives the results that a Go function returned to libtorch; who names it.
func (o *OpOverload) give(c *Call, who string, results []any, give func(*cgotorch.Args)) {
	if len(results) != len(o.schema.Results) {
		panic(Errorf(o.Name(), TypeError, "%s returned %d results, but the operator gives %d\nDeclaration: %s",
			who, len(results), len(o.schema.Results), o.schema.Text))
	}
	for i, result := range o.schema.Results {
		wrong := c.pass(result.Type, results[i])
		if !c.undefined && result.Type.Name == "Tensor" && plainNumber(results[i]) != nil { // which only a mode may give for a tensor
			wrong = fmt.Sprintf("%T", results[i])
		}
		if wrong != "" {
			panic(Errorf(o.Name(), TypeError, "%s returned %s for result %d, which is of type '%v'\nDeclaration: %s",
				who, wrong, i, result.Type, o.schema.Text))
		}
	}
	c.refuse(o.op)
	c.hold()
	defer c.release()
	give(&c.args)
}

// seen has the operators that modes saw by their numbers.
var seen sync.Map

// seenOverload returns the operator that libtorch's side has a number for.
func seenOverload(number uint64) *OpOverload {
	if o, ok := seen.Load(number); ok {
		return o.(*OpOverload)
	}
	const op = "torch.WithDispatch"
	text, failed := cgotorch.SeenSchema(number)
	check(op, failed)
	parsed, err := schema.Parse(text)
	if err != nil {
		panic(Errorf(op, UnsupportedError, "%s", err.Error()))
	}
	o, _ := seen.LoadOrStore(number, &OpOverload{parsed, NewOperator(text)})
	return o.(*OpOverload)
}

// readsHost tells the modes of the goroutine that what reads the elements of x. Where no
// goroutine is in a mode it costs one look.
func readsHost(what string, x *Tensor) {
	if cgotorch.Dispatching() {
		showRead(what, x)
	}
}

// showRead tells the modes that what reads x.
func showRead(what string, x *Tensor) {
	if x != nil && x.isOpen() {
		tell(func(mode HostReader) { mode.ReadHost(what, x) })
	}
}

// gradSetter is a DispatchMode that sees where gradients are set or cleared, which is no
// operator.
type gradSetter interface{ SetGrads(of []*Tensor) }

// setsGrads tells the modes of the goroutine that gradients are set or cleared.
func setsGrads(of ...*Tensor) { tell(func(mode gradSetter) { mode.SetGrads(of) }) }

// effects is a DispatchMode that sees what changes tensors or draws random numbers without
// an operator.
type effects interface{ Effect(what string, x *Tensor) }

// hasEffect tells the modes of the goroutine that what changes x, or generators if that is
// nil.
func hasEffect(what string, x *Tensor) { tell(func(mode effects) { mode.Effect(what, x) }) }

// capturer is a DispatchMode that may record operators to run them again without Go.
type capturer interface{ Capturing() bool }

// Capturing reports whether a mode of the calling goroutine does so.
func (exports) Capturing() (yes bool) {
	tell(func(mode capturer) { yes = yes || mode.Capturing() })
	return yes
}

// tell calls f with those modes of the goroutine that are of a kind, from the innermost one
// on. Each is outside of itself meanwhile, as in Dispatch.
func tell[Mode any](f func(mode Mode)) {
	if !cgotorch.Dispatching() {
		return
	}
	inner := cgotorch.CurrentDispatchMode()
	if inner == 0 {
		return
	}
	defer cgotorch.SetDispatchMode(inner)
	for handle := inner; handle != 0; {
		found, _ := dispatches.Load(handle)
		d := found.(*dispatch)
		handle = d.outer
		cgotorch.SetDispatchMode(handle)
		if mode, ok := d.mode.(Mode); ok {
			f(mode)
		}
	}
}

// InDispatch reports whether the calling goroutine is in a dispatch mode.
func (exports) InDispatch() bool {
	return cgotorch.Dispatching() && cgotorch.CurrentDispatchMode() != 0
}

// TensorKey returns a number that two tensors have if they are references to one tensor
// of libtorch's, and no other that is alive. Unlike a view, they share everything.
func (exports) TensorKey(x *Tensor) uint64 {
	const op = "torch.TensorKey"
	key := uint64(x.use(op))
	x.release()
	return key
}

// InBackward reports whether the calling goroutine is in a backward pass.
func (exports) InBackward() bool { return cgotorch.InBackward() }

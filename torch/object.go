package torch

import (
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Object is an object of a class that a library registers with libtorch: what
// torch.ScriptObject is in Python. The packed weights of quantized layers are such
// objects, and process groups. [OpOverload.Call] takes and gives them.
//
// An object is freed by the garbage collector, or by Close. Unlike a tensor it belongs to
// no [Scope].
//
// https://docs.pytorch.org/tutorials/advanced/custom_classes.html
type Object struct {
	handle cgotorch.Handle // 0 in a zero Object only
	class  string
	state  atomic.Int64 // how many calls use the handle, and the flags below
	_      noCopy
}

// The flags of an Object's state.
const (
	objectClosed int64 = 1 << 62
	objectFreed  int64 = 1 << 61 // the reference was dropped
)

// liveObjects counts the objects that Go holds.
var liveObjects atomic.Int64

// LiveObjects returns how many objects Go holds. Tests look for leaks with it.
func (exports) LiveObjects() int { return int(liveObjects.Load()) }

// ownObject takes over a handle.
func ownObject(handle cgotorch.Handle) *Object {
	class, err := cgotorch.ObjectType(handle)
	check("torch.Object", err)
	o := &Object{handle: handle, class: strings.TrimPrefix(class, "__torch__.torch.classes.")}
	liveObjects.Add(1)
	runtime.SetFinalizer(o, func(o *Object) { go o.Close() }) // freeing may wait
	return o
}

// Class returns the name of the object's class with that of its library, such as
// "c10d.Work" or "quantized.LinearPackedParamsBase". A closed object has it, too.
func (o *Object) Class() string {
	if o == nil {
		panic(Errorf("torch.Object.Class", TypeError, "the object is nil"))
	}
	return o.class
}

// Close drops the reference to the object, which goes when libtorch does not need it
// either. An operator on another goroutine that began before still runs. Whatever uses
// the object afterwards fails with a ClosedError. Closing again, or closing nil, does
// nothing.
func (o *Object) Close() {
	if o == nil || o.handle == 0 {
		return
	}
	if o.state.Or(objectClosed)&objectClosed == 0 {
		runtime.SetFinalizer(o, nil)
		o.free()
	}
}

// IsClosed reports whether the object was closed.
func (o *Object) IsClosed() bool {
	if o == nil {
		panic(Errorf("torch.Object.IsClosed", TypeError, "the object is nil"))
	}
	return o.handle == 0 || o.state.Load()&objectClosed != 0
}

// hold lets a call use the handle until release; false says that it is closed.
func (o *Object) hold() bool {
	if o.handle == 0 {
		return false
	}
	if o.state.Add(1)&objectClosed == 0 {
		return true
	}
	o.release()
	return false
}

// release ends a hold. The last one drops the reference of a closed object.
func (o *Object) release() {
	if o.state.Add(-1)&objectClosed != 0 {
		o.free()
	}
}

// free drops the reference of a closed object that no call uses, once.
func (o *Object) free() {
	if o.state.CompareAndSwap(objectClosed, objectClosed|objectFreed) {
		liveObjects.Add(-1)
		cgotorch.FreeObject(o.handle)
	}
}

// Object passes an object; nil passes None.
func (c *Call) Object(o *Object) {
	if o == nil {
		c.args.None()
		return
	}
	c.args.Object(o.handle)
	c.objects = append(c.objects, o)
}

// holdObjects is hold for the objects of a call.
func (c *Call) holdObjects() {
	for i, o := range c.objects {
		if !o.hold() {
			c.args.ShutObject(o.handle)
			c.objects[i] = nil
		}
	}
}

// Object takes an object of a class; None gives nil.
func (r *Results) Object() *Object {
	if r.raw.Tag() == cgotorch.TagNone {
		r.raw.TakeTensor()
		return nil
	}
	return ownObject(r.raw.TakeObject())
}

// Object makes the call of an operator and returns the object among its results. It
// drops the tensors there, which are those that the operator was given.
func (exports) Object(c *Call, op *Operator) *Object {
	r := c.Results(op)
	r.raw.DropTo(cgotorch.TagObject)
	return r.Object()
}

// C10D calls a method of libtorch's c10d. pass passes its arguments and take takes its
// results, where they are not nil.
func (exports) C10D(name string, pass func(c *Call), take func(r *Results)) error {
	return Try(func() { callMethod(name, name, cgotorch.CallC10D, pass, take) })
}

// LoadCUDAShim loads the library of what takes CUDA's headers. It fails where the
// installation has none.
func (exports) LoadCUDAShim() error {
	return Try(func() {
		if why := cgotorch.LoadCUDAShim(); why != "" {
			panic(Errorf("", UnsupportedError, "%s", why))
		}
	})
}

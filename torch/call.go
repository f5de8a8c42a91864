package torch

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/number"
)

// Operator is one of libtorch's operators, looked up at its first call.
type Operator = cgotorch.Op

// NewOperator returns the operator with the given schema. It needs no libtorch.
func NewOperator(schema string) *Operator { return cgotorch.NewOp(schema) }

// Call collects the arguments of one call of an [Operator], in the order of its
// schema, and makes it. Package torch and those below it are written with it;
// programs seldom need it. A Call lives on the stack, keeps its tensors alive
// while it runs, and is used once.
type Call struct {
	args      cgotorch.Args
	few       [4]*Tensor // the tensors; most operators have no more
	n         int
	more      []*Tensor
	objects   []*Object
	generator *Generator
	shut      *Tensor // the first closed one
	bad       string  // the first argument that cannot be passed
	mode      cgotorch.Mode
	undefined bool // nil stands for an undefined tensor where None may not
}

// NoGrad runs the call with gradients off, without a thread-local mode.
func (c *Call) NoGrad() { c.mode |= cgotorch.NoGrad }

// belowAutograd runs what the operator does below autograd.
func (c *Call) belowAutograd() { c.mode |= cgotorch.BelowAutograd }

// Tensor passes a tensor; nil passes None.
func (c *Call) Tensor(x *Tensor) {
	if x == nil {
		c.args.None()
		return
	}
	c.args.Tensor(x.handle)
	if c.n < len(c.few) {
		c.few[c.n] = x
		c.n++
	} else {
		c.more = append(c.more, x)
	}
}

// Tensors passes a list of tensors; nil elements pass None.
func (c *Call) Tensors(list []*Tensor) {
	c.args.List(len(list))
	c.more = slices.Grow(c.more, len(list))
	for _, x := range list {
		if x == nil {
			c.args.None()
		} else {
			c.args.Tensor(x.handle)
			c.more = append(c.more, x)
		}
	}
}

// hold lets the call use the handles of its tensors until release. Those of closed
// tensors become 0, which libtorch's side refuses with the argument's name.
func (c *Call) hold() {
	c.holdList(c.few[:c.n])
	if len(c.more) > 0 {
		c.holdList(c.more)
	}
	if len(c.objects) > 0 {
		c.holdObjects()
	}
}

func (c *Call) holdList(list []*Tensor) {
	for i, x := range list {
		if !x.hold() {
			c.refuseClosed(x)
			list[i] = nil
		}
	}
}

// refuseClosed lets the call fail for a closed tensor. An open one may be where it was,
// and have its handle.
func (c *Call) refuseClosed(x *Tensor) {
	c.args.Shut(x.handle, c.openBefore(x))
	c.shut = cmp.Or(c.shut, x)
}

// openBefore returns how many open tensors before x have its handle.
func (c *Call) openBefore(x *Tensor) (n int) {
	for _, list := range [...][]*Tensor{c.few[:c.n], c.more} {
		for _, y := range list {
			if y == x {
				return n
			}
			if y != nil && y.handle == x.handle {
				n++
			}
		}
	}
	return n
}

// check panics with err, if there is one.
func (c *Call) check(op string, err *cgotorch.Error) {
	if err != nil {
		c.fail(op, err)
	}
}

// fail panics with err. That an argument is closed comes with who closed it.
func (c *Call) fail(op string, err *cgotorch.Error) {
	if err.Kind == cgotorch.KindClosed && c.shut != nil {
		err.Message += ": " + c.shut.whyClosed()
	}
	check(op, err)
}

// release ends hold.
func (c *Call) release() {
	for _, x := range c.few[:c.n] {
		if x != nil {
			x.release()
		}
	}
	for _, x := range c.more {
		if x != nil {
			x.release()
		}
	}
	for _, o := range c.objects {
		if o != nil {
			o.release()
		}
	}
}

// Operand passes a tensor or a number.
func (c *Call) Operand(v Operand) {
	if x, ok := v.(*Tensor); ok {
		c.Tensor(x)
		return
	}
	c.Number(v)
}

// Number passes a number; nil leaves the default.
func (c *Call) Number(v Number) {
	switch v := v.(type) {
	case nil:
		c.args.Default()
	case int:
		c.args.Int(int64(v))
	case float64:
		c.args.Float(v)
	case float32:
		c.args.Float(float64(v))
	case bool:
		c.args.Bool(v)
	case int64:
		c.args.Int(v)
	case int32:
		c.args.Int(int64(v))
	case int16:
		c.args.Int(int64(v))
	case int8:
		c.args.Int(int64(v))
	case uint8:
		c.args.Int(int64(v))
	case uint16:
		c.args.Int(int64(v))
	case uint32:
		c.args.Int(int64(v))
	case uint:
		c.unsigned(uint64(v))
	case uint64:
		c.unsigned(v)
	case complex128:
		c.args.Complex(v)
	case complex64:
		c.args.Complex(complex128(v))
	default:
		if n := plainNumber(v); n != nil {
			c.Number(n)
			return
		}
		c.args.None()
		c.refused("a *torch.Tensor or a number", v)
	}
}

// unsigned passes an integer that may be above the signed ones.
func (c *Call) unsigned(n uint64) {
	if n > math.MaxInt64 {
		c.args.Uint(n)
		return
	}
	c.args.Int(int64(n))
}

// plainNumber returns a number of any type as one of a type that has no name, or nil.
func plainNumber(v any) Number {
	switch v.(type) {
	case DType, Layout, MemoryFormat:
		return nil
	}
	return number.Plain(v)
}

// refused notes that v is of none of the types that the operator wants.
func (c *Call) refused(want string, v any) {
	if c.bad == "" {
		c.bad = fmt.Sprintf("want %s, not a %T", want, v)
	}
}

// Int passes an int.
func (c *Call) Int(v int) { c.args.Int(int64(v)) }

// Ints passes a list of ints.
func (c *Call) Ints(v []int) { c.args.Ints(v) }

// Sizes passes an int, of which the operator makes a list as long as it needs, or a
// list of ints.
func (c *Call) Sizes(v Sizes) {
	switch v := v.(type) {
	case int:
		c.Int(v)
	case []int:
		c.Ints(v)
	default:
		c.args.None()
		c.refused("an int or a []int", v)
	}
}

// OutputSizes passes sizes for the last dimensions of what is made of x. A −1 in a
// list stands for the size that x has there, as Python's None does.
func (c *Call) OutputSizes(v Sizes, x *Tensor) {
	list, ok := v.([]int)
	if !ok || !slices.Contains(list, -1) {
		c.Sizes(v)
		return
	}
	if x.Dim() <= len(list) {
		panic(Errorf("adaptive pooling", ValueError, "Input dimension should be at least %d", len(list)+1))
	}
	list = slices.Clone(list)
	for d, size := range list {
		if size == -1 {
			list[d] = x.Size(d - len(list))
		}
	}
	c.Ints(list)
}

// Float passes a float.
func (c *Call) Float(v float64) { c.args.Float(v) }

// Bool passes a bool.
func (c *Call) Bool(v bool) { c.args.Bool(v) }

// String passes a str.
func (c *Call) String(v string) { c.args.String(v) }

// Floats passes a list of floats.
func (c *Call) Floats(v []float64) { c.args.Floats(v) }

// List starts a list: the next n values are its elements.
func (c *Call) List(n int) { c.args.List(n) }

// Strings passes a list of strs.
func (c *Call) Strings(v []string) {
	c.args.List(len(v))
	for _, s := range v {
		c.String(s)
	}
}

// Numbers passes a list of numbers.
func (c *Call) Numbers(v []Number) {
	c.args.List(len(v))
	for _, n := range v {
		c.Number(n)
	}
}

// OptionalInt passes an int; nil leaves the default.
func (c *Call) OptionalInt(v *int) {
	if v == nil {
		c.args.Default()
	} else {
		c.Int(*v)
	}
}

// OptionalInts passes a list of ints; nil leaves the default.
func (c *Call) OptionalInts(v []int) {
	if v == nil {
		c.args.Default()
	} else {
		c.Ints(v)
	}
}

// OptionalSizes passes an int or a list of ints; nil leaves the default.
func (c *Call) OptionalSizes(v Sizes) {
	if list, ok := v.([]int); v == nil || ok && list == nil {
		c.args.Default()
	} else {
		c.Sizes(v)
	}
}

// SizesOrString passes an int, a list of ints or a str; nil leaves the default.
func (c *Call) SizesOrString(v any) {
	if s, ok := v.(string); ok {
		c.String(s)
	} else {
		c.OptionalSizes(v)
	}
}

// OptionalFloat passes a float; nil leaves the default.
func (c *Call) OptionalFloat(v *float64) {
	if v == nil {
		c.args.Default()
	} else {
		c.Float(*v)
	}
}

// OptionalFloats passes a list of floats; nil leaves the default.
func (c *Call) OptionalFloats(v []float64) {
	if v == nil {
		c.args.Default()
	} else {
		c.Floats(v)
	}
}

// OptionalBool passes a bool; nil leaves the default.
func (c *Call) OptionalBool(v *bool) {
	if v == nil {
		c.args.Default()
	} else {
		c.Bool(*v)
	}
}

// OptionalString passes a str; "" leaves the default.
func (c *Call) OptionalString(v string) {
	if v == "" {
		c.args.Default()
	} else {
		c.String(v)
	}
}

// OptionalTensors passes a list of tensors; nil leaves the default.
func (c *Call) OptionalTensors(v []*Tensor) {
	if v == nil {
		c.args.Default()
	} else {
		c.Tensors(v)
	}
}

// Layout passes a layout; the zero one leaves the default.
func (c *Call) Layout(l Layout) {
	if l == 0 {
		c.args.Default()
	} else {
		c.Int(int(l) - 1)
	}
}

// MemoryFormat passes a memory format; the zero one leaves the default.
func (c *Call) MemoryFormat(f MemoryFormat) {
	if f == 0 {
		c.args.Default()
	} else {
		c.Int(int(f) - 1)
	}
}

// Default leaves an argument at its default.
func (c *Call) Default() { c.args.Default() }

// None passes None.
func (c *Call) None() { c.args.None() }

// DType passes a dtype; the zero one leaves the default.
func (c *Call) DType(d DType) {
	if d == 0 {
		c.args.Default()
		return
	}
	c.args.Int(int64(d.scalarType()))
}

// Device passes a device; the zero one leaves the default. It panics with the
// reason if d is a CUDA device that cannot be used.
func (c *Call) Device(d Device) {
	if d.kind == 0 {
		c.args.Default()
		return
	}
	d.mustBeAvailable()
	c.args.Device(d.raw())
}

// Generator passes a generator; nil leaves the default one.
func (c *Call) Generator(g *Generator) {
	if g == nil {
		c.args.Default()
		return
	}
	c.args.Generator(g.handle)
	c.generator = g
}

// Options passes dtype, layout, device and pin_memory, which creation operators
// have in this order. A generator that was not passed before is refused.
func (c *Call) Options(o *TensorOptions) {
	c.refuseFormat(o)
	c.optionsOn(o.Device, o)
}

// likeOptions is [Call.Options] with the memory format, for operators that make a
// tensor like another one.
func (c *Call) likeOptions(o *TensorOptions) {
	c.optionsOn(o.Device, o)
	c.MemoryFormat(o.MemoryFormat)
}

// refuseFormat notes a memory format that the operator does not take.
func (c *Call) refuseFormat(o *TensorOptions) {
	if o.MemoryFormat != 0 && c.bad == "" {
		c.bad = "it has no MemoryFormat"
	}
}

// Factory is [Call.Options] for operators that the default device is for: those
// that make a tensor from no other one.
func (c *Call) Factory(o *TensorOptions) {
	c.refuseFormat(o)
	c.optionsOn(cmp.Or(o.Device, defaultDevice()), o)
}

func (c *Call) optionsOn(device Device, o *TensorOptions) {
	if o.Generator != c.generator && c.bad == "" {
		c.bad = "Generator is an option of functions that draw random numbers"
	}
	c.DType(o.DType)
	c.Layout(o.Layout)
	c.Device(device)
	if o.PinMemory {
		c.Bool(true)
	} else {
		c.Default()
	}
}

// One makes the call of an operator that gives one tensor and returns it.
func (c *Call) One(op *Operator) *Tensor {
	c.refuse(op)
	handle, scope, err := c.call1(op)
	c.check("", err)
	x := newTensor(handle, scope)
	if cgotorch.Warned() {
		warn()
	}
	return x
}

// New makes the call of an operator that creates a tensor and returns it, with
// requires_grad as the options say.
func (c *Call) New(op *Operator, o *TensorOptions) *Tensor {
	x := c.One(op)
	if o.RequiresGrad {
		x.SetRequiresGrad(true)
	}
	return x
}

// Do makes the call for its effect and gives no results.
func (c *Call) Do(op *Operator) {
	c.mode |= cgotorch.Discard
	c.Results(op)
}

// Results makes the call and returns what it gives. All must be taken.
func (c *Call) Results(op *Operator) Results {
	c.refuse(op)
	results, err := c.call(op)
	c.check("", err)
	r := Results{results}
	if cgotorch.Warned() {
		r.warnBefore()
	}
	return r
}

func (c *Call) call1(op *Operator) (cgotorch.Handle, uint64, *cgotorch.Error) {
	c.hold()
	if op.CallsGo() {
		return c.call1Go(op)
	}
	handle, scope, err := op.Call1(&c.args, c.mode)
	c.release()
	return handle, scope, err
}

// call1Go is call1 where what libtorch calls may end the goroutine.
func (c *Call) call1Go(op *Operator) (cgotorch.Handle, uint64, *cgotorch.Error) {
	defer c.release()
	if cgotorch.Dispatching() {
		c.noteForeignWrites(op)
	}
	return op.Call1(&c.args, c.mode)
}

func (c *Call) call(op *Operator) (cgotorch.Results, *cgotorch.Error) {
	c.hold()
	defer c.release()
	if cgotorch.Dispatching() {
		c.noteForeignWrites(op)
	}
	return op.Call(&c.args, c.mode)
}

func (c *Call) refuse(op *Operator) {
	if c.bad != "" {
		c.refuseBad(op.Name())
	}
}

// refuseBad panics with an error of op for the first argument that cannot be passed.
func (c *Call) refuseBad(op string) {
	if c.bad != "" {
		panic(Errorf(op, TypeError, "%s", c.bad))
	}
}

// IsTensor reports whether an operand is a tensor.
func (*Call) IsTensor(v Operand) bool {
	_, ok := v.(*Tensor)
	return ok
}

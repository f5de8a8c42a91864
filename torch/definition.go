package torch

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/schema"
)

// kernels are what an operator does that package library defines.
type kernels interface {
	// Compute returns the results.
	Compute(args []any) []any
	// Record is Compute as a part of autograd's graph.
	Record(args []any) []any
	// Batch is Compute for a batch: dims has for each tensor among the arguments the
	// batch's dimension or nil, and outDims for each tensor among the results.
	Batch(size int, dims, args []any) (results, outDims []any)
}

// definition is an operator that Go defines. Libtorch keeps it for ever; when it was
// removed it has no kernels, until it is defined again.
type definition struct {
	op        *OpOverload
	composite bool
	raw       cgotorch.Definition
	kernels   atomic.Pointer[kernels]
}

// definitions has all of them by name.
var definitions struct {
	sync.Mutex
	byName map[string]*definition
}

// Define defines an operator. A composite one is made of others, and is asked to Compute
// only. Remove removes it.
func (exports) Define(declaration string, composite bool, k kernels) (*definition, error) {
	if err := cgotorch.Load(); err != nil {
		return nil, Errorf("", UnsupportedError, "%s", err.Error())
	}
	text, failure := cgotorch.SchemaText(declaration)
	if failure != nil {
		return nil, errorOf("", failure)
	}
	parsed, err := schema.Parse(text)
	if err != nil {
		return nil, Errorf("", ValueError, "%s", err.Error())
	}
	if err := definable(parsed, composite); err != nil {
		return nil, err
	}
	definitions.Lock()
	defer definitions.Unlock()
	name, _, _ := strings.Cut(text, "(")
	if d := definitions.byName[name]; d != nil {
		return d, d.again(text, composite, k)
	}
	if known, _, err := findSchema(name); err != nil || known != "" {
		return nil, cmp.Or(err, error(Errorf(name, ValueError, "is an operator already: %s", known)))
	}
	d := &definition{op: &OpOverload{parsed, NewOperator(text)}, composite: composite}
	d.kernels.Store(&k)
	if d.raw, failure = cgotorch.Define(declaration, cgotorch.Register(d.call), composite); failure != nil {
		return nil, errorOf(name, failure)
	}
	if definitions.byName == nil {
		definitions.byName = map[string]*definition{}
	}
	definitions.byName[name] = d
	return d, nil
}

// again defines an operator that was removed.
func (d *definition) again(text string, composite bool, k kernels) error {
	switch name := d.op.Name(); {
	case d.kernels.Load() != nil:
		return Errorf(name, ValueError, "is defined already: close what was defined before")
	case text != d.op.schema.Text || composite != d.composite:
		what := d.op.schema.Text
		if d.composite {
			what += ", as a composite operator"
		}
		return Errorf(name, ValueError, "was defined as %s before, which libtorch keeps as long as the process: take the same schema, or another name", what)
	}
	d.Autocast(CPU, 0)
	d.Autocast(CUDA(0), 0)
	d.kernels.Store(&k)
	return nil
}

// Op returns the operator.
func (d *definition) Op() *OpOverload { return d.op }

// Remove removes the operator. Calls that run end as if it were there.
func (d *definition) Remove() {
	definitions.Lock()
	defer definitions.Unlock()
	d.kernels.Store(nil)
}

// Autocast lets autocast on a type of device cast the arguments to a dtype, none for 0.
func (d *definition) Autocast(device Device, dtype DType) {
	kind, _ := device.raw()
	d.raw.SetCast(kind, dtype.scalarType())
}

// Run computes the results of all arguments, as any caller's.
func (d *definition) Run(args []any) []any { return d.op.run(&Call{}, args) }

// Below computes the results below autograd.
func (d *definition) Below(args []any) []any {
	var c Call
	c.belowAutograd()
	return d.op.run(&c, args)
}

// removed reports whether a name is that of an operator that was removed.
func removed(name string) bool {
	definitions.Lock()
	defer definitions.Unlock()
	d := definitions.byName[name]
	return d != nil && d.kernels.Load() == nil
}

// definable reports why an operator cannot be defined in Go, or nil.
func definable(s *schema.Schema, composite bool) error {
	name := s.Name
	space, _, ok := strings.Cut(name, "::")
	switch {
	case !ok:
		return Errorf(name, ValueError, "has no namespace: call it \"mylib::%s\"", name)
	case space == "prim" || space == "aten":
		return Errorf(name, ValueError, "is in the namespace %s, which is libtorch's own: take another", space)
	}
	for _, a := range s.Arguments {
		if !passable(a.Type) {
			return Errorf(name, TypeError, "argument '%s' is of type '%v', which Go has no values for", a.Name, a.Type)
		}
	}
	for i, r := range s.Results {
		alias := r.Type.Alias
		if r.Type.Element != nil {
			alias = r.Type.Element.Alias
		}
		switch {
		case !passable(r.Type):
			return Errorf(name, TypeError, "result %d is of type '%v', which Go has no values for", i, r.Type)
		case alias != "" && !strings.HasSuffix(alias, "!") && !composite:
			return Errorf(name, ValueError, "result %d is a view of an argument, which only a composite operator can give", i)
		}
	}
	return nil
}

// passable reports whether Go has values of a type.
func passable(t *schema.Type) bool {
	if t.Element != nil {
		return t.Element.Element == nil && passable(t.Element)
	}
	return slices.Contains([]string{"Tensor", "int", "float", "complex", "Scalar", "bool", "str", "ScalarType", "Layout", "MemoryFormat", "Device", "Generator"}, t.Name)
}

// call is what libtorch calls for the operator. Like the body of a [Scope] it closes what
// was made.
func (d *definition) call(raw cgotorch.Results, give func(*cgotorch.Args)) {
	s, number := openScope()
	raw.Scope = number
	before := cgotorch.SetScope(number)
	defer func() {
		cgotorch.SetScope(before)
		closeScope(s, number)
	}()
	in := Results{raw}
	defer in.raw.Drop() // nothing, unless taking them fails
	kernel := cgotorch.Kernel(in.Int())
	var size int
	var dims []any
	if kernel == cgotorch.KernelBatch {
		size = in.Int()
		dims = takeList(&in, func() any { return in.take(optionalInt) })
	}
	args := make([]any, len(d.op.schema.Arguments))
	for i, argument := range d.op.schema.Arguments {
		args[i] = in.take(argument.Type)
	}
	k := d.kernels.Load()
	if k == nil {
		panic(Errorf(d.op.Name(), ClosedError, "the operator was removed: what defined it is closed"))
	}
	var c Call
	switch kernel {
	case cgotorch.KernelCompute:
		d.op.give(&c, "the kernel", (*k).Compute(args), give)
	case cgotorch.KernelRecord:
		d.op.give(&c, "the kernel", (*k).Record(args), give)
	default:
		results, dims := (*k).Batch(size, dims, args)
		c.args.List(len(dims))
		for _, dim := range dims {
			c.pass(optionalInt, dim)
		}
		d.op.give(&c, "the rule for vmap", results, give)
	}
}

var optionalInt = &schema.Type{Name: "int", Optional: true}

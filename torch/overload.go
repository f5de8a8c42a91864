package torch

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/schema"
)

// OpOverload is one of libtorch's operators, found by its name. Unlike the
// functions of this package it checks its arguments at run time, and it serves
// operators that have no function here, those of custom libraries too.
//
// https://docs.pytorch.org/docs/stable/library.html
type OpOverload struct {
	schema *schema.Schema
	op     *Operator
}

// Op returns the operator with the given name, such as "aten::add.Tensor" or
// "mylib::scale". Without an overload it is the one that has no name, which
// Python calls "default". It fails if there is no such operator, and then says
// which overloads there are.
//
// It is Python's torch.ops.aten.add.Tensor.
//
// https://docs.pytorch.org/docs/stable/library.html
func Op(name string) (*OpOverload, error) {
	name = strings.TrimSuffix(name, ".default")
	text, overloads, err := findSchema(name)
	if err != nil {
		return nil, err
	}
	if text == "" || removed(name) {
		message := "is not an operator of libtorch " + Version() + ", nor of a library that was loaded, nor defined by package torch/library"
		if len(overloads) > 0 {
			message = "is no operator, but these are: " + strings.Join(overloads, ", ")
		}
		return nil, Errorf(name, UnsupportedError, "%s", message)
	}
	parsed, err := schema.Parse(text)
	if err != nil {
		return nil, err
	}
	return &OpOverload{parsed, NewOperator(text)}, nil
}

// registered holds the schemas of all operators by name. It is read again when a
// name is not in it, since a library may have been loaded.
var registered struct {
	sync.Mutex
	schemas map[string]string
}

// findSchema returns the schema of an operator, or else "" and the names of the
// overloads that there are.
func findSchema(name string) (text string, overloads []string, err error) {
	registered.Lock()
	defer registered.Unlock()
	if text, ok := registered.schemas[name]; ok {
		return text, nil, nil
	}
	list, err := cgotorch.Schemas()
	if err != nil {
		return "", nil, Errorf(name, UnsupportedError, "%s", err.Error())
	}
	registered.schemas = make(map[string]string, len(list))
	packet, _, _ := strings.Cut(name, ".")
	for _, text := range list {
		known, _, _ := strings.Cut(text, "(")
		registered.schemas[known] = text
		if known == packet || strings.HasPrefix(known, packet+".") {
			overloads = append(overloads, known)
		}
	}
	return registered.schemas[name], overloads, nil
}

// Name returns the operator's name with its overload, such as "aten::add.Tensor".
func (o *OpOverload) Name() string { return o.op.Name() }

// Schema returns the operator's schema as libtorch's dispatcher prints it:
// "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor".
func (o *OpOverload) Schema() string { return o.schema.Text }

// SchemaOf returns an operator's schema, which must not be changed.
func (exports) SchemaOf(o *OpOverload) *schema.Schema { return o.schema }

// Call calls the operator and returns its results. Positional arguments are in
// args and others in kwargs, by their names in the schema; both may be nil. These
// Go values are taken and given for the types of a schema:
//
//	Tensor          *Tensor; a Number is taken, but not in a list
//	int, SymInt     int; any Go integer is taken
//	float           float64; also float32 and integers are taken
//	complex         complex128; also complex64, floats and integers are taken
//	Scalar          a Number; int, uint64 above it, float64, bool or complex128 are given
//	bool            bool
//	str             string
//	ScalarType      DType
//	Layout          Layout
//	MemoryFormat    MemoryFormat
//	Device          Device
//	Generator       *Generator
//	Storage         *Storage
//	a class         *Object
//	Any             what the types above take, but for numbers as tensors, or a slice of it, or nil
//	T[]             a slice, such as []*Tensor or []int; []any is always taken
//	int[2]          a slice, or one int for all elements
//	T?              what T takes, or nil
//	Any             nil, a number, a str, a tensor, a Device, or a slice, [Tuple], map or
//	                [OrderedDict] of such; []any, Tuple and map[string]any are given
//
// It fails if there are too many or too few arguments, if a name is unknown or
// given twice, if a value has the wrong type, and where libtorch fails. The error
// is an *[Error] that names the argument. Results are on the device and have the
// dtype that the operator says; gradients flow where it has them.
//
//	op, err := torch.Op("aten::add.Tensor")
//	outs, err := op.Call([]any{x, y}, map[string]any{"alpha": 2})
//	sum := outs[0].(*torch.Tensor)
func (o *OpOverload) Call(args []any, kwargs map[string]any) (results []any, err error) {
	if o == nil || o.op == nil {
		return nil, Errorf("torch.OpOverload.Call", TypeError, "there is no operator; torch.Op finds one")
	}
	err = Try(func() { results = o.call(args, kwargs) })
	return results, err
}

func (o *OpOverload) call(args []any, kwargs map[string]any) []any {
	o.checkNames(len(args), kwargs)
	var c Call
	for i, argument := range o.schema.Arguments {
		value, given := kwargs[argument.Name]
		if i < len(args) {
			value, given = args[i], true
		}
		switch {
		case given:
			o.pass(&c, &argument, value)
		case argument.HasDefault:
			c.Default()
		default:
			panic(Errorf(o.Name(), TypeError, "missing a value for argument '%s'\nDeclaration: %s",
				argument.Name, o.schema.Text))
		}
	}
	return o.results(&c)
}

// pass passes a value for an argument.
func (o *OpOverload) pass(c *Call, argument *schema.Argument, value any) {
	if wrong := c.pass(argument.Type, value); wrong != "" {
		panic(Errorf(o.Name(), TypeError,
			"expected a value of type '%v' for argument '%s', but got %s\nDeclaration: %s", argument.Type, argument.Name, wrong, o.schema.Text))
	}
}

// run makes the call with all arguments.
func (o *OpOverload) run(c *Call, args []any) []any {
	for i := range o.schema.Arguments {
		o.pass(c, &o.schema.Arguments[i], args[i])
	}
	return o.results(c)
}

// results makes the call.
func (o *OpOverload) results(c *Call) []any {
	r := c.Results(o.op)
	results := make([]any, len(o.schema.Results))
	for i, result := range o.schema.Results {
		results[i] = r.take(result.Type)
	}
	return results
}

// checkNames checks how many arguments there are and what they are called.
func (o *OpOverload) checkNames(positional int, kwargs map[string]any) {
	limit := 0
	names := map[string]int{}
	for i, argument := range o.schema.Arguments {
		names[argument.Name] = i
		if !argument.Keyword {
			limit++
		}
	}
	if positional > limit {
		panic(Errorf(o.Name(), TypeError, "expected at most %d positional argument(s), but got %d\nDeclaration: %s",
			limit, positional, o.schema.Text))
	}
	for _, name := range slices.Sorted(maps.Keys(kwargs)) {
		if i, ok := names[name]; !ok {
			panic(Errorf(o.Name(), TypeError, "unknown keyword argument '%s'\nDeclaration: %s", name, o.schema.Text))
		} else if i < positional {
			panic(Errorf(o.Name(), TypeError, "argument '%s' is given twice, by position and by name\nDeclaration: %s",
				name, o.schema.Text))
		}
	}
}

package library

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// OpCheck calls an operator with sample arguments and looks whether it is what its schema
// and its registrations say. It is for tests, of operators that are not defined in Go, too:
//
//   - schema: it changes no argument that the schema does not say it changes, and gives no
//     memory of its arguments, nor twice the same, unless the schema says so;
//   - fake: for tensors on torch.Meta it gives the shapes, strides and dtypes that it gives for
//     the samples;
//   - autograd: if a floating point argument requires gradients, so does a result, and a backward
//     pass runs; if all of these are of float64 or complex128, [autograd.Gradcheck] holds the
//     gradients against differences.
//
// The samples are cloned before each call. It returns nil if all is well, or what is not,
// each error by the name above. It fails where the operator does.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.opcheck
func OpCheck(op *torch.OpOverload, args []any, kwargs map[string]any) error {
	if op == nil {
		return torch.Errorf("library.OpCheck", torch.TypeError, "there is no operator; torch.Op finds one")
	}
	c := &opCheck{op: op}
	if err := torch.Try(func() { c.samples = c.arrange(args, kwargs) }); err != nil {
		return err
	}
	var found []error
	for _, check := range []struct {
		name string
		run  func() error
	}{{"schema", c.schema}, {"fake", c.fake}, {"autograd", c.autograd}} {
		var err error
		if failed := torch.Try(func() { torch.Scope(func() { err = check.run() }) }); failed != nil {
			err = failed
		}
		if err != nil {
			found = append(found, fmt.Errorf("library.OpCheck: %s: %s: %w", op.Name(), check.name, err))
		}
	}
	return errors.Join(found...)
}

// opCheck is a check of an operator.
type opCheck struct {
	op      *torch.OpOverload
	samples []any    // the arguments that were given, by position and then by name
	names   []string // of those that were given by name
}

// arrange puts arguments by name behind the others.
func (c *opCheck) arrange(args []any, kwargs map[string]any) []any {
	for name := range kwargs {
		c.names = append(c.names, name)
	}
	slices.Sort(c.names)
	all := slices.Clone(args)
	for _, name := range c.names {
		all = append(all, kwargs[name])
	}
	return all
}

// call calls the operator with such arguments.
func (c *opCheck) call(all []any) []any {
	positional := len(all) - len(c.names)
	kwargs := map[string]any{}
	for i, name := range c.names {
		kwargs[name] = all[positional+i]
	}
	results, err := c.op.Call(all[:positional], kwargs)
	if err != nil {
		panic(err)
	}
	return results
}

// parameter returns which argument of the schema the i-th of the samples is.
func (c *opCheck) parameter(i int) int {
	if positional := len(c.samples) - len(c.names); i >= positional {
		return slices.IndexFunc(internals.SchemaOf(c.op).Arguments, func(a schema.Argument) bool { return a.Name == c.names[i-positional] })
	}
	return i
}

// each returns the samples with f of their tensors.
func (c *opCheck) each(f func(x *torch.Tensor) *torch.Tensor) []any {
	places := tensors(c.samples)
	others := make([]*torch.Tensor, len(places))
	for i, p := range places {
		others[i] = f(p.tensor)
	}
	return with(c.samples, places, others)
}

// copyOf returns a leaf like a sample.
func copyOf(x *torch.Tensor) *torch.Tensor {
	return x.Detach().Clone().SetRequiresGrad(x.RequiresGrad())
}

// schema checks what the operator changes, and whose memory it gives.
func (c *opCheck) schema() error {
	args := c.each(func(x *torch.Tensor) *torch.Tensor { return x.Detach().Clone() })
	before := tensors(c.each(func(x *torch.Tensor) *torch.Tensor { return x.Detach().Clone() }))
	results := tensors(c.call(args))
	after := tensors(args)
	s := internals.SchemaOf(c.op)
	for i, p := range after {
		a := s.Arguments[c.parameter(p.value)]
		writes := strings.HasSuffix(aliasOf(a.Type), "!")
		if same := sameBits(before[i].tensor, p.tensor); !same && !writes {
			return fmt.Errorf("argument '%s' was changed, which the schema does not say", a.Name)
		}
	}
	memory := map[uint64]string{}
	for _, p := range after {
		memory[internals.StorageID(p.tensor)] = "argument '" + s.Arguments[c.parameter(p.value)].Name + "'"
	}
	for _, p := range results {
		if aliasOf(s.Results[p.value].Type) != "" {
			continue
		}
		id := internals.StorageID(p.tensor)
		if of := memory[id]; of != "" && p.tensor.Numel() > 0 {
			return fmt.Errorf("result %d shares memory with %s, which the schema does not say", p.value, of)
		}
		memory[id] = fmt.Sprint("result ", p.value)
	}
	return nil
}

// sameBits reports whether two tensors have the same elements, NaN being equal to NaN.
func sameBits(a, b *torch.Tensor) bool {
	if a.DType() != b.DType() || !slices.Equal(a.Shape(), b.Shape()) {
		return false
	}
	if torch.Equal(a, b) {
		return true
	}
	same := a.Eq(b)
	if a.IsFloatingPoint() || a.IsComplex() {
		same = same.LogicalOr(a.IsNaN().LogicalAnd(b.IsNaN()))
	}
	return same.All().Bool()
}

// fake checks the shapes of results on torch.Meta.
func (c *opCheck) fake() error {
	on := func(device *torch.Device) []any {
		args := c.each(func(x *torch.Tensor) *torch.Tensor {
			if x = x.Detach().Clone(); device != nil {
				return x.To(*device)
			}
			return x
		})
		for i, v := range args {
			if _, ok := v.(torch.Device); ok && device != nil {
				args[i] = *device
			}
		}
		var results []any
		torch.NoGrad(func() { results = c.call(args) })
		return results
	}
	real, fake := on(nil), on(&torch.Meta)
	realTensors, fakeTensors := tensors(real), tensors(fake)
	if len(realTensors) != len(fakeTensors) {
		return fmt.Errorf("there are %d tensors among the results, and %d on torch.Meta", len(realTensors), len(fakeTensors))
	}
	for i, r := range realTensors {
		f := fakeTensors[i].tensor
		for _, differ := range []struct {
			what       string
			real, fake any
			same       bool
		}{
			{"shape", r.tensor.Shape(), f.Shape(), slices.Equal(r.tensor.Shape(), f.Shape())},
			{"strides", r.tensor.Stride(), f.Stride(), slices.Equal(r.tensor.Stride(), f.Stride()) || r.tensor.Numel() <= 1},
			{"dtype", r.tensor.DType(), f.DType(), r.tensor.DType() == f.DType()},
		} {
			if !differ.same {
				return fmt.Errorf("the %s of result %d is %v, and %v on torch.Meta", differ.what, r.value, differ.real, differ.fake)
			}
		}
	}
	return nil
}

// autograd checks gradients.
func (c *opCheck) autograd() error {
	var wanted []place
	exact := true
	for _, p := range tensors(c.samples) {
		if p.tensor.RequiresGrad() {
			wanted = append(wanted, p)
			exact = exact && (p.tensor.DType() == torch.Float64 || p.tensor.DType() == torch.Complex128)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	differentiable := func(args []any) (outputs []*torch.Tensor) {
		for _, p := range tensors(c.call(args)) {
			if p.tensor.RequiresGrad() {
				outputs = append(outputs, p.tensor)
			}
		}
		return outputs
	}
	args := c.each(copyOf)
	outputs := differentiable(args)
	if len(outputs) == 0 {
		return errors.New("an argument requires gradients, and no result does")
	}
	ones := make([]*torch.Tensor, len(outputs))
	for i, y := range outputs {
		ones[i] = torch.OnesLike(y)
	}
	autograd.Backward(outputs, ones)
	if !exact {
		return nil
	}
	return autograd.Gradcheck(func(x ...*torch.Tensor) []*torch.Tensor {
		args := c.each(copyOf)
		at := 0
		for _, p := range tensors(c.samples) {
			if p.tensor.RequiresGrad() {
				args = with(args, []place{p}, x[at:at+1])
				at++
			}
		}
		return differentiable(args)
	}, leaves(wanted))
}

// leaves returns copies of tensors.
func leaves(places []place) []*torch.Tensor {
	list := listOf(places)
	for i, x := range list {
		list[i] = copyOf(x)
	}
	return list
}

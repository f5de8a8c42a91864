package library

import (
	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// bodies are what libtorch calls of an operator, by way of package torch.
type bodies struct {
	operator *Operator
	made     <-chan struct{} // closed when the operator is whole
}

// whole returns the operator. Somebody may call it by its name while Define still makes it.
func (b bodies) whole() *Operator {
	<-b.made
	return b.operator
}

// args returns arguments as a kernel gets them.
func (o *Operator) args(values []any) Args { return Args{internals.SchemaOf(o.op), values} }

// Compute computes the results by the kernel for the arguments' device.
func (b bodies) Compute(args []any) []any {
	held := *b.whole().kernel.Load()
	in := b.whole().args(args)
	kind := deviceOf(args).Type()
	if kernel := held[kind]; kernel != nil {
		return kernel(in)
	}
	if kernel := held[""]; kernel != nil && (kind != torch.Meta.Type() || b.whole().composite) {
		return kernel(in)
	}
	name := b.whole().Name()
	if kind != torch.Meta.Type() {
		panic(torch.Errorf(name, torch.NotImplementedError, "there is no kernel for %s: RegisterKernel gives it one", kind))
	}
	if len(in.schema.Results) == 0 {
		return nil // which has no shape to tell
	}
	panic(torch.Errorf(name, torch.RuntimeError,
		"There was no fake impl registered for %s. This is necessary for tensors on torch.Meta. Please use RegisterFake to add a fake impl.", name))
}

// deviceOf returns the device that arguments are on.
func deviceOf(args []any) torch.Device {
	if list := tensors(args); len(list) > 0 {
		return list[0].tensor.Device()
	}
	for _, v := range args {
		if d, ok := v.(torch.Device); ok {
			return d
		}
	}
	return torch.CPU
}

// aliasOf returns which memory a type shares, that of its elements for a list.
func aliasOf(t *schema.Type) string {
	if t.Element != nil && t.Alias == "" {
		return t.Element.Alias
	}
	return t.Alias
}

package graph

import (
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// Capturing says that the operators run again without Go.
func (r *recorder) Capturing() bool { return !r.lenient }

// SetGrads notes tensors whose gradients were set or cleared: what they were before does
// not count.
func (r *recorder) SetGrads(of []*torch.Tensor) {
	for _, x := range of {
		r.cleared[internals.TensorKey(x)] = true
	}
}

// ReadHost refuses to read a tensor's values.
func (r *recorder) ReadHost(what string, _ *torch.Tensor) { r.refuse(what, readsValue) }

const readsValue = "the value of a tensor is read, which a graph cannot know before it runs: leave Item, Float, ToSlice, printing and the like out of what is captured"

// Effect refuses what changes tensors or generators without an operator.
func (r *recorder) Effect(what string, _ *torch.Tensor) {
	r.refuse(what, "it is no operator, so a graph would not do it again: leave it out of what is captured")
}

// refuse notes why a graph cannot have an operator, and panics with it. A function may
// recover from that, but what it did is not captured then.
func (r *recorder) refuse(op, why string) {
	if at := where(); at != "" {
		why += " (" + at + ")"
	}
	err := torch.Errorf(op, torch.RuntimeError, "%s", why)
	if r.refusal == nil {
		r.refusal = err
	}
	if !r.lenient {
		panic(err)
	}
}

// makesRoom are operators whose results have no values.
var makesRoom = map[string]bool{
	"aten::empty.memory_format": true, "aten::empty_strided": true, "aten::empty_like": true, "aten::new_empty": true,
	"aten::new_empty_strided": true, "aten::empty_permuted": true,
}

// ofLayout are operators that give what depends on no values, so that it is the same in
// each run.
var ofLayout = map[string]bool{
	"aten::is_same_size": true, "aten::size": true, "aten::size.int": true, "aten::stride.int": true, "aten::sym_size.int": true,
	"aten::sym_size": true, "aten::sym_stride.int": true, "aten::sym_numel": true, "aten::sym_storage_offset": true, "aten::dim": true,
	"aten::_has_same_storage_numel": true,
}

// sized are operators whose results have sizes that depend on values.
var sized = map[string]bool{
	"aten::nonzero": true, "aten::masked_select": true, "aten::_unique": true, "aten::_unique2": true, "aten::unique_dim": true,
	"aten::unique_consecutive": true, "aten::unique_dim_consecutive": true, "aten::bincount": true,
	"aten::repeat_interleave.Tensor": true,
}

// unrecordable says why a graph cannot have a call, or "".
func unrecordable(call *torch.DispatchCall) string {
	name := call.Op.Name()
	switch {
	case refused[name]:
		return "a graph may not read or write files"
	case name == "aten::_local_scalar_dense" || name == "aten::is_nonzero" || name == "aten::equal":
		return readsValue
	case strings.HasPrefix(name, "aten::set_") || strings.HasPrefix(name, "aten::resize_"):
		return "it changes where a tensor's memory is, which a graph cannot"
	case !strings.HasPrefix(name, "aten::") && (torch.IsAutocastEnabled(torch.CPU) || torch.IsAutocastEnabled(torch.CUDA(0))):
		return "what it is made of runs under autocast, which is off when a graph runs: give the operator a rule for autocast, or call it outside"
	case sized[name]:
		return "the size of its result depends on values, which a graph cannot know before it runs"
	case name == "aten::index.Tensor":
		for _, v := range tensors(call.Args[1:]) {
			if d := v.DType(); d == torch.Bool || d == torch.Uint8 {
				return "the size of what a mask picks depends on values, which a graph cannot know before it runs: torch.Where has a fixed one"
			}
		}
	}
	return ""
}

// tensors returns the tensors among arguments.
func tensors(arguments []any) (list []*torch.Tensor) {
	for _, v := range arguments {
		switch v := v.(type) {
		case *torch.Tensor:
			if v != nil {
				list = append(list, v)
			}
		case []*torch.Tensor:
			for _, x := range v {
				if x != nil {
					list = append(list, x)
				}
			}
		case []any:
			list = append(list, tensors(v)...)
		}
	}
	return list
}

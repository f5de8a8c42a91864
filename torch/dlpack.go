package torch

import (
	"unsafe"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// ToDLPack returns a pointer to a DLManagedTensor, a struct in C's memory, by which another
// library uses x's memory, on the CPU or a GPU, without a copy. Nothing is copied, so that
// both see what either changes. The memory stays until the struct's deleter is called, also
// when x is closed: by the library that takes the struct over, once, or by [FreeDLPack]. It
// panics for a tensor that requires gradients, whose Detach can be passed, for one that is
// conjugated or negated lazily, and for one that is not strided.
//
// https://docs.pytorch.org/docs/stable/dlpack.html
func ToDLPack(x *Tensor) unsafe.Pointer {
	const op = "torch.ToDLPack"
	readsHost(op, x)
	handle := x.use(op)
	defer x.release()
	refuse := func(words, remedy string) { panic(Errorf(op, ValueError, "%s; %s", words, remedy)) }
	switch {
	case x.Layout() != Strided || x.IsNested():
		refuse("a tensor of layout "+x.Layout().String()+" cannot be exported", "use ToDense or its parts")
	case x.RequiresGrad():
		refuse("a tensor that requires gradients cannot be exported", "use Detach")
	case x.IsConj():
		refuse("a tensor with the conjugate bit cannot be exported", "use ResolveConj")
	case x.IsNeg():
		refuse("a tensor with the negative bit cannot be exported", "use ResolveNeg")
	case x.IsMeta() || x.IsQuantized():
		refuse("a tensor on meta or of a quantized dtype cannot be exported", "it has no elements that others know")
	}
	managed, err := cgotorch.ToDLPack(handle)
	check(op, err)
	return managed
}

// FromDLPack returns a tensor that shares the memory of a DLManagedTensor, which another
// library made, or [ToDLPack], and takes it over: the struct's deleter is called once, when
// the last tensor of that memory is freed, on any thread. It must not call Go. It panics on
// nil, and on a dtype or a device that libtorch does not know; the struct is the caller's
// then. The struct must be well-formed: what it says of its memory is believed.
//
// https://docs.pytorch.org/docs/stable/dlpack.html
func FromDLPack(managed unsafe.Pointer) *Tensor {
	const op = "torch.FromDLPack"
	if managed == nil {
		panic(Errorf(op, TypeError, "the DLManagedTensor must not be nil"))
	}
	handle, scope, err := cgotorch.FromDLPack(managed)
	check(op, err)
	return newTensor(handle, scope)
}

// FreeDLPack calls the deleter of a DLManagedTensor that nobody takes over. It panics on
// nil.
//
// https://docs.pytorch.org/docs/stable/dlpack.html
func FreeDLPack(managed unsafe.Pointer) {
	if managed == nil {
		panic(Errorf("torch.FreeDLPack", TypeError, "the DLManagedTensor must not be nil"))
	}
	cgotorch.FreeDLPack(managed)
}

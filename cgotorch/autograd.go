package cgotorch

/*
#include "trampolines.h"
#cgo noescape ctorch_autograd_get_grad
#cgo nocallback ctorch_autograd_get_grad
#cgo noescape ctorch_autograd_get_grads
#cgo nocallback ctorch_autograd_get_grads
#cgo noescape ctorch_autograd_clear_grads
*/
import "C"

import "unsafe"

// visit makes a call of the shim that takes its arguments in words and may call
// Go.
func visit(args *Args, call func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status) (Results, *Error) {
	mustLoad()
	words, capacity := args.buffer()
	gate.enter()
	status := func() C.ctorch_status {
		defer gate.leave()
		return call((*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity))
	}()
	reap()
	if status.error != nil {
		return Results{}, takeError(status.error)
	}
	if status.pressure != 0 {
		relieve()
	}
	return args.results(&status), nil
}

// Backward runs the graph backwards. args holds, in this order: a list of
// outputs, a list of their gradients (or None), a list of inputs (empty for all
// leaves), retain_graph and create_graph. There are no results.
func Backward(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, _ C.int32_t) C.ctorch_status {
		return C.ctorch_autograd_backward(words, count)
	})
}

// Grad returns the gradients of outputs with respect to inputs, one a tensor or
// None. args is as for Backward, and allow_unused.
func Grad(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_autograd_grad(words, count, capacity)
	})
}

// InBackward reports whether the calling thread is in Backward or Grad.
func InBackward() bool { mustLoad(); return bool(C.ctorch_autograd_running()) }

// GetGrad returns the tensor's gradient, or 0, and the scope in force.
func GetGrad(tensor Handle) (grad Handle, scope uint64, err *Error) {
	var words [2]uint64
	status := C.ctorch_autograd_get_grad(C.uint64_t(tensor), (*C.uint64_t)(&words[0]))
	if status.error != nil {
		return 0, 0, takeError(status.error)
	}
	if Tag(words[0]) == TagNone {
		return 0, 0, nil
	}
	return Handle(words[1]), uint64(status.scope), nil
}

// GetGrads returns for each tensor of a list in args its gradient or None, its
// dtype as an int, and its device.
func GetGrads(args *Args) (Results, *Error) {
	mustLoad()
	words, capacity := args.buffer()
	status := C.ctorch_autograd_get_grads((*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity))
	if status.error != nil {
		return Results{}, takeError(status.error)
	}
	return args.results(&status), nil
}

// ClearGrads clears the gradient of each tensor of a list in args. There are no
// results.
func ClearGrads(args *Args) (Results, *Error) {
	mustLoad()
	words, _ := args.buffer()
	return Results{}, takeError(C.ctorch_autograd_clear_grads((*C.uint64_t)(words), C.int32_t(args.n)))
}

// SetGrad sets the tensor's gradient; 0 clears it.
func SetGrad(tensor, grad Handle) *Error {
	return takeError(C.ctorch_autograd_set_grad(C.uint64_t(tensor), C.uint64_t(grad)))
}

// GradEnabled reports whether the calling thread records operations.
func GradEnabled() bool { mustLoad(); return bool(C.ctorch_grad_enabled()) }

// SetGradEnabled sets the calling thread's grad mode and returns the one before.
// The goroutine must be locked to its thread until it has set that one back.
func SetGradEnabled(enabled bool) bool {
	mustLoad()
	return bool(C.ctorch_grad_set_enabled(C.bool(enabled)))
}

// SetForwardGradEnabled is SetGradEnabled for forward gradients.
func SetForwardGradEnabled(enabled bool) bool {
	mustLoad()
	return bool(C.ctorch_forward_grad_set_enabled(C.bool(enabled)))
}

// DualLevelEntered reports whether the calling thread is in the dual level.
func DualLevelEntered() bool { mustLoad(); return bool(C.ctorch_dual_level_entered()) }

// EnterDualLevel enters the level of dual tensors. The goroutine must be locked to
// its thread until it has left, and no two may be in it.
func EnterDualLevel() *Error { mustLoad(); return takeError(C.ctorch_dual_level_enter()) }

// LeaveDualLevel leaves it.
func LeaveDualLevel() *Error { return takeError(C.ctorch_dual_level_leave()) }

// InferenceEnabled reports whether the calling thread is in inference mode.
func InferenceEnabled() bool { mustLoad(); return bool(C.ctorch_inference_enabled()) }

// InferenceGuard is an inference mode that was entered.
type InferenceGuard struct{ guard unsafe.Pointer }

// EnterInference enters or suspends inference mode on the calling thread. The
// goroutine must be locked to its thread until it has called Leave.
func EnterInference(enabled bool) InferenceGuard {
	mustLoad()
	return InferenceGuard{C.ctorch_inference_enter(C.bool(enabled))}
}

// Leave restores the mode before.
func (g InferenceGuard) Leave() { C.ctorch_inference_leave(g.guard) }

package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Node is a counted reference to a node of a graph.
type Node uint64

// NodeOf returns the node that made the tensor, or 0.
func NodeOf(tensor Handle) (Node, *Error) {
	var node C.uint64_t
	err := takeError(C.ctorch_node_of(C.uint64_t(tensor), &node))
	return Node(node), err
}

// Free drops the reference.
func (n Node) Free() {
	C.ctorch_node_free(C.uint64_t(n))
	reap()
}

// Name returns the node's name, such as "AddBackward0".
func (n Node) Name() (string, *Error) {
	var name *C.char
	if err := takeError(C.ctorch_node_name(C.uint64_t(n), &name)); err != nil {
		return "", err
	}
	return takeString(name), nil
}

// Info returns ints: the node's address, its sequence number; the number of outputs
// and for each a list, its shape; and for each of its inputs a Node, or 0, that the
// caller owns, and which of that node's outputs it is.
func (n Node) Info() (Results, *Error) {
	var args Args
	words, capacity := args.buffer()
	status := C.ctorch_node_info(C.uint64_t(n), (*C.uint64_t)(words), C.int32_t(capacity))
	if status.error != nil {
		return Results{}, takeError(status.error)
	}
	return args.results(&status), nil
}

// Hook calls f before the node runs, with the gradients of its outputs, or after,
// with those of its inputs and then of its outputs; its int says how many the
// former are. Tensors that it gives with a number other than 0 replace the former.
func (n Node) Hook(f FuncID, after bool) *Error {
	return takeError(C.ctorch_node_hook(C.uint64_t(n), C.uint64_t(f), C.bool(after)))
}

// AddHook calls f with the tensor's gradient, which a tensor that it gives
// replaces. The result is for RemoveHook.
func AddHook(tensor Handle, f FuncID) (hook uint64, err *Error) {
	var number C.uint64_t
	err = takeError(C.ctorch_hook_add(C.uint64_t(tensor), C.uint64_t(f), &number))
	return uint64(number), err
}

// RemoveHook undoes AddHook.
func RemoveHook(tensor Handle, hook uint64) *Error {
	return takeError(C.ctorch_hook_remove(C.uint64_t(tensor), C.uint64_t(hook)))
}

// AddAccumulatedHook calls f with the leaf when its gradient was added up.
func AddAccumulatedHook(tensor Handle, f FuncID) *Error {
	return takeError(C.ctorch_accumulated_hook_add(C.uint64_t(tensor), C.uint64_t(f)))
}

// RemoveAccumulatedHook undoes AddAccumulatedHook.
func RemoveAccumulatedHook(tensor Handle, f FuncID) *Error {
	return takeError(C.ctorch_accumulated_hook_remove(C.uint64_t(tensor), C.uint64_t(f)))
}

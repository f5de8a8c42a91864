package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import "unsafe"

// ToDLPack returns a DLManagedTensor that shares the tensor's memory and keeps it until
// FreeDLPack, or whoever takes it over, calls its deleter.
func ToDLPack(tensor Handle) (managed unsafe.Pointer, err *Error) {
	err = takeError(C.ctorch_dlpack_to(C.uint64_t(tensor), &managed))
	return managed, err
}

// FromDLPack returns a tensor that shares a DLManagedTensor's memory and takes it over, and
// the scope in force. Where it fails the DLManagedTensor stays the caller's.
func FromDLPack(managed unsafe.Pointer) (tensor Handle, scope uint64, err *Error) {
	mustLoad()
	var words [2]uint64
	status := C.ctorch_dlpack_from(managed, (*C.uint64_t)(&words[0]))
	if status.error != nil {
		return 0, 0, takeError(status.error)
	}
	return Handle(words[1]), uint64(status.scope), nil
}

// FreeDLPack calls a DLManagedTensor's deleter, if it has one.
func FreeDLPack(managed unsafe.Pointer) {
	mustLoad()
	C.ctorch_dlpack_free(managed)
}

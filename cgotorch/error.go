package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Kind classifies an error, after the class of libtorch's exception.
type Kind int32

// The kinds of error.
const (
	KindRuntime        Kind = C.CTORCH_ERROR_RUNTIME
	KindIndex          Kind = C.CTORCH_ERROR_INDEX
	KindValue          Kind = C.CTORCH_ERROR_VALUE
	KindType           Kind = C.CTORCH_ERROR_TYPE
	KindNotImplemented Kind = C.CTORCH_ERROR_NOT_IMPLEMENTED
	KindOutOfMemory    Kind = C.CTORCH_ERROR_OUT_OF_MEMORY
	KindLinAlg         Kind = C.CTORCH_ERROR_LINALG
	KindUnsupported    Kind = C.CTORCH_ERROR_UNSUPPORTED
	KindClosed         Kind = C.CTORCH_ERROR_CLOSED
)

// Error is an error of libtorch or of the shim.
type Error struct {
	Op        string // the operator, or ""
	Kind      Kind
	Message   string // libtorch's words, without a C++ stack trace
	Arguments string // the arguments with shapes and dtypes, or ""
	Panic     any    // what a Func panicked with, or nil
}

// Error returns the operator, the message and the arguments.
func (e *Error) Error() string {
	text := e.Message
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	if e.Arguments != "" {
		text += "\n  arguments: " + e.Arguments
	}
	return text
}

// takeError gives a C error as a Go one and frees it; NULL gives nil.
func takeError(e *C.ctorch_error) *Error {
	if e == nil {
		return nil
	}
	defer C.ctorch_error_free(e)
	err := &Error{Kind: Kind(e.kind), Message: C.GoString(e.message), Arguments: C.GoString(e.arguments)}
	if e.panic != 0 {
		err.Panic = entry(uint64(e.panic))
		strike(uint64(e.panic))
	}
	return err
}

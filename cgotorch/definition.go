package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
*/
import "C"

import "unsafe"

// Kernel is what a Func that is an operator is asked for.
type Kernel int

// The kernels. functions.h says what the Func gets and gives for each.
const (
	KernelCompute Kernel = C.CTORCH_KERNEL_COMPUTE // the results
	KernelRecord  Kernel = C.CTORCH_KERNEL_RECORD  // the results, as a part of autograd's graph
	KernelBatch   Kernel = C.CTORCH_KERNEL_BATCH   // the results for a batch
)

// SchemaText returns an operator's schema as libtorch writes it.
func SchemaText(schema string) (string, *Error) {
	mustLoad()
	in := C.CString(schema)
	defer C.free(unsafe.Pointer(in))
	var text *C.char
	if err := takeError(C.ctorch_schema_text(in, &text)); err != nil {
		return "", err
	}
	return takeString(text), nil
}

// Definition is an operator that Go defines, as long as the process lives.
type Definition uint64

// Define defines an operator, which libtorch asks f for. A composite one is made of
// others.
func Define(schema string, f FuncID, composite bool) (Definition, *Error) {
	in := C.CString(schema)
	defer C.free(unsafe.Pointer(in))
	var definition C.uint64_t
	err := takeError(C.ctorch_define(in, C.uint64_t(f), C.bool(composite), &definition))
	return Definition(definition), err
}

// SetCast lets autocast cast the arguments for a type of device to a dtype; -1 for none.
func (d Definition) SetCast(deviceType, dtype int32) {
	C.ctorch_definition_cast(C.uint64_t(d), C.int32_t(deviceType), C.int32_t(dtype))
}

package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
#cgo noescape cgotorch_op_call
#cgo nocallback cgotorch_op_call
*/
import "C"

import (
	"strings"
	"sync/atomic"
	"unsafe"
)

// SchemaVersion is the libtorch whose operator schemas the Go packages are
// written from.
const SchemaVersion = C.CTORCH_SCHEMA_VERSION

// Op is one of libtorch's operators. It is looked up at its first call, and its
// parameters are matched by name with those that this libtorch knows.
type Op struct {
	schema  string
	foreign bool                 // not libtorch's own, so it may be one that Go defines
	waits   bool                 // for other processes
	found   atomic.Pointer[byte] // a ctorch_op, which lives as long as the process
}

// NewOp returns the operator with the given schema, such as
// "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor".
// It needs no libtorch.
func NewOp(schema string) *Op {
	waits := strings.HasPrefix(schema, "c10d::") || strings.HasPrefix(schema, "_c10d_functional::")
	return &Op{schema: schema, foreign: !waits && !strings.HasPrefix(schema, "aten::"), waits: waits}
}

// CallsGo reports whether a call of the operator may call Go.
func (op *Op) CallsGo() bool { return op.foreign || CallsGo() }

// Schema returns the schema that the operator was made with.
func (op *Op) Schema() string { return op.schema }

// Name returns the operator's name, such as "aten::add.Tensor".
func (op *Op) Name() string {
	name, _, _ := strings.Cut(op.schema, "(")
	return name
}

// Supported reports whether this libtorch has the operator.
func (op *Op) Supported() bool { return op.found.Load() != nil || op.find() == nil }

func (op *Op) find() *Error {
	if err := Load(); err != nil {
		return &Error{Kind: KindUnsupported, Message: err.Error()}
	}
	schema := C.CString(op.schema)
	defer C.free(unsafe.Pointer(schema))
	var found *C.ctorch_op
	if err := takeError(C.ctorch_op_find(schema, &found)); err != nil {
		err.Op = op.Name()
		return err
	}
	op.found.Store((*byte)(unsafe.Pointer(found)))
	return nil
}

// Mode changes how a call runs.
type Mode int32

// The modes, to be joined with |.
const (
	Discard Mode = C.CTORCH_MODE_DISCARD // do not give the results
	NoGrad  Mode = C.CTORCH_MODE_NO_GRAD // run with gradients off
	// Run what the operator does below autograd.
	BelowAutograd Mode = C.CTORCH_MODE_BELOW_AUTOGRAD
)

// Call runs the operator. The caller keeps the owners of all handles in args
// alive until it returns. The results overwrite args.
func (op *Op) Call(args *Args, mode Mode) (Results, *Error) {
	status, err := op.call(args, mode)
	if err != nil {
		return Results{}, err
	}
	return args.results(&status), nil
}

// Call1 is Call for an operator that gives one tensor. It returns the tensor, 0
// for None, and the scope that was in force.
func (op *Op) Call1(args *Args, mode Mode) (tensor Handle, scope uint64, err *Error) {
	status, err := op.call(args, mode)
	if err != nil {
		return 0, 0, err
	}
	words, _ := args.buffer()
	switch first := unsafe.Slice(words, 2); {
	case first[0] == C.CTORCH_TENSOR && status.count == 2 && status.spill == nil:
		return Handle(first[1]), uint64(status.scope), nil
	case first[0] == C.CTORCH_NONE && status.count == 1:
		return 0, uint64(status.scope), nil
	}
	r := args.results(&status)
	r.Drop()
	return 0, 0, &Error{Op: op.Name(), Kind: KindType, Message: "the operator does not give one tensor"}
}

func (op *Op) call(args *Args, mode Mode) (C.ctorch_status, *Error) {
	found := op.found.Load()
	if found == nil {
		if err := op.find(); err != nil {
			return C.ctorch_status{}, err
		}
		found = op.found.Load()
	}
	target := (*C.ctorch_op)(unsafe.Pointer(found))
	status := op.enter(target, args, mode)
	if status.error != nil {
		err := takeError(status.error)
		if err.Kind == KindOutOfMemory {
			Collect() // what Go holds without need may be what is missing
			if mode&Discard == 0 && bool(C.ctorch_op_repeatable(target)) {
				status = op.enter(target, args, mode)
				err = takeError(status.error)
			}
		}
		if err != nil {
			err.Op = op.Name()
			return status, err
		}
	}
	if status.pressure != 0 {
		relieve()
	}
	return status, nil
}

// enter makes a call and gives its outcome as it is. One that waits for other processes
// takes no place from those that compute.
func (op *Op) enter(target *C.ctorch_op, args *Args, mode Mode) (status C.ctorch_status) {
	if op.CallsGo() {
		return op.callGo(target, args, mode)
	}
	words, capacity := args.buffer()
	if !op.waits {
		gate.enter()
	}
	C.cgotorch_op_call(C.uint64_t(uintptr(unsafe.Pointer(target))), (*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity),
		C.int32_t(mode), (*C.uint64_t)(unsafe.Pointer(&status)))
	if !op.waits {
		gate.leave()
	}
	return status
}

// results gives the values that a call left in the words of args, or spilled.
func (a *Args) results(status *C.ctorch_status) Results {
	if status.spill != nil {
		words := append([]uint64(nil), unsafe.Slice((*uint64)(status.spill), int(status.count))...)
		C.ctorch_free(unsafe.Pointer(status.spill))
		return Results{words, uint64(status.scope)}
	}
	words, _ := a.buffer()
	return Results{unsafe.Slice(words, int(status.count)), uint64(status.scope)}
}

// Schemas returns the schemas of all operators that this libtorch registers,
// sorted.
func Schemas() ([]string, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	var text *C.char
	if err := takeError(C.ctorch_op_schemas(&text)); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(takeString(text), "\n"), "\n"), nil
}

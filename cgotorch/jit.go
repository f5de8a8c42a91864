package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import (
	"sync"
	"unsafe"
)

// Program is a program of TorchScript. Any goroutine may free it at any moment: calls
// that are running end as if it were there. Those of a program that changes attributes
// run one after the other, others at once.
type Program struct {
	content sync.RWMutex // the attributes
	changes int32
	module  *C.ctorch_module
	tenancy tenancy
}

func newProgram(module *C.ctorch_module) *Program {
	free := func() { C.ctorch_module_free(module) }
	return &Program{module: module, changes: int32(C.ctorch_module_changes(module)), tenancy: tenancy{free: free}}
}

// LoadProgram loads the program that a file's bytes hold, to a device, or to where it was
// saved.
func LoadProgram(data []byte, asSaved bool, deviceType, index int32) (*Program, *Error) {
	mustLoad()
	device := uint64(uint32(deviceType)) | uint64(uint32(index))<<32
	var module *C.ctorch_module
	gate.enter()
	err := takeError(C.ctorch_module_load(unsafe.Pointer(unsafe.SliceData(data)), C.int64_t(len(data)), C.bool(asSaved),
		C.uint64_t(device), &module))
	gate.leave()
	if err != nil {
		return nil, err
	}
	return newProgram(module), nil
}

// Free frees the program; freeing it again does nothing.
func (p *Program) Free() { p.tenancy.end() }

// Changes reports whether a method changes attributes.
func (p *Program) Changes() bool { return p.changes&C.CTORCH_CHANGES_ATTRIBUTES != 0 }

// ChangesTensors reports whether a method changes which tensor a parameter or a buffer is.
func (p *Program) ChangesTensors() bool { return p.changes&C.CTORCH_CHANGES_TENSORS != 0 }

// Use calls f, which may read the program's attributes, or if alone change them, while no
// other call does. A Go function that libtorch calls does not wait for others, since they
// may wait for it: there Use fails where it would.
func (p *Program) Use(alone bool, f func() *Error) *Error {
	if !p.tenancy.enter() {
		return &Error{Kind: KindClosed, Message: "the program is closed"}
	}
	defer p.tenancy.leave()
	lock, try, unlock := p.content.RLock, p.content.TryRLock, p.content.RUnlock
	if alone {
		lock, try, unlock = p.content.Lock, p.content.TryLock, p.content.Unlock
	}
	if !InCallback() {
		lock()
	} else if !try() {
		return &Error{Kind: KindRuntime, Message: "the program is in use, and a function that libtorch calls may not wait for it"}
	}
	defer unlock()
	return f()
}

// List lists the modules and their attributes. functions.h says what there is of each.
// This and what follows are called within Use.
func (p *Program) List() (Results, *Error) {
	return visit(&Args{}, func(words *C.uint64_t, _, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_module_list(p.module, words, capacity)
	})
}

// Methods returns the name and the schema of each method of a module, whose path args holds.
func (p *Program) Methods(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_module_methods(p.module, words, count, capacity)
	})
}

// Code returns the source of a method. args holds a module's path and the method.
func (p *Program) Code(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_module_code(p.module, words, count, capacity)
	})
}

// Call calls a method. args holds a module's path, the method, a list of arguments and a
// dict of those by name. A program that changes attributes is used alone.
func (p *Program) Call(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_module_call(p.module, words, count, capacity)
	})
}

// Get returns an attribute, whose path args holds.
func (p *Program) Get(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_module_get(p.module, words, count, capacity)
	})
}

// Set sets an attribute. args holds its path and the value. The program is used alone.
func (p *Program) Set(args *Args) *Error {
	words, _ := args.buffer()
	return takeError(C.ctorch_module_set(p.module, (*C.uint64_t)(words), C.int32_t(args.n)))
}

// Save writes the program to an open file. args holds a dict of extra files.
func (p *Program) Save(args *Args, file int) *Error {
	words, _ := args.buffer()
	return takeError(C.ctorch_module_save(p.module, (*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(file)))
}

// Freeze returns a program of its own that is frozen. args holds a list of what to
// preserve, and optimize_numerics.
func (p *Program) Freeze(args *Args) (*Program, *Error) {
	words, _ := args.buffer()
	var frozen *C.ctorch_module
	if err := takeError(C.ctorch_module_freeze(p.module, (*C.uint64_t)(words), C.int32_t(args.n), &frozen)); err != nil {
		return nil, err
	}
	return newProgram(frozen), nil
}

// Optimize returns a program of its own that is optimized for inference. args holds a
// list of methods to optimize besides forward.
func (p *Program) Optimize(args *Args) (*Program, *Error) {
	words, _ := args.buffer()
	var optimized *C.ctorch_module
	if err := takeError(C.ctorch_module_optimize(p.module, (*C.uint64_t)(words), C.int32_t(args.n), &optimized)); err != nil {
		return nil, err
	}
	return newProgram(optimized), nil
}

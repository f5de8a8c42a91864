package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
*/
import "C"

import (
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Compiled is a model that AOTInductor compiled: a shared library that runs on libtorch.
// Any goroutine may run it, replace its constants, or free it, at any moment: those that
// run it end as if it were there.
type Compiled struct {
	model   *C.ctorch_aoti
	runners chan struct{} // a place for each call that may run
	runs    sync.RWMutex  // constants are replaced while nobody runs
	tenancy tenancy
}

// CompiledConstant is a tensor that was compiled into a model.
type CompiledConstant struct {
	Name  string // in the model that was compiled
	DType int32
	Kind  int32 // 1 a parameter, 2 a buffer, 3 a constant
}

// Description is what a compiled model says of itself: how arguments and results lie, as
// PyTorch's treespec_dumps writes it, and the names of what it takes, gives and holds.
type Description struct {
	In, Out         string
	Inputs, Outputs []string
	Constants       []CompiledConstant
}

// LoadCompiled loads a compiled model, whose code runs from here on, for a device such as
// "cuda:0". kernels is the folder of what it looks for besides. Free frees it.
func LoadCompiled(library, device, kernels string, runners int) (*Compiled, *Error) {
	mustLoad()
	if _, err := openNeeded(library); err != nil {
		return nil, err
	}
	path, name, folder := C.CString(anotherName(library)), C.CString(device), C.CString(kernels)
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(folder))
	m := &Compiled{runners: make(chan struct{}, runners)}
	gate.enter()
	defer gate.leave()
	if err := takeError(C.ctorch_aoti_load(path, name, folder, C.int32_t(runners), &m.model)); err != nil {
		return nil, err
	}
	m.tenancy.free = func() { C.ctorch_aoti_free(m.model) }
	return m, nil
}

var names atomic.Uint64

// anotherName returns a path that leads to the same file, and that no other call gives.
// The system's loader takes a library that has been opened by a name for the one that has
// the name now, and libraries stay open longer than their files have their names.
func anotherName(path string) string {
	var name strings.Builder
	name.WriteString(filepath.Dir(path))
	for n := names.Add(1); n > 0; n /= 2 {
		name.WriteString("/")
		if n%2 == 1 {
			name.WriteString("./")
		}
	}
	return name.String() + "/" + filepath.Base(path)
}

// use keeps the model until done, or fails if it is freed.
func (m *Compiled) use() *Error {
	if !m.tenancy.enter() {
		return &Error{Kind: KindClosed, Message: "the model is closed"}
	}
	return nil
}

func (m *Compiled) done() { m.tenancy.leave() }

// Free frees the model when the last call has ended; freeing it again does nothing.
func (m *Compiled) Free() { m.tenancy.end() }

// Describe returns what the model says of itself.
func (m *Compiled) Describe() (d Description, err *Error) {
	if err := m.use(); err != nil {
		return d, err
	}
	defer m.done()
	var args Args
	words, capacity := args.buffer()
	status := C.ctorch_aoti_describe(m.model, (*C.uint64_t)(words), C.int32_t(capacity))
	if err := takeError(status.error); err != nil {
		return d, err
	}
	r := args.results(&status)
	d.In, d.Out = r.TakeString(), r.TakeString()
	for _, list := range []*[]string{&d.Inputs, &d.Outputs} {
		for range r.TakeList() {
			*list = append(*list, r.TakeString())
		}
	}
	for range r.TakeList() {
		r.TakeTuple()
		d.Constants = append(d.Constants, CompiledConstant{r.TakeString(), int32(r.TakeInt()), int32(r.TakeInt())})
	}
	return d, nil
}

// Run runs the model with the inputs in args, a list, and gives a list of results. It
// waits while as many calls run as the model has runners.
func (m *Compiled) Run(args *Args) (Results, *Error) {
	if err := m.use(); err != nil {
		return Results{}, err
	}
	defer m.done()
	m.runners <- struct{}{}
	defer func() { <-m.runners }()
	m.runs.RLock()
	defer m.runs.RUnlock()
	words, capacity := args.buffer()
	gate.enter()
	defer gate.leave()
	status := C.ctorch_aoti_run(m.model, (*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity))
	if err := takeError(status.error); err != nil {
		return Results{}, err
	}
	if status.pressure != 0 {
		relieve()
	}
	return args.results(&status), nil
}

// Constants gives copies of the model's constants, a list of tuples of a name and a tensor.
func (m *Compiled) Constants() (Results, *Error) {
	if err := m.use(); err != nil {
		return Results{}, err
	}
	defer m.done()
	m.runs.RLock()
	defer m.runs.RUnlock()
	var args Args
	words, capacity := args.buffer()
	status := C.ctorch_aoti_constants(m.model, (*C.uint64_t)(words), C.int32_t(capacity))
	if err := takeError(status.error); err != nil {
		return Results{}, err
	}
	return args.results(&status), nil
}

// Update replaces constants when the calls that run have ended: args has a list of names
// and one of tensors, which are copied. What the model itself calls cannot do that.
func (m *Compiled) Update(args *Args) *Error {
	if InCallback() {
		return &Error{Kind: KindRuntime, Message: "the constants cannot be replaced by what an operator calls"}
	}
	if err := m.use(); err != nil {
		return err
	}
	defer m.done()
	m.runs.Lock()
	defer m.runs.Unlock()
	words, _ := args.buffer()
	return takeError(C.ctorch_aoti_update(m.model, (*C.uint64_t)(words), C.int32_t(args.n)))
}

package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
#cgo noescape ctorch_callback_dropped
#cgo nocallback ctorch_callback_dropped
*/
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Func is a Go function that libtorch calls. in holds a list of tensors, which
// the function owns, and an int. It calls give, once, with its reply: a list of
// tensors, which it keeps alive until give returns, an int and a string. Those of a
// DispatchMode get and give other values. It may panic: the panic goes on in the Go
// call that libtorch is in.
//
// If it ends its goroutine, by runtime.Goexit, C++'s frames are left behind as they
// are, with what they refer to and the modes of the thread. So the thread ends with the
// goroutine.
type Func func(in Results, give func(reply *Args))

// FuncID is the number of a Func in the table. C has the number, never the
// function.
type FuncID uint64

// table holds what C refers to by number: functions, and the values of panics on
// their way. Numbers are not used twice.
var table struct {
	sync.Mutex
	entries map[uint64]any
	dropped map[uint64]func() // what is to be called when C has dropped the number
	last    uint64
	size    atomic.Int64
}

func enroll(v any, dropped func()) uint64 {
	table.Lock()
	defer table.Unlock()
	if table.entries == nil {
		table.entries, table.dropped = map[uint64]any{}, map[uint64]func(){}
	}
	table.last++
	table.entries[table.last] = v
	if dropped != nil {
		table.dropped[table.last] = dropped
	}
	table.size.Store(int64(len(table.entries)))
	return table.last
}

func entry(number uint64) any {
	table.Lock()
	defer table.Unlock()
	return table.entries[number]
}

func strike(numbers ...uint64) {
	var dropped []func()
	table.Lock()
	for _, number := range numbers {
		if f := table.dropped[number]; f != nil {
			dropped = append(dropped, f)
			delete(table.dropped, number)
		}
		delete(table.entries, number)
	}
	table.size.Store(int64(len(table.entries)))
	table.Unlock()
	for _, f := range dropped {
		f()
	}
}

// Register gives a function a number to pass to the shim, once: it is freed when
// the shim drops it.
func Register(f Func) FuncID { return RegisterUntil(f, nil) }

// RegisterUntil is Register of a function of which dropped tells, if it is not nil, that the
// shim has dropped it. That is found out, and dropped called, when another one is registered.
func RegisterUntil(f Func, dropped func()) FuncID {
	mustLoad()
	reap()
	return FuncID(enroll(f, dropped))
}

// Funcs returns how many functions libtorch refers to.
func Funcs() int {
	reap()
	return int(table.size.Load())
}

// reap drops the entries that C no longer refers to. C cannot say so itself: any
// call may be the last to refer to one, and most must not call Go.
func reap() {
	for table.size.Load() > 0 {
		var numbers [64]C.uint64_t
		n := int(C.ctorch_callback_dropped(&numbers[0], C.int32_t(len(numbers))))
		if n == 0 {
			return
		}
		var dropped [64]uint64
		for i, number := range numbers[:n] {
			dropped[i] = uint64(number)
		}
		strike(dropped[:n]...)
	}
}

//export cgotorchCallback
func cgotorchCallback(function C.uint64_t, words *C.uint64_t, count C.int32_t, scope C.uint64_t, reply *C.ctorch_reply) {
	gate.leave()
	defer gate.enterNow()
	ended := false
	defer func() {
		if v := recover(); v != nil {
			text := C.CString(panicText(v))
			defer C.free(unsafe.Pointer(text))
			C.ctorch_reply_panic(reply, C.uint64_t(enroll(v, nil)), text)
		} else if !ended { // the goroutine ends
			C.ctorch_callback_abandon()
			runtime.LockOSThread()
		}
	}()
	in := append([]uint64(nil), unsafe.Slice((*uint64)(words), int(count))...)
	f, ok := entry(uint64(function)).(Func)
	if !ok {
		panic(&Error{Kind: KindRuntime, Message: "a hook was registered or removed while another goroutine ran the graph"})
	}
	f(Results{in, uint64(scope)}, func(args *Args) {
		filled, _ := args.buffer()
		if err := takeError(C.ctorch_reply_set(reply, (*C.uint64_t)(filled), C.int32_t(args.n))); err != nil {
			panic(err)
		}
	})
	ended = true
}

// panicText returns a panic's value as text, also where its own method panics.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	return fmt.Sprint(v)
}

// callers counts the modes in force, in any goroutine, in which operators may call
// Go.
var callers atomic.Int32

// CallsGo reports whether an operator may call Go, which may end the goroutine: always
// where the calling goroutine is in a mode for which that holds.
func CallsGo() bool { return callers.Load() > 0 }

// callGo makes a call that may call Go. Its words lie on the heap, since Go may
// move its stack meanwhile.
func (op *Op) callGo(target *C.ctorch_op, args *Args, mode Mode) C.ctorch_status {
	if !op.waits {
		gate.enter()
		defer gate.leave()
	}
	return args.onHeap(func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.cgotorch_op_call_go(target, words, count, capacity, C.int32_t(mode))
	})
}

// onHeap makes a call that may call Go with the words on the heap.
func (a *Args) onHeap(call func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status) C.ctorch_status {
	words, capacity := a.buffer()
	heap := append([]uint64(nil), unsafe.Slice(words, capacity)...)
	status := call((*C.uint64_t)(&heap[0]), C.int32_t(a.n), C.int32_t(capacity))
	copy(unsafe.Slice(words, capacity), heap)
	return status
}

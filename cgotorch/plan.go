package cgotorch

/*
#include "trampolines.h"
#cgo noescape ctorch_plan_run
#cgo nocallback ctorch_plan_run
*/
import "C"

import "unsafe"

// Slot passes a value of a plan, by its number.
func (a *Args) Slot(number int) { a.put2(C.CTORCH_SLOT, uint64(number)) }

// Operator passes an operator of a plan's node, which this libtorch must have.
func (a *Args) Operator(op *Op) *Error {
	if op.found.Load() == nil {
		if err := op.find(); err != nil {
			return err
		}
	}
	a.put2(C.CTORCH_INT, uint64(uintptr(unsafe.Pointer(op.found.Load()))))
	return nil
}

// Trace tells tensors apart while a program is recorded. It keeps no tensor and no memory.
// One goroutine uses it at a time.
type Trace struct{ trace *C.ctorch_trace }

// NewTrace returns a trace. Free frees it.
func NewTrace() (*Trace, *Error) {
	mustLoad()
	t := &Trace{}
	return t, takeError(C.ctorch_trace_new(&t.trace))
}

// Stand returns a tensor of the same layout without memory: the same for the same tensor
// as long as its layout stays, of one storage for tensors that share theirs. The caller owns the reference.
func (t *Trace) Stand(tensor Handle) (Handle, *Error) {
	var stand C.uint64_t
	err := takeError(C.ctorch_trace_stand(t.trace, C.uint64_t(tensor), &stand))
	return Handle(stand), err
}

// Free frees the trace.
func (t *Trace) Free() {
	C.ctorch_trace_free(t.trace)
	t.trace = nil
}

// Plan is a program of operators for tensors of known sizes. Several goroutines may run
// it at once, and any may free it, also in a Go function that the plan calls: those that
// run it end as if it were there.
type Plan struct {
	plan    *C.ctorch_plan
	callsGo bool
	tenancy tenancy
}

// NewPlan makes a plan. functions.h says what args holds. Free frees it.
func NewPlan(args *Args) (*Plan, *Error) {
	mustLoad()
	words, _ := args.buffer()
	var plan *C.ctorch_plan
	if err := takeError(C.ctorch_plan_new((*C.uint64_t)(words), C.int32_t(args.n), &plan)); err != nil {
		return nil, err
	}
	free := func() { C.ctorch_plan_free(plan) }
	return &Plan{plan: plan, callsGo: bool(C.ctorch_plan_calls_go(plan)), tenancy: tenancy{free: free}}, nil
}

// Free frees the plan; freeing it again does nothing.
func (p *Plan) Free() { p.tenancy.end() }

// Bytes returns how much memory each of the plan's instances has.
func (p *Plan) Bytes() int64 {
	if !p.tenancy.enter() {
		return 0
	}
	defer p.tenancy.leave()
	return int64(C.ctorch_plan_bytes(p.plan))
}

// Record lets the plan be recorded as a CUDA graph. It fails where it cannot be.
func (p *Plan) Record() *Error {
	if !p.tenancy.enter() {
		return &Error{Kind: KindClosed, Message: "the graph is closed"}
	}
	defer p.tenancy.leave()
	return takeError(C.ctorch_plan_record(p.plan))
}

// Run runs the plan with the inputs in args, a list, and gives a list of results. node
// says where it failed: -1 for nowhere, since the inputs do not fit.
func (p *Plan) Run(args *Args) (results Results, node int, err *Error) {
	if !p.tenancy.enter() {
		return Results{}, -1, &Error{Kind: KindClosed, Message: "the graph is closed"}
	}
	defer p.tenancy.leave()
	status := p.run(args)
	if status.error != nil {
		return Results{}, int(status.count), takeError(status.error)
	}
	if status.pressure != 0 {
		relieve()
	}
	return args.results(&status), 0, nil
}

func (p *Plan) run(args *Args) C.ctorch_status {
	gate.enter()
	defer gate.leave()
	if p.callsGo {
		return args.onHeap(func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
			return C.cgotorch_plan_run_go(p.plan, words, count, capacity)
		})
	}
	words, capacity := args.buffer()
	return C.ctorch_plan_run(p.plan, (*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity), false)
}

package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// ApplyFunction makes outputs the results of an operation that Go has the
// derivative of, and returns them. functions.h says what args holds.
func ApplyFunction(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_function_apply(words, count, capacity)
	})
}

// A FunctionNode refers to the node of such an operation without keeping it. The
// function for backward gets one as its int, and owns it.
type FunctionNode uint64

// Forget drops the reference.
func (n FunctionNode) Forget() { C.ctorch_function_forget(C.uint64_t(n)) }

// SavedTensors returns the list of tensors that such an operation saved. args holds
// a FunctionNode as an int.
func SavedTensors(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_function_saved(words, count, capacity)
	})
}

// PushSavedHooks makes f be called with each tensor that operations of the calling
// thread save; it replies with the number of a function that gives the tensor back.
// The goroutine must be locked to its thread until PopSavedHooks.
func PushSavedHooks(f FuncID) *Error {
	if err := takeError(C.ctorch_saved_hooks_push(C.uint64_t(f))); err != nil {
		return err
	}
	callers.Add(1)
	return nil
}

// PopSavedHooks ends the latest PushSavedHooks.
func PopSavedHooks() {
	callers.Add(-1)
	C.ctorch_saved_hooks_pop()
}

// SetAnomaly turns anomaly detection on or off, in all goroutines, and returns how
// it was. The function, 0 for the one before, replies with text that says where an
// operation was called.
func SetAnomaly(enabled, checkNaN bool, stack FuncID) (wasEnabled, checkedNaN bool) {
	mustLoad()
	wasEnabled, checkedNaN = AnomalyEnabled(), bool(C.ctorch_anomaly_checks_nan())
	if enabled && !wasEnabled {
		callers.Add(1)
	}
	C.ctorch_anomaly_set(C.bool(enabled), C.bool(checkNaN), C.uint64_t(stack))
	if wasEnabled && !enabled {
		callers.Add(-1)
	}
	return wasEnabled, checkedNaN
}

// AnomalyEnabled reports whether anomaly detection is on.
func AnomalyEnabled() bool { mustLoad(); return bool(C.ctorch_anomaly_enabled()) }

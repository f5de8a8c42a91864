package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// CallC10D calls a method of libtorch's c10d: args holds its name, a str, and its arguments.
// It may wait for other processes, and takes no place from those that compute meanwhile. The
// caller keeps the owners of all handles in args alive until it returns. The results
// overwrite args.
func CallC10D(args *Args) (Results, *Error) {
	return callMethod(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_c10d_call(words, count, capacity)
	})
}

// callMethod makes a call of the shim that takes its arguments in words and may wait.
func callMethod(args *Args, call func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status) (Results, *Error) {
	mustLoad()
	words, capacity := args.buffer()
	status := call((*C.uint64_t)(words), C.int32_t(args.n), C.int32_t(capacity))
	if status.error != nil {
		return Results{}, takeError(status.error)
	}
	return args.results(&status), nil
}

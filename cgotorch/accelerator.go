package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// CallAccelerator calls a method of accelerators: args holds its name, a str, and its
// arguments. It may wait for what a device does, and takes no place from those that compute
// meanwhile. The caller keeps the owners of all handles in args alive until it returns. The
// results overwrite args.
func CallAccelerator(args *Args) (Results, *Error) {
	return callMethod(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_accelerator_call(words, count, capacity)
	})
}

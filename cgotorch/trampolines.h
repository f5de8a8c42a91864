// What cgo compiles against: the shim's functions and the loader.
#ifndef CGOTORCH_TRAMPOLINES_H
#define CGOTORCH_TRAMPOLINES_H

#include "shim/ctorch.h"

// Opens the shim at path if it was built from the sources with the given id.
// Returns NULL, or what went wrong; free it.
__attribute__((visibility("hidden"))) char* cgotorch_open(const char* path, const char* id);

// Whether libtorch called the Go code that runs on this thread.
__attribute__((visibility("hidden"))) bool cgotorch_in_callback(void);

// ctorch_op_call under a name of its own: cgo is told of that one that it never
// calls Go.
__attribute__((visibility("hidden"))) ctorch_status cgotorch_op_call_go(ctorch_op* op, uint64_t* words, int32_t count,
                                                                        int32_t capacity, int32_t mode);

#endif

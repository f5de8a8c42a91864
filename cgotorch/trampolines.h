// What cgo compiles against: the shim's functions and the loader.
#ifndef CGOTORCH_TRAMPOLINES_H
#define CGOTORCH_TRAMPOLINES_H

#include "shim/ctorch.h"

// Opens the shim at path if it was built from the sources with the given id.
// Returns NULL, or what went wrong; free it.
__attribute__((visibility("hidden"))) char* cgotorch_open(const char* path, const char* id);

#endif

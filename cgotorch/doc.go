// Package cgotorch is the seam between Go and libtorch, and the only package of
// gotorch that uses cgo. Programs use package torch, which is built on it.
//
// The C++ behind the seam, in shim/, is a shared library of its own that is
// built once for each libtorch when that is installed. This package compiles
// trampolines only and opens the library at first use, so a program needs
// neither libtorch nor its headers to be built, and the same binary runs on
// another libtorch.
//
// # Calls
//
// An [Op] names one of libtorch's operators by its schema. Its arguments are
// written into an [Args] and travel as flat 64-bit words; the results come back
// in the same words. An Args lives on the caller's stack: a call allocates
// nothing on the Go heap.
//
// # Rules of the seam
//
//   - C keeps no Go pointer. A [Handle] is a reference that C++ counts.
//   - No C++ exception crosses. An error comes back by value, in the same call.
//   - The caller keeps the owners of its handles alive until a call returns.
//   - Modes that libtorch keeps in thread-local storage are set only by a
//     goroutine that is locked to its thread.
//   - Handles are freed many at a time.
package cgotorch

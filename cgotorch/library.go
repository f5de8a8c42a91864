package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
*/
import "C"

import (
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// linked are the libraries that CMake and torch.utils.cpp_extension link to beside
// libtorch_cpu and libc10, and whether they are CUDA's. What they have to offer is in
// those two, or serves CUDA only.
var linked = []struct {
	name string
	cuda bool
}{{"libtorch.so", false}, {"libc10_cuda.so", true}, {"libtorch_cuda.so", true}}

// LoadLibrary opens a shared library, which registers its operators. It stays open
// as long as the process lives.
//
// Where it needs a library of libtorch, that of the installation is opened first, or
// the stub for it: the system's loader, which finds by name what is open, would take
// another libtorch's. With a stub for CUDA's, the functions that are missing then are
// looked for when they are called, which they are for CUDA tensors only.
func LoadLibrary(path string) *Error {
	mustLoad()
	lazy, err := openNeeded(path)
	if err != nil {
		return err
	}
	return openLibrary(path, lazy)
}

// openNeeded opens those libraries of libtorch that a library needs. It reports whether
// functions may be missing until they are called.
func openNeeded(path string) (lazy bool, err *Error) {
	if why := cutOff(path); why != "" {
		return false, &Error{Kind: KindRuntime, Message: why}
	}
	needed := neededLibraries(path)
	for _, library := range linked {
		if !slices.Contains(needed, library.name) {
			continue
		}
		provided, stub := used.provided(library.name)
		if provided == "" {
			return false, &Error{Kind: KindRuntime, Message: path + " needs " + library.name + ", and " + used.Dir +
				" has neither it nor a stub for it; install it again with: " + InstallCommand + " --force"}
		}
		if err := openLibrary(provided, false); err != nil {
			return false, err
		}
		lazy = lazy || stub && library.cuda
	}
	return lazy, nil
}

// neededLibraries returns the names of the libraries that a library is linked to. Of
// what is no ELF file it knows none.
func neededLibraries(path string) []string {
	file, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	names, _ := file.ImportedLibraries() // the system's loader says what is wrong with it
	return names
}

// TorchvisionOption is what [InstallCommand] takes to install torchvision's operators.
const TorchvisionOption = "--with torchvision"

// Torchvision returns the path of the library of torchvision's operators, there or not.
func (i Installation) Torchvision() string {
	return filepath.Join(i.torchvisionDir(), "_C_stable.so")
}

func (i Installation) torchvisionDir() string { return filepath.Join(i.Dir, "torchvision") }

// CUDAShim returns the path of the library of what takes CUDA's headers, there or not.
func (i Installation) CUDAShim() string { return strings.TrimSuffix(i.Shim, ".so") + "-cuda.so" }

// LoadCUDAShim loads that library of the installation in use, once, and returns why it
// cannot, or "".
var LoadCUDAShim = sync.OnceValue(func() string {
	path := Used().CUDAShim()
	if _, err := os.Stat(path); err != nil {
		return "this takes a library that is built with CUDA's headers, and the installation has none; set $CUDA_HOME and run " +
			InstallCommand + " --force"
	}
	if err := LoadLibrary(path); err != nil {
		return err.Message
	}
	return ""
})

// Used returns the installation that is loaded.
func Used() Installation {
	mustLoad()
	return used
}

// provided returns the path of a library in the installation, or of the stub for it
// and true, or "".
func (i Installation) provided(name string) (path string, stub bool) {
	for _, dir := range []string{i.libraryDir(), i.stubDir()} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, dir == i.stubDir()
		}
	}
	return "", false
}

// openLibrary has the system's loader open a library. If it is lazy, functions may be
// missing until they are called.
func openLibrary(path string, lazy bool) *Error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	return takeError(C.ctorch_library_load(name, C.bool(lazy)))
}

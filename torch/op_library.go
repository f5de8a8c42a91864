package torch

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// LoadLibrary loads a shared library that registers operators with libtorch's
// TORCH_LIBRARY, for [Op] to find. Loading it again does nothing; it cannot be
// unloaded. The library must have been built for the libtorch in use, with or without
// the other libraries that CMake and torch.utils.cpp_extension link to: libtorch.so,
// and CUDA's libtorch_cuda and libc10_cuda, whose operators are for CUDA tensors only.
// What else it is linked to must be found. It fails with the reason if there is no
// file, or it is cut off or cannot be loaded. If what the library registers
// is registered already, libtorch ends the process, as it does in Python: the
// system's loader lets no C++ exception through.
//
// It is Python's torch.ops.load_library.
//
// https://docs.pytorch.org/tutorials/advanced/cpp_custom_ops.html
func LoadLibrary(path string) error {
	absolute, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(absolute)
	}
	if err != nil {
		return fmt.Errorf("torch.LoadLibrary: %w", err)
	}
	if err := cgotorch.Load(); err != nil {
		return errorOf("torch.LoadLibrary", &cgotorch.Error{Kind: cgotorch.KindUnsupported, Message: err.Error()})
	}
	if err := cgotorch.LoadLibrary(absolute); err != nil {
		return errorOf("torch.LoadLibrary", err)
	}
	return nil
}

// TorchvisionLibrary returns where the library of torchvision's operators is, or should
// be, in the installation in use, and the command that installs it.
func (exports) TorchvisionLibrary() (path, command string, err error) {
	if err := cgotorch.Load(); err != nil {
		return "", "", errorOf("torchvision", &cgotorch.Error{Kind: cgotorch.KindUnsupported, Message: err.Error()})
	}
	return cgotorch.Used().Torchvision(), cgotorch.InstallCommand + " " + cgotorch.TorchvisionOption, nil
}

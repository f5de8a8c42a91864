package internal

// Script is a program of TorchScript as package torch has it for package jit; Tensor is a
// *torch.Tensor. Several goroutines may use it at once, and free it at any moment. The
// garbage collector frees it, too.
type Script[Tensor any] interface {
	// Call calls a method of the module of a path, with arguments and others by name.
	Call(path, method string, args []any, kwargs map[string]any) (any, error)
	// ChangesTensors reports whether a method changes which tensor a parameter or a buffer is.
	ChangesTensors() bool
	// Modules lists the modules, those around others first.
	Modules() ([]ScriptModule[Tensor], error)
	// Methods lists the methods of the module of a path.
	Methods(path string) ([]ScriptMethod, error)
	// Code returns the source of a method of the module of a path.
	Code(path, method string) (string, error)
	// Get returns the attribute of a path.
	Get(path string) (any, error)
	// Set sets the attribute of a path.
	Set(path string, value any) error
	// Save writes the program and extra files to an open file.
	Save(file uintptr, extra map[string][]byte) error
	// Freeze returns a program of its own that is frozen, but for what is to be preserved.
	Freeze(preserved []string, optimizeNumerics bool) (Script[Tensor], error)
	// Optimize returns a program of its own that is optimized for inference: forward and
	// other methods.
	Optimize(methods []string) (Script[Tensor], error)
	// Free frees the program. Calls that run end first.
	Free()
}

// ScriptModule is a module of a program of TorchScript; Tensor is a *torch.Tensor.
type ScriptModule[Tensor any] struct {
	Path       string
	ID         int   // the same for the same module
	Training   *bool // nil if it has no mode
	Attributes []ScriptAttribute[Tensor]
}

// ScriptAttribute is an attribute of a module that is no module itself.
type ScriptAttribute[Tensor any] struct {
	Name, Type        string
	Parameter, Buffer bool
	Tensor            Tensor // of these two, or nil
}

// ScriptMethod is a method of a module.
type ScriptMethod struct{ Name, Schema string }

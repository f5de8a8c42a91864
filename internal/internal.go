// Package internal holds the key to what package torch has for the packages of this
// module alone.
package internal

// NotForPublicUse is the key: only this module can name it.
type NotForPublicUse struct{}

// TensorRole is what a tensor is to a program, as the profiler is told.
type TensorRole int

// The roles.
const (
	RoleParameter TensorRole = iota
	RoleGradient
	RoleOptimizerState
)

// CallbackReply is what a function that libtorch calls gives back; Tensor is a
// *torch.Tensor.
type CallbackReply[Tensor any] struct {
	Tensors []Tensor // nil ones are None
	Number  int
	Text    string
	Given   bool // the tensors are closed once libtorch has them
}

// Packed is what stands for a tensor that operations save; Tensor is a *torch.Tensor.
type Packed[Tensor any] struct {
	// Unpack gives the tensor when it is wanted, and says whether it is to be closed when
	// libtorch has it. A nil one leaves the tensor to libtorch, as if there were no hooks.
	Unpack func() (x Tensor, given bool)
	// Dropped, which may be nil, is called when libtorch wants the tensor no more, at a later
	// call of any goroutine.
	Dropped func()
}

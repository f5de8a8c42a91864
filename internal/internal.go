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

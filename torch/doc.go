// Package torch is PyTorch's torch: tensors and what is computed with them.
//
// Names are PyTorch's in CamelCase. Required arguments are positional; the others
// are in one options struct, which may be left out and whose zero value is
// PyTorch's default. Where Python allows a number instead of a tensor so does Go:
// the parameter is an [Operand]. In-place operations end in Inplace and return
// their receiver. A nil *[Tensor] is Python's None.
//
//	x := torch.Randn([]int{2, 3})
//	y := torch.ReLU(x.Matmul(x.T()).Add(1)).Sum(1)
//
// # Errors
//
// An operation that cannot be done panics with an *[Error]; [Try] makes it an
// error value. The operation has changed nothing then.
//
// The other functions of these packages do the same on arguments that they cannot
// use, nil ones among them. Methods panic as Go does where there is no value to
// call them of: on a nil pointer to something else than a tensor, a generator or a
// node, and on a struct that was written down, not made by its function, such as
// nn.NewLinear.
//
// # Memory
//
// Tensors are garbage collected, and the collector also runs when their native
// memory grows. [Tensor.Close] frees one at once; [Scope] frees what a function
// made, which suits the body of a loop.
//
// # Goroutines
//
// Tensors may be read from many goroutines, and closed by any of them at any moment.
// [NoGrad], [InferenceMode], [Autocast], [WithDevice] and [Scope] hold for the calling
// goroutine only, and lock it to its thread meanwhile. At most GOMAXPROCS goroutines are
// inside libtorch at a time. What computes beside a training loop should do so within
// [WithNumThreads](1, f), and what trains for long should call runtime.LockOSThread.
//
// # libtorch
//
// The first use opens libtorch; package cgotorch says where it is looked for. If
// there is none, the operation panics with an [UnsupportedError] that names the
// command to install it.
package torch

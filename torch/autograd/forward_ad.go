package autograd

import (
	"sync"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// dualLevel is held by the goroutine that is in the dual level. Libtorch has one
// for all threads.
var dualLevel sync.Mutex

// DualLevel calls body in a level of forward-mode automatic differentiation:
// operations on tensors made with [MakeDual] compute forward gradients too, which
// [UnpackDual] gives. The gradients are dropped at its end. One goroutine can be in
// the level at a time, and others wait; it is locked to its thread meanwhile.
// Nested levels panic.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.forward_ad.dual_level.html
func DualLevel(body func()) {
	const op = "autograd.DualLevel"
	argument.NotNil(op, "the function", body)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	if cgotorch.DualLevelEntered() {
		panic(torch.Errorf(op, torch.RuntimeError, "Nested forward mode AD is not supported at the moment"))
	}
	dualLevel.Lock()
	defer dualLevel.Unlock()
	if err := cgotorch.EnterDualLevel(); err != nil {
		panic(torch.Errorf(op, torch.RuntimeError, "%s", err.Message))
	}
	defer func() { _ = cgotorch.LeaveDualLevel() }() // the level was entered
	body()
}

// MakeDual returns a view of primal with the forward gradient tangent, which has
// its shape and dtype. It panics outside of [DualLevel].
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.forward_ad.make_dual.html
func MakeDual(primal, tangent *torch.Tensor) *torch.Tensor {
	if !cgotorch.DualLevelEntered() {
		panic(torch.Errorf("autograd.MakeDual", torch.RuntimeError,
			"Trying to create a dual Tensor for forward AD but no level exists, call it within autograd.DualLevel."))
	}
	var c torch.Call
	c.Tensor(primal)
	c.Tensor(tangent)
	c.Int(0)
	return c.One(opMakeDual)
}

// UnpackDual returns a view of the tensor without its forward gradient, and that
// gradient, or nil if it has none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.forward_ad.unpack_dual.html
func UnpackDual(x *torch.Tensor) (primal, tangent *torch.Tensor) {
	if !cgotorch.DualLevelEntered() {
		return x, nil
	}
	var c torch.Call
	c.Tensor(x)
	c.Int(0)
	r := c.Results(opUnpackDual)
	return r.Tensor(), r.Tensor()
}

var (
	opMakeDual   = torch.NewOperator("aten::_make_dual(Tensor(a) primal, Tensor tangent, int level) -> Tensor(a)")
	opUnpackDual = torch.NewOperator("aten::_unpack_dual(Tensor(a) dual, int level) -> (Tensor(a) primal, Tensor tangent)")
)

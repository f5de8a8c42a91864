// Package fn is PyTorch's torch.func, whose name is a keyword in Go: functions that
// take a function of tensors and return its derivative, or the function for a whole
// batch. They can be nested in any order: Vmap(Grad(f)) gives the gradient of each
// sample, JacFwd(JacRev(f)) the Hessian.
//
// A transform is one of the calling goroutine, which is locked to its thread for
// the length of it; f must not hand its tensors to other goroutines. A function of
// autograd.Apply cannot be transformed. Libtorch 2.0 or newer is needed.
//
// https://docs.pytorch.org/docs/stable/func.html
package fn

import (
	"github.com/wangkuiyi/gotorch/internal"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Func is what can be transformed: a function of tensors that gives one or several.
type Func = autograd.Func

// asFunc returns f, which gives asFunc many tensors asFunc a function of type F does, asFunc an F.
func asFunc[F Func](f func(x ...*torch.Tensor) []*torch.Tensor) (result F) {
	switch p := any(&result).(type) {
	case *func(x ...*torch.Tensor) []*torch.Tensor:
		*p = f
	case *func(x ...*torch.Tensor) *torch.Tensor:
		*p = func(x ...*torch.Tensor) *torch.Tensor { return f(x...)[0] }
	}
	return result
}

// atLevel calls body in a new layer of a transform, which it gives the level of.
func atLevel(op string, kind cgotorch.Transform, batch int, randomness cgotorch.Randomness, body func(level int)) {
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	level, err := cgotorch.EnterTransform(kind, batch, randomness)
	if err != nil {
		panic(torch.Errorf(op, torch.ErrorKind(err.Kind), "%s", err.Message))
	}
	defer cgotorch.LeaveTransform()
	body(level)
}

// wrap returns a tensor that stands for x in the layer and requires gradients there
// if asked for; nil stays nil.
func wrap(level int, x *torch.Tensor, requiresGrad bool) *torch.Tensor {
	if x == nil {
		return nil
	}
	var c torch.Call
	c.Int(level)
	c.Tensor(x)
	c.Bool(requiresGrad)
	r := internals.Through(&c, "fn", cgotorch.Wrap)
	return r.Tensor()
}

// unwrap undoes wrap.
func unwrap(level int, x *torch.Tensor) *torch.Tensor {
	if x == nil {
		return nil
	}
	var c torch.Call
	c.Int(level)
	c.Tensor(x)
	r := internals.Through(&c, "fn", cgotorch.Unwrap)
	return r.Tensor()
}

func unwrapAll(level int, list []*torch.Tensor) []*torch.Tensor {
	result := make([]*torch.Tensor, len(list))
	for i, x := range list {
		result[i] = unwrap(level, x)
	}
	return result
}

package fn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// JVP returns f's outputs and its Jacobian multiplied by a vector, a tensor for each
// of the primals: a tangent for each output. It uses forward-mode differentiation,
// so it needs one pass whatever the number of inputs; see autograd.DualLevel for
// what that means for other goroutines.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.jvp.html
func JVP[F Func](f F, primals, tangents []*torch.Tensor) (outputs, outTangents []*torch.Tensor) {
	argument.NotNil("fn.JVP", "the function", f)
	if len(primals) != len(tangents) {
		panic(torch.Errorf("fn.JVP", torch.RuntimeError, "jvp(f, primals, tangents): Expected primals and tangents to have the same"+
			" structure: got %d primals and %d tangents", len(primals), len(tangents)))
	}
	return jvpOf(autograd.Outputs(f), primals, tangents)
}

// jvpOf is JVP; a nil tangent says that an input is not differentiated.
func jvpOf(f func(x ...*torch.Tensor) []*torch.Tensor, primals, tangents []*torch.Tensor) (outputs, outTangents []*torch.Tensor) {
	atLevel("fn.JVP", cgotorch.TransformJVP, 0, 0, func(level int) {
		inLevel(func() {
			internals.SetForwardGradEnabled(true, func() {
				inputs := make([]*torch.Tensor, len(primals))
				for i, x := range primals {
					if tangents[i] == nil {
						inputs[i] = wrap(level, x, false)
					} else {
						inputs[i] = autograd.MakeDual(x, tangents[i])
					}
				}
				for _, y := range f(inputs...) {
					primal, tangent := autograd.UnpackDual(y)
					if tangent == nil {
						tangent = torch.ZerosLike(primal)
					}
					outputs = append(outputs, unwrap(level, primal))
					outTangents = append(outTangents, unwrap(level, tangent))
				}
			})
		})
	})
	return outputs, outTangents
}

// inLevel calls body in the dual level, which nested JVPs share.
func inLevel(body func()) {
	if cgotorch.DualLevelEntered() {
		body()
		return
	}
	autograd.DualLevel(body)
}

// JacobianOptions are the options of [JacRev], [JacFwd] and [Hessian].
type JacobianOptions struct {
	ArgNum     int        // which input the derivative is of; default: the first
	ChunkSize  *int       // at most so many rows or columns at a time; default: all at once
	Randomness Randomness // of f; default: RandomnessError
}

// JacRev returns a function that gives the Jacobian of f with respect to one input,
// in f's output's shape followed by the input's. It goes backward, once for each
// element of the output, all at once.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.jacrev.html
func JacRev(f func(x ...*torch.Tensor) *torch.Tensor, options ...JacobianOptions) func(x ...*torch.Tensor) *torch.Tensor {
	argument.NotNil("fn.JacRev", "the function", f)
	o := option.First(options)
	return func(x ...*torch.Tensor) *torch.Tensor {
		outputs, vjp := vjpOf(autograd.Outputs(f), x, []int{o.ArgNum})
		y := outputs[0]
		each := func(cotangent ...*torch.Tensor) *torch.Tensor { return vjp(cotangent[0])[0] }
		rows := Vmap(each, VmapOptions{ChunkSize: o.ChunkSize, Randomness: o.Randomness})(basis(y))
		return rows.Reshape(slices.Concat(y.Shape(), rows.Shape()[1:])...)
	}
}

// JacFwd is [JacRev], but goes forward, once for each element of the input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.jacfwd.html
func JacFwd(f func(x ...*torch.Tensor) *torch.Tensor, options ...JacobianOptions) func(x ...*torch.Tensor) *torch.Tensor {
	argument.NotNil("fn.JacFwd", "the function", f)
	o := option.First(options)
	return func(x ...*torch.Tensor) *torch.Tensor {
		n := o.ArgNum
		if n < -len(x) || n >= len(x) {
			panic(torch.Errorf("fn.JacFwd", torch.RuntimeError, "Got argnum=%d, but only %d positional inputs",
				n, len(x)))
		}
		n = (n + len(x)) % len(x)
		each := func(tangent ...*torch.Tensor) *torch.Tensor {
			tangents := make([]*torch.Tensor, len(x))
			tangents[n] = tangent[0]
			_, result := jvpOf(autograd.Outputs(f), x, tangents)
			return result[0]
		}
		columns := Vmap(each, VmapOptions{OutDims: []int{-1}, ChunkSize: o.ChunkSize, Randomness: o.Randomness})(basis(x[n]))
		shape := columns.Shape()
		return columns.Reshape(slices.Concat(shape[:len(shape)-1], x[n].Shape())...)
	}
}

// Hessian returns a function that gives the second derivative of f with respect to
// one input: JacFwd(JacRev(f)).
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.hessian.html
func Hessian(f func(x ...*torch.Tensor) *torch.Tensor, options ...JacobianOptions) func(x ...*torch.Tensor) *torch.Tensor {
	argument.NotNil("fn.Hessian", "the function", f)
	return JacFwd(JacRev(f, options...), options...)
}

// basis returns, for each element of x, a tensor like x with 1 there and else 0.
func basis(x *torch.Tensor) *torch.Tensor {
	n := x.Numel()
	return torch.Eye(n, torch.EyeOptions{TensorOptions: torch.TensorOptions{DType: x.DType(), Device: x.Device()}}).
		Reshape(slices.Concat([]int{n}, x.Shape())...)
}

package optim

import (
	"errors"

	"github.com/wangkuiyi/gotorch/torch"
)

// lists is an operator on lists of tensors: one call for all parameters. On the
// CPU it computes what a loop over the tensors does.
type lists struct {
	op  *torch.Operator
	one func(x *torch.Tensor, args []any) // the same for one tensor, where libtorch lacks op
}

func foreach(schema string) lists { return lists{op: torch.NewOperator("aten::_foreach_" + schema)} }

// orEach says what to do with each tensor on a libtorch before 2.1.
func (l lists) orEach(one func(x *torch.Tensor, args []any)) lists {
	l.one = one
	return l
}

var (
	listNeg          = foreach("neg(Tensor[] self) -> Tensor[]")
	listAbs          = foreach("abs(Tensor[] self) -> Tensor[]")
	listSqrt         = foreach("sqrt(Tensor[] self) -> Tensor[]")
	listSqrtIn       = foreach("sqrt_(Tensor(a!)[] self) -> ()")
	listReciprocalIn = foreach("reciprocal_(Tensor(a!)[] self) -> ()")
	listZeroIn       = foreach("zero_(Tensor(a!)[] self) -> ()")

	listAdd         = foreach("add.List(Tensor[] self, Tensor[] other, *, Scalar alpha=1) -> Tensor[]")
	listAddIn       = foreach("add_.List(Tensor(a!)[] self, Tensor[] other, *, Scalar alpha=1) -> ()")
	listAddNumber   = foreach("add.Scalar(Tensor[] self, Scalar scalar) -> Tensor[]")
	listAddNumberIn = foreach("add_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listSub         = foreach("sub.List(Tensor[] self, Tensor[] other, *, Scalar alpha=1) -> Tensor[]")
	listMul         = foreach("mul.Scalar(Tensor[] self, Scalar scalar) -> Tensor[]")
	listMulList     = foreach("mul.List(Tensor[] self, Tensor[] other) -> Tensor[]")
	listMulIn       = foreach("mul_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listMulListIn   = foreach("mul_.List(Tensor(a!)[] self, Tensor[] other) -> ()")
	listDiv         = foreach("div.Scalar(Tensor[] self, Scalar scalar) -> Tensor[]")
	listDivIn       = foreach("div_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listDivListIn   = foreach("div_.List(Tensor(a!)[] self, Tensor[] other) -> ()")
	listMaximumIn   = foreach("maximum_.List(Tensor(a!)[] self, Tensor[] other) -> ()").orEach(maximumInplace)

	listLerpIn    = foreach("lerp_.Scalar(Tensor(a!)[] self, Tensor[] tensors1, Scalar weight) -> ()").orEach(lerpInplace)
	listAddcmul   = foreach("addcmul.Scalar(Tensor[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> Tensor[]")
	listAddcmulIn = foreach("addcmul_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()")
	listAddcdivIn = foreach("addcdiv_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()")
	listCopyIn    = foreach("copy_(Tensor(a!)[] self, Tensor[] src, bool non_blocking=False) -> ()").orEach(copyInplace)
)

func maximumInplace(x *torch.Tensor, args []any) { x.CopyInplace(x.Maximum(args[0].(*torch.Tensor))) }

func lerpInplace(x *torch.Tensor, args []any) { x.LerpInplace(args[0].(*torch.Tensor), args[1]) }

func copyInplace(x *torch.Tensor, args []any) { x.CopyInplace(args[0].(*torch.Tensor)) }

// call passes lists of tensors and numbers.
func (l lists) call(args []any) (c torch.Call) {
	for _, arg := range args {
		if list, ok := arg.([]*torch.Tensor); ok {
			c.Tensors(list)
		} else {
			c.Number(arg)
		}
	}
	return c
}

// do calls an operator that changes its first list in place.
func (l lists) do(args ...any) {
	c := l.call(args)
	if l.one == nil {
		c.Do(l.op)
		return
	}
	err := torch.Try(func() { c.Do(l.op) })
	switch {
	case errors.Is(err, &torch.Error{Kind: torch.UnsupportedError}):
		l.loop(args)
	case err != nil:
		panic(err)
	}
}

// loop does with each tensor what the operator would do with all.
func (l lists) loop(args []any) {
	for i, x := range args[0].([]*torch.Tensor) {
		rest := make([]any, len(args)-1)
		for j, arg := range args[1:] {
			rest[j] = arg
			if list, ok := arg.([]*torch.Tensor); ok {
				rest[j] = list[i]
			}
		}
		l.one(x, rest)
	}
}

// list calls an operator that returns a list.
func (l lists) list(args ...any) []*torch.Tensor {
	c := l.call(args)
	r := c.Results(l.op)
	return r.Tensors()
}

// repeated returns a list of n times x.
func repeated(x *torch.Tensor, n int) []*torch.Tensor {
	list := make([]*torch.Tensor, n)
	for i := range list {
		list[i] = x
	}
	return list
}

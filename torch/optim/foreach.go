package optim

import "github.com/wangkuiyi/gotorch/torch"

// lists is an operator on lists of tensors: one call for all parameters. On the
// CPU it computes what a loop over the tensors does.
type lists struct{ op *torch.Operator }

func foreach(schema string) lists { return lists{torch.NewOperator("aten::_foreach_" + schema)} }

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
	listMulIn       = foreach("mul_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listMulListIn   = foreach("mul_.List(Tensor(a!)[] self, Tensor[] other) -> ()")
	listDiv         = foreach("div.Scalar(Tensor[] self, Scalar scalar) -> Tensor[]")
	listDivIn       = foreach("div_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	listDivListIn   = foreach("div_.List(Tensor(a!)[] self, Tensor[] other) -> ()")
	listMaximumIn   = foreach("maximum_.List(Tensor(a!)[] self, Tensor[] other) -> ()")

	listLerpIn    = foreach("lerp_.Scalar(Tensor(a!)[] self, Tensor[] tensors1, Scalar weight) -> ()")
	listAddcmul   = foreach("addcmul.Scalar(Tensor[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> Tensor[]")
	listAddcmulIn = foreach("addcmul_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()")
	listAddcdivIn = foreach("addcdiv_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()")
	listCopyIn    = foreach("copy_(Tensor(a!)[] self, Tensor[] src, bool non_blocking=False) -> ()")
)

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
	c.Do(l.op)
}

// of calls an operator that returns a list.
func (l lists) of(args ...any) []*torch.Tensor {
	c := l.call(args)
	r := c.Results(l.op)
	return r.Tensors()
}

// same returns a list of n times x.
func same(x *torch.Tensor, n int) []*torch.Tensor {
	list := make([]*torch.Tensor, n)
	for i := range list {
		list[i] = x
	}
	return list
}

package optim

import "github.com/wangkuiyi/gotorch/torch"

// The operators on lists of tensors: one call for all parameters. On the CPU
// they compute what a loop over the tensors does.
var (
	opForeachNeg   = torch.NewOperator("aten::_foreach_neg(Tensor[] self) -> Tensor[]")
	opForeachAdd   = torch.NewOperator("aten::_foreach_add.List(Tensor[] self, Tensor[] other, *, Scalar alpha=1) -> Tensor[]")
	opForeachAddIn = torch.NewOperator("aten::_foreach_add_.List(Tensor(a!)[] self, Tensor[] other, *, Scalar alpha=1) -> ()")
	opForeachMulIn = torch.NewOperator("aten::_foreach_mul_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()")
	opFusedSGDIn   = torch.NewOperator("aten::_fused_sgd_(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[] momentum_buffer_list, *, float weight_decay, float momentum, float lr, float dampening, bool nesterov, bool maximize, bool is_first_step, Tensor? grad_scale=None, Tensor? found_inf=None) -> ()")
)

// foreachNeg returns −x of each.
func foreachNeg(list []*torch.Tensor) []*torch.Tensor {
	var c torch.Call
	c.NoGrad()
	c.Tensors(list)
	r := c.Results(opForeachNeg)
	return r.Tensors()
}

// foreachAdd returns x + alpha·y of each pair.
func foreachAdd(list, other []*torch.Tensor, alpha float64) []*torch.Tensor {
	var c torch.Call
	c.NoGrad()
	c.Tensors(list)
	c.Tensors(other)
	c.Number(alpha)
	r := c.Results(opForeachAdd)
	return r.Tensors()
}

// foreachAddInplace adds alpha·y to x of each pair.
func foreachAddInplace(list, other []*torch.Tensor, alpha float64) {
	var c torch.Call
	c.NoGrad()
	c.Tensors(list)
	c.Tensors(other)
	c.Number(alpha)
	c.Do(opForeachAddIn)
}

// foreachMulInplace multiplies each by factor.
func foreachMulInplace(list []*torch.Tensor, factor float64) {
	var c torch.Call
	c.NoGrad()
	c.Tensors(list)
	c.Number(factor)
	c.Do(opForeachMulIn)
}

package kernels

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

var (
	opDeformConv2d = torch.NewOperator("torchvision::deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, " +
		"SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, " +
		"bool use_mask) -> Tensor")
	opDeformConv2dBackward = torch.NewOperator("torchvision::_deform_conv2d_backward(Tensor grad, Tensor input, Tensor weight, Tensor offset, " +
		"Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, " +
		"SymInt groups, SymInt offset_groups, bool use_mask) -> (Tensor, Tensor, Tensor, Tensor, Tensor)")
)

// DeformConv2d is what a deformable convolution takes besides tensors. Lists are of
// height and width.
type DeformConv2d struct {
	Stride, Padding, Dilation []int
	Groups, OffsetGroups      int
	UseMask                   bool
}

// Call returns the convolution of x, whose gradients flow to all tensors. It panics
// where torchvision's library is not installed.
func (d *DeformConv2d) Call(x, weight, offset, mask, bias *torch.Tensor) *torch.Tensor {
	mustLoad("torchvision::deform_conv2d")
	inputs := []*torch.Tensor{x, weight, offset, mask, bias}
	for i := range inputs {
		inputs[i] = asFloat(inputs[i], false)
	}
	return autograd.Apply1(autograd.OnceDifferentiable((*deformConv2d)(d)), inputs...).To(x.DType())
}

type deformConv2d DeformConv2d

func (d *deformConv2d) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	ctx.SaveForBackward(inputs...)
	var c torch.Call
	d.pass(&c, inputs)
	return []*torch.Tensor{c.One(opDeformConv2d)}
}

func (d *deformConv2d) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	var c torch.Call
	c.Tensor(grads[0])
	d.pass(&c, ctx.SavedTensors())
	r := c.Results(opDeformConv2dBackward)
	return []*torch.Tensor{r.Tensor(), r.Tensor(), r.Tensor(), r.Tensor(), r.Tensor()}
}

// pass passes the arguments that both operators have.
func (d *deformConv2d) pass(c *torch.Call, tensors []*torch.Tensor) {
	for _, x := range tensors {
		c.Tensor(x)
	}
	for _, pair := range [][]int{d.Stride, d.Padding, d.Dilation} {
		c.Int(pair[0])
		c.Int(pair[1])
	}
	c.Int(d.Groups)
	c.Int(d.OffsetGroups)
	c.Bool(d.UseMask)
}

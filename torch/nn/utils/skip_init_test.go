package utils_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
)

func ExampleSkipInit() {
	l := utils.SkipInit(func() *nn.Linear { return nn.NewLinear(3, 1) })
	nninit.Constant(l.Weight, 2)
	nninit.Zeros(l.Bias)
	fmt.Println(l.Weight)
	fmt.Println(l.Forward(torch.Ones([]int{1, 3})).Item())
	// Output:
	// tensor([[2., 2., 2.]], requires_grad=True)
	// 6
}

func TestSkipInit(t *testing.T) {
	construct := func() *nn.Sequential {
		return nn.NewSequential(nn.NewConv2d(3, 4, 3), nn.NewBatchNorm2d(4), nn.NewFlatten(), nn.NewLinear(16, 2))
	}
	initialized := construct()
	random := torch.ToSlice[uint8](torch.RNGState())
	net := utils.SkipInit(construct)
	assert.Equal(t, random, torch.ToSlice[uint8](torch.RNGState()), "no numbers are drawn")
	assert.Equal(t, torch.CPU, torch.Ones([]int{1}).Device(), "the default device is as before")
	_, err := net.LoadStateDict(initialized.StateDict())
	assert.NoError(t, err)
	for i, p := range net.Parameters() {
		assert.True(t, p.RequiresGrad() && p.IsLeaf())
		assert.True(t, p.Equal(initialized.Parameters()[i]))
	}
	x := torch.Rand([]int{2, 3, 4, 4})
	assert.True(t, net.Forward(x).Equal(initialized.Forward(x)))

	onMeta := utils.SkipInit(construct, utils.SkipInitOptions{Device: torch.Meta})
	for _, n := range onMeta.StateDict() {
		assert.True(t, n.Tensor.IsMeta(), n.Name)
	}
}

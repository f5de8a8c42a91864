// Command mlp trains a small network on random numbers.
//
// It is a port of mlp.py by gotorch port.
package main

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// MLP: Two linear layers with dropout between them.
type MLP struct {
	nn.Module
	FC1  *nn.Linear
	Drop *nn.Dropout
	FC2  *nn.Linear
}

// NewMLP returns a new MLP. It has Python's defaults: classes 10.
func NewMLP(features, hidden, classes int) *MLP {
	return nn.Init(&MLP{
		FC1:  nn.NewLinear(features, hidden),
		Drop: nn.NewDropout(nn.DropoutOptions{P: new(0.1)}),
		FC2:  nn.NewLinear(hidden, classes),
	})
}

// Forward returns what the module makes of its input.
func (mlp *MLP) Forward(x *torch.Tensor) *torch.Tensor {
	x = F.ReLU(mlp.FC1.Forward(x)) // never negative
	x = mlp.Drop.Forward(x)
	return mlp.FC2.Forward(x)
}

func main() {
	torch.ManualSeed(0)
	x := torch.Randn([]int{64, 20})
	y := torch.Randint(0, 10, []int{64})
	model := NewMLP(20, 32, 10)
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(model.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	// Every batch is the whole set.
	for epoch := range 5 {
		optimizer.ZeroGrad()
		loss := criterion.Forward(model.Forward(x), y)
		loss.Backward()
		optimizer.Step()
		fmt.Printf("epoch %v: loss %.4f\n", epoch, loss.Item())
	}
	model.Eval()
	var correct int
	torch.NoGrad(func() {
		predicted := model.Forward(x).Argmax(1)
		correct = predicted.Eq(y).Sum().Int()
	})
	fmt.Println("right:", correct, "of", y.Size(0))
}

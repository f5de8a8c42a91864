package models_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// A network for other classes keeps all but the last layer.
func ExampleResNet18() {
	net := models.ResNet18()
	net.SetRequiresGrad(false)
	net.FC = nn.NewLinear(net.FC.InFeatures, 10)
	net.Eval()
	scores := net.Forward(torch.Zeros([]int{1, 3, 64, 64}))
	fmt.Println(scores.Shape())
	for _, p := range net.NamedParameters() {
		if p.Tensor.RequiresGrad() {
			fmt.Println(p.Name, p.Tensor.Shape())
		}
	}
	// Output:
	// [1 10]
	// fc.weight [10 512]
	// fc.bias [10]
}

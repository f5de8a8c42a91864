package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func twoOptions(p []*torch.Tensor) {
	_ = torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Float64}, torch.TensorOptions{RequiresGrad: true}) // want "Zeros takes one TensorOptions, and 2 are given"
	_ = nn.NewLinear(1, 2, nn.LinearOptions{Bias: new(false)}, nn.LinearOptions{})                                // want "NewLinear takes one LinearOptions"
	_ = optim.NewSGD(p, []optim.SGDOptions{{LR: 1}, {Momentum: 1}}...)                                            // want "NewSGD takes one SGDOptions"
}

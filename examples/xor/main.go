// Command xor trains a small network on exclusive or.
package main

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func main() {
	torch.ManualSeed(0)
	x := torch.NewTensor([][]float32{{0, 0}, {0, 1}, {1, 0}, {1, 1}})
	y := torch.NewTensor([][]float32{{0}, {1}, {1}, {0}})
	net := nn.NewSequential(nn.NewLinear(2, 8), nn.NewTanh(), nn.NewLinear(8, 1))
	criterion := nn.NewMSELoss()
	optimizer := optim.NewAdam(net.Parameters(), optim.AdamOptions{LR: 0.05})
	for step := range 200 {
		optimizer.ZeroGrad()
		loss := criterion.Forward(net.Forward(x), y)
		loss.Backward()
		optimizer.Step()
		if step%50 == 0 {
			fmt.Printf("step %3d: loss %.4f\n", step, loss.Item())
		}
	}
	fmt.Println(torch.NoGradValue(func() []bool { return torch.ToSlice[bool](net.Forward(x).Gt(0.5)) }))
}

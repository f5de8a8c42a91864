package optim_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// Fit y = 2x + 1.
func ExampleSGD() {
	torch.ManualSeed(0)
	line := nn.NewLinear(1, 1)
	x := torch.Linspace(-1, 1, 21).View(21, 1)
	y := x.Mul(2).Add(1)
	optimizer := optim.NewSGD(line.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	for range 200 {
		optimizer.ZeroGrad()
		loss := line.Forward(x).Sub(y).Pow(2).Mean()
		loss.Backward()
		optimizer.Step()
	}
	fmt.Printf("y = %.3fx + %.3f\n", line.Weight.Item(), line.Bias.Item())
	// Output: y = 2.000x + 1.000
}

// Parameters may have options of their own, and options may change on the way.
func ExampleNewSGDGroups() {
	slow := nn.NewParameter(torch.Zeros([]int{2}))
	fast := nn.NewParameter(torch.Zeros([]int{2}))
	optimizer := optim.NewSGDGroups(
		optim.SGDGroup{Params: []*torch.Tensor{slow}, Options: optim.SGDOptions{LR: 0.5}},
		optim.SGDGroup{Params: []*torch.Tensor{fast}, Options: optim.SGDOptions{LR: 2, Maximize: true}},
	)
	for range 2 {
		optimizer.ZeroGrad()
		slow.Add(fast).Sum().Backward()
		optimizer.Step()
		optimizer.ParamGroups[1].Options.LR /= 2
	}
	fmt.Println(torch.ToSlice[float32](slow), torch.ToSlice[float32](fast))
	// Output: [-1 -1] [3 3]
}

package lrscheduler_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
)

func ExampleStepLR() {
	net := nn.NewLinear(2, 1)
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 1})
	scheduler := lrscheduler.NewStepLR(optimizer, 2)
	for range 5 {
		fmt.Printf("%.2f ", optimizer.ParamGroups[0].Options.LR)
		optimizer.Step()
		scheduler.Step()
	}
	// Output: 1.00 1.00 0.10 0.10 0.01
}

// Warm up, then decay.
func ExampleSequentialLR() {
	w := nn.NewParameter(torch.Zeros([]int{1}))
	optimizer := optim.NewAdamW([]*torch.Tensor{w}, optim.AdamWOptions{LR: 8})
	scheduler := lrscheduler.NewSequentialLR(optimizer, []lrscheduler.Scheduler{
		lrscheduler.NewLinearLR(optimizer, lrscheduler.LinearLROptions{StartFactor: new(0.25), TotalIters: new(3)}),
		lrscheduler.NewExponentialLR(optimizer, 0.5),
	}, []int{3})
	for range 7 {
		fmt.Print(scheduler.GetLastLR())
		optimizer.Step()
		scheduler.Step()
	}
	// Output: [2][4][6][8][4][2][1]
}

func ExampleReduceLROnPlateau() {
	w := nn.NewParameter(torch.Zeros([]int{1}))
	optimizer := optim.NewSGD([]*torch.Tensor{w}, optim.SGDOptions{LR: 1})
	scheduler := lrscheduler.NewReduceLROnPlateau(optimizer, lrscheduler.ReduceLROnPlateauOptions{Factor: new(0.5), Patience: new(1)})
	for _, loss := range []float64{3, 2, 2, 2, 1} {
		scheduler.Step(loss)
		fmt.Print(scheduler.GetLastLR())
	}
	// Output: [1][1][1][0.5][0.5]
}

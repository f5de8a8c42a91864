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

// A learning rate that is a tensor is filled in place, by schedulers too.
func ExampleAdamOptions_capturable() {
	p := nn.NewParameter(torch.Zeros([]int{2}))
	lr := torch.Full([]int{}, 0.5)
	optimizer := optim.NewAdam([]*torch.Tensor{p}, optim.AdamOptions{LRTensor: lr, Capturable: true})
	for range 3 {
		optimizer.ZeroGrad()
		p.Sum().Backward()
		optimizer.Step()
		optimizer.ParamGroups[0].SetLearningRate(lr.Item() / 2)
	}
	fmt.Println(lr, optimizer.StateDict().State[0]["step"])
	fmt.Println(p.Detach())
	// Output:
	// tensor(0.0625) tensor(3.)
	// tensor([-0.8750, -0.8750])
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

// Weight decay of the matrix, but not of the bias.
func ExampleNewAdamWGroups() {
	torch.ManualSeed(0)
	line := nn.NewLinear(1, 1)
	optimizer := optim.NewAdamWGroups(
		optim.AdamWGroup{Params: []*torch.Tensor{line.Weight}, Options: optim.AdamWOptions{LR: 0.1}},
		optim.AdamWGroup{Params: []*torch.Tensor{line.Bias}, Options: optim.AdamWOptions{LR: 0.1, WeightDecay: new(0.0)}},
	)
	x := torch.Linspace(-1, 1, 21).View(21, 1)
	y := x.Mul(2).Add(1)
	for range 300 {
		torch.Scope(func() {
			optimizer.ZeroGrad()
			line.Forward(x).Sub(y).Pow(2).Mean().Backward()
			optimizer.Step()
		})
	}
	fmt.Printf("bias %.2f\n", line.Bias.Item())
	// Output: bias 1.00
}

func ExampleAdam() {
	w := nn.NewParameter(torch.FromSlice([]float32{5, -5}))
	optimizer := optim.NewAdam([]*torch.Tensor{w}, optim.AdamOptions{LR: 0.5, Betas: new([2]float64{0.8, 0.99})})
	for range 100 {
		optimizer.ZeroGrad()
		w.Sub(1).Square().Sum().Backward()
		optimizer.Step()
	}
	fmt.Printf("%.2f\n", torch.ToSlice[float32](w))
	fmt.Println(optimizer)
	// Output:
	// [1.00 1.00]
	// Adam (
	// Parameter Group 0
	//     amsgrad: False
	//     betas: (0.8, 0.99)
	//     capturable: False
	//     decoupled_weight_decay: False
	//     differentiable: False
	//     eps: 1e-08
	//     foreach: None
	//     fused: None
	//     lr: 0.5
	//     maximize: False
	//     weight_decay: 0
	// )
}

// The least of Rosenbrock's function.
func ExampleLBFGS() {
	x := nn.NewParameter(torch.FromSlice([]float64{-1.2, 1}))
	optimizer := optim.NewLBFGS([]*torch.Tensor{x}, optim.LBFGSOptions{LineSearchFn: "strong_wolfe"})
	for range 5 {
		optimizer.Step(func() *torch.Tensor {
			optimizer.ZeroGrad()
			a, b := x.Select(0, 0), x.Select(0, 1)
			loss := b.Sub(a.Square()).Square().Mul(100).Add(a.Neg().Add(1).Square())
			loss.Backward()
			return loss
		})
	}
	fmt.Printf("%.3f\n", torch.ToSlice[float64](x))
	// Output: [1.000 1.000]
}

// A checkpoint of an optimizer, and another one that goes on from it.
func ExampleBase_StateDict() {
	w := nn.NewParameter(torch.Ones([]int{2}))
	params := []*torch.Tensor{w}
	optimizer := optim.NewSGD(params, optim.SGDOptions{LR: 0.5, Momentum: 0.9})
	w.Sum().Backward()
	optimizer.Step()

	dict := optimizer.StateDict()
	fmt.Println(dict.ParamGroups[0]["lr"], torch.ToSlice[float32](dict.State[0]["momentum_buffer"].(*torch.Tensor)))

	resumed := optim.NewSGD(params, optim.SGDOptions{})
	fmt.Println(resumed.LoadStateDict(dict), resumed.ParamGroups[0].Options.Momentum)
	// Output:
	// 0.5 [1 1]
	// <nil> 0.9
}

func ExampleAveragedModel() {
	net := nn.NewLinear(1, 1, nn.LinearOptions{Bias: new(false)})
	average := optim.NewAveragedModel(nn.NewLinear(1, 1, nn.LinearOptions{Bias: new(false)}))
	for _, w := range []float64{1, 2, 6} {
		net.Weight.Data().FillInplace(w)
		average.UpdateParameters(net)
	}
	fmt.Println(average.Inner.Weight.Item(), average.StateDict().Names())
	// Output: 3 [n_averaged module.weight]
}

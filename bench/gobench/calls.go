package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

const (
	calls    = 50_000 // of a small operation in one timed run
	perScope = 100    // of them in one scope
	floats   = 1_000_000
)

func fours() (a, b *torch.Tensor) {
	return torch.Ones([]int{4, 4}), torch.Ones([]int{4, 4})
}

func addClose(quick bool) outcome {
	a, b := fours()
	return outcome{perCall(quick, calls, func(n int) {
		for range n {
			a.Add(b).Close()
		}
	}), a.Add(b).Sum().Item()}
}

func addScope(quick bool) outcome {
	a, b := fours()
	return outcome{perCall(quick, calls, func(n int) {
		for range n / perScope {
			torch.Scope(func() {
				for range perScope {
					a.Add(b) //nolint:gotorchvet // only its time counts
				}
			})
		}
	}), a.Add(b).Sum().Item()}
}

func addGC(quick bool) outcome {
	a, b := fours()
	return outcome{perCall(quick, calls, func(n int) {
		for range n {
			a.Add(b) //nolint:gotorchvet // only its time counts
		}
	}), a.Add(b).Sum().Item()}
}

func linear(quick bool) outcome {
	layer := nn.NewLinear(16, 16)
	x := torch.Ones([]int{1, 16})
	var o outcome
	torch.NoGrad(func() {
		o.seconds = perCall(quick, calls, func(n int) {
			for range n / perScope {
				torch.Scope(func() {
					for range perScope {
						layer.Forward(x)
					}
				})
			}
		})
		o.check = layer.Forward(x).Sum().Item()
	})
	return o
}

// net is the sample's, of any size.
type net struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

func newNet(in, hidden, out int) *net {
	return nn.Init(&net{FC1: nn.NewLinear(in, hidden), FC2: nn.NewLinear(hidden, out)})
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor {
	x = torch.Flatten(x, 1)
	x = torch.ReLU(n.FC1.Forward(x))
	return n.FC2.Forward(x)
}

func smallNet(quick bool) outcome {
	model := newNet(16, 32, 4)
	criterion := nn.NewCrossEntropyLoss()
	x := torch.Randn([]int{8, 16})
	y := torch.Randint(0, 4, []int{8})
	seconds := perCall(quick, calls/25, func(n int) {
		for range n {
			torch.Scope(func() {
				model.ZeroGrad()
				criterion.Forward(model.Forward(x), y).Backward()
			})
		}
	})
	return outcome{seconds, criterion.Forward(model.Forward(x), y).Item()}
}

func numbers() []float32 {
	data := make([]float32, floats)
	for i := range data {
		data[i] = float32(i % 1000)
	}
	return data
}

func fromSlice(quick bool) outcome {
	data := numbers()
	seconds := perCall(quick, 100, func(n int) {
		for range n {
			torch.FromSlice(data).Close()
		}
	})
	return outcome{seconds, torch.FromSlice(data).Mean().Item()}
}

func toSlice(quick bool) outcome {
	x := torch.FromSlice(numbers())
	var last float32
	seconds := perCall(quick, 100, func(n int) {
		for range n {
			data := torch.ToSlice[float32](x)
			last = data[len(data)-1]
		}
	})
	return outcome{seconds, float64(last)}
}

func copyToSlice(quick bool) outcome {
	x := torch.FromSlice(numbers())
	data := make([]float32, floats)
	seconds := perCall(quick, 100, func(n int) {
		for range n {
			torch.CopyToSlice(data, x)
		}
	})
	return outcome{seconds, float64(data[len(data)-1])}
}

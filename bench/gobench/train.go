package main

import (
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

const (
	examples  = 60_000
	features  = 28 * 28
	batchSize = 64
)

func trainingSet() (data, labels *torch.Tensor) {
	return torch.Randn([]int{examples, features}), torch.Randint(0, 10, []int{examples})
}

// fullBatch is the sample's training loop; within runs each step.
func fullBatch(quick bool, within func(func())) outcome {
	data, labels := trainingSet()
	model := newNet(features, 128, 10)
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(model.Parameters(), optim.SGDOptions{LR: 0.01})
	epochs := 10
	if quick {
		epochs = 2
	}
	var last float64
	start := time.Now()
	for range epochs {
		within(func() {
			optimizer.ZeroGrad()
			outputs := model.Forward(data)
			loss := criterion.Forward(outputs, labels)
			loss.Backward()
			optimizer.Step()
			last = loss.Item()
		})
	}
	return outcome{time.Since(start).Seconds(), last}
}

// epoch trains on all examples once, in shuffled batches; within runs each step.
func epoch(quick bool, within func(func())) outcome {
	data, labels := trainingSet()
	model := newNet(features, 128, 10)
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(model.Parameters(), optim.SGDOptions{LR: 0.01})
	n := examples
	if quick {
		n /= 4
	}
	var last float64
	start := time.Now()
	order := torch.Randperm(examples)
	for i := 0; i < n; i += batchSize {
		within(func() {
			batch := order.Narrow(0, i, min(batchSize, examples-i))
			optimizer.ZeroGrad()
			outputs := model.Forward(data.IndexSelect(0, batch))
			loss := criterion.Forward(outputs, labels.IndexSelect(0, batch))
			loss.Backward()
			optimizer.Step()
			if i+batchSize >= n {
				last = loss.Item()
			}
		})
	}
	return outcome{time.Since(start).Seconds(), last}
}

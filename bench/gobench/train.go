package main

import (
	"context"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
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
	t := newTrainer()
	epochs := 10
	if quick {
		epochs = 2
	}
	var last float64
	start := time.Now()
	for range epochs {
		within(func() {
			last = t.step(data, labels).Item()
		})
	}
	return outcome{time.Since(start).Seconds(), last}
}

// trainer is a network and what trains it.
type trainer struct {
	model     *net
	criterion *nn.CrossEntropyLoss
	optimizer *optim.SGD
}

func newTrainer() trainer {
	model := newNet(features, 128, 10)
	return trainer{model, nn.NewCrossEntropyLoss(), optim.NewSGD(model.Parameters(), optim.SGDOptions{LR: 0.01})}
}

// step trains on a batch and returns the loss.
func (t trainer) step(data, labels *torch.Tensor) *torch.Tensor {
	t.optimizer.ZeroGrad()
	outputs := t.model.Forward(data)
	loss := t.criterion.Forward(outputs, labels)
	loss.Backward()
	t.optimizer.Step()
	return loss
}

// epoch trains on all examples once, in shuffled batches; within runs each step.
func epoch(quick bool, within func(func())) outcome {
	data, labels := trainingSet()
	t := newTrainer()
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
			loss := t.step(data.IndexSelect(0, batch), labels.IndexSelect(0, batch))
			if i+batchSize >= n {
				last = loss.Item()
			}
		})
	}
	return outcome{time.Since(start).Seconds(), last}
}

// epochLoader is epoch with a DataLoader.
func epochLoader(quick bool) outcome {
	images, labels := trainingSet()
	if quick {
		images, labels = images.Narrow(0, 0, examples/4), labels.Narrow(0, 0, examples/4)
	}
	t := newTrainer()
	loader := data.NewDataLoader(data.NewTensorDataset(images, labels), data.DataLoaderOptions{BatchSize: new(batchSize), Shuffle: true})
	left := loader.Len()
	var last float64
	start := time.Now()
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			panic(err)
		}
		left--
		torch.Scope(func() {
			loss := t.step(batch[0], batch[1])
			if left == 0 {
				last = loss.Item()
			}
		})
	}
	return outcome{time.Since(start).Seconds(), last}
}

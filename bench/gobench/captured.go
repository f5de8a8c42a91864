package main

import (
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

type tensors = []*torch.Tensor

// captured captures f with inputs.
func captured(f func(in tensors) tensors, inputs ...*torch.Tensor) *graph.Captured {
	return must(graph.Capture(f, inputs, graph.CaptureOptions{Recapture: true}))
}

// must returns x, and ends the program if there was an error.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// smallNetCaptured is smallNet with its step captured.
func smallNetCaptured(quick bool) outcome {
	model := newNet(16, 32, 4)
	criterion := nn.NewCrossEntropyLoss()
	x := torch.Randn([]int{8, 16})
	y := torch.Randint(0, 4, []int{8})
	step := captured(func(in tensors) tensors {
		model.ZeroGrad()
		loss := criterion.Forward(model.Forward(in[0]), in[1])
		loss.Backward()
		return tensors{loss}
	}, x, y)
	seconds := perCall(quick, calls/25, func(n int) {
		for range n {
			step.Run(x, y)[0].Close()
		}
	})
	return outcome{seconds, step.Run(x, y)[0].Item()}
}

// epochCaptured is epoch with its step captured, gathering and all. The time has
// capturing in it, twice: the last batch is smaller.
func epochCaptured(quick bool) outcome {
	data, labels := trainingSet()
	t := newTrainer()
	n := examples
	if quick {
		n /= 4
	}
	var step *graph.Captured
	var last *torch.Tensor
	start := time.Now()
	order := torch.Randperm(examples)
	for i := 0; i < n; i += batchSize {
		last.Close()
		batch := order.Narrow(0, i, min(batchSize, examples-i))
		if step == nil {
			step = captured(func(in tensors) tensors {
				return tensors{t.step(data.IndexSelect(0, in[0]), labels.IndexSelect(0, in[0]))}
			}, batch)
			last = step.First[0]
		} else {
			last = step.Run(batch)[0]
		}
		batch.Close()
	}
	loss := last.Item()
	return outcome{time.Since(start).Seconds(), loss}
}

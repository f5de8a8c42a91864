package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

// verdict is what a network makes of a set.
type verdict struct {
	loss     float64 // the mean
	counts   metrics.Counts
	is, read []int // of each image, what it is and what it was taken for
}

// evaluate goes through a set without learning from it.
func evaluate(net network, set data.Sample, classes int) verdict {
	const size = 1000
	net.Eval()
	defer net.Train()
	confusion := metrics.NewConfusionMatrix(classes)
	v := verdict{is: torch.ToSlice[int](set.Target)}
	n := len(v.is)
	torch.NoGrad(func() {
		for start := 0; start < n; start += size {
			torch.Scope(func() {
				length := min(size, n-start)
				target := set.Target.Narrow(0, start, length)
				outputs := net.Forward(set.Data.Narrow(0, start, length))
				v.loss += functional.CrossEntropy(outputs, target).Item() * float64(length) / float64(n)
				_, predicted := torch.MaxDim(outputs, 1)
				confusion.Update(predicted, target)
				v.read = append(v.read, torch.ToSlice[int](predicted)...)
			})
		}
	})
	v.counts = confusion.Compute()
	return v
}

// misread is an image that was taken for what it is not.
type misread struct{ index, is, read int }

// wrong returns the first misread images.
func (v verdict) wrong(most int) (list []misread) {
	for i := range v.is {
		if v.is[i] != v.read[i] && len(list) < most {
			list = append(list, misread{i, v.is[i], v.read[i]})
		}
	}
	return list
}

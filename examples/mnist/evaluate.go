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
func (s *session) evaluate(set data.Sample, classes int) verdict {
	const size = 1000
	s.net.Eval()
	defer s.net.Train()
	confusion := metrics.NewConfusionMatrix(classes)
	v := verdict{is: torch.ToSlice[int](set.Target)}
	n := len(v.is)
	for start := 0; start < n; start += size {
		torch.Scope(func() {
			length := min(size, n-start)
			target := set.Target.Narrow(0, start, length)
			results := s.judging.run(set.Data.Narrow(0, start, length), target)
			v.loss += results[0].Item() * float64(length) / float64(n)
			confusion.Update(results[1], target)
			v.read = append(v.read, torch.ToSlice[int](results[1])...)
		})
	}
	v.counts = confusion.Compute()
	return v
}

// judge returns the loss for images and their labels, and what each is taken for.
func (s *session) judge(in []*torch.Tensor) []*torch.Tensor {
	return torch.NoGradValue(func() []*torch.Tensor {
		outputs := s.net.Forward(in[0])
		_, predicted := torch.MaxDim(outputs, 1)
		return []*torch.Tensor{functional.CrossEntropy(outputs, in[1]), predicted}
	})
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

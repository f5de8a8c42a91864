package distributed_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed/nn/functional"
)

// checkGradients takes gradients through collectives: the loss of a rank is the sum of what
// it gets, each element times the rank + 1.
func checkGradients(t *testing.T, rank, size int) {
	n, sum := float32(size), float32(size*(size+1))/2
	leaf := func(values ...float32) *torch.Tensor {
		x := floats(values...)
		x.SetRequiresGrad(true)
		return x
	}
	backward := func(list ...*torch.Tensor) {
		torch.Cat(list, 0).Mul(float64(rank + 1)).Sum().Backward()
	}
	own := float32(rank)
	leaves := func() (list []*torch.Tensor) {
		for i := range size {
			list = append(list, leaf(10*own+float32(i)))
		}
		return list
	}

	x := leaf(own, own)
	y := functional.AllReduce(x)
	assert.Equal(t, n*(n-1)/2, slice(y)[1])
	backward(y)
	assert.Equal(t, []float32{sum, sum}, slice(x.Grad()))
	assert.Equal(t, []float32{own, own}, slice(x), "as it was")

	x = leaf(own)
	y = functional.Broadcast(x, 1)
	assert.Equal(t, []float32{1}, slice(y))
	backward(y)
	if rank == 1 {
		assert.Equal(t, []float32{sum}, slice(x.Grad()))
	} else {
		assert.Equal(t, []float32{0}, slice(x.Grad()))
	}

	x = leaf(own)
	backward(functional.Reduce(x, 1))
	assert.Equal(t, []float32{2}, slice(x.Grad()))

	x = leaf(own)
	all := functional.AllGather(x)
	assert.Equal(t, []float32{1}, slice(all[1]))
	backward(all...)
	assert.Equal(t, []float32{sum}, slice(x.Grad()))

	x = leaf(own)
	all = functional.Gather(x, 0)
	if rank == 0 {
		assert.Equal(t, []float32{n - 1}, slice(all[size-1]))
	}
	backward(all...)
	assert.Equal(t, []float32{1}, slice(x.Grad()))

	list := leaves()
	y = functional.Scatter(list, 0)
	assert.Equal(t, []float32{own}, slice(y))
	backward(y)
	for i, x := range list {
		want := float32(0)
		if rank == 0 {
			want = float32(i + 1)
		}
		assert.Equal(t, []float32{want}, slice(x.Grad()))
	}

	list = leaves()
	y = functional.ReduceScatter(list)
	assert.Equal(t, []float32{n*own + 10*n*(n-1)/2}, slice(y))
	backward(y)
	for i, x := range list {
		assert.Equal(t, []float32{float32(i + 1)}, slice(x.Grad()))
	}

	list = leaves()
	all = functional.AllToAll(list)
	assert.Equal(t, []float32{10 + own}, slice(all[1]))
	backward(all...)
	for i, x := range list {
		assert.Equal(t, []float32{float32(i + 1)}, slice(x.Grad()))
	}

	// Rank r sends i + 1 rows to rank i, and so gets r + 1 of each.
	var sent, received []int
	for i := range size {
		sent, received = append(sent, i+1), append(received, rank+1)
	}
	rows := size * (size + 1) / 2
	x = torch.Full([]int{rows, 2}, float64(rank)).SetRequiresGrad(true)
	y = functional.AllToAllSingle(x, functional.AllToAllSingleOptions{InputSplitSizes: sent, OutputSplitSizes: received})
	assert.Equal(t, []int{size * (rank + 1), 2}, y.Shape())
	assert.Equal(t, float32(size-1), slice(y.Flatten())[2*size*(rank+1)-1])
	backward(y)
	for i, row := range x.Grad().SplitWithSizes(sent, 0) {
		assert.Equal(t, float32(i+1), slice(row.Flatten())[0])
	}
}

// checkSecondDerivatives takes gradients of gradients through collectives. They are linear,
// so for a loss that is half the weighted sum of squares of what all ranks get, they do not
// depend on x, and are the gradients where all of x is 1.
func checkSecondDerivatives(t *testing.T, rank, size int) {
	one := func(f func(x *torch.Tensor) *torch.Tensor) func(x []*torch.Tensor) []*torch.Tensor {
		return func(x []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(x[0])} }
	}
	for _, c := range []struct {
		name string
		n    int // of tensors
		f    func(x []*torch.Tensor) []*torch.Tensor
	}{
		{"AllReduce", 1, one(func(x *torch.Tensor) *torch.Tensor { return functional.AllReduce(x) })},
		{"Broadcast", 1, one(func(x *torch.Tensor) *torch.Tensor { return functional.Broadcast(x, 1) })},
		{"Reduce", 1, one(func(x *torch.Tensor) *torch.Tensor { return functional.Reduce(x, 1) })},
		{"AllGather", 1, func(x []*torch.Tensor) []*torch.Tensor { return functional.AllGather(x[0]) }},
		{"Gather", 1, func(x []*torch.Tensor) []*torch.Tensor { return functional.Gather(x[0], 0) }},
		{"Scatter", size, func(x []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{functional.Scatter(x, 0)} }},
		{"ReduceScatter", size, func(x []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{functional.ReduceScatter(x)} }},
		{"AllToAll", size, func(x []*torch.Tensor) []*torch.Tensor { return functional.AllToAll(x) }},
		{"AllToAllSingle", size, func(x []*torch.Tensor) []*torch.Tensor {
			return []*torch.Tensor{functional.AllToAllSingle(torch.Cat(x, 0))}
		}},
	} {
		gradients := func(value func(i int) float32) (x, g []*torch.Tensor) {
			for i := range c.n {
				x = append(x, floats(value(i)).SetRequiresGrad(true))
			}
			y := torch.Cat(c.f(x), 0)
			loss := y.Mul(y).Sum().Mul(float64(rank+1) / 2)
			return x, autograd.Grad([]*torch.Tensor{loss}, x, autograd.GradOptions{CreateGraph: true})
		}
		_, want := gradients(func(int) float32 { return 1 })
		x, g := gradients(func(i int) float32 { return float32(10*rank + i) })
		got := autograd.Grad([]*torch.Tensor{torch.Cat(g, 0).Sum()}, x)
		assert.Equal(t, slice(torch.Cat(want, 0)), slice(torch.Cat(got, 0)), c.name)
		if c.name == "AllReduce" {
			n := float32(size)
			assert.Equal(t, []float32{n * n * (n + 1) / 2}, slice(got[0]))
		}
	}
}

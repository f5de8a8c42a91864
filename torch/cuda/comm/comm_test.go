package comm_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/cuda/comm"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

var (
	two   = []torch.Device{torch.CPU, torch.CPU}
	three = append(two, torch.CPU)
)

func numbers(list []*torch.Tensor) (all [][]float32) {
	for _, x := range list {
		all = append(all, torch.ToSlice[float32](x))
	}
	return all
}

func TestBroadcast(t *testing.T) {
	x := torch.NewTensor([]float32{1, 2})
	copies := comm.Broadcast(x, two)
	assert.Len(t, copies, 2)
	assert.True(t, torch.Equal(x, copies[1]))
	both := comm.BroadcastCoalesced([]*torch.Tensor{x, x.Add(1)}, three)
	assert.Len(t, both, 3)
	assert.Equal(t, [][]float32{{1, 2}, {2, 3}}, numbers(both[2]))

	// Gradients flow back.
	y := torch.NewTensor([]float32{1}).SetRequiresGrad(true)
	comm.ReduceAdd(comm.Broadcast(y, three)).Backward()
	assert.Equal(t, 3.0, y.Grad().Item())
}

func TestReduceAdd(t *testing.T) {
	a, b := torch.NewTensor([]float32{1, 2}), torch.NewTensor([]float32{3, 4})
	assert.Same(t, a, comm.ReduceAdd([]*torch.Tensor{a}))
	assert.Equal(t, []float32{7, 10}, torch.ToSlice[float32](comm.ReduceAdd([]*torch.Tensor{a, b, b}, comm.ReduceOptions{Destination: torch.CPU})))
	assert.Equal(t, [][]float32{{4, 6}, {2, 4}}, numbers(comm.ReduceAddCoalesced([][]*torch.Tensor{{a, a}, {b, a}})))
	assert.Equal(t, []float32{1, 2}, torch.ToSlice[float32](a), "as it was")
}

func TestScatterAndGather(t *testing.T) {
	x := torch.Arange(0.0, 10, 1).View(2, 5)
	parts := comm.Scatter(x, two, comm.ScatterOptions{Dim: 1})
	assert.Equal(t, [][]float32{{0, 1, 2, 5, 6, 7}, {3, 4, 8, 9}}, numbers(parts))
	assert.True(t, torch.Equal(x, comm.Gather(parts, comm.GatherOptions{Dim: 1, Destination: torch.CPU})))
	parts = comm.Scatter(x, two, comm.ScatterOptions{Dim: 1, ChunkSizes: []int{1, 4}})
	assert.Equal(t, []float32{0, 5}, torch.ToSlice[float32](parts[0]))
	assert.Len(t, comm.Scatter(x, three), 2, "there are no more rows")
	assert.Equal(t, []int{4, 5}, comm.Gather(comm.Broadcast(x, two)).Shape())
}

func TestRefused(t *testing.T) {
	a, b := torch.Ones([]int{1}), torch.Ones([]int{2})
	list := []*torch.Tensor{a}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no devices":          {Call: func() { comm.Broadcast(a, nil) }, Kind: torch.ValueError, Words: "at least one device to broadcast to"},
		"no devices of parts": {Call: func() { comm.Scatter(a, nil) }, Kind: torch.ValueError, Words: "at least one device to scatter to"},
		"nothing to add":      {Call: func() { comm.ReduceAdd(nil) }, Kind: torch.ValueError, Words: "at least one tensor to add"},
		"no lists":            {Call: func() { comm.ReduceAddCoalesced(nil) }, Kind: torch.ValueError, Words: "at least one device's tensors"},
		"nothing to join":     {Call: func() { comm.Gather(nil) }, Kind: torch.ValueError, Words: "at least one tensor to gather from"},
		"sizes":               {Call: func() { comm.ReduceAdd([]*torch.Tensor{a, b}) }, Kind: torch.ValueError, Words: "input 1 has invalid size: got [2], but expected [1]"},
		"lists":               {Call: func() { comm.ReduceAddCoalesced([][]*torch.Tensor{list, nil}) }, Kind: torch.ValueError, Words: "device 1 has 0 tensors, but the first one has 1"},
		"another device":      {Call: func() { comm.ReduceAdd(list, comm.ReduceOptions{Destination: torch.Meta}) }, Kind: torch.RuntimeError, Words: "on the same GPU with one of the tensors"},
		"chunks": {Call: func() { comm.Scatter(b, two, comm.ScatterOptions{ChunkSizes: []int{2}}) }, Kind: torch.ValueError,
			Words: "got len(devices) = 2 and len(chunk_sizes) = 1"},
		"streams": {Call: func() { comm.Scatter(b, two, comm.ScatterOptions{Streams: []accelerator.Stream{}}) }, Kind: torch.ValueError, Words: "a stream for each of 2 parts, but got 0"},
	})
}

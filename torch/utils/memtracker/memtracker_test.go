package memtracker_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/utils/memtracker"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// MLP is a network of two layers.
type MLP struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

func (m *MLP) Forward(x *torch.Tensor) *torch.Tensor {
	return m.Run(x, func(x *torch.Tensor) *torch.Tensor { return m.FC2.Forward(m.FC1.Forward(x).ReLU()) })
}

func newMLP() *MLP { return nn.Init(&MLP{FC1: nn.NewLinear(10, 20), FC2: nn.NewLinear(20, 5)}) }

// What is freed does not count, and memory that tensors share counts once.
func TestPeak(t *testing.T) {
	tracker := memtracker.New()
	tracker.Track(func() {
		x := torch.Ones([]int{100}) // 400 bytes
		y := x.Add(1)               // 800
		x.Close()
		torch.Scope(func() { y.View(10, 10).T() })
		z := y.Mul(2) // 800
		y.Close()
		torch.Zeros([]int{10}) // 440
		_ = z.Shape()
	})
	peak := tracker.Peak()
	assert.Equal(t, 800, peak.Total)
	assert.Equal(t, map[memtracker.Kind]int{memtracker.Activation: 800}, peak.Kinds())
	tracker.Track(func() { torch.NoGrad(func() { torch.Ones([]int{3}, torch.TensorOptions{DType: torch.Float64}) }) })
	assert.Equal(t, map[string]map[memtracker.Kind]int{"Global": {memtracker.Other: 24}}, tracker.Peak().Modules)
	assert.ErrorContains(t, torch.Try(func() { tracker.Track(nil) }), "memtracker.Tracker.Track: the function must not be nil")
}

func TestKinds(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 does not say when a gradient is there")
	}
	net := nn.Init(&struct {
		nn.Module
		FC   *nn.Linear
		Norm *nn.BatchNorm1d
	}{FC: nn.NewLinear(10, 20), Norm: nn.NewBatchNorm1d(20)})
	tracker := memtracker.New(memtracker.Options{Modules: []nn.AnyModule{net.FC, net.Norm}})
	x := torch.Ones([]int{8, 10})
	tracker.Track(func() { net.Norm.Forward(net.FC.Forward(x)).Sum().Backward() })
	kinds := tracker.Peak().Kinds()
	assert.Equal(t, 4*(10*20+20+2*20), kinds[memtracker.Parameter])
	assert.Equal(t, 4*2*20+8, kinds[memtracker.Buffer])
	assert.GreaterOrEqual(t, kinds[memtracker.Activation], 2*4*8*20, "both layers' results")

	grads := 0
	tracker.Track(func() { // now the gradients are there from the beginning
		net.FC.Forward(x)
	})
	for _, p := range append(net.FC.Parameters(), net.Norm.Parameters()...) {
		grads += p.Grad().NBytes()
	}
	assert.Equal(t, grads, tracker.Peak().Kinds()[memtracker.Gradient])
	assert.Equal(t, 4*8*20, tracker.Peak().Modules["Linear"][memtracker.Activation])
}

func ExampleTracker() {
	net, x := newMLP(), torch.Ones([]int{64, 10})
	tracker := memtracker.New(memtracker.Options{Modules: []nn.AnyModule{net}})
	tracker.Track(func() { net.Forward(x).Sum() })
	fmt.Println(tracker.Peak().Table())
	// Output:
	// Module      Parameter        Buffer      Gradient    Activation         Other         Total
	// Global              0             0             0             4             0             4
	// MLP                 0             0             0          5120             0          5120
	// MLP.fc1           880             0             0          5120             0          6000
	// MLP.fc2           420             0             0          1280             0          1700
	// Total            1300             0             0         11524             0         12824
}

package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Digits is a network whose cost is well known: that of PyTorch's MNIST example.
type Digits struct {
	nn.Module
	Conv1, Conv2 *nn.Conv2d
	Drop         *nn.Dropout2d
	Head         *nn.Sequential
}

func newDigits() *Digits {
	return nn.Init(&Digits{
		Conv1: nn.NewConv2d(1, 10, 5), Conv2: nn.NewConv2d(10, 20, 5), Drop: nn.NewDropout2d(),
		Head: nn.NewSequential(nn.NewLinear(320, 50), nn.NewReLU(), nn.NewLinear(50, 10)),
	})
}

// Forward returns the scores of images.
func (net *Digits) Forward(x *torch.Tensor) *torch.Tensor {
	pool := nn.NewMaxPool2d(2)
	x = pool.Forward(net.Conv1.Forward(x)).ReLU()
	x = pool.Forward(net.Drop.Forward(net.Conv2.Forward(x))).ReLU()
	return net.Head.Forward(torch.Flatten(x, 1))
}

func TestSummary(t *testing.T) {
	net := newDigits()
	net.Conv1.Weight.SetRequiresGrad(false)
	net.Head.Eval()
	s := nn.Summary(net, torch.Zeros([]int{16, 1, 28, 28}))
	assert.Equal(t, 21840, s.Params)
	assert.Equal(t, 21840, nn.ParamCount(net))
	assert.Equal(t, 21840-250, s.Trainable)
	assert.Equal(t, 7_688_000, s.MACs)
	want := []nn.SummaryRow{
		{Type: "Digits", Output: []int{16, 10}},
		{Name: "conv1", Type: "Conv2d", Depth: 1, Output: []int{16, 10, 24, 24}, Params: 260, MACs: 16 * 250 * 576},
		{Name: "conv2", Type: "Conv2d", Depth: 1, Output: []int{16, 20, 8, 8}, Params: 5020, MACs: 16 * 5000 * 64},
		{Name: "drop", Type: "Dropout2d", Depth: 1, Output: []int{16, 20, 8, 8}},
		{Name: "head", Type: "Sequential", Depth: 1, Output: []int{16, 10}},
		{Name: "0", Type: "Linear", Depth: 2, Output: []int{16, 50}, Params: 16050, MACs: 16 * 16000},
		{Name: "1", Type: "ReLU", Depth: 2, Output: []int{16, 50}},
		{Name: "2", Type: "Linear", Depth: 2, Output: []int{16, 10}, Params: 510, MACs: 16 * 500},
	}
	assert.Len(t, s.Rows, len(want))
	for i, row := range s.Rows {
		assert.Equal(t, []any{want[i].Name, want[i].Type, want[i].Depth, want[i].Output, want[i].Params, want[i].MACs},
			[]any{row.Name, row.Type, row.Depth, row.Output, row.Params, row.MACs})
	}
	assert.True(t, net.IsTraining() && net.Drop.IsTraining(), "the modes are as before")
	assert.False(t, net.Head.IsTraining())
}

func TestMultiplications(t *testing.T) {
	macs := func(m nn.AnyModule, call func()) int { return nn.SummaryOf(m, call).MACs }
	zeros := func(size ...int) *torch.Tensor { return torch.Zeros(size) }
	grouped := nn.NewConv2d(4, 6, 3, nn.Conv2dOptions{Groups: new(2), Padding: 1})
	assert.Equal(t, 2*6*5*5*2*9, macs(grouped, func() { grouped.Forward(zeros(2, 4, 5, 5)) }))
	transposed := nn.NewConvTranspose1d(4, 6, 3, nn.ConvTranspose1dOptions{Stride: 2})
	assert.Equal(t, 2*4*7*6*3, macs(transposed, func() { transposed.Forward(zeros(2, 4, 7)) }))
	lstm := nn.NewLSTM(3, 5, nn.LSTMOptions{NumLayers: new(2)})
	assert.Equal(t, 7*2*4*5*(3+5+5+5), macs(lstm, func() { lstm.Forward(zeros(7, 2, 3), nil) }))
	cell := nn.NewGRUCell(3, 5)
	assert.Equal(t, 2*3*5*(3+5), macs(cell, func() { cell.Forward(zeros(2, 3), nil) }))
	bilinear := nn.NewBilinear(3, 4, 5)
	assert.Equal(t, 2*3*4*5, macs(bilinear, func() { bilinear.Forward(zeros(2, 3), zeros(2, 4)) }))
	attention := nn.NewMultiheadAttention(8, 2, nn.MultiheadAttentionOptions{BatchFirst: true})
	attend := func() { attention.Forward(zeros(2, 3, 8), zeros(2, 5, 8), zeros(2, 5, 8)) }
	assert.Equal(t, 2*(2*3*64+2*5*64+2*3*5*8), macs(attention, attend))
	shared := nn.NewLinear(4, 4)
	twice := nn.NewSequential(shared, nn.NewReLU(), shared)
	assert.Equal(t, 2*16, macs(twice, func() { twice.Forward(zeros(1, 4)) }), "each call counts")
	assert.Equal(t, 20, nn.ParamCount(twice), "each parameter counts once")
}

func TestSummaryLeavesNoHooks(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(2, 2))
	assert.Panics(t, func() { nn.Summary(net, torch.Zeros([]int{1, 3})) })
	assert.True(t, net.IsTraining())
	x := torch.Zeros([]int{1, 2})
	called := 0
	net.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
		called++
		return nil
	})
	nn.Summary(net, x)
	net.Forward(x)
	assert.Equal(t, 2, called, "hooks that were there stay")
}

func ExampleSummary() {
	fmt.Println(nn.Summary(newDigits(), torch.Zeros([]int{1, 1, 28, 28})))
	// Output:
	// Layer                Output shape     Parameters  Mult-adds
	// ───────────────────────────────────────────────────────────
	// Digits               [1, 10]                   -          -
	// ├─ conv1: Conv2d     [1, 10, 24, 24]         260    144,000
	// ├─ conv2: Conv2d     [1, 20, 8, 8]         5,020    320,000
	// ├─ drop: Dropout2d   [1, 20, 8, 8]             -          -
	// └─ head: Sequential  [1, 10]                   -          -
	//    ├─ 0: Linear      [1, 50]              16,050     16,000
	//    ├─ 1: ReLU        [1, 50]                   -          -
	//    └─ 2: Linear      [1, 10]                 510        500
	// ───────────────────────────────────────────────────────────
	// Parameters: 21,840, trainable: 21,840
	// Mult-adds: 480,500
}

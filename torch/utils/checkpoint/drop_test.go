package checkpoint_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// live is how many tensors Go has open.
var live = torch.Internal.Export(&internal.NotForPublicUse{}).LiveTensors

// What a checkpoint keeps is let go with the graph: not when the garbage collector comes,
// and not while a backward pass may come again.
func TestKeptIsLetGo(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(4, 4), nn.NewTanh(), nn.NewLinear(4, 4))
	both := func(x *torch.Tensor) *torch.Tensor { return checkpoint.Checkpoint(net.Forward)(net.Forward(x)) }
	for name, f := range map[string]func(x *torch.Tensor) *torch.Tensor{
		"plain":     checkpoint.Checkpoint(net.Forward),
		"nested":    checkpoint.Checkpoint(both),
		"selective": checkpoint.Checkpoint(net.Forward, checkpoint.Options{Policy: func(*torch.DispatchCall, []any) checkpoint.Decision { return checkpoint.MustSave }}),
		"nothing":   checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor { return x.Add(1) }),
	} {
		x := torch.Ones([]int{2, 4}, torch.TensorOptions{RequiresGrad: true})
		torch.Scope(func() { f(x).Sum().Backward() }) // makes the gradients
		before := live()
		torch.Scope(func() {
			y := f(x).Sum()
			if name != "selective" { // which is for one backward pass
				y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
				cgotorch.Funcs()
			}
			y.Backward()
		})
		cgotorch.Funcs() // finds out what libtorch has dropped
		assert.Equal(t, before, live(), name)
		x.Close()
	}
}

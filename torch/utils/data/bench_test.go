package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// BenchmarkEpoch goes through 60,000 images in 938 shuffled batches of 64: only
// loading them, or training a net of two linear layers on them too.
func BenchmarkEpoch(b *testing.B) {
	torch.ManualSeed(0)
	dataset := data.NewTensorDataset(torch.Randn([]int{60000, 784}), torch.Randint(0, 10, []int{60000}))
	for name, options := range map[string]data.DataLoaderOptions{
		"inline":    {BatchSize: new(64), Shuffle: true},
		"2 workers": {BatchSize: new(64), Shuffle: true, NumWorkers: 2},
	} {
		loader := data.NewDataLoader(dataset, options)
		b.Run("load/"+name, func(b *testing.B) {
			epochs(b, loader, func(x, y *torch.Tensor) {})
		})
		b.Run("train/"+name, func(b *testing.B) {
			net := nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
			criterion := nn.NewCrossEntropyLoss()
			optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.01})
			step := func(x, y *torch.Tensor) {
				optimizer.ZeroGrad()
				criterion.Forward(net.Forward(x), y).Backward()
				optimizer.Step()
			}
			b.Run("scope", func(b *testing.B) {
				epochs(b, loader, func(x, y *torch.Tensor) { torch.Scope(func() { step(x, y) }) })
			})
			b.Run("collector", func(b *testing.B) { epochs(b, loader, step) })
		})
	}
}

func epochs(b *testing.B, loader *data.DataLoader[[]*torch.Tensor], body func(x, y *torch.Tensor)) {
	for b.Loop() {
		for batch, err := range loader.All(b.Context()) {
			require.NoError(b, err)
			body(batch[0], batch[1])
		}
	}
}

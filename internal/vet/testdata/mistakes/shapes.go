package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

const width = 128

func sequences() {
	nn.NewSequential(nn.NewLinear(784, width), nn.NewReLU(), nn.NewLinear(64, 10))                             // want "nn.Linear takes 64 features, and what comes before it, nn.Linear, gives 128 features"
	nn.NewSequential(nn.NewConv2d(1, 8, 3), nn.NewBatchNorm2d(16), nn.NewReLU())                               // want "nn.BatchNorm2d takes 16 channels.*gives 8 channels"
	nn.NewSequential(nn.NewConv2d(1, 8, 3), nn.NewMaxPool2d(2), nn.NewConv2d(4, 8, 3))                         // want "nn.Conv2d takes 4 channels"
	nn.NewSequential(nn.NewConv2d(1, 8, 3), nn.NewFlatten(), nn.NewLinear(100, 10))                            // want "nn.Linear takes 100 features.*a multiple of 8 features"
	nn.NewSequential(nn.NewEmbedding(100, 32), nn.NewLayerNorm(64))                                            // want "nn.LayerNorm takes 64 features"
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewSequential(nn.NewTanh(), nn.NewLinear(4, 2)), nn.NewIdentity()) // want "nn.Linear takes 4 features.*gives 8"
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewBatchNorm1d(4))                                                 // want "nn.BatchNorm1d takes 4 features"
}

type misfit struct {
	nn.Module
	Conv     *nn.Conv2d
	FC1, FC2 *nn.Linear
	Head     *nn.Sequential
}

func newMisfit() *misfit {
	return nn.Init(&misfit{Conv: nn.NewConv2d(3, 6, 5), FC1: nn.NewLinear(100, 120), FC2: nn.NewLinear(84, 10),
		Head: nn.NewSequential(nn.NewReLU(), nn.NewLinear(20, 2))})
}

func (m *misfit) Forward(x *torch.Tensor) *torch.Tensor {
	x = torch.ReLU(m.Conv.Forward(x))
	x = torch.Flatten(x, 1)
	x = F.ReLU(m.FC1.Forward(x)) // want "nn.Linear takes 100 features.*a multiple of 6 features"
	x = m.FC2.Forward(x)         // want "nn.Linear takes 84 features.*gives 120 features"
	return m.Head.Forward(x)     // want "nn.Linear takes 20 features.*gives 10 features"
}

// Package digits has the network that reads handwritten digits, and what prepares
// images for it, for the examples that train and serve it.
package digits

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// CNN is two convolutions, each with ReLU and pooling, and two linear layers with
// dropout between them.
type CNN struct {
	nn.Module
	Conv1, Conv2 *nn.Conv2d
	FC1, FC2     *nn.Linear
}

// NewCNN returns a network with random parameters.
func NewCNN() *CNN {
	same := nn.ConvOptions{Padding: 1}
	return nn.Init(&CNN{
		Conv1: nn.NewConv2d(1, 16, 3, same), Conv2: nn.NewConv2d(16, 32, 3, same),
		FC1: nn.NewLinear(32*7*7, 128), FC2: nn.NewLinear(128, 10),
	})
}

// Forward returns the scores of the ten classes, n × 10, of n images.
func (net *CNN) Forward(x *torch.Tensor) *torch.Tensor {
	x = functional.MaxPool2d(torch.ReLU(net.Conv1.Forward(x)), []int{2, 2})
	x = functional.MaxPool2d(torch.ReLU(net.Conv2.Forward(x)), []int{2, 2})
	x = torch.ReLU(net.FC1.Forward(torch.Flatten(x, 1)))
	x = functional.Dropout(x, functional.DropoutOptions{P: new(0.5), Training: new(net.IsTraining())})
	return net.FC2.Forward(x)
}

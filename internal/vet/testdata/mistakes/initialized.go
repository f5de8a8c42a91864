package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

type net struct {
	nn.Module
	FC *nn.Linear
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor { return n.FC.Forward(x) }

type outer struct {
	nn.Module
	Inner *net
}

func newNet() *net {
	return &net{FC: nn.NewLinear(1, 2)} // want `net is made without nn.Init.*nn.Init\(&net{...}\)`
}

func make1(x *torch.Tensor) {
	n := &net{FC: nn.NewLinear(1, 2)} // want "net is made without nn.Init"
	n.Forward(x)
	m := new(net) // want "net is made without nn.Init"
	m.Forward(x)
	v := net{FC: nn.NewLinear(1, 2)} // want "net is made without nn.Init"
	v.Forward(x)
	nn.Init(&outer{Inner: &net{}}) // want "net is made without nn.Init"
	l := &nn.Linear{InFeatures: 1} // want "nn.Linear is made without nn.Init: make it with nn.NewLinear"
	l.Forward(x)
	nn.NewSequential(&net{}) // want "net is made without nn.Init"
}

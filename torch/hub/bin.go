package hub

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// bin is a file of torch.save that holds a state dict. What its tensors are is known
// without reading them; they are read all at once when one is asked for.
type bin struct {
	path    string
	shapes  nn.StateDict // on Meta
	tensors nn.StateDict // nil before one is asked for
}

func openBin(path string) (shard, error) {
	shapes, err := torch.LoadAs[nn.StateDict](path, torch.LoadOptions{MapLocation: torch.Meta})
	return &bin{path: path, shapes: shapes}, err
}

func (b *bin) Names() []string { return b.shapes.Names() }

func (b *bin) Describe(name string) (torch.DType, []int, error) {
	x := b.shapes.Get(name)
	if x == nil {
		return 0, nil, fmt.Errorf("%s has no tensor %q", b.path, brief.Text(name))
	}
	return x.DType(), x.Shape(), nil
}

func (b *bin) Tensor(name string) (*torch.Tensor, error) {
	if b.tensors == nil {
		tensors, err := torch.LoadAs[nn.StateDict](b.path, torch.LoadOptions{MapLocation: torch.CPU})
		if err != nil {
			return nil, err
		}
		b.tensors = tensors
	}
	return b.tensors.Tensor(name)
}

func (b *bin) Close() error {
	for _, list := range []nn.StateDict{b.shapes, b.tensors} {
		for _, n := range list {
			n.Tensor.Close()
		}
	}
	b.shapes, b.tensors = nil, nil
	return nil
}

package hub

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// bin is a file of torch.save that holds a state dict. It is mapped; if it is of the format
// before PyTorch 1.6, which cannot be, it is read as a whole when a tensor is asked for.
type bin struct {
	path    string
	shapes  nn.StateDict // what its tensors are
	tensors nn.StateDict // nil before one is asked for
}

func openBin(path string) (shard, error) {
	mapped, err := torch.LoadAs[nn.StateDict](path, torch.LoadOptions{MapLocation: torch.CPU, MMap: true})
	if err == nil {
		return &bin{path: path, shapes: mapped, tensors: mapped}, nil
	}
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

package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// TensorSource is where [LoadInto] finds tensors by name: a [StateDict], or an open file
// of packages safetensors, gguf, npy and hub.
//
// A source that knows what its tensors are without reading them says so by a method
//
//	Describe(name string) (dtype torch.DType, shape []int, err error)
//
// Of other sources LoadInto asks for each tensor twice: first for its shape.
type TensorSource interface {
	// Names returns the names of all tensors, best in the order in which they are read
	// fastest.
	Names() []string
	// Tensor returns the tensor of a name, which the caller closes.
	Tensor(name string) (*torch.Tensor, error)
}

// Tensor returns the tensor of a name with a handle of its own, sharing its memory, which
// the caller closes: a dict is a [TensorSource]. It fails if there is none, or if it is nil
// or closed.
func (d StateDict) Tensor(name string) (*torch.Tensor, error) {
	x := d.Get(name)
	if x == nil || x.IsClosed() {
		return nil, fmt.Errorf("the state dict has no tensor %q, or one that is nil or closed", brief.Text(name))
	}
	return x.Detach(), nil
}

// describe returns the dtype and the shape of a source's tensor.
func describe(source TensorSource, name string) (torch.DType, []int, error) {
	if s, ok := source.(interface {
		Describe(name string) (torch.DType, []int, error)
	}); ok {
		return s.Describe(name)
	}
	x, err := open(source, name)
	if err != nil {
		return 0, nil, err
	}
	defer x.Close()
	return x.DType(), x.Shape(), nil
}

// open returns a source's tensor, which is one, or an error.
func open(source TensorSource, name string) (x *torch.Tensor, err error) {
	if e := torch.Try(func() { x, err = source.Tensor(name) }); e != nil {
		err = e
	}
	if err == nil && (x == nil || x.IsClosed()) {
		err = fmt.Errorf("the source gives a tensor that is nil or closed for %q", brief.Text(name))
	}
	return x, err
}

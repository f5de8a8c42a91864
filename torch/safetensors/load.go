package safetensors

import (
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// LoadOptions are the options of [Load].
type LoadOptions struct {
	Device torch.Device // where the tensors are put; default: the CPU
}

// Load returns all tensors of a file, in the order of their elements in it: what a
// module's LoadStateDict takes. On the CPU they are as those of [File.Tensor], in the
// mapped file, so nothing is read before it is looked at. It fails where [Open] does, on
// a tensor whose dtype torch lacks, and on a device that is not there.
//
//	dict, err := safetensors.Load("model.safetensors")
//	...
//	_, err = net.LoadStateDict(dict)
//
// https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.load_file
func Load(path string, options ...LoadOptions) (nn.StateDict, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return load(f.header.Names, f.Tensor, o)
}

// LoadFrom is [Load] from a reader of size bytes, such as a bytes.Reader. The tensors have
// memory of their own.
//
// https://huggingface.co/docs/safetensors/api/torch#safetensors.torch.load
func LoadFrom(r io.ReaderAt, size int64, options ...LoadOptions) (nn.StateDict, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, errors.New("safetensors.LoadFrom: the reader is nil")
	}
	h, err := readHeader(r, size)
	if err != nil {
		return nil, fmt.Errorf("safetensors.LoadFrom: %w", err)
	}
	return load(h.Names, func(name string) (*torch.Tensor, error) {
		info, _ := h.info(name)
		x, err := info.read(r)
		if err != nil {
			return nil, fmt.Errorf("safetensors.LoadFrom: tensor %q: %w", brief.Text(name), err)
		}
		return x, nil
	}, o)
}

// read reads a tensor into memory of its own.
func (i Info) read(r io.ReaderAt) (x *torch.Tensor, err error) {
	if err := i.readable(); err != nil {
		return nil, err
	}
	if _, err := mapped.Size(i.DType, i.Shape); err != nil {
		return nil, err
	}
	err = torch.Try(func() { x = torch.Empty(i.Shape, torch.TensorOptions{DType: i.DType, Device: torch.CPU}) })
	if err != nil || i.Bytes == 0 {
		return x, err
	}
	memory := torch.Internal.Export(nil).Memory(x)[:i.Bytes]
	if n, err := r.ReadAt(memory, int64(i.offset)); n < len(memory) {
		x.Close()
		return nil, err
	}
	return x, nil
}

// load makes a state dict of named tensors. On an error none is left.
func load(names []string, tensor func(name string) (*torch.Tensor, error), o LoadOptions) (nn.StateDict, error) {
	dict := make(nn.StateDict, 0, len(names))
	for _, name := range names {
		x, err := tensor(name)
		if err == nil && o.Device != (torch.Device{}) && o.Device != torch.CPU {
			host := x
			err = torch.Try(func() { x = host.To(o.Device) })
			host.Close()
		}
		if err != nil {
			for _, n := range dict {
				n.Tensor.Close()
			}
			return nil, err
		}
		dict = append(dict, nn.NamedTensor{Name: name, Tensor: x})
	}
	return dict, nil
}

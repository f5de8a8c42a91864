// Package gguf reads GGUF files, in which llama.cpp and its kin keep language models: the
// tensors, quantized ones too, the metadata and the tokenizer.
//
// A file is mapped, so it opens in milliseconds whatever its size, and what is read of it
// is what is asked for:
//
//	file, err := gguf.Open("SmolLM2-135M-Instruct.Q4_1.gguf")
//	if err != nil {
//		return err
//	}
//	defer file.Close()
//	weight, err := file.Tensor("blk.0.attn_q.weight") // float32, whatever it is stored as
//
// [NewLlama] gives the tensors of a Llama the names that PyTorch's has on Hugging Face.
// Versions 2 and 3 of the format are read, in little-endian order.
//
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package gguf

import (
	"bytes"
	"fmt"
	"os"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

// File is an open GGUF file. Its methods may be called from many goroutines at once, but
// for Close.
type File struct {
	Metadata Metadata // all that the file says beside its tensors
	Version  int      // of the format: 2 or 3

	path    string
	mapped  *mapped.File // nil when closed
	names   []string     // in the file's order
	tensors map[string]tensor
}

// Info is what a file says of a tensor.
type Info struct {
	Format string      // llama.cpp's word for how its elements are stored, such as "F32" or "Q4_1"
	DType  torch.DType // of the tensor that is read: Float32 for quantized ones
	Shape  []int       // in PyTorch's order: rows before columns
	Bytes  int         // how many bytes the elements take in the file
}

// tensor is where a file has a tensor.
type tensor struct {
	kind   kind
	shape  []int
	offset int // in the file
	size   int // in bytes
}

// Open maps a file and reads its metadata and what it says of its tensors. It fails,
// saying where, on a file that is damaged, and on one that is of another format, version
// or byte order. The memory that it takes is bounded by the file's size.
func Open(path string) (*File, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("gguf: %w", err)
	}
	f := &File{path: path, mapped: file, tensors: map[string]tensor{}}
	data := file.Bytes()
	if err := f.readHeader(data); err != nil {
		err = filekind.Explain(err, filekind.GGUF, bytes.NewReader(data), int64(len(data)))
		file.Close()
		return nil, fmt.Errorf("gguf: %s: %w", path, err)
	}
	return f, nil
}

// Names returns the names of all tensors, in the file's order.
func (f *File) Names() []string { return append([]string{}, f.names...) }

// Info returns what the file says of a tensor, without reading it. It fails if there is none of the name.
func (f *File) Info(name string) (Info, error) {
	t, err := f.find(name)
	if err != nil {
		return Info{}, err
	}
	return Info{Format: t.kind.name, DType: t.kind.dtype, Shape: append([]int{}, t.shape...), Bytes: t.size}, nil
}

// Describe returns the dtype and the shape that [File.Tensor] gives a tensor, without
// reading it.
func (f *File) Describe(name string) (torch.DType, []int, error) {
	info, err := f.Info(name)
	return info.DType, info.Shape, err
}

// Tensor returns a tensor on the CPU, which the caller closes; it lives on when the file is
// closed. Of F32, F16, BF16, F64 and integers it has the file's memory, without a copy, and
// changes to it stay in memory. Of Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K it is what
// they stand for, in float32, bit for bit as the gguf package of Python has it. Tensor fails
// if there is none of the name, and for other quantizations.
func (f *File) Tensor(name string) (*torch.Tensor, error) {
	t, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if f.mapped == nil {
		return nil, fmt.Errorf("gguf: %s: %w", f.path, os.ErrClosed)
	}
	var x *torch.Tensor
	switch {
	case t.kind.isPlain():
		x, err = f.mapped.Tensor(t.offset, t.kind.dtype, t.shape)
	case t.kind.dequantize == nil:
		err = fmt.Errorf("its quantization, %s, cannot be read here; llama.cpp's llama-quantize --allow-requantize makes a file of Q8_0 or F16", t.kind.name)
	default:
		err = torch.Try(func() { x = t.kind.tensor(f.mapped.Bytes()[t.offset:t.offset+t.size], t.shape) })
	}
	if err != nil {
		return nil, fmt.Errorf("gguf: %s: the tensor %q: %w", f.path, brief.Text(name), err)
	}
	return x, nil
}

// find returns where a tensor is.
func (f *File) find(name string) (tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return tensor{}, fmt.Errorf("gguf: %s has no tensor %q", f.path, brief.Text(name))
	}
	return t, nil
}

// Close lets the file go; Metadata, Names and Info, and tensors that were read, stay. A
// second Close fails.
func (f *File) Close() error {
	if f.mapped == nil {
		return fmt.Errorf("gguf: %s: %w", f.path, os.ErrClosed)
	}
	f.mapped.Close()
	f.mapped = nil
	return nil
}

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/npy"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// weights is an open file of named tensors.
type weights struct {
	nn.TensorSource
	metadata map[string]any                       // what the file says beside the tensors
	describe func(name string) (torchInfo, error) // without reading
	close    func() error
}

// torchInfo is what a file says of a tensor.
type torchInfo struct {
	dtype string // in the file's words where torch has none
	shape []int
	bytes int
}

// kindOf tells what a file is; a folder is a model of safetensors files.
func kindOf(path string) (filekind.Kind, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if info.IsDir() {
		if isCompiledFolder(path) {
			return filekind.AOTInductor, nil
		}
		return filekind.SafetensorsIndex, nil
	}
	return filekind.DetectFile(path)
}

// isTorch reports whether torch.Load reads files of a kind.
func isTorch(k filekind.Kind) bool { return k == filekind.Torch || k == filekind.TorchLegacy }

// openWeights opens a file of a kind that is none of torch.Load's.
func openWeights(path string, kind filekind.Kind) (*weights, error) {
	switch kind {
	case filekind.Safetensors:
		f, err := safetensors.Open(path)
		if err != nil {
			return nil, err
		}
		return ofSafetensors(f, texts(f.Metadata()), f.Info, f.Close), nil
	case filekind.SafetensorsIndex:
		f, err := safetensors.OpenSharded(path)
		if err != nil {
			return nil, err
		}
		return ofSafetensors(f, f.Metadata(), f.Info, f.Close), nil
	case filekind.GGUF:
		f, err := gguf.Open(path)
		if err != nil {
			return nil, err
		}
		return &weights{f, f.Metadata, func(name string) (torchInfo, error) {
			info, err := f.Info(name)
			return torchInfo{info.Format, info.Shape, info.Bytes}, err
		}, f.Close}, nil
	case filekind.NPZ:
		f, err := npy.OpenArchive(path)
		if err != nil {
			return nil, err
		}
		return &weights{f, nil, func(name string) (torchInfo, error) {
			info, err := f.Info(name)
			return ofArray(info), err
		}, f.Close}, nil
	case filekind.NPY:
		info, err := npy.ReadInfo(path)
		if err != nil {
			return nil, err
		}
		return &weights{array{path}, nil, func(string) (torchInfo, error) { return ofArray(info), nil }, func() error { return nil }}, nil
	}
	if text := kind.Describe(); text != "" {
		return nil, fmt.Errorf("%s: %s", path, text)
	}
	return nil, fmt.Errorf("%s: none of the files of tensors that are known: those of torch.save, safetensors, GGUF, .npy and .npz", path)
}

func ofSafetensors(f nn.TensorSource, metadata map[string]any, describe func(name string) (safetensors.Info, error), closeFile func() error) *weights {
	return &weights{f, metadata, func(name string) (torchInfo, error) {
		info, err := describe(name)
		return torchInfo{nameOf(info.DType, info.Format), info.Shape, info.Bytes}, err
	}, closeFile}
}

func ofArray(info npy.Info) torchInfo {
	return torchInfo{nameOf(info.DType, brief.Text(info.Format)), info.Shape, info.Bytes}
}

// nameOf returns a dtype's name without "torch.", or the file's where there is none.
func nameOf(dtype torch.DType, format string) string {
	if dtype == 0 {
		return format
	}
	return strings.TrimPrefix(dtype.String(), "torch.")
}

func texts(metadata map[string]string) map[string]any {
	all := map[string]any{}
	for key, text := range metadata {
		all[key] = text
	}
	return all
}

// array is a file of one array, which has the file's name.
type array struct{ path string }

func (a array) Names() []string {
	return []string{strings.TrimSuffix(filepath.Base(a.path), filepath.Ext(a.path))}
}

func (a array) Tensor(string) (*torch.Tensor, error) { return npy.Load(a.path) }

// summarize lists what a file holds.
func summarize(path string) (*summary, error) {
	kind, err := kindOf(path)
	if err != nil {
		return nil, err
	}
	s := &summary{Kind: kind.String(), Entries: []entry{}}
	switch {
	case isTorch(kind):
		return s, s.torchFile(path, kind)
	case kind == filekind.PT2:
		return s, s.program(path)
	case kind == filekind.AOTInductor:
		return s, s.compiled(path)
	case kind == filekind.TorchScript:
		return s, s.script(path)
	}
	f, err := openWeights(path, kind)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(f.metadata)) {
		s.value(brief.Cut("metadata."+key, longestName), f.metadata[key])
	}
	for _, name := range f.Names() {
		info, err := f.describe(name)
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		s.tensor(brief.Cut(name, longestName), info.dtype, info.shape, &info.bytes)
	}
	return s, f.close()
}

// torchFile lists what a file of torch.save holds.
func (s *summary) torchFile(path string, kind filekind.Kind) error {
	value, err := torch.Load(path, torch.LoadOptions{MapLocation: torch.CPU, MMap: kind == filekind.Torch})
	if err != nil {
		return err
	}
	each(value, func(name string, value any) {
		x, ok := value.(*torch.Tensor)
		if !ok {
			s.value(name, value)
			return
		}
		dtype := nameOf(x.DType(), "")
		if x.Layout() != torch.Strided {
			s.tensor(name, fmt.Sprintf("%s %v", dtype, x.Layout()), x.Shape(), nil)
			return
		}
		s.tensor(name, dtype, x.Shape(), new(x.Numel()*x.ElementSize()))
	})
	return nil
}

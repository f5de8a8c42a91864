package hub

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// mappedFile is a file of safetensors.
type mappedFile struct{ *safetensors.File }

func openSafetensors(path string) (shard, error) {
	f, err := safetensors.Open(path)
	return mappedFile{f}, err
}

func (f mappedFile) Describe(name string) (torch.DType, []int, error) {
	info, err := f.Info(name)
	return info.DType, info.Shape, err
}

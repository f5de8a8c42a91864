package safetensors

import (
	"github.com/wangkuiyi/gotorch/internal/safetensors"
	"github.com/wangkuiyi/gotorch/torch"
)

// A format is how a file calls a type of elements.
type format struct {
	name string
	rank int // in the order in which a file has its tensors
}

// formatOf finds formats by dtype.
var formatOf = func() map[torch.DType]format {
	formats := map[torch.DType]format{}
	for i, f := range safetensors.Formats {
		if dtype := dtypeOf(f.Name); dtype != 0 {
			formats[dtype] = format{f.Name, i}
		}
	}
	return formats
}()

// dtypeOf returns the dtype of a format, or 0 where torch has none.
func dtypeOf(name string) torch.DType { return torch.Internal.Export(nil).SafetensorsType(name) }

// packed is how many numbers an element of a tensor holds: a file counts those.
func packed(dtype torch.DType) int {
	if dtype == torch.Float4E2M1FNX2 {
		return 2
	}
	return 1
}

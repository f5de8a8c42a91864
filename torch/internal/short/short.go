// Package short writes dtypes and tensors' types in PyTorch's short form.
package short

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// DType returns PyTorch's short name of a dtype, such as "f32".
func DType(d torch.DType) string {
	name := strings.TrimPrefix(d.String(), "torch.")
	switch d {
	case torch.Bool:
		return "b8"
	case torch.BFloat16:
		return "bf16"
	}
	for _, kind := range []struct{ long, short string }{{"uint", "u"}, {"int", "i"}, {"float", "f"}, {"complex", "c"}} {
		if rest, ok := strings.CutPrefix(name, kind.long); ok {
			return kind.short + rest
		}
	}
	return name
}

// Tensor returns a tensor's dtype and shape, such as "f32[2, 3]", or "None" for nil.
func Tensor(x *torch.Tensor) string {
	if x == nil {
		return "None"
	}
	return DType(x.DType()) + strings.ReplaceAll(fmt.Sprint(x.Shape()), " ", ", ")
}

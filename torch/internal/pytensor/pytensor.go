// Package pytensor writes tensors as Python's format does.
package pytensor

import (
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// Format returns a number or a tensor as Python's format writes it: a tensor of no
// dimensions as its element, and another one as it prints.
func Format(v torch.Operand) string {
	x, ok := v.(*torch.Tensor)
	switch {
	case !ok:
		return python.Repr(v)
	case x.Dim() > 0:
		return x.String()
	case x.DType() == torch.Bool:
		return python.Repr(x.Bool())
	case x.DType().IsFloatingPoint():
		return python.Repr(x.Item())
	}
	return python.Repr(x.Int())
}

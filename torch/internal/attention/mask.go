// Package attention has what functions and modules of attention share.
package attention

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// AdditiveMask returns a mask of Bools, which stand for what is to be left out, as
// one of numbers of the dtype, which are to be added to scores. Masks of numbers
// and nil are returned as they are. It panics with an error of op, which calls the
// mask name, on other dtypes.
func AdditiveMask(op, name string, mask *torch.Tensor, dtype torch.DType) *torch.Tensor {
	switch {
	case mask == nil || mask.DType().IsFloatingPoint():
		return mask
	case mask.DType() != torch.Bool:
		panic(torch.Errorf(op, torch.RuntimeError, "only bool and floating types of %s are supported", name))
	}
	return torch.ZerosLike(mask, torch.TensorOptions{DType: dtype}).MaskedFillInplace(mask, math.Inf(-1))
}

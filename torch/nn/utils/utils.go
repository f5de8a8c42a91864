// Package utils is PyTorch's torch.nn.utils: gradients are clipped, parameters
// made a vector, layers fused, and modules called with other parameters.
package utils

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// fail panics with an error of a function of this package.
func fail(op string, kind torch.ErrorKind, format string, args ...any) {
	panic(&torch.Error{Op: "utils." + op, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

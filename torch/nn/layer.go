package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// layer is the base of the layers of this package that make one tensor from one:
// it gives Forward to a type that has forward.
type layer struct{ Module }

// Forward returns what the layer makes of x.
func (l *layer) Forward(x *torch.Tensor) *torch.Tensor {
	return l.Run(x, l.initialized().self.(interface {
		forward(x *torch.Tensor) *torch.Tensor
	}).forward)
}

// refuse panics with the error of an operation of this package.
func refuse(op string, kind torch.ErrorKind, format string, args ...any) {
	panic(&torch.Error{Op: "nn." + op, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// or returns what an option points to, or its default.
func or[T any](option *T, value T) T {
	if option == nil {
		return value
	}
	return *option
}

// pick returns a if the condition holds, else b.
func pick[T any](condition bool, a, b T) T {
	if condition {
		return a
	}
	return b
}

// fill sets all elements of a parameter, if there is one, to value.
func fill(x *torch.Tensor, value float64) {
	if x != nil {
		torch.NoGrad(func() { x.FillInplace(value) })
	}
}

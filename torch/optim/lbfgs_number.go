package optim

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
)

// scalar is a number of LBFGS. In Python it is a float, of double precision, or a
// tensor of one element, of the parameters' precision. What is computed of two is a
// tensor if one of them is.
type scalar struct {
	v      float64
	tensor bool
}

// precision rounds to the parameters' precision.
type precision struct{ double bool }

func precisionOf(d torch.DType) precision {
	return precision{d == torch.Float64 || d == torch.Complex128}
}

// plain returns a float.
func plain(v float64) scalar { return scalar{v: v} }

// element returns a tensor of one element.
func element(x *torch.Tensor) scalar { return scalar{x.Item(), true} }

func (r precision) round(v float64) float64 {
	if r.double {
		return v
	}
	return float64(float32(v))
}

// pair returns the operands as a calculation sees them, and its result of what it
// gives.
func (r precision) pair(a, b scalar) (x, y float64, result func(float64) scalar) {
	if !a.tensor && !b.tensor {
		return a.v, b.v, plain
	}
	return r.round(a.v), r.round(b.v), func(v float64) scalar { return scalar{r.round(v), true} }
}

func (r precision) add(a, b scalar) scalar {
	x, y, result := r.pair(a, b)
	return result(x + y)
}

func (r precision) sub(a, b scalar) scalar {
	x, y, result := r.pair(a, b)
	return result(x - y)
}

func (r precision) mul(a, b scalar) scalar {
	x, y, result := r.pair(a, b)
	return result(x * y)
}

// div divides; PyTorch divides a float by a tensor with the tensor's reciprocal.
func (r precision) div(a, b scalar) scalar {
	x, y, result := r.pair(a, b)
	if b.tensor && !a.tensor {
		return r.mul(result(1/y), a)
	}
	return result(x / y)
}

func (r precision) less(a, b scalar) bool {
	x, y, _ := r.pair(a, b)
	return x < y
}

func (r precision) lessEqual(a, b scalar) bool {
	x, y, _ := r.pair(a, b)
	return x <= y
}

// least and greatest return the first of equal ones, as Python's min and max do.
func (r precision) least(a, b scalar) scalar {
	if r.less(b, a) {
		return b
	}
	return a
}

func (r precision) greatest(a, b scalar) scalar {
	if r.less(a, b) {
		return b
	}
	return a
}

func (a scalar) abs() scalar             { return scalar{math.Abs(a.v), a.tensor} }
func (r precision) sqrt(a scalar) scalar { return scalar{r.round(math.Sqrt(a.v)), a.tensor} }

// value returns what a state dict holds of the number.
func (a scalar) value(like *torch.Tensor) any {
	if !a.tensor {
		return a.v
	}
	return torch.Full([]int{}, a.v, torch.TensorOptions{DType: like.DType(), Device: like.Device()})
}

// toScalar returns a number of a state dict.
func toScalar(v any) (scalar, bool) {
	_, tensor := v.(*torch.Tensor)
	f, ok := statedict.Float(v)
	return scalar{f, tensor}, ok
}

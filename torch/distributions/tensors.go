package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/torch"
)

// eulerGamma is the constant of Euler and Mascheroni.
const eulerGamma = 0.57721566490153286060

// broadcast returns parameters as tensors of one shape. Numbers get the dtype and
// device of the first tensor, or else Float32.
func broadcast(values ...torch.Operand) []*torch.Tensor {
	options := torch.TensorOptions{DType: torch.Float32}
	for _, v := range values {
		if x, ok := v.(*torch.Tensor); ok && x != nil {
			options = optionsOf(x)
			break
		}
	}
	tensors := make([]*torch.Tensor, len(values))
	for i, v := range values {
		x, ok := v.(*torch.Tensor)
		switch {
		case ok && x != nil:
			tensors[i] = x
		case ok || !isNumber(v):
			panic(torch.Errorf("distributions.broadcast_all", torch.ValueError,
				"Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__."))
		default:
			tensors[i] = torch.NewTensor(v, options)
		}
	}
	return torch.BroadcastTensors(tensors...)
}

func broadcast1(x torch.Operand) *torch.Tensor { return broadcast(x)[0] }

func broadcast2(x, y torch.Operand) (*torch.Tensor, *torch.Tensor) {
	list := broadcast(x, y)
	return list[0], list[1]
}

func broadcast3(x, y, z torch.Operand) (*torch.Tensor, *torch.Tensor, *torch.Tensor) {
	list := broadcast(x, y, z)
	return list[0], list[1], list[2]
}

func isNumber(v torch.Operand) bool {
	_, isFloat := number.Float(v)
	_, isBool := number.Plain(v).(bool)
	return isFloat || isBool
}

// sumRightmost adds up the last dims dimensions of x, or all if there are fewer.
func sumRightmost(x *torch.Tensor, dims int) *torch.Tensor {
	if dims == 0 {
		return x
	}
	shape := x.Shape()
	kept := len(shape) - dims
	if dims < 0 { // as in Python's slices
		kept = -dims
	}
	return x.Reshape(append(first(shape, kept), -1)...).Sum(-1)
}

// first returns the first n sizes of a shape, all if there are fewer, none if n is
// negative.
func first(shape []int, n int) []int { return shape[:min(max(n, 0), len(shape))] }

// keptSum is the sum along the last dimension, which stays with size 1.
func keptSum(x *torch.Tensor) *torch.Tensor {
	return x.SumWith(torch.ReduceOptions{Dim: []int{-1}, Keepdim: true})
}

// keptLogSumExp is the same of LogSumExp.
func keptLogSumExp(x *torch.Tensor) *torch.Tensor {
	return x.LogSumExp([]int{-1}, torch.LogSumExpOptions{Keepdim: true})
}

// quotient returns number ÷ x as PyTorch computes it.
func quotient(number float64, x *torch.Tensor) *torch.Tensor { return x.Reciprocal().Mul(number) }

// standardNormal, uniform01 and others draw in the dtype and on the device of x.
func standardNormal(shape []int, x *torch.Tensor) *torch.Tensor {
	return torch.Empty(shape, optionsOf(x)).NormalInplace(0, 1, nil)
}

func uniform01(shape []int, x *torch.Tensor) *torch.Tensor { return torch.Rand(shape, optionsOf(x)) }

// clampProbs keeps probabilities away from 0 and 1.
func clampProbs(probs *torch.Tensor) *torch.Tensor {
	eps := torch.Finfo(probs.DType()).Eps
	return probs.Clamp(eps, 1-eps)
}

// diagonal returns the diagonals of the matrices in the last two dimensions.
func diagonal(x *torch.Tensor) *torch.Tensor {
	return x.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)})
}

// logDet returns the logarithm of the determinant of a triangular matrix.
func logDet(triangular *torch.Tensor) *torch.Tensor { return diagonal(triangular).Log().Sum(-1) }

// toInf, toNaN and set set the elements of x where the mask is true.
func toInf(x, where *torch.Tensor) *torch.Tensor { return set(x, where, math.Inf(1)) }

func toNaN(x, where *torch.Tensor) *torch.Tensor { return set(x, where, math.NaN()) }

func set(x, where *torch.Tensor, value float64) *torch.Tensor {
	x.At(where).Set(value)
	return x
}

// contiguous returns a copy of x that can be written to.
func contiguous(x *torch.Tensor) *torch.Tensor {
	return x.Clone(torch.CloneOptions{MemoryFormat: torch.ContiguousFormat})
}

// enumerated returns the integers below n along a new first dimension, before a
// batch.
func (c *Common) enumerated(n int, options torch.TensorOptions, expand []bool) *torch.Tensor {
	values := torch.Arange(0, n, 1, options)
	values = values.View(append([]int{-1}, ones(len(c.batchShape))...)...)
	if wantsExpand(expand) {
		values = values.Expand(append([]int{-1}, c.batchShape...)...)
	}
	return values
}

// ones returns the sizes of n dimensions of size 1.
func ones(n int) []int { return slices.Repeat([]int{1}, n) }

func wantsExpand(expand []bool) bool { return len(expand) == 0 || expand[0] }

// last returns the last n sizes of a shape.
func last(shape []int, n int) []int { return slices.Clone(shape[len(shape)-n:]) }

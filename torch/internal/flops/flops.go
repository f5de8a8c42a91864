// Package flops counts the floating-point operations of operators by PyTorch's formulas:
// those of dense products and convolutions, by shapes alone, twice a multiplication. It
// serves what calls operators and what holds graphs of them.
//
// https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py
package flops

import (
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// Shape stands for a tensor among arguments and results.
type Shape []int

// Formula counts an operator's operations. It gets the arguments in the schema's order
// and the results, with a Shape in the place of each tensor and nil for those that are
// not there.
type Formula func(args, results []any) int

// formulas has the operators by their names without overloads.
var formulas = map[string]Formula{
	"aten::mm":         product(0, 2, mm),
	"aten::addmm":      product(1, 2, mm),
	"aten::_scaled_mm": product(0, 2, mm),
	"aten::bmm":        product(0, 3, bmm),
	"aten::baddbmm":    product(1, 3, bmm),

	"aten::convolution":              convolution,
	"aten::_convolution":             convolution,
	"aten::cudnn_convolution":        untransposed,
	"aten::_slow_conv2d_forward":     untransposed,
	"aten::convolution_overrideable": convolution,
	"aten::convolution_backward":     convolutionBackward,

	"aten::_scaled_dot_product_efficient_attention":     attention,
	"aten::_scaled_dot_product_flash_attention":         attention,
	"aten::_scaled_dot_product_flash_attention_for_cpu": attention,
	"aten::_scaled_dot_product_cudnn_attention":         attention,

	"aten::_scaled_dot_product_efficient_attention_backward":     attentionBackward,
	"aten::_scaled_dot_product_flash_attention_backward":         attentionBackward,
	"aten::_scaled_dot_product_flash_attention_for_cpu_backward": attentionBackward,
	"aten::_scaled_dot_product_cudnn_attention_backward":         attentionBackward,
}

// Packet returns an operator's name without its overload, "aten::add" for
// "aten::add.Tensor".
func Packet(op string) string {
	name, _, _ := strings.Cut(op, ".")
	return name
}

// Count returns how many operations a call of the operator takes, and whether there is a
// formula for it; 0 if not. It panics with a *torch.Error where the shapes cannot be those
// of a call.
func Count(op string, args, results []any) (n int, known bool) {
	formula, known := formulas[Packet(op)]
	if !known {
		return 0, false
	}
	return formula(args, results), true
}

// Shapes returns values with a Shape in the place of each tensor, also in lists.
func Shapes(values []any) []any {
	list := make([]any, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case *torch.Tensor:
			if v != nil {
				list[i] = Shape(v.Shape())
			}
		case []*torch.Tensor:
			shapes := make([]any, len(v))
			for j, x := range v {
				if x != nil {
					shapes[j] = Shape(x.Shape())
				}
			}
			list[i] = shapes
		default:
			list[i] = v
		}
	}
	return list
}

// at returns the shape of a value, of so many dimensions, or of any for -1.
func at(values []any, i, dim int) Shape {
	if i < len(values) {
		if s, ok := values[i].(Shape); ok && (dim < 0 || len(s) == dim) {
			return s
		}
	}
	panic(torch.Errorf("flops.Count", torch.ValueError, "value %d is no tensor of %d dimensions: %v", i, dim, values))
}

// product counts the product of the arguments first and first+1, of so many dimensions.
func product(first, dim int, count func(a, b Shape) int) Formula {
	return func(args, _ []any) int { return count(at(args, first, dim), at(args, first+1, dim)) }
}

func mm(a, b Shape) int { return a[0] * b[1] * 2 * a[1] }

func bmm(a, b Shape) int { return a[0] * a[1] * b[2] * 2 * a[2] }

func prod(s Shape) int {
	n := 1
	for _, size := range s {
		n *= size
	}
	return n
}

// convolve counts a convolution of x with the weights w. For a transposed one it is each
// point of the input that meets the filter, else each of the output.
func convolve(x, w, out Shape, transposed bool) int {
	points := out
	if transposed {
		points = x
	}
	return prod(points[2:]) * prod(w[2:]) * x[0] * w[0] * w[1] * 2
}

func convolution(args, results []any) int {
	transposed, _ := args[6].(bool)
	return convolve(at(args, 0, -1), at(args, 1, -1), at(results, 0, -1), transposed)
}

// untransposed is for convolutions of which there is no transposed form.
func untransposed(args, results []any) int {
	return convolve(at(args, 0, -1), at(args, 1, -1), at(results, 0, -1), false)
}

func convolutionBackward(args, results []any) (n int) {
	grad, x, w := at(args, 0, -1), at(args, 1, -1), at(args, 2, -1)
	transposed, _ := args[7].(bool)
	swapped := func(s Shape) Shape {
		s = slices.Clone(s)
		s[0], s[1] = s[1], s[0]
		return s
	}
	if given(results, 0) { // the gradient of x
		n += convolve(grad, w, at(results, 0, -1), !transposed)
	}
	if given(results, 1) { // the gradient of w
		a, b := x, grad
		if transposed {
			a, b = grad, x
		}
		n += convolve(swapped(a), swapped(b), swapped(at(results, 1, -1)), false)
	}
	return n
}

// given reports whether there is a tensor.
func given(values []any, i int) bool { return i < len(values) && values[i] != nil }

// attention counts both products of attention, each of all queries with all keys, also
// where a mask leaves some out.
func attention(args, _ []any) int {
	q, k, v := at(args, 0, 4), at(args, 1, 4), at(args, 2, 4)
	scores := 2 * q[0] * q[1] * q[2] * k[2]
	return scores*q[3] + scores*v[3]
}

// attentionBackward counts the scores once more and two products for each of those of
// attention.
func attentionBackward(args, _ []any) int {
	q, k, v := at(args, 1, 4), at(args, 2, 4), at(args, 3, 4)
	scores := 2 * q[0] * q[1] * q[2] * k[2]
	return 3*scores*q[3] + 2*scores*v[3]
}

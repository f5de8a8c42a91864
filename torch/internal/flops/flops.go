// Package flops counts floating point operations by PyTorch's formulas, those of
// torch.utils.flop_counter: multiplications and additions of products and convolutions,
// 2·m·n·k for a product of matrices.
package flops

import "strings"

// Count returns how many operations the call of an operator counts as, such as
// "aten::mm" or "aten::conv2d.padding". In its arguments and results a []int, the shape,
// stands for a tensor. It is 0, false for an operator without a formula, as PyTorch counts
// those, and for arguments that do not fit the formula.
func Count(operator string, args, results []any) (n int, ok bool) {
	formula := formulaOf(operator)
	if formula == nil {
		return 0, false
	}
	return formula(call{args, results})
}

// Known reports whether there is a formula for an operator.
func Known(operator string) bool { return formulaOf(operator) != nil }

func formulaOf(operator string) func(call) (int, bool) {
	name, _, _ := strings.Cut(operator, ".")
	return formulas[name]
}

// formulas has the operators that libtorch's kernels are called by, and those that a
// program may call in their place.
var formulas = map[string]func(call) (int, bool){
	"aten::mm":                       product(0, 1),
	"aten::addmm":                    product(1, 2),
	"aten::bmm":                      product(0, 1),
	"aten::baddbmm":                  product(1, 2),
	"aten::_scaled_mm":               product(0, 1),
	"aten::convolution":              convolution,
	"aten::_convolution":             convolution,
	"aten::cudnn_convolution":        convolution,
	"aten::convolution_overrideable": convolution,
	"aten::_slow_conv2d_forward":     convolution,
	"aten::convolution_backward":     convolutionBackward,

	"aten::_scaled_dot_product_efficient_attention":              attention,
	"aten::_scaled_dot_product_flash_attention":                  attention,
	"aten::_scaled_dot_product_flash_attention_for_cpu":          attention,
	"aten::_scaled_dot_product_cudnn_attention":                  attention,
	"aten::_scaled_dot_product_efficient_attention_backward":     attentionBackward,
	"aten::_scaled_dot_product_flash_attention_backward":         attentionBackward,
	"aten::_scaled_dot_product_flash_attention_for_cpu_backward": attentionBackward,
	"aten::_scaled_dot_product_cudnn_attention_backward":         attentionBackward,

	"aten::linear":                       linear,
	"aten::matmul":                       matmul,
	"aten::scaled_dot_product_attention": attention,
	"aten::conv1d":                       convolutionOf(1, false),
	"aten::conv2d":                       convolutionOf(2, false),
	"aten::conv3d":                       convolutionOf(3, false),
	"aten::conv_transpose1d":             convolutionOf(1, true),
	"aten::conv_transpose2d":             convolutionOf(2, true),
	"aten::conv_transpose3d":             convolutionOf(3, true),
	"aten::lstm":                         recurrent,
	"aten::gru":                          recurrent,
	"aten::rnn_tanh":                     recurrent,
	"aten::rnn_relu":                     recurrent,
}

// call is the call of an operator.
type call struct{ args, results []any }

// shape returns the shape of an argument that is a tensor of dims dimensions; of any if
// dims is -1.
func (c call) shape(i, dims int) ([]int, bool) { return shape(c.args, i, dims) }

func shape(values []any, i, dims int) ([]int, bool) {
	if i >= len(values) {
		return nil, false
	}
	s, ok := values[i].([]int)
	return s, ok && (dims < 0 || len(s) == dims)
}

// flag returns an argument that is a bool.
func (c call) flag(i int) bool {
	if i >= len(c.args) {
		return false
	}
	b, _ := c.args[i].(bool)
	return b
}

// all multiplies sizes.
func all(sizes []int) int {
	n := 1
	for _, size := range sizes {
		n *= size
	}
	return n
}

// product is the formula of products of matrices, or of batches of them.
func product(left, right int) func(call) (int, bool) {
	return func(c call) (int, bool) {
		a, ok1 := c.shape(left, -1)
		b, ok2 := c.shape(right, -1)
		last := len(a) - 1
		if !ok1 || !ok2 || len(b) != len(a) || last < 1 || a[last] != b[last-1] {
			return 0, false
		}
		return 2 * all(a) * b[last], true
	}
}

// linear is the formula of x·wᵀ.
func linear(c call) (int, bool) {
	x, ok1 := c.shape(0, -1)
	w, ok2 := c.shape(1, 2)
	if !ok1 || !ok2 || len(x) == 0 || x[len(x)-1] != w[1] {
		return 0, false
	}
	return 2 * all(x) * w[0], true
}

// matmul is the formula of products of matrices whose batches are broadcast. PyTorch
// counts none for a matrix and a vector.
func matmul(c call) (int, bool) {
	a, ok1 := c.shape(0, -1)
	b, ok2 := c.shape(1, -1)
	if !ok1 || !ok2 || len(a) == 0 || len(b) < 2 || a[len(a)-1] != b[len(b)-2] {
		return 0, false
	}
	rows := 1
	if len(a) > 1 {
		rows = a[len(a)-2]
	}
	n := 2 * rows * b[len(b)-2] * b[len(b)-1]
	for i := 3; i <= max(len(a), len(b)); i++ { // from the end
		size := 1
		if i <= len(a) {
			size = a[len(a)-i]
		}
		if i <= len(b) && b[len(b)-i] != 1 {
			size = b[len(b)-i]
		}
		n *= size
	}
	return n, true
}

// convolved is the formula of convolutions: for each place of the output, or of the input
// if it is transposed, the filter once.
func convolved(x, w, out []int, transposed bool) int {
	places := out
	if transposed {
		places = x
	}
	return 2 * x[0] * all(w) * all(places[2:])
}

// convolution is the formula of operators that say whether they are transposed.
func convolution(c call) (int, bool) {
	x, ok1 := c.shape(0, -1)
	w, ok2 := c.shape(1, -1)
	out, ok3 := shape(c.results, 0, -1)
	if !ok1 || !ok2 || !ok3 || len(x) < 3 || len(w) != len(x) || len(out) != len(x) {
		return 0, false
	}
	return convolved(x, w, out, c.flag(6)), true
}

// convolutionOf is the formula of operators for one number of dimensions, whose input may
// lack the batch.
func convolutionOf(dims int, transposed bool) func(call) (int, bool) {
	return func(c call) (int, bool) {
		x, ok1 := c.shape(0, -1)
		w, ok2 := c.shape(1, dims+2)
		out, ok3 := shape(c.results, 0, len(x))
		if !ok1 || !ok2 || !ok3 || len(x) != dims+1 && len(x) != dims+2 {
			return 0, false
		}
		if len(x) == dims+1 {
			x, out = append([]int{1}, x...), append([]int{1}, out...)
		}
		return convolved(x, w, out, transposed), true
	}
}

// flipped returns a shape with its first two sizes exchanged.
func flipped(s []int) []int { return append([]int{s[1], s[0]}, s[2:]...) }

// convolutionBackward is the formula of gradients: of the input, then of the weight, where
// the mask has them.
func convolutionBackward(c call) (int, bool) {
	grad, ok1 := c.shape(0, -1)
	x, ok2 := c.shape(1, len(grad))
	w, ok3 := c.shape(2, len(grad))
	if !ok1 || !ok2 || !ok3 || len(grad) < 3 || len(c.args) < 11 {
		return 0, false
	}
	wanted, ok := bools(c.args[10])
	if !ok || len(wanted) < 2 {
		return 0, false
	}
	n, transposed := 0, c.flag(7)
	if wanted[0] {
		n += convolved(grad, w, x, !transposed)
	}
	switch {
	case wanted[1] && transposed:
		n += convolved(flipped(grad), flipped(x), flipped(w), false)
	case wanted[1]:
		n += convolved(flipped(x), flipped(grad), flipped(w), false)
	}
	return n, true
}

// bools returns an argument that is a list of bools.
func bools(v any) ([]bool, bool) {
	switch v := v.(type) {
	case []bool:
		return v, true
	case []any:
		list := make([]bool, len(v))
		for i, item := range v {
			var ok bool
			if list[i], ok = item.(bool); !ok {
				return nil, false
			}
		}
		return list, true
	}
	return nil, false
}

// heads are the sizes of an attention.
type heads struct{ batch, query, key, width, value int }

// headsOf returns them, of a query, a key and a value from argument i on. There may be
// fewer heads of keys and values than of queries.
func (c call) headsOf(i int) (h heads, ok bool) {
	q, ok1 := c.shape(i, -1)
	k, ok2 := c.shape(i+1, len(q))
	v, ok3 := c.shape(i+2, len(q))
	n := len(q)
	if !ok1 || !ok2 || !ok3 || n < 3 || q[n-1] != k[n-1] || k[n-2] != v[n-2] {
		return h, false
	}
	if n > 3 && (k[n-3] != v[n-3] || k[n-3] == 0 || q[n-3]%k[n-3] != 0) {
		return h, false
	}
	return heads{all(q[:n-2]), q[n-2], k[n-2], q[n-1], v[n-1]}, true
}

// attention is the formula of scores and of their product with the values. Masks change
// nothing.
func attention(c call) (int, bool) {
	h, ok := c.headsOf(0)
	return 2 * h.batch * h.query * h.key * (h.width + h.value), ok
}

// attentionBackward is the formula of its gradients: the scores again, then those of the
// scores, the values, the queries and the keys.
func attentionBackward(c call) (int, bool) {
	h, ok := c.headsOf(1)
	return 2 * h.batch * h.query * h.key * (3*h.width + 2*h.value), ok
}

// recurrent is the formula of networks that go step by step: for each, the products with
// the weights. Their arguments are the input, the states, and the weights with the biases;
// a sequence that is packed is not counted.
func recurrent(c call) (int, bool) {
	x, ok := c.shape(0, 3)
	if !ok || len(c.args) < 3 {
		return 0, false
	}
	weights, ok := c.args[2].([]any)
	n := 0
	for i := range weights {
		if w, ok := shape(weights, i, 2); ok {
			n += 2 * x[0] * x[1] * all(w)
		}
	}
	return n, ok
}

package flops

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Numbers are those of Python's FlopCounterMode.
func TestCount(t *testing.T) {
	type list = []any
	for _, c := range []struct {
		operator      string
		args, results list
		want          int
	}{
		{"aten::mm", list{[]int{3, 4}, []int{4, 5}}, nil, 120},
		{"aten::addmm", list{[]int{5}, []int{3, 4}, []int{4, 5}}, nil, 120},
		{"aten::bmm", list{[]int{2, 3, 4}, []int{2, 4, 5}}, nil, 240},
		{"aten::baddbmm", list{[]int{5}, []int{2, 3, 4}, []int{2, 4, 5}}, nil, 240},
		{"aten::linear", list{[]int{2, 3, 4}, []int{5, 4}, []int{5}}, nil, 240},
		{"aten::linear", list{[]int{4}, []int{5, 4}}, nil, 40},
		{"aten::matmul", list{[]int{2, 1, 3, 4}, []int{6, 4, 5}}, nil, 1440},
		{"aten::matmul", list{[]int{3, 4}, []int{7, 4, 5}}, nil, 840},
		{"aten::matmul", list{[]int{4}, []int{4, 5}}, nil, 40},
		{"aten::conv2d", list{[]int{2, 3, 8, 8}, []int{4, 3, 3, 3}}, list{[]int{2, 4, 6, 6}}, 15552},
		{"aten::conv2d.padding", list{[]int{3, 8, 8}, []int{4, 3, 3, 3}}, list{[]int{4, 8, 8}}, 13824},
		{"aten::conv_transpose1d", list{[]int{2, 3, 7}, []int{3, 4, 3}}, list{[]int{2, 4, 16}}, 1008},
		{"aten::convolution", list{[]int{2, 3, 7}, []int{3, 4, 3}, nil, nil, nil, nil, true}, list{[]int{2, 4, 16}}, 1008},
		{"aten::convolution_backward", list{[]int{2, 4, 6, 6}, []int{2, 3, 8, 8}, []int{4, 3, 3, 3}, nil, nil, nil, nil, false, nil, 1, list{true, true, true}}, nil, 31104},
		{"aten::convolution_backward", list{[]int{2, 4, 6, 6}, []int{2, 3, 8, 8}, []int{4, 3, 3, 3}, nil, nil, nil, nil, false, nil, 1, []bool{false, true, true}}, nil, 15552},
		{"aten::convolution_backward", list{[]int{2, 4, 16}, []int{2, 3, 7}, []int{3, 4, 3}, nil, nil, nil, nil, true, nil, 1, []bool{true, true}}, nil, 2016},
		{"aten::scaled_dot_product_attention", list{[]int{2, 4, 5, 8}, []int{2, 2, 6, 8}, []int{2, 2, 6, 3}}, nil, 5280},
		{"aten::_scaled_dot_product_flash_attention_backward", list{[]int{2, 4, 5, 8}, []int{2, 4, 5, 8}, []int{2, 4, 6, 8}, []int{2, 4, 6, 8}}, nil, 19200},
		{"aten::lstm.input", list{[]int{5, 2, 3}, nil, list{[]int{16, 3}, []int{16, 4}, []int{16}, []int{16}}}, nil, 2240},
	} {
		n, ok := Count(c.operator, c.args, c.results)
		assert.True(t, ok, c.operator)
		assert.True(t, Known(c.operator), c.operator)
		assert.Equal(t, c.want, n, "%s%v", c.operator, c.args)
	}
	for operator, args := range map[string]list{
		"aten::relu": {[]int{3}}, "aten::mm": {[]int{3, 4}, []int{5, 4}}, "aten::bmm": {1, 2}, "aten::conv2d": {[]int{2, 3, 8, 8}},
		"aten::matmul": {[]int{3, 4}, []int{4}}, "aten::linear": {nil, nil}, "aten::lstm.data": {[]int{5, 3}, nil, nil},
		"aten::convolution_backward": {[]int{2, 4, 6, 6}}, "aten::scaled_dot_product_attention": {[]int{3, 4}, []int{3, 4}, []int{3, 4}},
	} {
		n, ok := Count(operator, args, nil)
		assert.False(t, ok, operator)
		assert.Zero(t, n, operator)
	}
	assert.False(t, Known("aten::relu"))
}

// Package strided tells where the elements of tensors are in memory.
package strided

import "math"

// Fits reports whether a tensor of these sizes and strides lies within n elements.
func Fits(n, offset int, size, stride []int) bool {
	if len(size) != len(stride) || offset < 0 || offset > n {
		return false
	}
	last, numel := offset, 1
	for i := range size {
		if size[i] < 0 || stride[i] < 0 || size[i] > 0 && numel > math.MaxInt64/size[i] {
			return false
		}
		numel *= size[i]
	}
	if numel == 0 {
		return true
	}
	for i := range size {
		if steps := size[i] - 1; steps > 0 && stride[i] > (n-last)/steps {
			return false
		}
		last += (size[i] - 1) * stride[i]
	}
	return last < n
}

package flops

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Numbers are those of Python's FlopCounterMode.
func TestEinsum(t *testing.T) {
	type list = []any
	for _, c := range []struct {
		equation string
		tensors  list
		want     int
	}{
		{"bij,bjk->bik", list{[]int{2, 3, 4}, []int{2, 4, 5}}, 240},
		{"bij, kj -> bik", list{[]int{2, 3, 4}, []int{5, 4}}, 240},
		{"btd,edf->btef", list{[]int{2, 6, 7}, []int{3, 7, 2}}, 1008},
		{"i,i->", list{[]int{3}, []int{3}}, 6},
		{"bij,bij->b", list{[]int{2, 3, 4}, []int{2, 3, 4}}, 48},
		{"bij,j->bi", list{[]int{2, 3, 4}, []int{4}}, 48},
		{"bij,bij->bij", list{[]int{2, 3, 4}, []int{2, 3, 4}}, 0},
		{"ij,jk", list{[]int{3, 4}, []int{4, 5}}, 120},
		{"bij,bjk->i", list{[]int{2, 3, 4}, []int{2, 4, 5}}, 48},
		{"...ij,...jk->...ik", list{[]int{8, 3, 4}, []int{8, 4, 5}}, 960},
		{"i,j->ij", list{[]int{3}, []int{4}}, 0},
		{"bij,k->bi", list{[]int{2, 3, 4}, []int{5}}, 0},
	} {
		n, ok := Count("aten::einsum", list{c.equation, c.tensors}, nil)
		assert.True(t, ok, c.equation)
		assert.Equal(t, c.want, n, c.equation)
	}
	for equation, tensors := range map[string]list{
		"ij,jk,kl->il": {[]int{2, 2}, []int{2, 2}, []int{2, 2}}, "ij->i": {[]int{2, 2}}, "ij,jk->ik": {[]int{2, 2}, []int{2}}, "ij": {nil, nil},
	} {
		_, ok := Count("aten::einsum", list{equation, tensors}, nil)
		assert.False(t, ok, equation)
	}
}

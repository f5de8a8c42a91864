package python_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/python"
)

func TestValuesAreWrittenAsInPython(t *testing.T) {
	for want, v := range map[string]any{
		"0.0": 0.0, "-0.0": math.Copysign(0, -1), "3": 3, "1.5": 1.5, "0.0001": 1e-4, "1e-05": 1e-5,
		"1000000000000000.0": 1e15, "1e+16": 1e16, "inf": math.Inf(1), "-inf": math.Inf(-1), "nan": math.NaN(),
		"True": true,
	} {
		assert.Equal(t, want, python.Repr(v))
	}
	for want, got := range map[string]string{
		"()": python.Repr(python.Tuple{}), "(3,)": python.Repr(python.Tuple{3}), "(2, 3)": python.Repr(python.TupleOf([]int{2, 3})),
		"torch.Size([])": python.Size(nil), "torch.Size([2, 3])": python.Size([]int{2, 3}),
	} {
		assert.Equal(t, want, got)
	}
}

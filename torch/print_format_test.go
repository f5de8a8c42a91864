package torch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestShownOnCUDA needs no CUDA: it makes the text of a tensor that is not there.
func TestShownOnCUDA(t *testing.T) {
	o := printProfiles["default"]
	b := block{shape: []int{2}, cells: floatCells([]float64{1, 2}, &o), edge: -1}
	s := shown{prefix: "tensor(", body: b.text(7, o.linewidth), device: CUDA(0)}
	assert.Equal(t, "tensor([1., 2.], device='cuda:0')", s.text(&o))
	s.details, s.device, s.gradFn, s.requiresGrad = []string{"dtype=torch.complex128"}, CUDA(1), "AddBackward0", true
	assert.Equal(t, "tensor([1., 2.], device='cuda:1', dtype=torch.complex128,\n       grad_fn=<AddBackward0>)", s.text(&o))
}

package ops

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// TestSuppress compares what needs no library with Python's, and with the operator
// where it is installed.
func TestSuppress(t *testing.T) {
	var g struct {
		Tensors map[string]torchtest.Tensor
		Cases   []struct {
			Name    string
			Results []torchtest.Tensor
		}
	}
	torchtest.Golden(t, "testdata/ops.json.gz", &g)
	plain := func(boxes, scores *torch.Tensor, threshold float64) []int {
		order := torch.ToSlice[int](sorted(scores))
		if boxes.DType() == torch.Float32 {
			return suppress(torch.ToSlice[float32](boxes), order, threshold)
		}
		return suppress(torch.ToSlice[float64](boxes), order, threshold)
	}
	boxes, doubles, scores := g.Tensors["boxes"].Make(t), g.Tensors["doubles"].Make(t), g.Tensors["scores"].Make(t)
	results := map[string][]int{
		"nms":            plain(boxes, scores, 0.3),
		"nms of ties":    plain(boxes, g.Tensors["ties"].Make(t), 0.3),
		"nms of doubles": plain(doubles, scores.To(torch.Float64), 0.1),
	}
	found := 0
	for _, c := range g.Cases {
		if got, ok := results[c.Name]; ok {
			found++
			c.Results[0].Check(t, torch.FromSlice(got, len(got)), true, 0, c.Name)
		}
	}
	assert.Equal(t, len(results), found)
	if kernels.Load() != nil {
		return
	}
	torch.ManualSeed(4)
	for range 20 {
		corner := torch.Rand([]int{60, 2}).Mul(20)
		many := torch.Cat([]*torch.Tensor{corner, corner.Add(torch.Rand([]int{60, 2}).Mul(9).Sub(1))}, 1)
		scores := torch.Rand([]int{60})
		assert.Equal(t, torch.ToSlice[int](kernels.Nms(many, scores, 0.4)), plain(many, scores, 0.4))
	}
}

// TestRefusedBoxes have the operator's words without it, too.
func TestRefusedBoxes(t *testing.T) {
	ones := func(shape ...int) *torch.Tensor { return torch.Ones(shape) }
	for words, f := range map[string]func(){
		"boxes should be a 2d tensor, got 1D":                 func() { checkNms(ones(4), ones(1)) },
		"boxes should have 4 elements in dimension 1, got 5":  func() { checkNms(ones(1, 5), ones(1)) },
		"scores should be a 1d tensor, got 2D":                func() { checkNms(ones(1, 4), ones(1, 1)) },
		"same number of elements in dimension 0, got 2 and 1": func() { checkNms(ones(2, 4), ones(1)) },
		"dets should have the same type as scores":            func() { checkNms(ones(1, 4), ones(1).To(torch.Float64)) },
	} {
		assert.ErrorContains(t, torch.Try(f), words)
	}
}

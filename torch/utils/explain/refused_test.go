package explain_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/explain"
)

// TestOddModelsAreRefused has no model, and no batch.
func TestOddModelsAreRefused(t *testing.T) {
	identity := func(x *torch.Tensor) *torch.Tensor { return x }
	x := torch.Ones([]int{2})
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no batch": {Call: func() { explain.Occlusion(identity, torch.Ones(nil), nil, nil) }, Kind: torch.IndexError,
			Words: "Dimension out of range (expected to be in range of [-1, 0], but got 0)"},
		"Occlusion": {Call: func() { explain.Occlusion(nil, x, nil, []int{}) }, Kind: torch.TypeError, Words: "the model must not be nil"},
		"Saliency":  {Call: func() { explain.Saliency(nil, x, nil) }, Kind: torch.TypeError, Words: "the model must not be nil"},
		"nothing":   {Call: func() { explain.Saliency(func(*torch.Tensor) *torch.Tensor { return nil }, x, nil) }, Kind: torch.TypeError, Words: "the tensor is nil"},
	})
}

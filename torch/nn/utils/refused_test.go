package utils_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/prune"
)

func TestNilFunctionsAndMethodsAreRefused(t *testing.T) {
	of := func(call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: "must not be nil"}
	}
	layer := nn.NewLinear(1, 1)
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"FunctionalCall":     of(func() { utils.FunctionalCall[int](layer, nil, nil) }),
		"of no module":       of(func() { utils.FunctionalCall(nil, nil, func() int { return 0 }) }),
		"GlobalUnstructured": of(func() { prune.GlobalUnstructured(nil, nil) }),
		"Apply":              of(func() { prune.Apply(layer, "weight", nil) }),
		"Cached":             of(func() { parametrize.Cached(nil) }),
		"a parametrization":  of(func() { parametrize.RegisterParametrization(layer, "weight", nil) }),
	})
}

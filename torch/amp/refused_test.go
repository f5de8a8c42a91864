package amp_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// TestNilIsRefused has nil for what is called or takes a step, and a context that no
// Forward noted anything in.
func TestNilIsRefused(t *testing.T) {
	scaler := amp.NewGradScaler()
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Step":           {Call: func() { scaler.Step(nil) }, Kind: torch.TypeError, Words: "the optimizer must not be nil"},
		"Unscale":        {Call: func() { scaler.Unscale(nil) }, Kind: torch.TypeError, Words: "the optimizer must not be nil"},
		"Autocast":       {Call: func() { amp.Autocast(torch.CPU, nil) }, Kind: torch.TypeError, Words: "the function is nil"},
		"AutocastValue":  {Call: func() { amp.AutocastValue[int](torch.CPU, nil) }, Kind: torch.TypeError, Words: "the function is nil"},
		"CustomFunction": {Call: func() { amp.CustomFunction(nil, torch.CPU) }, Kind: torch.TypeError, Words: "the function must not be nil"},
		"no context":     {Call: func() { amp.CustomFunction(double{}, torch.CPU).Forward(nil) }, Kind: torch.TypeError, Words: "the context must not be nil"},
		"a context": {Call: func() { amp.CustomFunction(double{}, torch.CPU).Backward(new(autograd.Context)) }, Kind: torch.RuntimeError,
			Words: "the context is not one that the function's Forward was called with"},
	})
}

type double struct{}

func (double) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor { return inputs }
func (double) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor { return grads }

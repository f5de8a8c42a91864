package fn_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fn"
)

// TestNilFunctionsAreRefused where they are given, not where they are called.
func TestNilFunctionsAreRefused(t *testing.T) {
	var none func(x ...*torch.Tensor) *torch.Tensor
	of := func(call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: "the function must not be nil"}
	}
	x := []*torch.Tensor{torch.Ones([]int{1})}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Grad":    of(func() { fn.Grad(none) }),
		"Grads":   of(func() { fn.Grads(none) }),
		"VJP":     of(func() { fn.VJP(none, x...) }),
		"JVP":     of(func() { fn.JVP(none, x, x) }),
		"JacRev":  of(func() { fn.JacRev(none) }),
		"JacFwd":  of(func() { fn.JacFwd(none) }),
		"Hessian": of(func() { fn.Hessian(none) }),
		"Vmap":    of(func() { fn.Vmap(none) }),
	})
}

package nn

import (
	"runtime"
	"sync"
	"weak"

	"github.com/wangkuiyi/gotorch/torch"
)

// parameters holds a weak pointer to every tensor that NewParameter made, so that
// one is known when it requires no gradients any more.
var parameters sync.Map

// NewParameter returns a leaf that shares x's memory and requires gradients, for
// a module's field. It stays alive after a [torch.Scope] that it was made in. With
// SetRequiresGrad(false) it is a parameter that is not trained.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
func NewParameter(x *torch.Tensor) *torch.Tensor {
	return asParameter(x.Detach().SetRequiresGrad(true).Keep())
}

// asParameter notes that p is a parameter, and returns it.
func asParameter(p *torch.Tensor) *torch.Tensor {
	key := weak.Make(p)
	parameters.Store(key, nil)
	runtime.AddCleanup(p, func(key weak.Pointer[torch.Tensor]) { parameters.Delete(key) }, key)
	return p
}

// isParameter reports whether x is trained, or was made by NewParameter.
func isParameter(x *torch.Tensor) bool {
	if x.RequiresGrad() {
		return true
	}
	_, made := parameters.Load(weak.Make(x))
	return made
}

// Package optim is PyTorch's torch.optim: optimizers, which change parameters by
// their gradients.
package optim

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// Optimizer is what a training loop does with an optimizer.
type Optimizer interface {
	// Step changes all parameters that have a gradient.
	Step()
	// ZeroGrad drops the gradients of all parameters.
	ZeroGrad()
}

func fail(op string, format string, args ...any) {
	panic(&torch.Error{Op: op, Kind: torch.ValueError, Message: fmt.Sprintf(format, args...)})
}

// checkParams panics if params cannot be optimized; seen holds those of other
// groups.
func checkParams(op string, params []*torch.Tensor, seen map[*torch.Tensor]bool) {
	own := map[*torch.Tensor]bool{}
	for i, p := range params {
		switch {
		case p == nil:
			fail(op, "parameter %d is nil", i)
		case !p.IsLeaf():
			fail(op, "can't optimize a non-leaf Tensor")
		case own[p]:
			fail(op, "parameter %d appears twice in its group", i)
		case seen[p]:
			fail(op, "some parameters appear in more than one parameter group")
		}
		own[p], seen[p] = true, true
	}
}

// zeroGrad drops the gradients.
func zeroGrad(params []*torch.Tensor) {
	for _, p := range params {
		p.SetGrad(nil)
	}
}

// withGrads returns the parameters that have a gradient, and the gradients.
func withGrads(params []*torch.Tensor) (having, grads []*torch.Tensor) {
	for _, p := range params {
		if g := p.Grad(); g != nil {
			having = append(having, p)
			grads = append(grads, g)
		}
	}
	return having, grads
}

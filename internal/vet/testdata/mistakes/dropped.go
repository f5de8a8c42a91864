// Package mistakes is full of what gotorchvet finds; it is never run.
package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func droppedResults(x, y *torch.Tensor) {
	x.Add(1)            // want "result of Add is dropped.*AddInplace to change x"
	x.Clamp(0, nil)     // want "result of Clamp is dropped.*ClampInplace"
	x.To(torch.Float64) // want "result of To is dropped.*assign it"
	torch.ReLU(x)       // want "result of ReLU is dropped.*assign it"
	x.View(-1)          // want "result of View is dropped"
	F.GELU(x)           // want "result of GELU is dropped"
	linalg.Inv(x)       // want "result of Inv is dropped"
	x.Sort()            // want "result of Sort is dropped"
	torch.NoGrad(func() {
		x.Mul(y) // want "result of Mul is dropped.*MulInplace"
	})
	for range 3 {
		x.Sub(y.Mul(0.1)) // want "result of Sub is dropped.*SubInplace"
	}
	torch.Cat([]*torch.Tensor{x, y}, 0) // want "result of Cat is dropped"
	x.Index([]int{0, 2}).AddInplace(1)  // want "AddInplace changes a copy"
	x.Index(x.Lt(0)).ZeroInplace()      // want "ZeroInplace changes a copy.*write At"
}

package amp_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

func ExampleAutocast() {
	x, w := torch.Ones([]int{2, 3}), torch.Ones([]int{3, 2})
	amp.Autocast(torch.CPU, func() {
		y := x.Matmul(w)
		fmt.Println(y.DType(), y.Softmax(1).DType())
		amp.Autocast(torch.CPU, func() { fmt.Println(x.Matmul(w).DType()) }, amp.AutocastOptions{Enabled: new(false)})
	})
	// Output:
	// torch.bfloat16 torch.bfloat16
	// torch.float32
}

func ExampleAutocastValue() {
	x, w := torch.Ones([]int{2, 3}), torch.Ones([]int{3, 2}).SetRequiresGrad(true)
	loss := amp.AutocastValue(torch.CPU, func() *torch.Tensor { return x.Matmul(w).Sum() })
	loss.Backward()
	fmt.Println(loss.DType(), w.Grad().DType())
	// Output: torch.bfloat16 torch.float32
}

// A function that needs the precision of Float32.
func ExampleCustomFunction() {
	x := torch.Ones([]int{2, 2}).SetRequiresGrad(true)
	precise := amp.CustomFunction(product{}, torch.CPU, amp.CustomFunctionOptions{CastInputs: torch.Float32})
	amp.Autocast(torch.CPU, func() {
		fmt.Println(autograd.Apply1(product{}, x, x).DType())
		y := autograd.Apply1(precise, x.To(torch.BFloat16), x)
		fmt.Println(y.DType(), y.GradFn().Name())
	})
	// Output:
	// torch.bfloat16
	// torch.float32 productBackward
}

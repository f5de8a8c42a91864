package amp_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
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

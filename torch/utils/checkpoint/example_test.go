package checkpoint_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// A part of a network runs once more in the backward pass, and nothing that it computes is
// kept until then.
func ExampleCheckpoint() {
	block := func(x *torch.Tensor) *torch.Tensor {
		fmt.Println("the block runs")
		return x.Mul(x).Sum()
	}
	x := torch.NewTensor([]float32{1, 2, 3}, torch.TensorOptions{RequiresGrad: true})
	y := checkpoint.Checkpoint(block)(x)
	fmt.Println(y.Item())
	y.Backward()
	fmt.Println(x.Grad())
	// Output:
	// the block runs
	// 14
	// the block runs
	// tensor([2., 4., 6.])
}

// The products of matrices are kept, which take the most time; all else is computed again.
func ExampleSave() {
	block := func(x ...*torch.Tensor) *torch.Tensor { return x[0].Mm(x[1]).Exp().Sum() }
	products := 0
	policy := func(call *torch.DispatchCall, results []any) checkpoint.Decision {
		if call.Op.Name() == "aten::mm" {
			products++
		}
		return checkpoint.Save("aten::mm")(call, results)
	}
	x, w := torch.Ones([]int{2, 2}), torch.Ones([]int{2, 1}, torch.TensorOptions{RequiresGrad: true})
	checkpoint.Checkpoint(block, checkpoint.Options{Policy: policy})(x, w).Backward()
	fmt.Printf("%d product, gradient %.2f\n", products, torch.ToSlice[float32](w.Grad()))
	// Output: 1 product, gradient [14.78 14.78]
}

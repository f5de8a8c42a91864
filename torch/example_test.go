package torch_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

func Example() {
	x := torch.NewTensor([][]float32{{1, 2}, {3, 4}})
	y := x.Matmul(x).Add(1)
	fmt.Println(y)
	fmt.Println(y.Sum().Item())
	// Output:
	// tensor([[ 8., 11.],
	//         [16., 23.]])
	// 58
}

func ExampleTensor_Backward() {
	w := torch.NewTensor([]float32{1, 2, 3}, torch.TensorOptions{RequiresGrad: true})
	loss := w.Square().Sum()
	loss.Backward()
	fmt.Println(w.Grad())
	fmt.Println(loss)
	// Output:
	// tensor([2., 4., 6.])
	// tensor(14., grad_fn=<SumBackward0>)
}

func ExampleTry() {
	a, b := torch.Ones([]int{2, 3}), torch.Ones([]int{2})
	err := torch.Try(func() { a.Add(b) })
	fmt.Println(err)
	// Output:
	// aten::add.Tensor: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1
	//   arguments: self Tensor[2, 3] Float cpu, other Tensor[2] Float cpu
}

func ExampleScope() {
	total := torch.Zeros([]int{1})
	for i := range 3 {
		torch.Scope(func() {
			x := torch.Full([]int{1}, float32(i)) // freed at the end of the scope
			total.AddInplace(x)
		})
	}
	fmt.Println(total)
	// Output: tensor([3.])
}

func ExampleNoGrad() {
	w := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	torch.NoGrad(func() { w.SubInplace(torch.NewTensor([]float32{0.5, 0.25})) })
	fmt.Println(w)
	// Output: tensor([0.5000, 0.7500], requires_grad=True)
}

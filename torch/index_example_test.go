package torch_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

func ExampleTensor_Index() {
	x := torch.Arange(0, 12, 1).Reshape(3, 4)
	fmt.Println(x.Index(1))                                     // x[1]
	fmt.Println(x.Index(torch.From(1), torch.To(2)))            // x[1:, :2]
	fmt.Println(x.Index(torch.Ellipsis, torch.Colon.By(2)))     // x[..., ::2]
	fmt.Println(x.Index(x.Gt(8)))                               // x[x > 8]
	fmt.Println(x.Index([]int{0, 2}, []int{1, -1}))             // x[[0, 2], [1, -1]]
	fmt.Println(x.Index(torch.Colon, torch.NewAxis, 0).Shape()) // x[:, None, 0].shape
	// Output:
	// tensor([4, 5, 6, 7])
	// tensor([[4, 5],
	//         [8, 9]])
	// tensor([[ 0,  2],
	//         [ 4,  6],
	//         [ 8, 10]])
	// tensor([ 9, 10, 11])
	// tensor([ 1, 11])
	// [3 1]
}

func ExampleTensor_At() {
	x := torch.Zeros([]int{2, 4})
	x.At(0).Set(1)                                                               // x[0] = 1
	x.At(torch.Colon, torch.Between(1, 3)).Set(torch.NewTensor([]float32{5, 6})) // x[:, 1:3] = ...
	x.At(x.Eq(0)).Set(-1)                                                        // x[x == 0] = -1
	fmt.Println(x)
	x.At(1, []int{0, 3, 3}).Add(1) // twice to the last
	fmt.Println(x.Index(1))
	// Output:
	// tensor([[ 1.,  5.,  6.,  1.],
	//         [-1.,  5.,  6., -1.]])
	// tensor([0., 5., 6., 1.])
}

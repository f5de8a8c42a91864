package torch_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

func ExampleEinsum() {
	a := torch.Arange(0, 6, 1).View(2, 3)
	fmt.Println(torch.Einsum("ij->ji", a))
	fmt.Println(torch.Einsum("ij,ij->i", a, a))
	// Output:
	// tensor([[0, 3],
	//         [1, 4],
	//         [2, 5]])
	// tensor([ 5, 50])
}

func ExampleTensor_MaxDim() {
	x := torch.NewTensor([][]float32{{1, 5, 2}, {7, 0, 3}})
	values, indices := x.MaxDim(1)
	fmt.Println(values, indices)
	// Output: tensor([5., 7.]) tensor([1, 0])
}

func ExampleTensor_Unique() {
	values, _, counts := torch.NewTensor([]int{3, 1, 3, 2, 1, 3}).Unique(torch.UniqueOptions{ReturnCounts: true})
	fmt.Println(values, counts)
	// Output: tensor([1, 2, 3]) tensor([2, 1, 3])
}

func ExampleWhere() {
	x := torch.NewTensor([]float32{-1, 2, -3})
	fmt.Println(torch.Where(x.Gt(0), x, 0))
	// Output: tensor([0., 2., 0.])
}

func ExampleTensor_Quantile() {
	x := torch.NewTensor([]float64{4, 1, 3, 2})
	fmt.Println(x.Quantile(0.5))
	fmt.Println(x.Quantile(torch.NewTensor([]float64{0.25, 0.75})))
	// Output:
	// tensor(2.5000, dtype=torch.float64)
	// tensor([1.7500, 3.2500], dtype=torch.float64)
}

func ExamplePow() {
	x := torch.NewTensor([]float32{1, 2, 3})
	fmt.Println(torch.Pow(x, 2), torch.Pow(2, x))
	// Output: tensor([1., 4., 9.]) tensor([2., 4., 8.])
}

func ExampleSparseCOOTensor() {
	indices := torch.NewTensor([][]int{{0, 1, 1}, {2, 0, 2}})
	x := torch.SparseCOOTensor(indices, torch.NewTensor([]float32{3, 4, 5}), torch.SparseOptions{Size: []int{2, 3}})
	fmt.Println(x.ToDense())
	// Output:
	// tensor([[0., 0., 3.],
	//         [4., 0., 5.]])
}

package linalg_test

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

func ExampleSolve() {
	a := torch.NewTensor([][]float64{{3, 1}, {1, 2}})
	b := torch.NewTensor([]float64{9, 8})
	fmt.Println(linalg.Solve(a, b))
	// Output: tensor([2., 3.], dtype=torch.float64)
}

func ExampleInv() {
	singular := torch.NewTensor([][]float64{{1, 2}, {2, 4}})
	var err *torch.Error
	if errors.As(torch.Try(func() { linalg.Inv(singular) }), &err) {
		fmt.Println(err.Message)
	}
	_, info := linalg.InvEx(singular)
	fmt.Println(info)
	// Output:
	// linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.
	// tensor(2, dtype=torch.int32)
}

func ExampleNorm() {
	x := torch.NewTensor([][]float64{{3, 4}, {6, 8}})
	fmt.Println(linalg.Norm(x, "fro").Item())
	fmt.Println(linalg.Norm(x, 1, torch.ReduceOptions{Dim: []int{1}}))
	// Output:
	// 11.180339887498949
	// tensor([ 7., 14.], dtype=torch.float64)
}

package special_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/special"
)

func ExampleNdtr() {
	fmt.Println(special.Ndtr(torch.NewTensor([]float64{-1.96, 0, 1.96})))
	// Output: tensor([0.0250, 0.5000, 0.9750], dtype=torch.float64)
}

func ExampleChebyshevPolynomialT() {
	// 2x² − 1
	fmt.Println(special.ChebyshevPolynomialT(torch.NewTensor([]float64{0, 0.5, 1}), 2))
	// Output: tensor([-1.0000, -0.5000,  1.0000], dtype=torch.float64)
}

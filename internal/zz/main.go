package main

import (
	"fmt"
	"github.com/wangkuiyi/gotorch/torch"
)

func try(f func()) {
	if err := torch.Try(f); err != nil {
		fmt.Println("!!", err)
	}
}
func main() {
	g := torch.NewGenerator()
	G := func() torch.TensorOptions { return torch.TensorOptions{Generator: g.ManualSeed(5)} }
	x := torch.Zeros([]int{2})
	m := torch.NewTensor([]float32{1, 2})
	fmt.Println(torch.RandLike(x, G()), torch.RandnLike(x, G()), torch.RandintLike(x, 0, 10, G()))
	fmt.Println(torch.Normal(m, m, torch.NormalOptions{TensorOptions: G()}), torch.Normal(0, m, torch.NormalOptions{TensorOptions: G()}), torch.Normal(0, 1, torch.NormalOptions{Size: []int{2}, TensorOptions: G()}))
	try(func() { torch.Normal(m, m, torch.NormalOptions{Size: []int{2}}) })
	try(func() { torch.Normal(m, 1, torch.NormalOptions{TensorOptions: torch.TensorOptions{RequiresGrad: true}}) })
	try(func() { torch.Zeros([]int{2}, G()) })
	try(func() { torch.NewTensor(2, G()) })
	i := torch.NewTensor([]int{0, 1})
	d := torch.SparseOptions{TensorOptions: torch.TensorOptions{DType: torch.Float64}}
	fmt.Println(torch.SparseCOOTensor(i.Unsqueeze(0), m, d))
	fmt.Println(torch.SparseCSRTensor(torch.NewTensor([]int{0, 1, 2}), i, m, d))
	try(func() {
		fmt.Println(torch.SparseCOOTensor(i.Unsqueeze(0), m, torch.SparseOptions{TensorOptions: torch.TensorOptions{Layout: torch.Strided}}))
	})
	fmt.Println(torch.NestedTensor([]*torch.Tensor{m, x}, torch.TensorOptions{DType: torch.Float64, RequiresGrad: true}))
	try(func() { fmt.Println(torch.NestedTensor([]*torch.Tensor{m, x}, torch.TensorOptions{Layout: torch.SparseCOO})) })
	fmt.Println(torch.UnravelIndex(torch.NewTensor([]int8{36, 0, 84, 108}), []int{4, 300}))
	fmt.Println(torch.UnravelIndex(torch.NewTensor([]uint8{36, 0, 84, 108}), []int{2, 256}))
	fmt.Println(torch.UnravelIndex(torch.NewTensor([]int32{36, 0, 84, 108}), []int{}), torch.UnravelIndex(torch.NewTensor([]int{}), []int{0, 256}))
	fmt.Println(torch.NewTensor([]uint64{1<<64 - 1, 1}), torch.NewTensor([][]uint16{{1}, {2}}), torch.NewTensor([2][1]int8{{1}, {2}}), torch.NewTensor(uint64(1<<63)).Item())
}

package npy_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/npy"
)

func ExampleLoad() {
	x, err := npy.Load("testdata/python/fortran.npy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Close()
	fmt.Println(x.DType(), x.Shape(), x.Stride())
	// Output: torch.int32 [2 3 4] [1 2 6]
}

func ExampleOpenArchive() {
	dir, err := os.MkdirTemp("", "npy-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "arrays.npz")
	x := torch.NewTensor([]float32{1, 2, 3})
	defer x.Close()
	if err := npy.SaveArchive(nn.StateDict{{Name: "x", Tensor: x}}, path); err != nil {
		fmt.Println(err)
		return
	}
	a, err := npy.OpenArchive(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	for _, name := range a.Names() {
		y, err := a.Tensor(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, y)
		y.Close()
	}
	// Output: x tensor([1., 2., 3.])
}

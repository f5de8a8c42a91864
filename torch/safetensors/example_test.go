package safetensors_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

func Example() {
	dir, err := os.MkdirTemp("", "safetensors-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")
	torch.Scope(func() {
		net := nn.NewLinear(3, 2)
		if err := safetensors.Save(net.StateDict(), path, safetensors.SaveOptions{Metadata: map[string]string{"format": "pt"}}); err != nil {
			fmt.Println(err)
			return
		}
		dict, err := safetensors.Load(path)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = nn.NewLinear(3, 2).LoadStateDict(dict)
		fmt.Println(dict.Names(), err)
	})
	// Output: [bias weight] <nil>
}

func ExampleOpen() {
	f, err := safetensors.Open("testdata/python/dtypes.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for _, name := range f.Names()[:3] {
		info, _ := f.Info(name)
		fmt.Println(name, info.DType, info.Shape)
	}
	x, err := f.Tensor("float32")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Close()
	fmt.Println(x)
	// Output:
	// uint64 torch.uint64 [2 3]
	// int64 torch.int64 [2 3]
	// float64 torch.float64 [2 3]
	// tensor([[0., 1., 2.],
	//         [3., 4., 1.]])
}

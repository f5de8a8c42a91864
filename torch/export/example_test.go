package export_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// unpack writes a program of this package's tests to a file.
func unpack(name, path string) error {
	f, err := os.Open(exported + name + ".pt2.gz")
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.pt2") // as Python's torch.export.save writes it
	if err := unpack("in_place", path); err != nil {
		panic(err)
	}
	program, err := export.Load(path)
	if err != nil {
		panic(err)
	}
	defer program.Close()
	fmt.Print(program.Graph)
	y, err := program.Run(torch.Zeros([]int{2, 3}))
	fmt.Println(y, err)
	_, err = program.Run(torch.Zeros([]int{2, 4}))
	fmt.Println(err)
	// Output:
	// graph(x: f32[2, 3]):
	//   add_: f32[2, 3] = aten::add_.Tensor(x, 1)
	//   mul: f32[2, 3] = aten::mul.Tensor(add_, 2)
	//   return mul
	// tensor([[2., 2., 2.],
	//         [2., 2., 2.]]) <nil>
	// export: Guard failed: x.size()[1] == 3, got 4
}

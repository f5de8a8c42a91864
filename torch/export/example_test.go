package export_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
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

func ExampleSave() {
	rows := graph.Size{Symbol: "rows"} // any number of them
	x := &graph.Value{Name: "x", Type: &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{rows, {N: 2}}, Device: torch.CPU}}
	w := &graph.Value{Name: "w", Type: &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{{N: 3}, {N: 2}}, Device: torch.CPU}}
	y := &graph.Value{Name: "y", Type: &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{rows, {N: 3}}, Device: torch.CPU}}
	g := &graph.Graph{
		Inputs:  []*graph.Value{w, x},
		Nodes:   []*graph.Node{{Name: "y", Target: "aten::linear", Inputs: []graph.Input{{Name: "input", Value: x}, {Name: "weight", Value: w}}, Outputs: []any{y}}},
		Outputs: []any{y},
	}
	program, err := export.NewProgram(g, []export.InputSpec{
		{Kind: export.ParameterInput, Target: "weight", Tensor: torch.Ones([]int{3, 2})},
		{Kind: export.UserInput},
	})
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.pt2") // for Python: torch.export.load("model.pt2").module()(x)
	if err := export.Save(program, path, export.SaveOptions{SampleInputs: []any{torch.Ones([]int{4, 2})}}); err != nil {
		panic(err)
	}
	again, err := export.Load(path)
	if err != nil {
		panic(err)
	}
	defer again.Close()
	fmt.Print(again.Graph)
	result, err := again.Run(torch.Ones([]int{1, 2}))
	fmt.Println(result, err)
	// Output:
	// graph(w: f32[3, 2], x: f32[s0, 2]):
	//   y: f32[s0, 3] = aten::linear(x, w)
	//   return y
	// tensor([[2., 2., 2.]]) <nil>
}

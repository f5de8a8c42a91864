package export_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// A network of Go's becomes a .pt2 for Python, with any batch.
func ExampleTrace() {
	net := nn.NewSequential(nn.NewLinear(4, 8), nn.NewReLU(), nn.NewLinear(8, 2))
	program, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{net.Forward(in[0])}
	}, []*torch.Tensor{torch.Ones([]int{3, 4})}, export.TraceOptions{
		Module:        net,
		DynamicShapes: []map[int]export.Dim{{0: {Name: "batch", Max: 64}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	fmt.Println(export.Save(program, filepath.Join(folder, "net.pt2")))
	fmt.Print(program.Graph)
	_, err = program.Run(torch.Ones([]int{65, 4}))
	fmt.Println(err)
	// Output:
	// <nil>
	// graph(input_0: f32[s0, 4], p_0_weight: f32[8, 4], p_0_bias: f32[8], p_2_weight: f32[2, 8], p_2_bias: f32[2]):
	//   sym_size_0: size s0 = aten::sym_size.int(input_0, 0)
	//   t: f32[4, 8] = aten::t(p_0_weight)
	//   addmm: f32[s0, 8] = aten::addmm(p_0_bias, input_0, t)
	//   relu: f32[s0, 8] = aten::relu(addmm)
	//   t_1: f32[8, 2] = aten::t(p_2_weight)
	//   addmm_1: f32[s0, 2] = aten::addmm(p_2_bias, relu, t_1)
	//   return addmm_1
	// export: Guard failed: input_0.size()[0] <= 64, got 65
}

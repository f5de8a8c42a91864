package graph_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// A function is captured once and runs again on other tensors.
func ExampleCapture() {
	w := torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	f := func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{in[0].Mm(w).ReLU()}
	}
	g, err := graph.Capture(f, []*torch.Tensor{torch.Ones([]int{1, 2})})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer g.Close()
	fmt.Print(g)
	fmt.Println(torch.ToSlice[float32](g.Run(torch.FromSlice([]float32{-1, 1}, 1, 2))[0]))
	// Output:
	// graph(input_0: f32[1, 2], constant: f32[2, 2]):
	//   mm: f32[1, 2] = aten::mm(input_0, constant)
	//   relu: f32[1, 2] = aten::relu(mm)
	//   return relu
	// [2 2]
}

// What is traced holds for other sizes.
func ExampleTrace() {
	f := func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{in[0].View(in[0].Size(0)*2, 2)}
	}
	t, err := graph.Trace(f, []*torch.Tensor{torch.Ones([]int{3, 4})}, graph.TraceOptions{Dynamic: []map[int]string{{0: "batch"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(t.Graph)
	// Output:
	// graph(input_0: f32[s0, 4]):
	//   sym_size_0: size s0 = aten::sym_size.int(input_0, 0)
	//   mul_1: size 2*s0 = _operator.mul(2, sym_size_0)
	//   view: f32[2*s0, 2] = aten::view(input_0, [mul_1, 2])
	//   return view
}

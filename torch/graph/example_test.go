package graph_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// layer is a graph of relu(x·w + b), x having s0 rows.
func layer() *graph.Graph {
	value := func(name string, role graph.Role, sizes ...graph.Size) *graph.Value {
		return &graph.Value{Name: name, Role: role, Type: &graph.TensorType{DType: torch.Float32, Shape: sizes}}
	}
	rows, wide, narrow := graph.Size{Symbol: "s0"}, graph.Size{N: 784}, graph.Size{N: 10}
	x, w, b := value("x", graph.Argument, rows, wide), value("w", graph.Parameter, narrow, wide), value("b", graph.Parameter, narrow)
	y, z, t := value("y", "", rows, narrow), value("z", "", rows, narrow), value("t", "", narrow, rows)
	return &graph.Graph{
		Inputs: []*graph.Value{x, w, b},
		Nodes: []*graph.Node{
			{Name: "y", Target: "aten::linear", Inputs: []graph.Input{{Value: x}, {Value: w}, {Value: b}}, Outputs: []any{y}},
			{Name: "z", Target: "aten::relu", Inputs: []graph.Input{{Value: y}}, Outputs: []any{z}},
			{Name: "t", Target: "aten::t", Inputs: []graph.Input{{Value: z}}, Outputs: []any{t}},
		},
		Outputs: []any{t},
	}
}

func ExampleGraph_FLOPs() {
	count, err := layer().FLOPs(map[string]int{"s0": 32})
	fmt.Print(count)
	fmt.Println(err)
	// Output:
	// 501760 FLOPs
	//       501760 100.0%  y = aten::linear
	// not counted: aten::relu, aten::t
	// <nil>
}

func ExampleGraph_Bytes() {
	bytes, err := layer().Bytes(map[string]int{"s0": 32})
	fmt.Print(bytes)
	fmt.Println(err)
	// Output:
	// arguments 100352, parameters 31400, buffers 0, constants 0 bytes
	//         read      written         live
	//       131752         1280         1280  y = aten::linear
	//         1280         1280         2560  z = aten::relu
	//         1280            0         1280  t = aten::t
	// at most 2560 bytes at once, at z
	// <nil>
}

func ExampleGraph_DOT() {
	fmt.Print(layer().DOT())
	// Output:
	// digraph {
	//   node [shape=box, fontname="Helvetica", fontsize=10]
	//   edge [fontname="Helvetica", fontsize=8]
	//   compound=true
	//   n0 [label="x\nf32[s0, 784]", shape=ellipse]
	//   n1 [label="w\nf32[10, 784]", shape=cylinder, style=filled, fillcolor=lightblue]
	//   n2 [label="b\nf32[10]", shape=cylinder, style=filled, fillcolor=lightblue]
	//   n3 [label="y\naten::linear"]
	//   n0 -> n3 [label="f32[s0, 784]"]
	//   n1 -> n3 [label="f32[10, 784]"]
	//   n2 -> n3 [label="f32[10]"]
	//   n4 [label="z\naten::relu"]
	//   n3 -> n4 [label="f32[s0, 10]"]
	//   n5 [label="t\naten::t"]
	//   n4 -> n5 [label="f32[s0, 10]"]
	//   n6 [label="output 0", shape=ellipse, peripheries=2]
	//   n5 -> n6 [label="f32[10, s0]"]
	// }
}

package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

type position int

func wrongOperands(x, y *torch.Tensor, n int64, p *float64, u uint) {
	_ = x.Add("1")                                                     // want `string is no torch.Operand: give a \*torch.Tensor or a number`
	_ = x.Mul([]float32{1, 2})                                         // want "make a tensor of it by torch.NewTensor"
	_ = x.Div(p)                                                       // want "give the number, not the pointer"
	_ = x.Sub(torch.Float32)                                           // want "torch.DType is no torch.Operand"
	_ = x.Eq(*y)                                                       // want "a copy of one is closed"
	_ = torch.Full([]int{2}, y)                                        // want "give a number, as Item returns"
	_ = torch.Full([]int{2}, "0")                                      // want "give a Go number or a bool"
	_ = nn.NewConv2d(1, 2, [2]int{3, 3})                               // want `give an int or a \[\]int`
	_ = nn.NewConv2d(1, 2, n)                                          // want `int64 is no torch.Sizes`
	_ = nn.NewMaxPool2d(2.0)                                           // want `float64 is no torch.Sizes`
	_ = nn.NewMaxPool2d(2, nn.MaxPool2dOptions{Stride: []int64{2, 2}}) // want `\[\]int64 is no torch.Sizes`
	_ = nn.NewConv2d(1, 2, 3, nn.Conv2dOptions{Padding: "full"})       // want `give "same", "valid"`
	_ = nn.NewConv2d(1, 2, 3, nn.Conv2dOptions{Padding: 0.5})          // want `float64 is no Padding`
}

func wrongIndexes(x *torch.Tensor, list []*torch.Tensor, u uint) {
	_ = x.Index(1.0)                       // want "float64 is no index"
	_ = x.Index(":", 0)                    // want "write torch.Colon"
	_ = x.Index("1:3")                     // want `write torch.Between\(1, 3\)`
	_ = x.Index("...", 0)                  // want "write torch.Ellipsis"
	_ = x.Index(u)                         // want "uint is no index"
	_ = x.Index(position(1))               // want "position is no index"
	_ = x.Index([]float64{0, 1})           // want `\[\]float64 is no index`
	_ = x.Index(list)                      // want "give the tensors one by one"
	x.At("a").Set(1)                       // want "string is no index"
	x.At(0).Set([]float32{1})              // want `\[\]float32 is no torch.Operand`
	_ = torch.NewTensor("1")               // want "string is no data of NewTensor"
	_ = torch.NewTensor(x)                 // want "Clone copies a tensor"
	_ = torch.NewTensor(list)              // want "torch.Stack and torch.Cat"
	_ = torch.NewTensor(map[int]float64{}) // want "give a number, or slices of numbers"
}

package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func targets(x *torch.Tensor) {
	criterion := nn.NewCrossEntropyLoss()
	_ = criterion.Forward(x, torch.FromSlice([]float32{0, 1})) // want "target of CrossEntropyLoss has floating-point numbers.*int64"
	y := torch.NewTensor([]float64{0, 1})
	_ = F.CrossEntropy(x, y)                                      // want "target of CrossEntropyLoss has floating-point"
	_ = F.NLLLoss(x, torch.Zeros([]int{2}))                       // want "target of NLLLoss has floating-point"
	_ = F.CrossEntropy(x, x.Argmax(1).To(torch.Float32))          // want "target of CrossEntropyLoss has floating-point"
	_ = F.CrossEntropy(x, x.Gt(0))                                // want `target of CrossEntropyLoss has bools.*To\(torch.Int64\)`
	_ = F.CrossEntropy(x, F.OneHot(torch.NewTensor([]int{0, 1}))) // want "target of CrossEntropyLoss is a OneHot"
	_ = F.CrossEntropy(torch.NewTensor([]int{0, 1}), x)           // want "scores of CrossEntropyLoss are integers"
	_ = F.BinaryCrossEntropy(x, torch.NewTensor([]int{0, 1}))     // want `target of BCELoss has integers.*To\(torch.Float32\)`
	_ = nn.NewBCELoss().Forward(x, x.Eq(1))                       // want "target of BCELoss has bools"
}

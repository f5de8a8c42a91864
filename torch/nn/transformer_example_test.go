package nn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func ExampleTransformer() {
	model := nn.NewTransformer(nn.TransformerOptions{DModel: new(32), NHead: new(4), NumEncoderLayers: new(2),
		NumDecoderLayers: new(2), DimFeedforward: new(64), BatchFirst: true})
	src := torch.Rand([]int{8, 10, 32}) // batch × source × features
	tgt := torch.Rand([]int{8, 7, 32})
	output := model.Forward(src, tgt, nn.TransformerForwardOptions{TgtMask: nn.GenerateSquareSubsequentMask(7)})
	fmt.Println(output.Shape())
	// Output:
	// [8 7 32]
}

// With a causal mask, what comes later changes nothing before it.
func ExampleTransformerEncoder() {
	layer := nn.NewTransformerEncoderLayer(16, 4, nn.TransformerEncoderLayerOptions{DimFeedforward: new(32), BatchFirst: true})
	encoder := nn.NewTransformerEncoder(layer, 2, nn.TransformerEncoderOptions{Norm: nn.NewLayerNorm(16)})
	encoder.Eval()
	causal := nn.TransformerEncoderForwardOptions{Mask: nn.GenerateSquareSubsequentMask(5)}
	x := torch.Rand([]int{1, 5, 16})
	whole := encoder.Forward(x, causal)
	causal.Mask = nn.GenerateSquareSubsequentMask(3)
	start := encoder.Forward(x.Narrow(1, 0, 3), causal)
	fmt.Println(torch.AllClose(whole.Narrow(1, 0, 3), start, torch.AllCloseOptions{Atol: new(1e-5)}))
	// Output:
	// true
}

func ExampleGenerateSquareSubsequentMask() {
	fmt.Println(nn.GenerateSquareSubsequentMask(3))
	// Output:
	// tensor([[0., -inf, -inf],
	//         [0., 0., -inf],
	//         [0., 0., 0.]])
}

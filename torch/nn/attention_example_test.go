package nn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Each of three positions looks at itself and those before it.
func ExampleMultiheadAttention() {
	attention := nn.NewMultiheadAttention(8, 2, nn.MultiheadAttentionOptions{BatchFirst: true})
	x := torch.Randn([]int{5, 3, 8}) // batch × length × features
	later := torch.Ones([]int{3, 3}).Triu(torch.TriuOptions{Diagonal: 1}).To(torch.Bool)
	output, weights := attention.Forward(x, x, x, nn.MultiheadAttentionForwardOptions{AttnMask: later})
	fmt.Println(output.Shape(), weights.Shape())
	fmt.Println(weights.Select(0, 0).Ne(0))
	// Output:
	// [5 3 8] [5 3 3]
	// tensor([[ True, False, False],
	//         [ True,  True, False],
	//         [ True,  True,  True]])
}

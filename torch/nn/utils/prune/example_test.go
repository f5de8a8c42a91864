package prune_test

import (
	"fmt"
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/prune"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func ExampleL1Unstructured() {
	layer := nn.NewLinear(4, 1)
	torch.NoGrad(func() { layer.Weight.CopyInplace(torch.FromSlice([]float32{3, -1, 2, 4}, 1, 4)) })
	prune.L1Unstructured(layer, "weight", 0.5)
	fmt.Println(layer.Weight.Detach())
	fmt.Println(layer.StateDict().Names())
	prune.Remove(layer, "weight")
	fmt.Println(layer.StateDict().Names())
	// Output:
	// tensor([[3., -0., 0., 4.]])
	// [bias weight_orig weight_mask]
	// [bias weight]
}

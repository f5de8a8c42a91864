package nn_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func ExampleBatchNorm2d() {
	norm := nn.NewBatchNorm2d(2, nn.BatchNormOptions{Momentum: new(0.5)})
	fmt.Println(norm)
	x := torch.Arange(0, 16, 1, torch.TensorOptions{DType: torch.Float32}).View(2, 2, 2, 2)
	y := norm.Forward(x)
	fmt.Printf("%.3f\n", y.Mean().Abs().Item())
	fmt.Println(torch.ToSlice[float32](norm.RunningMean), norm.NumBatchesTracked.Int())
	fmt.Println(norm.StateDict().Names())
	// Output:
	// BatchNorm2d(2, eps=1e-05, momentum=0.5, affine=True, bias=True, track_running_stats=True)
	// 0.000
	// [2.75 4.75] 1
	// [weight bias running_mean running_var num_batches_tracked]
}

func ExampleLayerNorm() {
	norm := nn.NewLayerNorm(4)
	y := norm.Forward(torch.FromSlice([]float32{1, 2, 3, 4}))
	fmt.Println(norm)
	fmt.Printf("%.4f\n", torch.ToSlice[float32](y))
	// Output:
	// LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
	// [-1.3416 -0.4472 0.4472 1.3416]
}

func ExampleDropout() {
	drop := nn.NewDropout(nn.DropoutOptions{P: new(0.25)})
	x := torch.Ones([]int{2, 2})
	drop.Eval() // in training mode a quarter of the elements would be 0
	fmt.Println(drop, torch.ToSlice[float32](drop.Forward(x)))
	// Output:
	// Dropout(p=0.25, inplace=False) [1 1 1 1]
}

func ExampleEmbedding() {
	words := nn.NewEmbeddingFromPretrained(torch.FromSlice([]float32{0, 0, 1, 2, 3, 4}, 3, 2))
	fmt.Println(words)
	fmt.Println(torch.ToSlice[float32](words.Forward(torch.FromSlice([]int{2, 1}))))
	// Output:
	// Embedding(3, 2)
	// [3 4 1 2]
}

func ExampleEmbeddingBag() {
	weight := torch.FromSlice([]float32{0, 0, 1, 2, 3, 4}, 3, 2)
	bags := nn.NewEmbeddingBagFromPretrained(weight, nn.EmbeddingBagPretrainedOptions{
		EmbeddingBagOptions: nn.EmbeddingBagOptions{Mode: "sum"}})
	words, offsets := torch.FromSlice([]int{2, 1, 0}), torch.FromSlice([]int{0, 2})
	fmt.Println(torch.ToSlice[float32](bags.Forward(words, offsets)))
	// Output:
	// [4 6 0 0]
}

func ExampleLeakyReLU() {
	f := nn.NewLeakyReLU(nn.LeakyReLUOptions{NegativeSlope: new(0.5)})
	fmt.Println(f, torch.ToSlice[float32](f.Forward(torch.FromSlice([]float32{-2, 3}))))
	// Output:
	// LeakyReLU(negative_slope=0.5) [-1 3]
}

func ExampleMSELoss() {
	criterion := nn.NewMSELoss(functional.LossOptions{Reduction: functional.ReductionSum})
	fmt.Println(criterion.Forward(torch.FromSlice([]float32{1, 2}), torch.FromSlice([]float32{4, 6})).Item())
	// Output:
	// 25
}

func ExampleTripletMarginLoss() {
	criterion := nn.NewTripletMarginLoss(functional.TripletMarginLossOptions{Margin: new(5.0), Eps: new(0.0)})
	anchor, near, far := torch.Zeros([]int{1, 2}), torch.FromSlice([]float32{0, 1}, 1, 2), torch.FromSlice([]float32{3, 0}, 1, 2)
	fmt.Println(criterion.Forward(anchor, near, far).Item())
	// Output:
	// 3
}

// The head scores two frequent words and a cluster of three rare ones.
func ExampleAdaptiveLogSoftmaxWithLoss() {
	words := nn.NewAdaptiveLogSoftmaxWithLoss(4, 5, []int{2})
	fmt.Println(words)
	x := torch.Randn([]int{3, 4})
	_, loss := words.Forward(x, torch.FromSlice([]int{0, 4, 1}))
	fmt.Println(loss.Dim(), words.LogProb(x).Shape(), words.Predict(x).Shape())
	// Output:
	// AdaptiveLogSoftmaxWithLoss(
	//   (head): Linear(in_features=4, out_features=3, bias=False)
	//   (tail): ModuleList(
	//     (0): Sequential(
	//       (0): Linear(in_features=4, out_features=1, bias=False)
	//       (1): Linear(in_features=1, out_features=3, bias=False)
	//     )
	//   )
	// )
	// 0 [3 5] [3]
}

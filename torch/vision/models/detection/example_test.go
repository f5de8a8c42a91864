package detection_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/vision/models/detection"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// A small detector learns to find a bright rectangle in a picture, of which one box is
// left of all that show it.
func ExampleNewFasterRCNN() {
	torch.ManualSeed(0)
	picture := torch.Zeros([]int{3, 32, 32})
	picture.At(torch.Colon, torch.Between(8, 24), torch.Between(4, 20)).Set(1)
	truth := detection.Target{Boxes: torch.NewTensor([][]float32{{4, 8, 20, 24}}), Labels: torch.NewTensor([]int{1})}

	backbone := detection.NewSequentialBackbone(8, nn.NewConv2d(3, 8, 3, nn.Conv2dOptions{Stride: 4, Padding: 1}), nn.NewReLU())
	net := detection.NewFasterRCNN(backbone, detection.FasterRCNNOptions{
		MinSize: 32, RPNAnchorGenerator: detection.NewAnchorGenerator(detection.AnchorGeneratorOptions{Sizes: [][]int{{8, 16}}, AspectRatios: [][]float64{{1}}}),
		BoxRoIPool: ops.NewMultiScaleRoIAlign([]string{"0"}, 4, 2), BoxHead: detection.NewTwoMLPHead(8*16, 32),
		BoxPredictor: detection.NewFastRCNNPredictor(32, 2), BoxScoreThresh: new(0.5)})
	optimizer := optim.NewAdam(net.Parameters(), optim.AdamOptions{LR: 0.01})
	for range 60 {
		optimizer.ZeroGrad()
		losses, _ := net.Forward([]*torch.Tensor{picture}, []detection.Target{truth})
		losses.Sum().Backward()
		optimizer.Step()
	}

	net.Eval()
	torch.NoGrad(func() {
		_, found := net.Forward([]*torch.Tensor{picture}, nil)
		best := found[0].Boxes.Index(torch.To(1))
		fmt.Println(found[0].Labels.Index(0).Int(), ops.BoxIoU(best, truth.Boxes).Item() > 0.8)
	})
	// Output: 1 true
}

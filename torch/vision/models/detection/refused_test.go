package detection_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
	"github.com/wangkuiyi/gotorch/torch/vision/models/detection"
)

func TestOddInputsAreRefused(t *testing.T) {
	net := narrow["single"]()
	image := torch.Ones([]int{3, 20, 20})
	target := func(boxes [][]float32, labels ...int) []detection.Target {
		return []detection.Target{{Boxes: torch.NewTensor(boxes), Labels: torch.FromSlice(labels, len(labels))}}
	}
	forward := func(targets []detection.Target, images ...*torch.Tensor) func() {
		return func() { net.Forward(images, targets) }
	}
	good := target([][]float32{{1, 1, 9, 9}}, 1)
	floats := []detection.Target{{Boxes: torch.NewTensor([][]float32{{1, 1, 9, 9}}), Labels: torch.NewTensor([]float32{1})}}
	of := func(kind torch.ErrorKind, words string, call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: kind, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no images":  of(torch.ValueError, "images list should not be empty", forward(good)),
		"no targets": of(torch.ValueError, "targets should not be none when in training mode", forward(nil, image)),
		"fewer":      of(torch.ValueError, "there are 1 targets for 2 images", forward(good, image, image)),
		"nil boxes":  of(torch.ValueError, "target 0 needs Boxes and Labels", forward([]detection.Target{{}}, image)),
		"shape":      of(torch.ValueError, "Expected target boxes to be a tensor of shape [N, 4], got [1 3].", forward(target([][]float32{{1, 1, 9}}, 1), image)),
		"labels":     of(torch.ValueError, "Expected a label for each of 1 target boxes", forward(target([][]float32{{1, 1, 9, 9}}, 1, 2), image)),
		"empty box": of(torch.ValueError, "All bounding boxes should have positive height and width. Found invalid box",
			forward(target([][]float32{{1, 1, 9, 1}}, 1), image)),
		"labels' dtype": of(torch.TypeError, "target labels must of int64 type", forward(floats, image)),
		"another class": of(torch.IndexError, "Target 9 is out of bounds", forward(target([][]float32{{1, 1, 9, 9}}, 9), image)),
		"a batch":       of(torch.ValueError, "images is expected to be a list of 3d tensors of shape [C, H, W]", forward(good, image.Unsqueeze(0))),
		"whole numbers": of(torch.TypeError, "Expected input images to be of floating type (in range [0, 1])", forward(good, image.To(torch.Uint8))),
		"other maps": of(torch.ValueError, "number of feature maps passed (1)", func() {
			detection.NewFasterRCNN(detection.NewSequentialBackbone(3, nn.NewReLU())).Forward([]*torch.Tensor{image}, good)
		}),
		"two predictors": of(torch.ValueError, "num_classes should be None when box_predictor is specified", func() {
			detection.NewFasterRCNN(detection.NewSequentialBackbone(3), detection.FasterRCNNOptions{
				NumClasses: new(2), BoxPredictor: detection.NewFastRCNNPredictor(4, 2)})
		}),
		"a norm of nothing": of(torch.TypeError, "NormLayer and TrainableBackboneLayers are for functions that make a backbone", func() {
			detection.NewFasterRCNN(detection.NewSequentialBackbone(3), detection.FasterRCNNOptions{NormLayer: batchNorm})
		}),
		"thresholds": of(torch.ValueError, "low_threshold should be <= high_threshold", func() {
			detection.NewFasterRCNN(detection.NewSequentialBackbone(3), detection.FasterRCNNOptions{RPNFgIoUThresh: new(0.1)})
		}),
		"sizes": of(torch.ValueError, "MinSize must be an int or ints", func() {
			detection.NewFasterRCNN(detection.NewSequentialBackbone(3), detection.FasterRCNNOptions{MinSize: "800"})
		}),
		"trained layers": of(torch.ValueError, "Trainable layers should be in the range [0,5], got 6", func() {
			detection.ResNetFPN(models.ResNet18(), detection.FPNOptions{TrainableLayers: new(6)})
		}),
		"returned layers": of(torch.ValueError, "Each returned layer should be in the range [1,4]. Got [0]", func() {
			detection.ResNetFPN(models.ResNet18(), detection.FPNOptions{ReturnedLayers: []int{0}})
		}),
		"layers": of(torch.ValueError, "return_layers are not present in model: layer9", func() {
			models.NewIntermediateLayerGetter(models.ResNet18(), map[string]string{"layer9": "0"})
		}),
	})
}

// TestNothingToFind trains with images that show nothing, and looks where nothing is sure
// enough.
func TestNothingToFind(t *testing.T) {
	torch.ManualSeed(0)
	net := narrow["single"]()
	nothing := detection.Target{Boxes: torch.Zeros([]int{0, 4}), Labels: torch.Zeros([]int{0}, torch.TensorOptions{DType: torch.Int64})}
	image := torch.Rand([]int{3, 20, 30})
	losses, found := net.Forward([]*torch.Tensor{image}, []detection.Target{nothing})
	assert.Nil(t, found)
	assert.Zero(t, losses.RPNBoxReg.Item())
	assert.Zero(t, losses.BoxReg.Item())
	assert.Positive(t, losses.Sum().Item())

	sure := detection.NewFasterRCNN(detection.NewSequentialBackbone(3, nn.NewReLU()), few(detection.FasterRCNNOptions{
		NumClasses: new(3), MinSize: 32, RPNAnchorGenerator: anchors([]int{8}), BoxScoreThresh: new(1.0)}))
	sure.Eval()
	losses, found = sure.Forward([]*torch.Tensor{image}, nil)
	assert.Zero(t, losses)
	require.Len(t, found, 1)
	assert.Equal(t, []int{0, 4}, found[0].Boxes.Shape())
	assert.Equal(t, []int{0}, found[0].Labels.Shape())
	assert.Equal(t, torch.Int64, found[0].Labels.DType())
}

// TestHooks see images and what was found, and may replace it.
func TestHooks(t *testing.T) {
	torch.ManualSeed(0)
	net := narrow["fpn"]()
	net.Eval()
	seen := 0
	net.RegisterForwardHook(func(_ nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
		seen = len(inputs)
		return append([]*torch.Tensor{outputs[0].Mul(0)}, outputs[1:]...)
	})
	_, found := net.Forward([]*torch.Tensor{torch.Rand([]int{3, 20, 30}), torch.Rand([]int{3, 30, 20})}, nil)
	assert.Equal(t, 2, seen)
	require.Len(t, found, 2)
	assert.Zero(t, found[0].Boxes.Abs().Sum().Item())
	assert.Positive(t, found[1].Boxes.Sum().Item())
}

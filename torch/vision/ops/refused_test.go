package ops_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

func TestOddArgumentsAreRefused(t *testing.T) {
	boxes := torch.Ones([]int{2, 4})
	none := func() nn.Layer { return nil }
	maps := ops.NameMaps([]string{"0"}, []*torch.Tensor{torch.Ones([]int{1, 2, 4, 4})})
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no maps for a pool": {Call: func() { ops.NewLastLevelMaxPool().Forward(nil, nil, nil) }, Kind: torch.ValueError, Words: "want one map or more"},
		"no maps for P6":     {Call: func() { ops.NewLastLevelP6P7(1, 1).Forward(nil, []*torch.Tensor{nil}, nil) }, Kind: torch.ValueError, Words: "want one map or more"},
		"no maps of the net": {Call: func() { ops.NewLastLevelP6P7(1, 1).Forward([]*torch.Tensor{nil}, nil, nil) }, Kind: torch.ValueError, Words: "want one map or more"},
		"format":             {Call: func() { ops.BoxConvert(boxes, "xyxy", "yxyx") }, Kind: torch.ValueError, Words: "Unsupported Bounding Box Conversions for given in_fmt xyxy and out_fmt yxyx"},
		"turning":            {Call: func() { ops.BoxConvert(boxes, "xyxy", "xywhr") }, Kind: torch.NotImplementedError, Words: "Unsupported Bounding Box Conversions"},
		"numbers":            {Call: func() { ops.BoxConvert(boxes, "xywhr", "cxcywhr") }, Kind: torch.ValueError, Words: "boxes of format xywhr have 5 numbers"},
		"area":               {Call: func() { ops.BoxArea(boxes, ops.BoxOptions{Fmt: ops.BoxXYWHR}) }, Kind: torch.ValueError, Words: "Unsupported Bounding Box area for given format xywhr"},
		"IoU":                {Call: func() { ops.BoxIoU(boxes, boxes, ops.BoxOptions{Fmt: "x"}) }, Kind: torch.ValueError, Words: "Unsupported format 'x'"},
		"reduction":          {Call: func() { ops.DistanceBoxIoULoss(boxes, boxes, ops.BoxLossOptions{Reduction: "all"}) }, Kind: torch.ValueError, Words: "Invalid Value for arg 'reduction': 'all"},
		"alpha":              {Call: func() { ops.SigmoidFocalLoss(boxes, boxes, ops.SigmoidFocalLossOptions{Alpha: new(2.0)}) }, Kind: torch.ValueError, Words: "Invalid alpha value: 2.0."},
		"masks":              {Call: func() { ops.MasksToBoxes(boxes) }, Kind: torch.ValueError, Words: "masks should be 3 dimensional"},
		"a norm and none": {Call: func() {
			ops.NewConv2dNormActivation(1, 1, ops.Conv2dNormActivationOptions{NoNorm: true, NormLayer: func(int) nn.Layer { return nil }})
		}, Kind: torch.TypeError, Words: "NoNorm leaves out the NormLayer"},
		"an inplace of none": {Call: func() {
			ops.NewConv2dNormActivation(1, 1, ops.Conv2dNormActivationOptions{NoActivation: true, Inplace: new(true)})
		}, Kind: torch.TypeError, Words: "Inplace is for the default activation"},
		"an activation and none": {Call: func() {
			ops.NewConv3dNormActivation(1, 1, ops.Conv3dNormActivationOptions{NoActivation: true, ActivationLayer: none})
		}, Kind: torch.TypeError, Words: "NoActivation leaves out the ActivationLayer"},
		"nil of ActivationLayer": {Call: func() { ops.NewConv2dNormActivation(1, 1, ops.Conv2dNormActivationOptions{ActivationLayer: none}) }, Kind: torch.TypeError, Words: "the layer that ActivationLayer returns must not be nil"},
		"nil of Activation":      {Call: func() { ops.NewSqueezeExcitation(1, 1, ops.SqueezeExcitationOptions{Activation: none}) }, Kind: torch.TypeError, Words: "the layer that Activation returns must not be nil"},
		"nothing hidden":         {Call: func() { ops.NewMLP(1, nil) }, Kind: torch.IndexError, Words: "hiddenChannels must not be empty"},
		"no channels":            {Call: func() { ops.NewFeaturePyramidNetwork([]int{0}, 1) }, Kind: torch.ValueError, Words: "in_channels=0 is currently not supported"},
		"other maps":             {Call: func() { ops.NewFeaturePyramidNetwork([]int{2, 2}, 1).Forward(maps) }, Kind: torch.ValueError, Words: "the network is for 2 maps, not for 1"},
		"names":                  {Call: func() { ops.NameMaps([]string{"a", "b"}, nil) }, Kind: torch.ValueError, Words: "there are 2 names for 0 maps"},
		"no map": {Call: func() {
			ops.NewMultiScaleRoIAlign([]string{"1"}, 2, 2).Forward(maps, []*torch.Tensor{boxes}, [][2]int{{4, 4}})
		}, Kind: torch.ValueError, Words: "there is none of the maps 1, but 0"},
		"no images": {Call: func() { ops.NewMultiScaleRoIAlign([]string{"0"}, 2, 2).Forward(maps, []*torch.Tensor{boxes}, nil) }, Kind: torch.ValueError, Words: "images list should not be empty"},
		"groups":    {Call: func() { ops.NewDeformConv2d(3, 4, 1, ops.DeformConv2dOptions{Groups: new(2)}) }, Kind: torch.ValueError, Words: "in_channels must be divisible by groups"},
	})
}

// TestOldStates loads what torchvision saved before its layers had their names of now.
func TestOldStates(t *testing.T) {
	fpn := ops.NewFeaturePyramidNetwork([]int{2, 3}, 4)
	var old nn.StateDict
	for _, x := range fpn.StateDict() {
		name := x.Name[:len("inner_blocks.0.")] + x.Name[len("inner_blocks.0.0."):]
		old = append(old, nn.NamedTensor{Name: name, Tensor: x.Tensor.Add(1)})
	}
	_, err := fpn.LoadStateDict(old)
	require.NoError(t, err)
	for i, x := range fpn.StateDict() {
		assert.True(t, x.Tensor.Equal(old[i].Tensor), x.Name)
	}
	assert.Equal(t, "inner_blocks.0.weight", old[0].Name, "who gave it does not see the new names")

	batch := nn.NewBatchNorm2d(3)
	batch.Forward(torch.Rand([]int{4, 3, 2, 2}))
	frozen := ops.NewFrozenBatchNorm2d(3)
	_, err = frozen.LoadStateDict(batch.StateDict())
	require.NoError(t, err)
	batch.Eval()
	x := torch.Rand([]int{1, 3, 2, 2})
	assert.Less(t, batch.Forward(x).Sub(frozen.Forward(x)).Abs().Max().Item(), 1e-6)
	assert.Empty(t, frozen.Parameters())
}

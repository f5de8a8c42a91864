package models_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// TestOddNetworksAreRefused has no blocks, no patches, and normalisations that are nil.
func TestOddNetworksAreRefused(t *testing.T) {
	none := func(int) nn.Layer { return nil }
	const nothing = "the layer that NormLayer returns must not be nil"
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no patches": {Call: func() { models.NewVisionTransformer(models.ViTSize{NumLayers: 1}) }, Kind: torch.RuntimeError, Words: "Input shape indivisible by patch size!"},
		"no kind of blocks": {Call: func() { models.NewResNet(models.BlockKind{}, [4]int{}) }, Kind: torch.ValueError,
			Words: "the kind of blocks must be BasicBlocks or Bottlenecks"},
		"ResNet":      {Call: func() { models.ResNet18(models.ResNetOptions{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"MobileNetV3": {Call: func() { models.MobileNetV3Small(models.MobileNetV3Options{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"ViT": {Call: func() {
			models.NewVisionTransformer(models.ViTSize{PatchSize: 2, NumLayers: 1, NumHeads: 1, HiddenDim: 2, MLPDim: 2},
				models.ViTOptions{ImageSize: new(4), NormLayer: none})
		}, Kind: torch.TypeError, Words: nothing},
	})
}

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
		"ResNet":       {Call: func() { models.ResNet18(models.ResNetOptions{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"MobileNetV3":  {Call: func() { models.MobileNetV3Small(models.MobileNetV3Options{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"ConvNeXt":     {Call: func() { models.ConvNeXtTiny(models.ConvNeXtOptions{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"EfficientNet": {Call: func() { models.EfficientNetB0(models.EfficientNetOptions{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"Swin":         {Call: func() { models.SwinT(models.SwinOptions{NormLayer: none}) }, Kind: torch.TypeError, Words: nothing},
		"no heads": {Call: func() { models.NewSwinTransformer(models.SwinSize{Depths: []int{2}}) }, Kind: torch.ValueError,
			Words: "want as many heads as depths, and two blocks or more, got depths [2] and heads []"},
		"odd heads": {Call: func() {
			models.NewSwinTransformer(models.SwinSize{PatchSize: [2]int{1, 1}, EmbedDim: 4, Depths: []int{2}, NumHeads: []int{3}, WindowSize: [2]int{1, 1}})
		}, Kind: torch.ValueError, Words: "4 features of stage 0 cannot be shared by 3 heads"},
		"no windows": {Call: func() { models.NewSwinTransformer(models.SwinSize{EmbedDim: 4, Depths: []int{2}, NumHeads: []int{1}}) }, Kind: torch.ValueError,
			Words: "WindowSize must be two numbers above 0, got [0 0]"},
		"no stages": {Call: func() { models.NewEfficientNet(nil) }, Kind: torch.ValueError, Words: "The stages should not be empty"},
		"one block": {Call: func() { models.NewConvNeXt([]models.CNBlockConfig{{InputChannels: 1, NumLayers: 1}}) }, Kind: torch.ValueError,
			Words: "want stages with two blocks or more, got 1 stages with 1"},
		"a stride": {Call: func() {
			models.NewEfficientNet([]models.MBConvConfig{{ExpandRatio: 1, Kernel: 3, Stride: 3, InputChannels: 8, OutChannels: 8, NumLayers: 1}})
		}, Kind: torch.ValueError, Words: "illegal stride value 3, want 1 or 2"},
		"ViT": {Call: func() {
			models.NewVisionTransformer(models.ViTSize{PatchSize: 2, NumLayers: 1, NumHeads: 1, HiddenDim: 2, MLPDim: 2},
				models.ViTOptions{ImageSize: new(4), NormLayer: none})
		}, Kind: torch.TypeError, Words: nothing},
	})
}

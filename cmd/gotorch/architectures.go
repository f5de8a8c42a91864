package main

import (
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// network is a network that can be given weights.
type network interface {
	nn.Layer
	Eval()
	To(targets ...torch.Target)
	LoadStateDict(dict nn.StateDict, options ...nn.LoadOptions) (nn.IncompatibleKeys, error)
}

// architectures make networks for so many classes, by torchvision's names.
var architectures = map[string]func(classes int) network{
	"resnet18":           resNet(models.ResNet18),
	"resnet34":           resNet(models.ResNet34),
	"resnet50":           resNet(models.ResNet50),
	"resnet101":          resNet(models.ResNet101),
	"resnet152":          resNet(models.ResNet152),
	"resnext50_32x4d":    resNet(models.ResNeXt50x32x4d),
	"resnext101_32x8d":   resNet(models.ResNeXt101x32x8d),
	"resnext101_64x4d":   resNet(models.ResNeXt101x64x4d),
	"wide_resnet50_2":    resNet(models.WideResNet50x2),
	"wide_resnet101_2":   resNet(models.WideResNet101x2),
	"vgg11":              vgg(models.VGG11),
	"vgg11_bn":           vgg(models.VGG11BN),
	"vgg13":              vgg(models.VGG13),
	"vgg13_bn":           vgg(models.VGG13BN),
	"vgg16":              vgg(models.VGG16),
	"vgg16_bn":           vgg(models.VGG16BN),
	"vgg19":              vgg(models.VGG19),
	"vgg19_bn":           vgg(models.VGG19BN),
	"mobilenet_v3_small": mobileNet(models.MobileNetV3Small),
	"mobilenet_v3_large": mobileNet(models.MobileNetV3Large),
	"vit_b_16":           vit(models.ViTB16),
	"vit_b_32":           vit(models.ViTB32),
	"vit_l_16":           vit(models.ViTL16),
	"vit_l_32":           vit(models.ViTL32),
}

func architectureNames() []string { return slices.Sorted(maps.Keys(architectures)) }

func resNet(make func(...models.ResNetOptions) *models.ResNet) func(int) network {
	return func(classes int) network { return make(models.ResNetOptions{NumClasses: new(classes)}) }
}

func vgg(make func(...models.VGGOptions) *models.VGG) func(int) network {
	return func(classes int) network { return make(models.VGGOptions{NumClasses: new(classes)}) }
}

func mobileNet(make func(...models.MobileNetV3Options) *models.MobileNetV3) func(int) network {
	return func(classes int) network { return make(models.MobileNetV3Options{NumClasses: new(classes)}) }
}

func vit(make func(...models.ViTOptions) *models.VisionTransformer) func(int) network {
	return func(classes int) network { return make(models.ViTOptions{NumClasses: new(classes)}) }
}

package models_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// network is a model.
type network interface {
	nn.Layer
	fmt.Stringer
	StateDict() nn.StateDict
	NamedParameters() []nn.NamedTensor
	Train(mode ...bool)
	Eval()
}

// initial is a new model.
type initial struct {
	Name, Digest string
	Keys         int
	Sum          float64
}

// checkShapes compares the names and shapes of a network's tensors with Python's.
func (i initial) checkShapes(t *testing.T, net network) {
	t.Helper()
	var lines []string
	for _, x := range net.StateDict() {
		lines = append(lines, fmt.Sprintf("%s [%s]", x.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Tensor.Shape()), " ", ", "), "[]")))
	}
	digest := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	assert.Len(t, lines, i.Keys, i.Name)
	assert.Equal(t, i.Digest, hex.EncodeToString(digest[:]), "%s: names and shapes", i.Name)
}

type golden struct {
	X             torchtest.Tensor
	Inits, Larger []initial
	Forwards      []struct {
		Name        string
		Eval, Train torchtest.Tensor
		Grads       map[string]torchtest.Tensor
		Sum         float64
	}
	Repr map[string]string
}

func load(t *testing.T) (golden, torchtest.Header) {
	var g golden
	h := torchtest.Golden(t, "testdata/models.json.gz", &g)
	return g, h
}

var asLayers = models.VGGOptions{InitWeights: new(false)} // without draws of their own, which take long

var named = map[string]func() network{
	"resnet18":           func() network { return models.ResNet18() },
	"resnet34":           func() network { return models.ResNet34() },
	"resnet50":           func() network { return models.ResNet50() },
	"resnet101":          func() network { return models.ResNet101() },
	"resnet152":          func() network { return models.ResNet152() },
	"resnext50_32x4d":    func() network { return models.ResNeXt50x32x4d() },
	"resnext101_32x8d":   func() network { return models.ResNeXt101x32x8d() },
	"resnext101_64x4d":   func() network { return models.ResNeXt101x64x4d() },
	"wide_resnet50_2":    func() network { return models.WideResNet50x2() },
	"wide_resnet101_2":   func() network { return models.WideResNet101x2() },
	"mobilenet_v3_large": func() network { return models.MobileNetV3Large() },
	"mobilenet_v3_small": func() network { return models.MobileNetV3Small() },
	"vgg11":              func() network { return models.VGG11() },
	"vgg11_bn":           func() network { return models.VGG11BN() },
	"vgg13_bn":           func() network { return models.VGG13BN(asLayers) },
	"vgg16":              func() network { return models.VGG16(asLayers) },
	"vgg16_bn":           func() network { return models.VGG16BN(asLayers) },
	"vgg19_bn":           func() network { return models.VGG19BN(asLayers) },
	"vit_b_16":           func() network { return models.ViTB16() },
	"vit_b_32":           func() network { return models.ViTB32() },
	"densenet121":        func() network { return models.DenseNet121() },
	"efficientnet_b0":    func() network { return models.EfficientNetB0() },
}

// larger are made without elements.
var larger = map[string]func() network{
	"densenet161":       func() network { return models.DenseNet161() },
	"densenet169":       func() network { return models.DenseNet169() },
	"densenet201":       func() network { return models.DenseNet201() },
	"convnext_tiny":     func() network { return models.ConvNeXtTiny() },
	"convnext_small":    func() network { return models.ConvNeXtSmall() },
	"convnext_base":     func() network { return models.ConvNeXtBase() },
	"convnext_large":    func() network { return models.ConvNeXtLarge() },
	"efficientnet_b1":   func() network { return models.EfficientNetB1() },
	"efficientnet_b2":   func() network { return models.EfficientNetB2() },
	"efficientnet_b3":   func() network { return models.EfficientNetB3() },
	"efficientnet_b4":   func() network { return models.EfficientNetB4() },
	"efficientnet_b5":   func() network { return models.EfficientNetB5() },
	"efficientnet_b6":   func() network { return models.EfficientNetB6() },
	"efficientnet_b7":   func() network { return models.EfficientNetB7() },
	"efficientnet_v2_s": func() network { return models.EfficientNetV2S() },
	"efficientnet_v2_m": func() network { return models.EfficientNetV2M() },
	"efficientnet_v2_l": func() network { return models.EfficientNetV2L() },
	"swin_t":            func() network { return models.SwinT() },
	"swin_s":            func() network { return models.SwinS() },
	"swin_b":            func() network { return models.SwinB() },
	"swin_v2_t":         func() network { return models.SwinV2T() },
	"swin_v2_s":         func() network { return models.SwinV2S() },
	"swin_v2_b":         func() network { return models.SwinV2B() },
}

// checkSum compares a network's parameters and buffers with those of Python.
func checkSum(t *testing.T, net network, want float64, exact bool, what string) {
	t.Helper()
	got := 0.0
	for i, x := range net.StateDict() {
		got += float64(i+1) * x.Tensor.SumWith(torch.ReduceOptions{DType: torch.Float64}).Item()
	}
	if exact {
		assert.Equal(t, want, got, what)
	} else {
		assert.InEpsilon(t, want, got, 1e-3, what)
	}
}

// TestFirstValues makes each model anew, and frees it at once, since some are large.
func TestFirstValues(t *testing.T) {
	g, h := load(t)
	require.Len(t, g.Inits, len(named))
	for _, c := range g.Inits {
		torch.Scope(func() {
			torch.ManualSeed(0)
			net := named[c.Name]()
			c.checkShapes(t, net)
			checkSum(t, net, c.Sum, h.Exact(), c.Name)
			for _, x := range net.StateDict() {
				x.Tensor.Close()
			}
		})
	}
}

func TestNamesAndShapes(t *testing.T) {
	g, _ := load(t)
	require.Len(t, g.Larger, len(larger))
	torch.WithDevice(torch.Meta, func() {
		for _, c := range g.Larger {
			torch.Scope(func() {
				net := larger[c.Name]()
				c.checkShapes(t, net)
				for _, x := range net.StateDict() {
					x.Tensor.Close()
				}
			})
		}
	})
}

// Checkpoints that torchvision downloads have older names.
func TestDenseNetLoadsOlderNames(t *testing.T) {
	net := small["densenet"]()
	dict := net.StateDict()
	older := append(nn.StateDict{}, dict...)
	for i := range older {
		if strings.HasSuffix(older[i].Name, "num_batches_tracked") {
			continue // younger than the names
		}
		for _, part := range []string{"norm1", "norm2", "conv1", "conv2"} {
			older[i].Name = strings.Replace(older[i].Name, "."+part+".", "."+part[:4]+"."+part[4:]+".", 1)
		}
	}
	require.NotEqual(t, dict.Names(), older.Names())
	_, err := net.(*models.DenseNet).LoadStateDict(older)
	require.NoError(t, err)
}

func groupNorm(channels int) nn.Layer { return nn.NewGroupNorm(2, channels) }

var small = map[string]func() network{
	"resnet18": func() network { return models.ResNet18(models.ResNetOptions{NumClasses: new(10)}) },
	"resnet50 dilated": func() network {
		return models.ResNet50(models.ResNetOptions{NumClasses: new(5), ReplaceStrideWithDilation: [3]bool{false, true, true}})
	},
	"resnext": func() network {
		return models.NewResNet(models.Bottlenecks, [4]int{1, 1, 2, 1},
			models.ResNetOptions{NumClasses: new(4), Groups: new(8), WidthPerGroup: new(4), ZeroInitResidual: true})
	},
	"resnet18 group norm": func() network {
		return models.ResNet18(models.ResNetOptions{NumClasses: new(3), NormLayer: groupNorm, ZeroInitResidual: true})
	},
	"mobilenet_v3_small": func() network { return models.MobileNetV3Small(models.MobileNetV3Options{NumClasses: new(10)}) },
	"mobilenet_v3_large": func() network {
		return models.MobileNetV3Large(models.MobileNetV3Options{
			NumClasses: new(6), WidthMult: new(0.5), ReducedTail: true, Dilated: true, Dropout: new(0.5)})
	},
	"vgg11_bn": func() network { return models.VGG11BN(models.VGGOptions{NumClasses: new(4), Dropout: new(0.3)}) },
	"vit": func() network {
		return models.NewVisionTransformer(models.ViTSize{PatchSize: 8, NumLayers: 2, NumHeads: 2, HiddenDim: 16, MLPDim: 24},
			models.ViTOptions{ImageSize: new(32), NumClasses: new(7), Dropout: 0.1, AttentionDropout: 0.2, RepresentationSize: 9})
	},
	"vit stem": func() network {
		stem := []models.ConvStemConfig{{OutChannels: 4, KernelSize: 3, Stride: 2}, {OutChannels: 8, KernelSize: 3, Stride: 2}, {OutChannels: 8, KernelSize: 3, Stride: 2}}
		return models.NewVisionTransformer(models.ViTSize{PatchSize: 8, NumLayers: 1, NumHeads: 4, HiddenDim: 16, MLPDim: 24},
			models.ViTOptions{ImageSize: new(32), NumClasses: new(7), ConvStemConfigs: stem})
	},
	"densenet": func() network {
		return models.NewDenseNet(models.DenseNetSize{GrowthRate: 4, BlockConfig: [4]int{1, 3, 1, 1}, NumInitFeatures: 8},
			models.DenseNetOptions{BNSize: new(2), DropRate: 0.3, NumClasses: new(5)})
	},
	"densenet efficient": func() network {
		return models.NewDenseNet(models.DenseNetSize{GrowthRate: 4, BlockConfig: [4]int{1, 2, 1, 1}, NumInitFeatures: 8},
			models.DenseNetOptions{NumClasses: new(5), MemoryEfficient: true})
	},
	"convnext": func() network {
		return models.NewConvNeXt([]models.CNBlockConfig{{InputChannels: 4, OutChannels: 8, NumLayers: 2}, {InputChannels: 8, NumLayers: 2}},
			models.ConvNeXtOptions{StochasticDepthProb: new(0.5), LayerScale: new(0.5), NumClasses: new(5)})
	},
	"efficientnet": func() network {
		return models.NewEfficientNet([]models.MBConvConfig{
			{ExpandRatio: 1, Kernel: 3, Stride: 1, InputChannels: 8, OutChannels: 8, NumLayers: 1},
			{Fused: true, ExpandRatio: 1, Kernel: 3, Stride: 1, InputChannels: 8, OutChannels: 8, NumLayers: 2},
			{Fused: true, ExpandRatio: 4, Kernel: 3, Stride: 2, InputChannels: 8, OutChannels: 16, NumLayers: 2},
			{ExpandRatio: 2, Kernel: 5, Stride: 2, InputChannels: 16, OutChannels: 24, NumLayers: 2},
		}, models.EfficientNetOptions{Dropout: new(0.3), StochasticDepthProb: new(0.5), NumClasses: new(5), LastChannel: new(32)})
	},
	"swin": func() network {
		return models.NewSwinTransformer(models.SwinSize{PatchSize: [2]int{2, 4}, EmbedDim: 8, Depths: []int{2, 2}, NumHeads: []int{2, 4}, WindowSize: [2]int{3, 4}},
			models.SwinOptions{MLPRatio: new(1.5), Dropout: 0.1, AttentionDropout: 0.2, StochasticDepthProb: new(0.5), NumClasses: new(5)})
	},
	"swin v2": func() network {
		return models.NewSwinTransformer(models.SwinSize{PatchSize: [2]int{2, 2}, EmbedDim: 8, Depths: []int{1, 2}, NumHeads: []int{1, 2}, WindowSize: [2]int{4, 4}},
			models.SwinOptions{Dropout: 0.1, AttentionDropout: 0.2, NumClasses: new(5), V2: true})
	},
}

func TestForward(t *testing.T) {
	g, h := load(t)
	require.Len(t, g.Forwards, len(small))
	const tolerance = 1e-2 // of sums over many layers
	x := g.X.Make(t)
	for _, c := range g.Forwards {
		torch.ManualSeed(0)
		net := small[c.Name]()
		if v, ok := net.(*models.VisionTransformer); ok { // its head begins with zeros
			nninit.Normal(v.Heads.At(v.Heads.Len()-1).(*nn.Linear).Weight, 0, 1)
		}
		net.Eval()
		torch.NoGrad(func() { c.Eval.Check(t, net.Forward(x), h.Exact(), tolerance, c.Name+" in evaluation") })
		if c.Name == "vit" && h.Torch != torch.Version() {
			continue // others draw the dropout of attention in another way
		}
		net.Train()
		torch.ManualSeed(1)
		y := net.Forward(x)
		c.Train.Check(t, y, h.Exact(), tolerance, c.Name+" in training")
		y.Mul(y).Sum().Backward()
		found := 0
		for _, p := range net.NamedParameters() {
			if want, ok := c.Grads[p.Name]; ok {
				found++
				if h.Exact() {
					want.Check(t, p.Tensor.Grad(), true, 0, c.Name+" "+p.Name)
					continue
				}
				// Where rounding moves a number to the other side of a ReLU, gradients
				// jump, and normalised batches of two make much of it.
				assert.Equal(t, want.Shape, p.Tensor.Grad().Shape(), p.Name)
				assert.True(t, p.Tensor.Grad().IsFinite().All().Bool(), p.Name)
			}
		}
		assert.Len(t, c.Grads, found, c.Name)
		checkSum(t, net, c.Sum, h.Exact(), c.Name)
	}
}

func TestString(t *testing.T) {
	g, _ := load(t)
	require.NotEmpty(t, g.Repr)
	torch.WithDevice(torch.Meta, func() {
		for name, want := range g.Repr {
			makes := named[name]
			if makes == nil {
				makes = larger[name]
			}
			assert.Equal(t, want, makes().String())
		}
	})
}

func TestErrors(t *testing.T) {
	for message, f := range map[string]func(){
		"BasicBlock only supports groups=1 and base_width=64": func() { models.ResNet18(models.ResNetOptions{Groups: new(2)}) },
		"Dilation > 1 not supported in BasicBlock": func() {
			models.ResNet34(models.ResNetOptions{ReplaceStrideWithDilation: [3]bool{true}})
		},
		"Input shape indivisible by patch size!":      func() { models.ViTB16(models.ViTOptions{ImageSize: new(100)}) },
		"Wrong image height! Expected 32 but got 16!": func() { small["vit"]().Forward(torch.Ones([]int{1, 3, 16, 32})) },
		"conv1: aten::conv2d: ":                       func() { models.ResNet18().Forward(torch.Ones([]int{1, 1, 32, 32})) },
		"Wrong image width! Expected 32 but got 16!":  func() { small["vit"]().Forward(torch.Ones([]int{1, 3, 32, 16})) },
	} {
		assert.ErrorContains(t, torch.Try(f), message)
	}
}

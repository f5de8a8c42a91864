package detection

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// Backbone computes the features in which detectors look.
type Backbone interface {
	nn.AnyModule
	// Maps returns maps of features of images, batch × 3 × height × width, from fine to
	// coarse. One by itself is named "0".
	Maps(images *torch.Tensor) ops.FeatureMaps
	// MapChannels returns how many channels each map has.
	MapChannels() int
}

// SequentialBackbone is a [Backbone] of layers one after the other, with one map: in
// Python, an nn.Sequential whose attribute out_channels is set.
type SequentialBackbone struct {
	nn.Sequential
	OutChannels int
}

// NewSequentialBackbone returns a backbone of layers, the last of which gives so many
// channels.
func NewSequentialBackbone(outChannels int, layers ...nn.Layer) *SequentialBackbone {
	s := nn.Init(&SequentialBackbone{OutChannels: outChannels})
	s.Append(layers...)
	return s
}

// Maps returns what the layers give, as "0".
func (s *SequentialBackbone) Maps(images *torch.Tensor) ops.FeatureMaps {
	return ops.FeatureMaps{{Name: "0", Tensor: s.Forward(images)}}
}

// MapChannels returns OutChannels.
func (s *SequentialBackbone) MapChannels() int { return s.OutChannels }

// GetName returns Python's name of the class.
func (s *SequentialBackbone) GetName() string { return "Sequential" }

// BackboneWithFPN is a [Backbone] of layers of a network and a pyramid on top of them.
type BackboneWithFPN struct {
	nn.Module
	Body        *models.IntermediateLayerGetter
	FPN         *ops.FeaturePyramidNetwork `nn:"fpn"`
	OutChannels int
}

// BackboneWithFPNOptions are the options of [NewBackboneWithFPN].
type BackboneWithFPNOptions struct {
	ExtraBlocks ops.ExtraFPNBlock // adds maps; default: ops.NewLastLevelMaxPool
	NormLayer   ops.NormLayer     // of the pyramid; default: none
}

// NewBackboneWithFPN returns a pyramid of outChannels channels over the children of a
// network that returnLayers names, with the names of their maps. inChannelsList has the
// channels of these, in the network's order.
func NewBackboneWithFPN(network nn.AnyModule, returnLayers map[string]string, inChannelsList []int, outChannels int, options ...BackboneWithFPNOptions) *BackboneWithFPN {
	o := option.First(options)
	if o.ExtraBlocks == nil {
		o.ExtraBlocks = ops.NewLastLevelMaxPool()
	}
	return nn.Init(&BackboneWithFPN{
		Body: models.NewIntermediateLayerGetter(network, returnLayers),
		FPN: ops.NewFeaturePyramidNetwork(inChannelsList, outChannels, ops.FeaturePyramidNetworkOptions{
			ExtraBlocks: o.ExtraBlocks, NormLayer: o.NormLayer}),
		OutChannels: outChannels,
	})
}

// Maps returns the maps of the pyramid.
func (b *BackboneWithFPN) Maps(images *torch.Tensor) ops.FeatureMaps {
	var names []string
	maps := b.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		maps := b.FPN.Forward(b.Body.Forward(inputs[0]))
		names = maps.Names()
		return maps.Tensors()
	}, images)
	return ops.NameMaps(names, maps)
}

// MapChannels returns OutChannels.
func (b *BackboneWithFPN) MapChannels() int { return b.OutChannels }

// FPNOptions are the options of [ResNetFPN] and [MobileNetV3FPN].
type FPNOptions struct {
	TrainableLayers *int              // how many layers from the last are trained, the others not; default: all
	ReturnedLayers  []int             // of the network; default: 1 to 4 of a ResNet, the last two stages of a MobileNetV3
	ExtraBlocks     ops.ExtraFPNBlock // adds maps; default: ops.NewLastLevelMaxPool
	NormLayer       ops.NormLayer     // of the pyramid; default: none
}

// backbone returns the options of the pyramid.
func (o *FPNOptions) backbone() BackboneWithFPNOptions {
	return BackboneWithFPNOptions{ExtraBlocks: o.ExtraBlocks, NormLayer: o.NormLayer}
}

// trainable returns how many of n layers are trained.
func (o *FPNOptions) trainable(op string, n int) int {
	layers := option.Or(o.TrainableLayers, n)
	if layers < 0 || layers > n {
		panic(torch.Errorf(op, torch.ValueError, "Trainable layers should be in the range [0,%d], got %d", n, layers))
	}
	return layers
}

// channels of the pyramids of torchvision's detectors.
const channels = 256

// ResNetFPN returns a pyramid of 256 channels over a ResNet, which becomes a part of it.
// It panics on layers that a ResNet has not.
func ResNetFPN(net *models.ResNet, options ...FPNOptions) *BackboneWithFPN {
	const op = "detection.ResNetFPN"
	argument.NotNil(op, "the network", net)
	o := option.First(options)
	trained := []string{"layer4", "layer3", "layer2", "layer1", "conv1", "bn1"}
	if n := o.trainable(op, 5); n < 5 {
		trained = trained[:n]
	}
	for _, p := range net.NamedParameters() {
		if !slices.ContainsFunc(trained, func(layer string) bool { return strings.HasPrefix(p.Name, layer) }) {
			p.Tensor.SetRequiresGrad(false)
		}
	}
	layers := o.ReturnedLayers
	if layers == nil {
		layers = []int{1, 2, 3, 4}
	}
	if len(layers) == 0 || slices.Min(layers) <= 0 || slices.Max(layers) >= 5 {
		panic(torch.Errorf(op, torch.ValueError, "Each returned layer should be in the range [1,4]. Got %v", layers))
	}
	returned := map[string]string{}
	in := make([]int, len(layers))
	for i, layer := range layers {
		returned[fmt.Sprintf("layer%d", layer)] = strconv.Itoa(i)
		in[i] = net.FC.InFeatures / 8 << (layer - 1)
	}
	return NewBackboneWithFPN(net, returned, in, channels, o.backbone())
}

// MobileNetV3FPN returns a pyramid of 256 channels over the features of a MobileNetV3,
// which become a part of it. It panics on stages that the network has not.
func MobileNetV3FPN(net *models.MobileNetV3, options ...FPNOptions) *BackboneWithFPN {
	const op = "detection.MobileNetV3FPN"
	argument.NotNil(op, "the network", net)
	o := option.First(options)
	stages := net.Stages()
	frozen := net.Features.Len()
	if n := o.trainable(op, len(stages)); n > 0 {
		frozen = stages[len(stages)-n].Index
	}
	for _, layer := range net.Features.Slice(0, frozen).All() {
		nn.Base(layer).SetRequiresGrad(false)
	}
	layers := o.ReturnedLayers
	if layers == nil {
		layers = []int{len(stages) - 2, len(stages) - 1}
	}
	if len(layers) == 0 || slices.Min(layers) < 0 || slices.Max(layers) >= len(stages) {
		panic(torch.Errorf(op, torch.ValueError, "Each returned layer should be in the range [0,%d], got %v ", len(stages)-1, layers))
	}
	returned := map[string]string{}
	in := make([]int, len(layers))
	for i, layer := range layers {
		returned[strconv.Itoa(stages[layer].Index)] = strconv.Itoa(i)
		in[i] = stages[layer].OutChannels
	}
	return NewBackboneWithFPN(net.Features, returned, in, channels, o.backbone())
}

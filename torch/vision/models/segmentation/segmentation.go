// Package segmentation is torchvision's models.segmentation: networks that say of each
// pixel of an image what it belongs to.
//
//	net := segmentation.DeepLabV3ResNet50(segmentation.ModelOptions{NumClasses: new(2)})
//	scores := net.Forward(images).Out // batch × 2 × height × width
//
// Images are batch × 3 × height × width, normalised as package transforms shows.
// Parameters have torchvision's names and, for the same seed, its first values. There
// are no trained weights here; torchvision's load into networks with AuxLoss.
//
// https://docs.pytorch.org/vision/stable/models.html#semantic-segmentation
package segmentation

import (
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// Output is what a network gives: scores for each class of each pixel, batch × classes
// × height × width.
type Output struct {
	Out *torch.Tensor
	Aux *torch.Tensor // of the auxiliary classifier, for training; nil where there is none
}

// DeepLabV3 is the network of the paper "Rethinking Atrous Convolution for Semantic
// Image Segmentation".
//
// https://docs.pytorch.org/vision/stable/models/deeplabv3.html
type DeepLabV3 struct {
	nn.Module
	Backbone      *models.IntermediateLayerGetter // gives "out" and, for the auxiliary classifier, "aux"
	Classifier    nn.Layer
	AuxClassifier nn.Layer // or nil
}

// DeepLabV3Options are the options of [NewDeepLabV3].
type DeepLabV3Options struct {
	AuxClassifier nn.Layer // of the backbone's "aux"; default: none
}

// NewDeepLabV3 returns a network of layers that give "out" and of a classifier of that.
func NewDeepLabV3(backbone *models.IntermediateLayerGetter, classifier nn.Layer, options ...DeepLabV3Options) *DeepLabV3 {
	const op = "segmentation.NewDeepLabV3"
	argument.NotNil(op, "the backbone", backbone)
	argument.NotNil(op, "the classifier", classifier)
	return nn.Init(&DeepLabV3{Backbone: backbone, Classifier: classifier, AuxClassifier: option.First(options).AuxClassifier})
}

// Forward returns the scores of x, batch × 3 × height × width, of the same height and
// width.
func (d *DeepLabV3) Forward(x *torch.Tensor) Output {
	results := d.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		x := inputs[0]
		maps := d.Backbone.Forward(x)
		classify := func(name string, layer nn.Layer) *torch.Tensor {
			m := maps.Get(name)
			if m == nil {
				panic(torch.Errorf("segmentation.DeepLabV3", torch.ValueError, "the backbone gives no %q", name))
			}
			return resize(nn.Call(layer, m), x)
		}
		results := []*torch.Tensor{classify("out", d.Classifier)}
		if !argument.IsNil(d.AuxClassifier) {
			results = append(results, classify("aux", d.AuxClassifier))
		}
		return results
	}, x)
	if len(results) == 1 {
		return Output{Out: results[0]}
	}
	return Output{results[0], results[1]}
}

// resize returns x in the height and width of another.
func resize(x, like *torch.Tensor) *torch.Tensor {
	return functional.Interpolate(x, functional.InterpolateOptions{
		Size: []int{like.Size(-2), like.Size(-1)}, Mode: functional.InterpolateBilinear, AlignCorners: new(false)})
}

// ModelOptions are the options of the functions that make a [DeepLabV3].
type ModelOptions struct {
	NumClasses *int // the background among them; default: 21
	AuxLoss    bool // have an auxiliary classifier
}

// newDeepLabV3 returns a network of the layers of a backbone that give so many channels.
func newDeepLabV3(backbone nn.AnyModule, out, aux models.Stage, prefix string, options []ModelOptions) *DeepLabV3 {
	o := option.First(options)
	classes := option.Or(o.NumClasses, 21)
	layers := map[string]string{prefix + strconv.Itoa(out.Index): "out"}
	var rest DeepLabV3Options
	if o.AuxLoss {
		layers[prefix+strconv.Itoa(aux.Index)] = "aux"
		rest.AuxClassifier = NewFCNHead(aux.OutChannels, classes) // first, as in Python
	}
	return NewDeepLabV3(models.NewIntermediateLayerGetter(backbone, layers), NewDeepLabHead(out.OutChannels, classes), rest)
}

// ofResNet returns a network with a ResNet of bottlenecks.
func ofResNet(resnet func(...models.ResNetOptions) *models.ResNet, options []ModelOptions) *DeepLabV3 {
	net := resnet(models.ResNetOptions{ReplaceStrideWithDilation: [3]bool{false, true, true}})
	return newDeepLabV3(net, models.Stage{Index: 4, OutChannels: 2048}, models.Stage{Index: 3, OutChannels: 1024}, "layer", options)
}

// DeepLabV3ResNet50 returns DeepLabV3 with ResNet-50.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.segmentation.deeplabv3_resnet50.html
func DeepLabV3ResNet50(options ...ModelOptions) *DeepLabV3 {
	return ofResNet(models.ResNet50, options)
}

// DeepLabV3ResNet101 returns DeepLabV3 with ResNet-101.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.segmentation.deeplabv3_resnet101.html
func DeepLabV3ResNet101(options ...ModelOptions) *DeepLabV3 {
	return ofResNet(models.ResNet101, options)
}

// DeepLabV3MobileNetV3Large returns DeepLabV3 with the large MobileNetV3.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.segmentation.deeplabv3_mobilenet_v3_large.html
func DeepLabV3MobileNetV3Large(options ...ModelOptions) *DeepLabV3 {
	net := models.MobileNetV3Large(models.MobileNetV3Options{Dilated: true})
	stages := net.Stages()
	return newDeepLabV3(net.Features, stages[len(stages)-1], stages[len(stages)-4], "", options)
}

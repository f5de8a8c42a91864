package detection

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// FasterRCNNOptions are the options of [NewFasterRCNN], and of the functions that make
// it with a backbone.
type FasterRCNNOptions struct {
	NumClasses    *int        // the background among them; default: 91, unless there is a BoxPredictor
	MinSize       torch.Sizes // to which the shorter side of images is scaled; of several, one at random in training; default: 800
	MaxSize       *int        // of the longer side then; default: 1333
	ImageMean     []float64   // subtracted from the channels; default: ImageNet's, 0.485, 0.456 and 0.406
	ImageStd      []float64   // divides them; default: ImageNet's, 0.229, 0.224 and 0.225
	SizeDivisible *int        // divides the height and the width of a batch; default: 32
	FixedSize     []int       // the width and height to which all images are scaled; default: none

	RPNAnchorGenerator   *AnchorGenerator // default: anchors of 32, 64, 128, 256 and 512 pixels for five maps
	RPNHead              ProposalHead     // default: NewRPNHead
	RPNPreNMSTopNTrain   *int             // proposals of a map before those that overlap go, in training; default: 2000
	RPNPreNMSTopNTest    *int             // the same in evaluation; default: 1000
	RPNPostNMSTopNTrain  *int             // proposals of an image after that, in training; default: 2000
	RPNPostNMSTopNTest   *int             // the same in evaluation; default: 1000
	RPNNMSThresh         *float64         // the IoU from which proposals overlap; default: 0.7
	RPNFgIoUThresh       *float64         // the IoU from which an anchor shows a thing; default: 0.7
	RPNBgIoUThresh       *float64         // the IoU below which it shows none; default: 0.3
	RPNBatchSizePerImage *int             // anchors to learn from; default: 256
	RPNPositiveFraction  *float64         // those that show a thing, at most; default: 0.5
	RPNScoreThresh       *float64         // the least score of proposals; default: 0, with MobileNetV3 0.05

	BoxRoIPool           *ops.MultiScaleRoIAlign // default: 7 × 7 pixels of the maps "0" to "3"
	BoxHead              nn.Layer                // default: NewTwoMLPHead, with 1024 features
	BoxPredictor         BoxPredictor            // default: NewFastRCNNPredictor
	BoxScoreThresh       *float64                // the least score of detections; default: 0.05
	BoxNMSThresh         *float64                // the IoU from which detections overlap; default: 0.5
	BoxDetectionsPerImg  *int                    // default: 100
	BoxFgIoUThresh       *float64                // the IoU from which a proposal shows a thing; default: 0.5
	BoxBgIoUThresh       *float64                // the IoU below which it shows none; default: 0.5
	BoxBatchSizePerImage *int                    // proposals to learn from; default: 512
	BoxPositiveFraction  *float64                // those that show a thing, at most; default: 0.25
	BBoxRegWeights       *[4]float64             // of the numbers that a box differs by; default: 10, 10, 5 and 5

	NormLayer               ops.NormLayer // of the backbone that a function makes; default: nn.NewBatchNorm2d
	TrainableBackboneLayers *int          // of the backbone that a function makes; default: all
}

// set gives an option that is missing its default.
func set[T any](option **T, standard T) {
	if *option == nil {
		*option = &standard
	}
}

// prepare sets the defaults, for maps of so many channels, and makes the parts in
// Python's order.
func (o *FasterRCNNOptions) prepare(channels int) {
	set(&o.RPNPreNMSTopNTrain, 2000)
	set(&o.RPNPreNMSTopNTest, 1000)
	set(&o.RPNPostNMSTopNTrain, 2000)
	set(&o.RPNPostNMSTopNTest, 1000)
	set(&o.RPNNMSThresh, 0.7)
	set(&o.RPNFgIoUThresh, 0.7)
	set(&o.RPNBgIoUThresh, 0.3)
	set(&o.RPNBatchSizePerImage, 256)
	set(&o.RPNPositiveFraction, 0.5)
	set(&o.RPNScoreThresh, 0)
	set(&o.BoxScoreThresh, 0.05)
	set(&o.BoxNMSThresh, 0.5)
	set(&o.BoxDetectionsPerImg, 100)
	set(&o.BoxFgIoUThresh, 0.5)
	set(&o.BoxBgIoUThresh, 0.5)
	set(&o.BoxBatchSizePerImage, 512)
	set(&o.BoxPositiveFraction, 0.25)
	set(&o.BBoxRegWeights, [4]float64{10, 10, 5, 5})
	if o.RPNAnchorGenerator == nil {
		o.RPNAnchorGenerator = defaultAnchors()
	}
	if o.RPNHead == nil {
		numbers := o.RPNAnchorGenerator.NumAnchorsPerLocation()
		if len(numbers) == 0 {
			panic(torch.Errorf("detection.NewFasterRCNN", torch.ValueError, "the RPNAnchorGenerator has no anchors"))
		}
		o.RPNHead = NewRPNHead(channels, numbers[0])
	}
	if o.BoxRoIPool == nil {
		o.BoxRoIPool = ops.NewMultiScaleRoIAlign([]string{"0", "1", "2", "3"}, 7, 2)
	}
	const features = 1024
	if o.BoxHead == nil {
		side := o.BoxRoIPool.OutputSize[0]
		o.BoxHead = NewTwoMLPHead(channels*side*side, features)
	}
	if o.BoxPredictor == nil {
		o.BoxPredictor = NewFastRCNNPredictor(features, option.Or(o.NumClasses, 91))
	} else if o.NumClasses != nil {
		panic(torch.Errorf("detection.NewFasterRCNN", torch.ValueError, "num_classes should be None when box_predictor is specified"))
	}
}

// defaultAnchors returns anchors for five maps, from fine to coarse.
func defaultAnchors() *AnchorGenerator {
	return NewAnchorGenerator(AnchorGeneratorOptions{Sizes: [][]int{{32}, {64}, {128}, {256}, {512}},
		AspectRatios: slices.Repeat([][]float64{{0.5, 1, 2}}, 5)})
}

// FasterRCNN is the detector of the paper "Faster R-CNN: Towards Real-Time Object
// Detection with Region Proposal Networks".
//
// https://docs.pytorch.org/vision/stable/models/faster_rcnn.html
type FasterRCNN struct{ GeneralizedRCNN }

// NewFasterRCNN returns a detector that looks at the maps of a backbone. It panics on
// options that do not fit together, and on those for backbones that functions make.
func NewFasterRCNN(backbone Backbone, options ...FasterRCNNOptions) *FasterRCNN {
	o := option.First(options)
	if o.NormLayer != nil || o.TrainableBackboneLayers != nil {
		panic(torch.Errorf("detection.NewFasterRCNN", torch.TypeError,
			"NormLayer and TrainableBackboneLayers are for functions that make a backbone, and there is one"))
	}
	o.prepare(backbone.MapChannels())
	return nn.Init(&FasterRCNN{GeneralizedRCNN{
		Backbone: backbone, RPN: newRegionProposalNetwork(o), RoIHeads: newRoIHeads(o), Transform: newTransform(o)}})
}

// backbone takes the options of the backbone out of o.
func (o *FasterRCNNOptions) backbone() (norm ops.NormLayer, pyramid FPNOptions) {
	norm, pyramid.TrainableLayers = o.NormLayer, o.TrainableBackboneLayers
	o.NormLayer, o.TrainableBackboneLayers = nil, nil
	return norm, pyramid
}

// FasterRCNNResNet50FPN returns a Faster R-CNN with a pyramid over ResNet-50. The state
// of torchvision's trained one is for a NormLayer of ops.FrozenBatchNorm2d with an Eps
// of 0.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.detection.fasterrcnn_resnet50_fpn.html
func FasterRCNNResNet50FPN(options ...FasterRCNNOptions) *FasterRCNN {
	o := option.First(options)
	norm, pyramid := o.backbone()
	return NewFasterRCNN(ResNetFPN(models.ResNet50(models.ResNetOptions{NormLayer: norm}), pyramid), o)
}

// FasterRCNNResNet50FPNV2 returns a Faster R-CNN as [FasterRCNNResNet50FPN] does, with
// more convolutions and normalisations.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.detection.fasterrcnn_resnet50_fpn_v2.html
func FasterRCNNResNet50FPNV2(options ...FasterRCNNOptions) *FasterRCNN {
	o := option.First(options)
	norm, pyramid := o.backbone()
	batchNorm := func(channels int) nn.Layer { return nn.NewBatchNorm2d(channels) }
	pyramid.NormLayer = batchNorm
	backbone := ResNetFPN(models.ResNet50(models.ResNetOptions{NormLayer: norm}), pyramid)
	if o.RPNAnchorGenerator == nil {
		o.RPNAnchorGenerator = defaultAnchors()
	}
	if o.RPNHead == nil {
		o.RPNHead = NewRPNHead(channels, o.RPNAnchorGenerator.NumAnchorsPerLocation()[0], RPNHeadOptions{ConvDepth: new(2)})
	}
	if o.BoxHead == nil {
		o.BoxHead = NewFastRCNNConvFCHead([3]int{channels, 7, 7}, []int{256, 256, 256, 256}, []int{1024}, FastRCNNConvFCHeadOptions{NormLayer: batchNorm})
	}
	return NewFasterRCNN(backbone, o)
}

// FasterRCNNMobileNetV3LargeFPN returns a Faster R-CNN with a pyramid over the large
// MobileNetV3.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.detection.fasterrcnn_mobilenet_v3_large_fpn.html
func FasterRCNNMobileNetV3LargeFPN(options ...FasterRCNNOptions) *FasterRCNN {
	o := option.First(options)
	norm, pyramid := o.backbone()
	if norm == nil {
		norm = func(channels int) nn.Layer { return nn.NewBatchNorm2d(channels) }
	}
	set(&o.RPNScoreThresh, 0.05)
	backbone := MobileNetV3FPN(models.MobileNetV3Large(models.MobileNetV3Options{NormLayer: norm}), pyramid)
	if o.RPNAnchorGenerator == nil {
		o.RPNAnchorGenerator = NewAnchorGenerator(AnchorGeneratorOptions{
			Sizes: slices.Repeat([][]int{{32, 64, 128, 256, 512}}, 3), AspectRatios: slices.Repeat([][]float64{{0.5, 1, 2}}, 3)})
	}
	return NewFasterRCNN(backbone, o)
}

// FasterRCNNMobileNetV3Large320FPN is [FasterRCNNMobileNetV3LargeFPN] for images of 320
// pixels.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn.html
func FasterRCNNMobileNetV3Large320FPN(options ...FasterRCNNOptions) *FasterRCNN {
	o := option.First(options)
	if o.MinSize == nil {
		o.MinSize = 320
	}
	set(&o.MaxSize, 640)
	set(&o.RPNPreNMSTopNTest, 150)
	set(&o.RPNPostNMSTopNTest, 150)
	return FasterRCNNMobileNetV3LargeFPN(o)
}

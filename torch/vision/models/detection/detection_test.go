package detection_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
	"github.com/wangkuiyi/gotorch/torch/vision/models/detection"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// values are what a network of Python gives.
type values struct {
	Name   string
	Sum    float64
	Found  []struct{ Boxes, Labels, Scores torchtest.Tensor }
	Losses map[string]torchtest.Tensor
}

type golden struct {
	Images  []torchtest.Tensor
	Targets []struct{ Boxes, Labels torchtest.Tensor }
	Full    []struct {
		Name, Digest string
		Keys         int
	}
	Values []values
	Narrow []struct {
		values
		Repr    string
		Names   []string
		Trained int
		Grads   map[string]torchtest.Tensor
	}
}

func load(t *testing.T) (g golden, h torchtest.Header, images []*torch.Tensor, targets []detection.Target) {
	h = torchtest.Golden(t, "testdata/detection.json.gz", &g)
	for i, image := range g.Images {
		images = append(images, image.Make(t))
		targets = append(targets, detection.Target{Boxes: g.Targets[i].Boxes.Make(t), Labels: g.Targets[i].Labels.Make(t)})
	}
	return g, h, images, targets
}

var full = map[string]func(...detection.FasterRCNNOptions) *detection.FasterRCNN{
	"fasterrcnn_resnet50_fpn":               detection.FasterRCNNResNet50FPN,
	"fasterrcnn_resnet50_fpn_v2":            detection.FasterRCNNResNet50FPNV2,
	"fasterrcnn_mobilenet_v3_large_fpn":     detection.FasterRCNNMobileNetV3LargeFPN,
	"fasterrcnn_mobilenet_v3_large_320_fpn": detection.FasterRCNNMobileNetV3Large320FPN,
}

// TestNamesAndShapes makes torchvision's networks without memory.
func TestNamesAndShapes(t *testing.T) {
	g, _, _, _ := load(t)
	require.Len(t, g.Full, len(full))
	for _, c := range g.Full {
		var net *detection.FasterRCNN
		torch.WithDevice(torch.Meta, func() { net = full[c.Name]() })
		var lines []string
		for _, x := range net.StateDict() {
			lines = append(lines, fmt.Sprintf("%s [%s]", x.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Tensor.Shape()), " ", ", "), "[]")))
		}
		digest := sha256.Sum256([]byte(strings.Join(lines, "\n")))
		assert.Len(t, lines, c.Keys, c.Name)
		assert.Equal(t, c.Digest, hex.EncodeToString(digest[:]), c.Name)
	}
}

// few are the options that the narrow networks share.
func few(o detection.FasterRCNNOptions) detection.FasterRCNNOptions {
	o.RPNPreNMSTopNTrain, o.RPNPreNMSTopNTest = new(60), new(50)
	o.RPNPostNMSTopNTrain, o.RPNPostNMSTopNTest = new(40), new(30)
	o.RPNBatchSizePerImage, o.BoxBatchSizePerImage, o.BoxDetectionsPerImg = new(32), new(24), new(8)
	return o
}

func anchors(sizes ...[]int) *detection.AnchorGenerator {
	ratios := make([][]float64, len(sizes))
	for i := range ratios {
		ratios[i] = []float64{0.5, 1, 2}
	}
	return detection.NewAnchorGenerator(detection.AnchorGeneratorOptions{Sizes: sizes, AspectRatios: ratios})
}

func batchNorm(channels int) nn.Layer { return nn.NewBatchNorm2d(channels) }

func frozen(channels int) nn.Layer { return ops.NewFrozenBatchNorm2d(channels) }

var narrow = map[string]func() *detection.FasterRCNN{
	"fpn": func() *detection.FasterRCNN {
		net := models.NewResNet(models.BasicBlocks, [4]int{1, 1, 1, 1}, models.ResNetOptions{NormLayer: frozen})
		backbone := detection.ResNetFPN(net, detection.FPNOptions{TrainableLayers: new(3), ReturnedLayers: []int{1, 3}})
		return detection.NewFasterRCNN(backbone, few(detection.FasterRCNNOptions{
			MinSize: 64, MaxSize: new(90), RPNAnchorGenerator: anchors([]int{8}, []int{24}, []int{48}),
			BoxRoIPool: ops.NewMultiScaleRoIAlign([]string{"0", "1"}, 3, 2, ops.MultiScaleRoIAlignOptions{CanonicalScale: new(32), CanonicalLevel: new(3)}),
			BoxHead:    detection.NewTwoMLPHead(256*9, 16), BoxPredictor: detection.NewFastRCNNPredictor(16, 5)}))
	},
	"single": func() *detection.FasterRCNN {
		backbone := detection.NewSequentialBackbone(8, nn.NewConv2d(3, 8, 5, nn.Conv2dOptions{Stride: 4, Padding: 2}), nn.NewReLU())
		return detection.NewFasterRCNN(backbone, few(detection.FasterRCNNOptions{
			MinSize: []int{48, 64}, MaxSize: new(200), ImageMean: []float64{0.5, 0.5, 0.5}, ImageStd: []float64{0.25, 0.25, 0.25}, SizeDivisible: new(16),
			RPNAnchorGenerator: anchors([]int{8, 16, 32}), RPNHead: detection.NewRPNHead(8, 9, detection.RPNHeadOptions{ConvDepth: new(2)}),
			RPNNMSThresh: new(0.6), RPNFgIoUThresh: new(0.5), RPNBgIoUThresh: new(0.2), RPNPositiveFraction: new(0.25), RPNScoreThresh: new(0.49),
			BoxRoIPool: ops.NewMultiScaleRoIAlign([]string{"0"}, []int{3, 4}, 0),
			BoxHead: detection.NewFastRCNNConvFCHead([3]int{8, 3, 4}, []int{6}, []int{16},
				detection.FastRCNNConvFCHeadOptions{NormLayer: batchNorm}),
			BoxPredictor: detection.NewFastRCNNPredictor(16, 5), BoxScoreThresh: new(0.1), BoxNMSThresh: new(0.4), BoxFgIoUThresh: new(0.6),
			BoxBgIoUThresh: new(0.3), BoxPositiveFraction: new(0.5), BBoxRegWeights: &[4]float64{9, 8, 4, 3}}))
	},
	"mobile": func() *detection.FasterRCNN {
		net := models.MobileNetV3Small(models.MobileNetV3Options{WidthMult: new(0.25), NormLayer: func(channels int) nn.Layer {
			return nn.NewBatchNorm2d(channels, nn.BatchNormOptions{Eps: new(0.001)})
		}})
		backbone := detection.MobileNetV3FPN(net, detection.FPNOptions{TrainableLayers: new(2), NormLayer: batchNorm})
		return detection.NewFasterRCNN(backbone, few(detection.FasterRCNNOptions{
			FixedSize: []int{64, 48}, RPNAnchorGenerator: anchors([]int{8, 32}, []int{8, 32}, []int{8, 32}),
			BoxRoIPool: ops.NewMultiScaleRoIAlign([]string{"0", "1"}, 2, 2), BoxHead: detection.NewTwoMLPHead(256*4, 16),
			BoxPredictor: detection.NewFastRCNNPredictor(16, 5)}))
	},
}

// check compares a network that was made after ManualSeed(0) with Python's.
func check(t *testing.T, net *detection.FasterRCNN, want values, exact bool, images []*torch.Tensor, targets []detection.Target) {
	t.Helper()
	sum := 0.0
	for i, x := range net.StateDict() {
		sum += float64(i+1) * x.Tensor.SumWith(torch.ReduceOptions{DType: torch.Float64}).Item()
	}
	if exact {
		assert.Equal(t, want.Sum, sum, want.Name)
	} else {
		assert.InEpsilon(t, want.Sum, sum, 1e-3, want.Name)
	}
	net.Eval()
	var found []detection.Detection
	torch.NoGrad(func() { _, found = net.Forward(images, nil) })
	require.Len(t, found, len(want.Found))
	for i, w := range want.Found {
		d := found[i]
		assert.Equal(t, d.Boxes.Size(0), d.Scores.Size(0), want.Name)
		if !exact { // scores are near each other, and other roundings give another order
			assert.True(t, d.Boxes.IsFinite().All().Bool(), want.Name)
			continue
		}
		first := torch.To(w.Labels.Shape[0])
		w.Boxes.Check(t, d.Boxes.Index(first), true, 0, want.Name)
		w.Labels.Check(t, d.Labels.Index(first), true, 0, want.Name)
		w.Scores.Check(t, d.Scores.Index(first), true, 0, want.Name)
	}
	net.Train()
	torch.ManualSeed(1)
	losses, _ := net.Forward(images, targets)
	for name, loss := range map[string]*torch.Tensor{"loss_classifier": losses.Classifier, "loss_box_reg": losses.BoxReg,
		"loss_objectness": losses.Objectness, "loss_rpn_box_reg": losses.RPNBoxReg} {
		want.Losses[name].Check(t, loss, exact, 0.1, want.Name+" "+name)
	}
	losses.Sum().Backward()
}

func TestNarrowNetworks(t *testing.T) {
	g, h, images, targets := load(t)
	require.Len(t, g.Narrow, len(narrow))
	for _, c := range g.Narrow {
		torch.ManualSeed(0)
		net := narrow[c.Name]()
		assert.Equal(t, c.Names, net.StateDict().Names(), c.Name)
		assert.Equal(t, c.Repr, net.String(), c.Name)
		trained := 0
		for _, p := range net.Parameters() {
			if p.RequiresGrad() {
				trained++
			}
		}
		assert.Equal(t, c.Trained, trained, c.Name)
		check(t, net, c.values, h.Exact(), images, targets)
		for name, want := range c.Grads {
			// Without torchvision's library the gradients of regions are added up in another
			// order.
			exact := h.Exact() && ops.LoadLibrary() == nil
			got := net.GetParameter(name).Grad().Flatten().Index(torch.To(32))
			if h.Exact() {
				want.Check(t, got, exact, 1e-4, c.Name+" "+name)
			} else {
				assert.True(t, got.IsFinite().All().Bool(), name)
			}
		}
	}
}

// TestFullNetworks runs torchvision's networks, which takes a minute: make torchvision
// does.
func TestFullNetworks(t *testing.T) {
	if os.Getenv("GOTORCH_TORCHVISION") == "" {
		t.Skip("make torchvision runs it")
	}
	g, h, images, targets := load(t)
	require.NotEmpty(t, g.Values)
	for _, c := range g.Values {
		torch.Scope(func() {
			torch.ManualSeed(0)
			net := full[c.Name](detection.FasterRCNNOptions{MinSize: 64, MaxSize: new(96)})
			check(t, net, c, h.Exact(), images, targets)
			for _, x := range net.StateDict() {
				x.Tensor.Close()
			}
		})
	}
}

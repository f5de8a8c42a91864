package segmentation_test

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
	"github.com/wangkuiyi/gotorch/torch/vision/models"
	"github.com/wangkuiyi/gotorch/torch/vision/models/segmentation"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type golden struct {
	X    torchtest.Tensor
	Full []struct {
		Name, Digest string
		Aux          bool
		Keys         int
	}
	Values []struct {
		Name     string
		Sum      float64
		Out, Aux torchtest.Tensor
	}
	Narrow struct {
		Sum      float64
		Repr     string
		Names    []string
		Out, Aux torchtest.Tensor
		Train    struct{ Out, Aux torchtest.Tensor }
		Grads    map[string]torchtest.Tensor
	}
}

func load(t *testing.T) (g golden, h torchtest.Header, x *torch.Tensor) {
	h = torchtest.Golden(t, "testdata/segmentation.json.gz", &g)
	return g, h, g.X.Make(t)
}

var full = map[string]func(...segmentation.ModelOptions) *segmentation.DeepLabV3{
	"deeplabv3_resnet50":           segmentation.DeepLabV3ResNet50,
	"deeplabv3_resnet101":          segmentation.DeepLabV3ResNet101,
	"deeplabv3_mobilenet_v3_large": segmentation.DeepLabV3MobileNetV3Large,
}

// TestNamesAndShapes makes torchvision's networks without memory.
func TestNamesAndShapes(t *testing.T) {
	g, _, _ := load(t)
	require.Len(t, g.Full, 2*len(full))
	for _, c := range g.Full {
		var net *segmentation.DeepLabV3
		torch.WithDevice(torch.Meta, func() { net = full[c.Name](segmentation.ModelOptions{AuxLoss: c.Aux}) })
		var lines []string
		for _, x := range net.StateDict() {
			lines = append(lines, fmt.Sprintf("%s [%s]", x.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Tensor.Shape()), " ", ", "), "[]")))
		}
		digest := sha256.Sum256([]byte(strings.Join(lines, "\n")))
		assert.Len(t, lines, c.Keys, c.Name)
		assert.Equal(t, c.Digest, hex.EncodeToString(digest[:]), c.Name)
	}
}

func checkSum(t *testing.T, net *segmentation.DeepLabV3, want float64, exact bool) {
	t.Helper()
	sum := 0.0
	for i, x := range net.StateDict() {
		sum += float64(i+1) * x.Tensor.SumWith(torch.ReduceOptions{DType: torch.Float64}).Item()
	}
	if exact {
		assert.Equal(t, want, sum)
	} else {
		assert.InEpsilon(t, want, sum, 1e-3)
	}
}

// every returns each n-th pixel.
func every(x *torch.Tensor, n int) *torch.Tensor {
	return x.Index(torch.Ellipsis, torch.From(0).By(n), torch.From(0).By(n))
}

func TestNarrowNetwork(t *testing.T) {
	g, h, x := load(t)
	const tolerance = 1e-2 // of sums over many layers
	torch.ManualSeed(0)
	features := models.MobileNetV3Small(models.MobileNetV3Options{WidthMult: new(0.25), Dilated: true}).Features
	backbone := models.NewIntermediateLayerGetter(features, map[string]string{"4": "aux", "9": "out"})
	aux := segmentation.NewFCNHead(16, 3)
	head := segmentation.NewDeepLabHead(24, 3, segmentation.DeepLabHeadOptions{AtrousRates: []int{1, 3}})
	net := segmentation.NewDeepLabV3(backbone, head, segmentation.DeepLabV3Options{AuxClassifier: aux})
	checkSum(t, net, g.Narrow.Sum, h.Exact())
	assert.Equal(t, g.Narrow.Names, net.StateDict().Names())
	assert.Equal(t, g.Narrow.Repr, net.String())
	net.Eval()
	torch.NoGrad(func() {
		y := net.Forward(x)
		g.Narrow.Out.Check(t, every(y.Out, 2), h.Exact(), tolerance, "out")
		g.Narrow.Aux.Check(t, every(y.Aux, 2), h.Exact(), tolerance, "aux")
	})
	net.Train()
	torch.ManualSeed(1)
	y := net.Forward(x)
	y.Out.Mul(y.Out).Sum().Add(y.Aux.Mul(y.Aux).Sum()).Backward()
	if h.Torch == torch.Version() { // others draw the dropout in another way
		g.Narrow.Train.Out.Check(t, every(y.Out, 2), h.Exact(), 0.1, "out in training")
		g.Narrow.Train.Aux.Check(t, every(y.Aux, 2), h.Exact(), 0.1, "aux in training")
	}
	for name, want := range g.Narrow.Grads {
		got := net.GetParameter(name).Grad()
		if h.Exact() {
			want.Check(t, got, true, 0, name)
		} else {
			assert.Equal(t, want.Shape, got.Shape(), name)
		}
	}
}

// TestFullNetworks runs torchvision's networks, which takes a while: make torchvision
// does.
func TestFullNetworks(t *testing.T) {
	if os.Getenv("GOTORCH_TORCHVISION") == "" {
		t.Skip("make torchvision runs it")
	}
	g, h, x := load(t)
	require.NotEmpty(t, g.Values)
	for _, c := range g.Values {
		torch.ManualSeed(0)
		net := full[c.Name](segmentation.ModelOptions{NumClasses: new(3), AuxLoss: true})
		checkSum(t, net, c.Sum, h.Exact())
		net.Eval()
		torch.NoGrad(func() {
			y := net.Forward(x)
			c.Out.Check(t, every(y.Out, 8), h.Exact(), 1e-2, c.Name)
			c.Aux.Check(t, every(y.Aux, 8), h.Exact(), 1e-2, c.Name)
		})
	}
}

package ops_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	nnfunctional "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type golden struct {
	Tensors map[string]torchtest.Tensor
	Cases   []struct {
		Name    string
		Tensors []string
		Library bool
		Results []torchtest.Tensor
		Grads   []*torchtest.Tensor
	}
	Layers []struct {
		Name, Tensor, Repr string
		Keys               []string
		Sum                float64
		Result             torchtest.Tensor
	}
	Repr   map[string]string
	Pooled struct{ Boxes, Result torchtest.Tensor }
}

func load(t *testing.T) (golden, torchtest.Header) {
	var g golden
	h := torchtest.Golden(t, "testdata/ops.json.gz", &g)
	return g, h
}

type function = func(x []*torch.Tensor) *torch.Tensor

func one(f func(x *torch.Tensor) *torch.Tensor) function {
	return func(x []*torch.Tensor) *torch.Tensor { return f(x[0]) }
}

func two(f func(x, y *torch.Tensor) *torch.Tensor) function {
	return func(x []*torch.Tensor) *torch.Tensor { return f(x[0], x[1]) }
}

// functions are those of the golden file, by their names.
func functions() map[string]function {
	list := map[string]function{
		"nms":            two(func(b, s *torch.Tensor) *torch.Tensor { return ops.Nms(b, s, 0.3) }),
		"nms of ties":    two(func(b, s *torch.Tensor) *torch.Tensor { return ops.Nms(b, s, 0.3) }),
		"nms of doubles": two(func(b, s *torch.Tensor) *torch.Tensor { return ops.Nms(b, s.To(torch.Float64), 0.1) }),
		"nms of none": two(func(b, s *torch.Tensor) *torch.Tensor {
			return ops.Nms(b.Index(torch.To(0)), s.Index(torch.To(0)), 0.1)
		}),
		"batched_nms": func(x []*torch.Tensor) *torch.Tensor { return ops.BatchedNms(x[0], x[1], x[2], 0.3) },
		"batched_nms of many": func(x []*torch.Tensor) *torch.Tensor {
			scores := x[1].Repeat(60).Add(torch.Arange(0, 1200, 1).Div(1200))
			return ops.BatchedNms(x[0].Repeat(60, 1), scores, x[2].Repeat(60), 0.3)
		},
		"remove_small_boxes":  one(func(b *torch.Tensor) *torch.Tensor { return ops.RemoveSmallBoxes(b, 5) }),
		"clip_boxes_to_image": one(func(b *torch.Tensor) *torch.Tensor { return ops.ClipBoxesToImage(b, [2]int{20, 25}) }),
		"masks_to_boxes":      one(ops.MasksToBoxes),
		"generalized_box_iou": two(ops.GeneralizedBoxIoU),
		"distance_box_iou":    two(func(a, b *torch.Tensor) *torch.Tensor { return ops.DistanceBoxIoU(a, b) }),
		"complete_box_iou":    two(func(a, b *torch.Tensor) *torch.Tensor { return ops.CompleteBoxIoU(a, b) }),
		"generalized_box_iou_loss of none": two(func(a, b *torch.Tensor) *torch.Tensor {
			return ops.GeneralizedBoxIoULoss(a.Index(torch.To(0)), b.Index(torch.To(0)), ops.BoxLossOptions{Reduction: "mean"})
		}),
		"sigmoid_focal_loss": two(func(x, y *torch.Tensor) *torch.Tensor { return ops.SigmoidFocalLoss(x, y) }),
		"sigmoid_focal_loss mean": two(func(x, y *torch.Tensor) *torch.Tensor {
			return ops.SigmoidFocalLoss(x, y, ops.SigmoidFocalLossOptions{Alpha: new(-1.0), Gamma: new(1.5), Reduction: "mean"})
		}),
		"roi_align": two(func(x, r *torch.Tensor) *torch.Tensor {
			return functional.RoIAlign(x, r, []int{3, 2}, functional.RoIAlignOptions{SpatialScale: new(0.7), SamplingRatio: new(2)})
		}),
		"roi_align aligned": two(func(x, r *torch.Tensor) *torch.Tensor {
			return functional.RoIAlign(x, r, 3, functional.RoIAlignOptions{Aligned: true})
		}),
		"roi_align of lists": func(x []*torch.Tensor) *torch.Tensor {
			return functional.RoIAlign(x[0], x[1:], 2, functional.RoIAlignOptions{SpatialScale: new(0.5)})
		},
		"roi_pool": two(func(x, r *torch.Tensor) *torch.Tensor {
			return functional.RoIPool(x, r, []int{3, 2}, functional.RoIPoolOptions{SpatialScale: new(0.7)})
		}),
		"ps_roi_align": two(func(x, r *torch.Tensor) *torch.Tensor {
			return functional.PSRoIAlign(x, r, 2, functional.PSRoIAlignOptions{SpatialScale: new(0.7), SamplingRatio: new(2)})
		}),
		"ps_roi_pool": two(func(x, r *torch.Tensor) *torch.Tensor {
			return functional.PSRoIPool(x, r, 2, functional.RoIPoolOptions{SpatialScale: new(0.7)})
		}),
		"deform_conv2d": func(x []*torch.Tensor) *torch.Tensor {
			return functional.DeformConv2d(x[0], x[1], x[2], functional.DeformConv2dOptions{Stride: 2, Padding: []int{1, 1}})
		},
		"deform_conv2d masked": func(x []*torch.Tensor) *torch.Tensor {
			return functional.DeformConv2d(x[0], x[1], x[2], functional.DeformConv2dOptions{Stride: 2, Padding: 1, Bias: x[3], Mask: x[4]})
		},
		"stochastic_depth batch": one(func(x *torch.Tensor) *torch.Tensor { return functional.StochasticDepth(x, 0.4, "batch") }),
		"stochastic_depth row":   one(func(x *torch.Tensor) *torch.Tensor { return functional.StochasticDepth(x, 0.4, "row") }),
		"drop_block2d":           one(func(x *torch.Tensor) *torch.Tensor { return functional.DropBlock2d(x, 0.3, 3) }),
		"drop_block3d":           one(func(x *torch.Tensor) *torch.Tensor { return functional.DropBlock3d(x, 0.3, 3) }),
	}
	upright := []ops.BoxFormat{ops.BoxXYXY, ops.BoxXYWH, ops.BoxCXCYWH}
	rotated := []ops.BoxFormat{ops.BoxXYWHR, ops.BoxCXCYWHR, ops.BoxXYXYXYXY}
	iou := two(func(a, b *torch.Tensor) *torch.Tensor { return ops.BoxIoU(a, b) })
	list["box_iou of whole"], list["box_iou of small"] = iou, iou
	halved := func(x *torch.Tensor, name string) *torch.Tensor {
		if name == "half" {
			return x.To(torch.Float16)
		}
		return x
	}
	list["box_iou of half"] = two(func(a, b *torch.Tensor) *torch.Tensor { return ops.BoxIoU(halved(a, "half"), halved(b, "half")) })
	for _, in := range upright {
		for _, of := range []string{"boxes", "whole", "small", "half"} {
			list["box_area "+string(in)+" of "+of] = one(func(b *torch.Tensor) *torch.Tensor { return ops.BoxArea(halved(b, of), ops.BoxOptions{Fmt: in}) })
		}
		list["box_iou "+string(in)] = two(func(a, b *torch.Tensor) *torch.Tensor { return ops.BoxIoU(a, b, ops.BoxOptions{Fmt: in}) })
		for _, out := range upright {
			list["box_convert "+string(in)+" "+string(out)] = one(func(b *torch.Tensor) *torch.Tensor { return ops.BoxConvert(b, in, out) })
		}
	}
	for _, in := range rotated {
		list["box_iou "+string(in)] = one(func(b *torch.Tensor) *torch.Tensor {
			return ops.BoxIoU(ops.BoxConvert(b, ops.BoxXYWHR, in), ops.BoxConvert(b.Add(1), ops.BoxXYWHR, in), ops.BoxOptions{Fmt: in})
		})
		for _, out := range rotated {
			convert := one(func(b *torch.Tensor) *torch.Tensor {
				return ops.BoxConvert(ops.BoxConvert(b, ops.BoxXYWHR, in), in, out)
			})
			name := "box_convert " + string(in) + " " + string(out) + " of "
			list[name+"rotated"], list[name+"turned"] = convert, convert
		}
	}
	for name, loss := range map[string]func(a, b *torch.Tensor, options ...ops.BoxLossOptions) *torch.Tensor{
		"generalized": ops.GeneralizedBoxIoULoss, "distance": ops.DistanceBoxIoULoss, "complete": ops.CompleteBoxIoULoss,
	} {
		for _, reduction := range []nnfunctional.Reduction{"none", "mean", "sum"} {
			list[name+"_box_iou_loss "+string(reduction)] = two(func(a, b *torch.Tensor) *torch.Tensor {
				return loss(a, b, ops.BoxLossOptions{Reduction: reduction})
			})
		}
	}
	return list
}

// TestFunctions compares results and gradients with Python's. Operators of torchvision's
// library say how to install it where it is not.
func TestFunctions(t *testing.T) {
	g, h := load(t)
	list := functions()
	require.Len(t, g.Cases, len(list))
	missing := ops.LoadLibrary()
	for _, c := range g.Cases {
		f := list[c.Name]
		require.NotNil(t, f, c.Name)
		inputs := make([]*torch.Tensor, len(c.Tensors))
		for i, name := range c.Tensors {
			inputs[i] = g.Tensors[name].Make(t)
			if c.Grads != nil && inputs[i].IsFloatingPoint() {
				inputs[i].SetRequiresGrad(true)
			}
		}
		if c.Library && missing != nil {
			err := torchtest.Fails(t, func() { f(inputs) })
			assert.Equal(t, torch.UnsupportedError, err.Kind, c.Name)
			assert.Contains(t, err.Error(), "install --with torchvision", c.Name)
			continue
		}
		torch.ManualSeed(5)
		y := f(inputs)
		c.Results[0].Check(t, y, h.Exact(), 1e-4, c.Name)
		if c.Grads == nil {
			continue
		}
		y.Mul(y).Sum().Backward()
		for i, want := range c.Grads {
			// The form of RoIAlign without the library adds up gradients in another order,
			// and has them for the regions, too.
			exact := h.Exact() && (missing == nil || !strings.HasPrefix(c.Name, "roi_align"))
			if want == nil {
				assert.True(t, inputs[i].Grad() == nil || missing != nil && strings.HasPrefix(c.Name, "roi_align"), "%s of %s", c.Name, c.Tensors[i])
			} else if got := inputs[i].Grad(); assert.NotNil(t, got, c.Name) {
				want.Check(t, got, exact, 1e-4, c.Name+" of "+c.Tensors[i])
			}
		}
	}
}

// pyramid makes a pyramid a layer.
type pyramid struct {
	nn.Module
	FPN *ops.FeaturePyramidNetwork `nn:"fpn"`
}

func newPyramid(f *ops.FeaturePyramidNetwork) nn.Layer { return nn.Init(&pyramid{FPN: f}) }

func (p *pyramid) Forward(x *torch.Tensor) *torch.Tensor {
	every := torch.From(0).By(2)
	var parts []*torch.Tensor
	maps := p.FPN.Forward(ops.NameMaps([]string{"fine", "coarse"}, []*torch.Tensor{x, x.Index(torch.Colon, torch.Colon, every, every)}))
	for i, m := range maps {
		parts = append(parts, m.Tensor.Flatten().Mul(i+1))
	}
	return torch.Cat(parts, 0)
}

var layers = map[string]func() nn.Layer{
	"Conv2dNormActivation": func() nn.Layer {
		return ops.NewConv2dNormActivation(4, 4, ops.Conv2dNormActivationOptions{Stride: 2, Dilation: 2})
	},
	"Conv2dNormActivation of options": func() nn.Layer {
		return ops.NewConv2dNormActivation(4, 4, ops.Conv2dNormActivationOptions{KernelSize: []int{1, 3}, NoNorm: true,
			ActivationLayer: func() nn.Layer { return nn.NewHardswish() }, Groups: new(4), Padding: []int{0, 2}})
	},
	"Conv3dNormActivation": func() nn.Layer {
		return ops.NewConv3dNormActivation(2, 4, ops.Conv3dNormActivationOptions{NoActivation: true})
	},
	"SqueezeExcitation": func() nn.Layer { return ops.NewSqueezeExcitation(4, 3) },
	"MLP": func() nn.Layer {
		return ops.NewMLP(9, []int{6, 5}, ops.MLPOptions{
			NormLayer: func(n int) nn.Layer { return nn.NewLayerNorm(n) }, Dropout: 0.3, Inplace: true})
	},
	"Permute":           func() nn.Layer { return ops.NewPermute([]int{0, 2, 3, 1}) },
	"FrozenBatchNorm2d": func() nn.Layer { return ops.NewFrozenBatchNorm2d(4) },
	"StochasticDepth":   func() nn.Layer { return ops.NewStochasticDepth(0.3, functional.StochasticDepthRow) },
	"DropBlock2d":       func() nn.Layer { return ops.NewDropBlock2d(0.2, 3, ops.DropBlockOptions{Eps: new(0.1)}) },
	"DropBlock3d":       func() nn.Layer { return ops.NewDropBlock3d(0.2, 3, ops.DropBlockOptions{Inplace: true}) },
	"FeaturePyramidNetwork": func() nn.Layer {
		return newPyramid(ops.NewFeaturePyramidNetwork([]int{4, 4}, 3))
	},
	"LastLevelMaxPool": func() nn.Layer {
		return newPyramid(ops.NewFeaturePyramidNetwork([]int{4, 4}, 3, ops.FeaturePyramidNetworkOptions{
			ExtraBlocks: ops.NewLastLevelMaxPool(), NormLayer: func(n int) nn.Layer { return nn.NewBatchNorm2d(n) }}))
	},
	"LastLevelP6P7": func() nn.Layer {
		extra := ops.NewLastLevelP6P7(4, 3)
		return newPyramid(ops.NewFeaturePyramidNetwork([]int{4, 4}, 3, ops.FeaturePyramidNetworkOptions{ExtraBlocks: extra}))
	},
	"LastLevelP6P7 of P5": func() nn.Layer {
		extra := ops.NewLastLevelP6P7(3, 3)
		return newPyramid(ops.NewFeaturePyramidNetwork([]int{4, 4}, 3, ops.FeaturePyramidNetworkOptions{ExtraBlocks: extra}))
	},
}

func TestLayers(t *testing.T) {
	g, h := load(t)
	require.Len(t, g.Layers, len(layers))
	for _, c := range g.Layers {
		torch.ManualSeed(0)
		layer := layers[c.Name]()
		repr := nn.Base(layer).String()
		if p, ok := layer.(*pyramid); ok {
			repr = p.FPN.String()
		}
		assert.Equal(t, c.Repr, repr, c.Name)
		state := nn.Base(layer).StateDict()
		assert.ElementsMatch(t, c.Keys, state.Names(), c.Name)
		assert.Subset(t, c.Keys, state.Names(), c.Name)
		sum := 0.0
		for i, x := range state {
			sum += float64(i+1) * x.Tensor.SumWith(torch.ReduceOptions{DType: torch.Float64}).Item()
		}
		if h.Exact() {
			assert.Equal(t, c.Sum, sum, c.Name)
		} else {
			assert.InDelta(t, c.Sum, sum, 1e-4, c.Name)
		}
		torch.ManualSeed(1)
		c.Result.Check(t, nn.Call(layer, g.Tensors[c.Tensor].Make(t)), h.Exact(), 1e-4, c.Name)
	}
}

func TestLayersOfRegions(t *testing.T) {
	g, h := load(t)
	list := map[string]nn.AnyModule{
		"RoIAlign": ops.NewRoIAlign([]int{3, 2}, 0.5, 2), "RoIPool": ops.NewRoIPool(7, 0.25), "PSRoIAlign": ops.NewPSRoIAlign(3, 1, -1),
		"PSRoIPool": ops.NewPSRoIPool(3, 0.5), "MultiScaleRoIAlign": ops.NewMultiScaleRoIAlign([]string{"0", "feat2"}, 7, 2),
		"DeformConv2d": ops.NewDeformConv2d(4, 6, []int{3, 2}, ops.DeformConv2dOptions{Padding: 1, Groups: new(2), Bias: new(false)}),
	}
	require.Len(t, g.Repr, len(list))
	for name, want := range g.Repr {
		assert.Equal(t, want, nn.Base(list[name]).String())
	}

	x, rois := g.Tensors["features"].Make(t), g.Tensors["rois"].Make(t)
	want := functional.RoIAlign(x, rois, []int{3, 2}, functional.RoIAlignOptions{SpatialScale: new(0.5), SamplingRatio: new(2)})
	align := ops.NewRoIAlign([]int{3, 2}, 0.5, 2)
	assert.True(t, want.Equal(align.Forward(x, rois)))
	seen := 0
	align.RegisterForwardHook(func(_ nn.AnyModule, inputs, _ []*torch.Tensor) []*torch.Tensor { seen = len(inputs); return nil })
	lists := []*torch.Tensor{g.Tensors["first"].Make(t), g.Tensors["second"].Make(t)}
	assert.Equal(t, []int{3, 4, 3, 2}, align.Forward(x, lists).Shape())
	assert.Equal(t, 3, seen, "a hook sees x and the boxes")

	every := torch.From(0).By(2)
	maps := ops.NameMaps([]string{"fine", "other", "coarse"}, []*torch.Tensor{x, torch.Zeros([]int{1}), x.Index(torch.Colon, torch.Colon, every, every).Contiguous()})
	boxes := g.Pooled.Boxes.Make(t)
	scaled := ops.NewMultiScaleRoIAlign([]string{"fine", "coarse"}, 2, 2, ops.MultiScaleRoIAlignOptions{CanonicalScale: new(16), CanonicalLevel: new(2)})
	g.Pooled.Result.Check(t, scaled.Forward(maps, []*torch.Tensor{boxes, boxes}, [][2]int{{28, 36}, {25, 36}}), h.Exact(), 1e-4)
}

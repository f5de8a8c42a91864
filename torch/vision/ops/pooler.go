package ops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

// MultiScaleRoIAlignOptions are the options of [NewMultiScaleRoIAlign].
type MultiScaleRoIAlignOptions struct {
	CanonicalScale *int // the side of a box, in pixels, that is looked for at CanonicalLevel; default: 224
	CanonicalLevel *int // the level of a map whose pixels are 2 to its power; default: 4
}

// MultiScaleRoIAlign is [functional.RoIAlign] over several maps of features: large boxes
// are looked for in coarse maps, small ones in fine maps.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.MultiScaleRoIAlign.html
type MultiScaleRoIAlign struct {
	nn.Module
	FeatmapNames   []string // of the maps that are looked at
	OutputSize     []int    // height and width of the results
	SamplingRatio  int      // points in each bin, each way
	CanonicalScale int      // the side of a box that is looked for at CanonicalLevel
	CanonicalLevel int      // the level of a map whose pixels are 2 to its power
}

// NewMultiScaleRoIAlign returns the layer.
func NewMultiScaleRoIAlign(featmapNames []string, outputSize torch.Sizes, samplingRatio int, options ...MultiScaleRoIAlignOptions) *MultiScaleRoIAlign {
	const op = "ops.NewMultiScaleRoIAlign"
	o := option.First(options)
	size := sizes.Of(op, outputSize, 2)
	sizes.At(op, "outputSize", size, 1)
	return nn.Init(&MultiScaleRoIAlign{FeatmapNames: featmapNames, OutputSize: size, SamplingRatio: samplingRatio,
		CanonicalScale: option.Or(o.CanonicalScale, 224), CanonicalLevel: option.Or(o.CanonicalLevel, 4)})
}

// Forward returns the regions of maps that boxes say, n × 4 (x1, y1, x2, y2) for each
// image: regions × channels × height × width, those of the first image first. imageShapes
// are the images' heights and widths; how much smaller the maps are follows from the
// largest. It panics if there are no images, or no maps of the names.
//
// Python's takes the scales of its first call for all others; they are those of the
// call here, so that several goroutines may call it. They are powers of 2, and the same
// as long as the maps are of one network: only images that are lower than some 80 pixels,
// whose maps a detector pads to twice their height, can have others.
func (m *MultiScaleRoIAlign) Forward(maps FeatureMaps, boxes []*torch.Tensor, imageShapes [][2]int) *torch.Tensor {
	var looked []*torch.Tensor
	for _, named := range maps {
		if slices.Contains(m.FeatmapNames, named.Name) {
			looked = append(looked, named.Tensor)
		}
	}
	switch {
	case len(imageShapes) == 0:
		panic(torch.Errorf("ops.MultiScaleRoIAlign", torch.ValueError, "images list should not be empty"))
	case len(looked) == 0:
		panic(torch.Errorf("ops.MultiScaleRoIAlign", torch.ValueError, "there is none of the maps %s, but %s",
			strings.Join(m.FeatmapNames, ", "), strings.Join(maps.Names(), ", ")))
	case len(boxes) == 0:
		panic(torch.Errorf("ops.MultiScaleRoIAlign", torch.ValueError, "boxes list should not be empty"))
	}
	return m.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		maps, boxes := inputs[:len(looked)], inputs[len(looked):]
		return []*torch.Tensor{m.align(maps, boxes, imageShapes)}
	}, slices.Concat(looked, boxes)...)[0]
}

func (m *MultiScaleRoIAlign) align(maps, boxes []*torch.Tensor, imageShapes [][2]int) *torch.Tensor {
	scales := make([]float64, len(maps))
	for i, x := range maps {
		scales[i] = scaleOf(x, imageShapes)
	}
	align := func(level int, regions functional.Boxes) *torch.Tensor {
		return functional.RoIAlign(maps[level], regions, m.OutputSize,
			functional.RoIAlignOptions{SpatialScale: &scales[level], SamplingRatio: &m.SamplingRatio})
	}
	if len(maps) == 1 {
		return align(0, boxes)
	}
	levels := m.levels(boxes, scales)
	regions := functional.Regions(boxes)
	result := maps[0].NewZeros([]int{regions.Size(0), maps[0].Size(1), m.OutputSize[0], m.OutputSize[1]})
	for level := range maps {
		members := torch.WhereNonzero(levels.Eq(level))[0]
		result.At(members).Set(align(level, regions.Index(members)).To(result.DType()))
	}
	return result
}

// scaleOf returns a map's size as a multiple of the largest image's, a power of 2.
func scaleOf(x *torch.Tensor, imageShapes [][2]int) float64 {
	height := 0
	for _, shape := range imageShapes {
		height = max(height, shape[0])
	}
	scale := float64(x.Size(-2)) / float64(height)
	return torch.ScalarTensor(scale).Log2().Round().Exp2().Item()
}

// levels returns the index of the map that each box is looked for in.
func (m *MultiScaleRoIAlign) levels(boxes []*torch.Tensor, scales []float64) *torch.Tensor {
	level := func(scale float64) int { return int(-torch.ScalarTensor(scale).Log2().Item()) }
	first, last := level(scales[0]), level(scales[len(scales)-1])
	areas := make([]*torch.Tensor, len(boxes))
	for i, b := range boxes {
		areas[i] = BoxArea(b)
	}
	side := torch.Cat(areas, 0).Sqrt()
	target := side.Div(m.CanonicalScale).Log2().Add(m.CanonicalLevel).Add(1e-6).Floor()
	return target.Clamp(first, last).To(torch.Int64).Sub(first)
}

// ExtraRepr returns the options as Python prints them.
func (m *MultiScaleRoIAlign) ExtraRepr() string {
	return fmt.Sprintf("featmap_names=['%s'], output_size=%s, sampling_ratio=%d", strings.Join(m.FeatmapNames, "', '"), python.Repr(python.TupleOf(m.OutputSize)), m.SamplingRatio)
}

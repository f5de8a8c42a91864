package detection

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// ImageList is a batch of images of several sizes.
type ImageList struct {
	Tensors    *torch.Tensor // batch × channels × height × width, with zeros to the right of images and below them
	ImageSizes [][2]int      // heights and widths without the zeros
}

// AnchorGeneratorOptions are the options of [NewAnchorGenerator].
type AnchorGeneratorOptions struct {
	Sizes        [][]int     // sides of anchors, for each map of features; default: {{128, 256, 512}}
	AspectRatios [][]float64 // heights as multiples of widths, for each map; default: {{0.5, 1, 2}}
}

// AnchorGenerator makes the boxes, of several sizes and proportions around each pixel of
// maps of features, that detectors begin with.
type AnchorGenerator struct {
	nn.Module
	Sizes        [][]int
	AspectRatios [][]float64

	cells [][]float32 // the anchors around (0, 0) of each map, 4 numbers each
}

// NewAnchorGenerator returns a generator for as many maps as the options have lists.
func NewAnchorGenerator(options ...AnchorGeneratorOptions) *AnchorGenerator {
	o := option.First(options)
	if o.Sizes == nil {
		o.Sizes = [][]int{{128, 256, 512}}
	}
	if o.AspectRatios == nil {
		o.AspectRatios = [][]float64{{0.5, 1, 2}}
	}
	a := nn.Init(&AnchorGenerator{Sizes: o.Sizes, AspectRatios: o.AspectRatios})
	for i := range min(len(o.Sizes), len(o.AspectRatios)) {
		a.cells = append(a.cells, torch.ToSlice[float32](anchors(o.Sizes[i], o.AspectRatios[i])))
	}
	return a
}

// anchors returns the anchors around (0, 0), n × 4.
func anchors(sizes []int, ratios []float64) *torch.Tensor {
	sides := torch.FromSlice(sizes, 1, len(sizes)).To(torch.Float32)
	heights := torch.FromSlice(ratios, len(ratios), 1).To(torch.Float32).Sqrt()
	width, height := heights.Reciprocal().Mul(sides).View(-1), heights.Mul(sides).View(-1)
	return torch.Stack([]*torch.Tensor{width.Neg(), height.Neg(), width, height}, 1).Div(2).Round()
}

// NumAnchorsPerLocation returns how many anchors each pixel of each map has.
func (a *AnchorGenerator) NumAnchorsPerLocation() []int {
	numbers := make([]int, min(len(a.Sizes), len(a.AspectRatios)))
	for i := range numbers {
		numbers[i] = len(a.Sizes[i]) * len(a.AspectRatios[i])
	}
	return numbers
}

// Forward returns the anchors for each image, n × 4 (x1, y1, x2, y2) in its pixels, map
// by map. The images share the tensor. It panics if there are not as many maps as the
// generator is for.
func (a *AnchorGenerator) Forward(images ImageList, maps []*torch.Tensor) []*torch.Tensor {
	if len(maps) != len(a.cells) {
		panic(torch.Errorf("detection.AnchorGenerator", torch.ValueError, "Anchors should be [][]int because each feature map could potentially"+
			" have different sizes and aspect ratios. There needs to be a match between the number of feature maps passed (%d) and the"+
			" number of sizes / aspect ratios specified (%d).", len(maps), len(a.cells)))
	}
	height, width := images.Tensors.Size(-2), images.Tensors.Size(-1)
	all := make([]*torch.Tensor, len(maps))
	for i, m := range maps {
		cell := torch.FromSlice(a.cells[i], 1, len(a.cells[i])/4, 4).To(m)
		rows, columns := m.Size(-2), m.Size(-1)
		steps := func(n, stride int) *torch.Tensor {
			return torch.Arange(0, n, 1, torch.TensorOptions{DType: torch.Int32, Device: m.Device()}).Mul(stride)
		}
		grid := torch.Meshgrid([]*torch.Tensor{steps(rows, height/rows), steps(columns, width/columns)})
		y, x := grid[0].Reshape(-1), grid[1].Reshape(-1)
		all[i] = torch.Stack([]*torch.Tensor{x, y, x, y}, 1).View(-1, 1, 4).Add(cell).Reshape(-1, 4)
	}
	return slices.Repeat([]*torch.Tensor{torch.Cat(all, 0)}, len(images.ImageSizes))
}

package detection

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// GeneralizedRCNNTransform makes a batch of images: it normalises them, scales them to
// about the same size, and puts them together. It scales boxes, too, there and back.
type GeneralizedRCNNTransform struct {
	nn.Module
	MinSize       []int     // the shorter side of images; in training mode one of these at random, else the last
	MaxSize       int       // the longer side of images, at most
	ImageMean     []float64 // of each channel
	ImageStd      []float64 // of each channel
	SizeDivisible int       // divides the height and the width of the batch
	FixedSize     []int     // the width and the height of all images, or nil
}

func newTransform(o FasterRCNNOptions) *GeneralizedRCNNTransform {
	minSize, _ := o.MinSize.([]int)
	switch n := o.MinSize.(type) {
	case nil:
		minSize = []int{800}
	case int:
		minSize = []int{n}
	}
	t := nn.Init(&GeneralizedRCNNTransform{MinSize: minSize, MaxSize: option.Or(o.MaxSize, 1333), ImageMean: o.ImageMean, ImageStd: o.ImageStd,
		SizeDivisible: option.Or(o.SizeDivisible, 32), FixedSize: o.FixedSize})
	if t.ImageMean == nil {
		t.ImageMean = []float64{0.485, 0.456, 0.406}
	}
	if t.ImageStd == nil {
		t.ImageStd = []float64{0.229, 0.224, 0.225}
	}
	if len(t.MinSize) == 0 || t.SizeDivisible <= 0 || t.FixedSize != nil && len(t.FixedSize) != 2 {
		panic(torch.Errorf("detection.NewFasterRCNN", torch.ValueError, "MinSize must be an int or ints, SizeDivisible positive, FixedSize nil or two ints"))
	}
	return t
}

// Forward returns images, each 3 × height × width, as a batch, and targets with their
// boxes scaled as the images are. It panics on images of other dimensions, and of
// integers.
func (t *GeneralizedRCNNTransform) Forward(images []*torch.Tensor, targets []Target) (ImageList, []Target) {
	var scaled []Target
	sizes := make([][2]int, len(images))
	results := t.RunAll(func(images []*torch.Tensor) []*torch.Tensor {
		results := make([]*torch.Tensor, len(images))
		for i, image := range images {
			if image.Dim() != 3 {
				panic(torch.Errorf("detection.GeneralizedRCNNTransform", torch.ValueError,
					"images is expected to be a list of 3d tensors of shape [C, H, W], got %v", image.Shape()))
			}
			results[i] = t.resize(t.normalize(image))
			sizes[i] = sizeOf(results[i])
			if targets != nil {
				target := targets[i]
				target.Boxes = resizeBoxes(target.Boxes, sizeOf(image), sizes[i])
				scaled = append(scaled, target)
			}
		}
		return []*torch.Tensor{t.batch(results)}
	}, images...)
	return ImageList{results[0], sizes}, scaled
}

// sizeOf returns the height and the width of an image.
func sizeOf(image *torch.Tensor) [2]int { return [2]int{image.Size(-2), image.Size(-1)} }

func (t *GeneralizedRCNNTransform) normalize(image *torch.Tensor) *torch.Tensor {
	if !image.IsFloatingPoint() {
		panic(torch.Errorf("detection.GeneralizedRCNNTransform", torch.TypeError,
			"Expected input images to be of floating type (in range [0, 1]), but found type %v instead", image.DType()))
	}
	each := func(values []float64) *torch.Tensor { return torch.FromSlice(values, len(values), 1, 1).To(image) }
	return image.Sub(each(t.ImageMean)).Div(each(t.ImageStd))
}

func (t *GeneralizedRCNNTransform) resize(image *torch.Tensor) *torch.Tensor {
	side := t.MinSize[len(t.MinSize)-1]
	if t.IsTraining() {
		side = t.MinSize[int(torch.Empty([]int{1}).UniformInplace(0, float64(len(t.MinSize)), nil).Item())]
	}
	o := functional.InterpolateOptions{Mode: functional.InterpolateBilinear, AlignCorners: new(false)}
	if t.FixedSize != nil {
		o.Size = []int{t.FixedSize[1], t.FixedSize[0]}
	} else {
		size := sizeOf(image)
		o.ScaleFactor = min(float64(side)/float64(min(size[0], size[1])), float64(t.MaxSize)/float64(max(size[0], size[1])))
		o.RecomputeScaleFactor = true
	}
	return functional.Interpolate(image.Unsqueeze(0), o).Select(0, 0)
}

// batch puts images into the corner of zeros that hold the largest.
func (t *GeneralizedRCNNTransform) batch(images []*torch.Tensor) *torch.Tensor {
	var most [3]int
	for _, image := range images {
		for d := range most {
			most[d] = max(most[d], image.Size(d))
		}
	}
	up := func(n int) int { return (n + t.SizeDivisible - 1) / t.SizeDivisible * t.SizeDivisible }
	batch := images[0].NewZeros([]int{len(images), most[0], up(most[1]), up(most[2])})
	for i, image := range images {
		to := func(d int) torch.Slice { return torch.To(image.Size(d)) }
		batch.Index(i, to(0), to(1), to(2)).CopyInplace(image)
	}
	return batch
}

// Postprocess returns detections in images of the given heights and widths with their
// boxes scaled to other ones. In training mode it returns them as they are.
func (t *GeneralizedRCNNTransform) Postprocess(found []Detection, sizes, original [][2]int) []Detection {
	if t.IsTraining() {
		return found
	}
	results := make([]Detection, len(found))
	for i, d := range found {
		d.Boxes = resizeBoxes(d.Boxes, sizes[i], original[i])
		results[i] = d
	}
	return results
}

// ExtraRepr returns the options as Python prints them.
func (t *GeneralizedRCNNTransform) ExtraRepr() string {
	return fmt.Sprintf("  Normalize(mean=%s, std=%s)\n  Resize(min_size=%s, max_size=%d, mode='bilinear')",
		python.Repr(t.ImageMean), python.Repr(t.ImageStd), python.Repr(python.TupleOf(t.MinSize)), t.MaxSize)
}

// resizeBoxes returns boxes in an image of a height and width for one of others.
func resizeBoxes(boxes *torch.Tensor, from, to [2]int) *torch.Tensor {
	ratio := func(axis int) float64 { return float64(float32(to[axis]) / float32(from[axis])) }
	height, width := ratio(0), ratio(1)
	b := boxes.Unbind(1)
	return torch.Stack([]*torch.Tensor{b[0].Mul(width), b[1].Mul(height), b[2].Mul(width), b[3].Mul(height)}, 1)
}

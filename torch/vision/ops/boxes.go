package ops

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// BoxFormat says what the numbers of a box are.
type BoxFormat string

// The formats of boxes. Angles are in degrees, counter-clockwise.
const (
	BoxXYXY     BoxFormat = "xyxy"     // left, top, right, bottom
	BoxXYWH     BoxFormat = "xywh"     // left, top, width, height
	BoxCXCYWH   BoxFormat = "cxcywh"   // centre, width, height
	BoxXYWHR    BoxFormat = "xywhr"    // top left corner, width, height, angle
	BoxCXCYWHR  BoxFormat = "cxcywhr"  // centre, width, height, angle
	BoxXYXYXYXY BoxFormat = "xyxyxyxy" // corners: top left, top right, bottom right, bottom left
)

// BoxOptions are the options of [BoxArea] and [BoxIoU].
type BoxOptions struct {
	Fmt BoxFormat // default: BoxXYXY
}

// upright are the formats of boxes that are not rotated.
var upright = []BoxFormat{BoxXYXY, BoxXYWH, BoxCXCYWH}

// format returns the option, or its default.
func (o BoxOptions) format() BoxFormat {
	if o.Fmt == "" {
		return BoxXYXY
	}
	return o.Fmt
}

// RemoveSmallBoxes returns the indexes, Int64, of the boxes, n × 4 (x1, y1, x2, y2),
// whose sides are at least minSize long.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.remove_small_boxes.html
func RemoveSmallBoxes(boxes *torch.Tensor, minSize float64) *torch.Tensor {
	large := side(boxes, 0).Ge(minSize).LogicalAnd(side(boxes, 1).Ge(minSize))
	return torch.WhereNonzero(large)[0]
}

// side returns the width (0) or the height (1) of boxes (x1, y1, x2, y2).
func side(boxes *torch.Tensor, axis int) *torch.Tensor {
	return boxes.Select(-1, axis+2).Sub(boxes.Select(-1, axis))
}

// ClipBoxesToImage returns boxes, … × 4 (x1, y1, x2, y2), cut off at the edges of an
// image of the size (height, width).
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.clip_boxes_to_image.html
func ClipBoxesToImage(boxes *torch.Tensor, size [2]int) *torch.Tensor {
	every := func(first int) torch.Slice { return torch.From(first).By(2) }
	x := boxes.Index(torch.Ellipsis, every(0)).Clamp(0, size[1])
	y := boxes.Index(torch.Ellipsis, every(1)).Clamp(0, size[0])
	return torch.Stack([]*torch.Tensor{x, y}, boxes.Dim()).Reshape(boxes.Shape()...)
}

// BoxArea returns the areas of boxes, … × 4. Small integers and 16-bit numbers become
// Int32 and Float32. It panics on formats with angles.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.box_area.html
func BoxArea(boxes *torch.Tensor, options ...BoxOptions) *torch.Tensor {
	format := option.First(options).format()
	if !slices.Contains(upright, format) {
		panic(torch.Errorf("ops.BoxArea", torch.ValueError, "Unsupported Bounding Box area for given format %s", format))
	}
	boxes = upcast(boxes)
	if format == BoxXYXY {
		return side(boxes, 0).Mul(side(boxes, 1))
	}
	return boxes.Select(-1, 2).Mul(boxes.Select(-1, 3))
}

// upcast returns a tensor of a dtype whose products do not overflow.
func upcast(x *torch.Tensor) *torch.Tensor {
	switch d := x.DType(); {
	case d == torch.Float32 || d == torch.Float64 || d == torch.Int32 || d == torch.Int64:
		return x
	case d.IsFloatingPoint():
		return x.To(torch.Float32)
	}
	return x.To(torch.Int32)
}

// MasksToBoxes returns the boxes around masks, n × height × width: n × 4 (x1, y1, x2,
// y2), Float32, the indexes of the first and the last pixels that are not zero. A mask
// of zeros gives zeros.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.masks_to_boxes.html
func MasksToBoxes(masks *torch.Tensor) *torch.Tensor {
	if masks.Numel() == 0 {
		return torch.Zeros([]int{0, 4}, torch.TensorOptions{Device: masks.Device()})
	}
	if masks.Dim() != 3 {
		panic(torch.Errorf("ops.MasksToBoxes", torch.ValueError, "masks should be 3 dimensional. Got %d dimensions.", masks.Dim()))
	}
	set := masks.To(torch.Bool)
	rows, columns := set.Any(2), set.Any(1)
	first := func(x *torch.Tensor) *torch.Tensor { return x.To(torch.Float32).Argmax(1) }
	last := func(x *torch.Tensor) *torch.Tensor { return first(x.Flip(1)).Rsub(x.Size(1) - 1) }
	boxes := torch.Stack([]*torch.Tensor{first(columns), first(rows), last(columns), last(rows)}, 1).To(torch.Float32)
	boxes.At(rows.Any(1).LogicalNot()).Set(0)
	return boxes
}

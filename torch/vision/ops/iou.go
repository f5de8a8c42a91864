package ops

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// IoUOptions are the options of [CompleteBoxIoU] and [DistanceBoxIoU].
type IoUOptions struct {
	Eps *float64 // keeps divisors from 0; default: 1e-7
}

// BoxIoU returns the intersections over unions (Jaccard indexes) of boxes1, … × n, and
// boxes2, … × m, of 4, 5 or 8 numbers as the format has: … × n × m. Boxes that are
// rotated need torchvision's library.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.box_iou.html
func BoxIoU(boxes1, boxes2 *torch.Tensor, options ...BoxOptions) *torch.Tensor {
	format := option.First(options).format()
	switch {
	case slices.Contains(upright, format):
		both, either := overlap(boxes1, boxes2, format)
		return both.Div(either)
	case format == BoxXYWHR || format == BoxXYXYXYXY:
		boxes1, boxes2 = BoxConvert(boxes1, format, BoxCXCYWHR), BoxConvert(boxes2, format, BoxCXCYWHR)
	case format != BoxCXCYWHR:
		panic(torch.Errorf("ops.BoxIoU", torch.ValueError, "Unsupported format '%s'. Supported axis-aligned formats: ('xyxy', 'xywh', 'cxcywh')."+
			" Supported rotated formats: ('cxcywhr', 'xywhr', 'xyxyxyxy').", format))
	}
	return kernels.BoxIoURotated(boxes1, boxes2)
}

// rowsAndColumns returns boxes1 as a column and boxes2 as a row, to be combined.
func rowsAndColumns(boxes1, boxes2 *torch.Tensor) (column, row *torch.Tensor) {
	return boxes1.Unsqueeze(-2), boxes2.Unsqueeze(-3)
}

// first and last return the first and the last two numbers of boxes.
func first(boxes *torch.Tensor) *torch.Tensor { return boxes.Narrow(-1, 0, 2) }
func last(boxes *torch.Tensor) *torch.Tensor  { return boxes.Narrow(-1, 2, 2) }

// corners returns the top left and the bottom right of boxes.
func corners(boxes *torch.Tensor, format BoxFormat) (topLeft, bottomRight *torch.Tensor) {
	switch format {
	case BoxXYXY:
		return first(boxes), last(boxes)
	case BoxXYWH:
		return first(boxes), first(boxes).Add(last(boxes))
	}
	return first(boxes).Sub(last(boxes).Div(2)), first(boxes).Add(last(boxes).Div(2))
}

// product returns the product of two numbers, none below 0.
func product(sides *torch.Tensor) *torch.Tensor {
	sides = upcast(sides).ClampMin(0)
	return sides.Select(-1, 0).Mul(sides.Select(-1, 1))
}

// overlap returns the areas of the intersections and of the unions.
func overlap(boxes1, boxes2 *torch.Tensor, format BoxFormat) (both, either *torch.Tensor) {
	area1, area2 := BoxArea(boxes1, BoxOptions{Fmt: format}), BoxArea(boxes2, BoxOptions{Fmt: format})
	column, row := rowsAndColumns(boxes1, boxes2)
	topLeft1, bottomRight1 := corners(column, format)
	topLeft2, bottomRight2 := corners(row, format)
	both = product(bottomRight1.Minimum(bottomRight2).Sub(topLeft1.Maximum(topLeft2)))
	return both, area1.Unsqueeze(-1).Add(area2.Unsqueeze(-2)).Sub(both)
}

// around returns the sides of the boxes around each two.
func around(boxes1, boxes2 *torch.Tensor) *torch.Tensor {
	column, row := rowsAndColumns(boxes1, boxes2)
	return last(column).Maximum(last(row)).Sub(first(column).Minimum(first(row)))
}

// GeneralizedBoxIoU returns the IoU of boxes1, … × n × 4 (x1, y1, x2, y2), and boxes2,
// … × m × 4, less the share of the box around both that neither covers: … × n × m.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou.html
func GeneralizedBoxIoU(boxes1, boxes2 *torch.Tensor) *torch.Tensor {
	both, either := overlap(boxes1, boxes2, BoxXYXY)
	all := product(around(boxes1, boxes2))
	return both.Div(either).Sub(all.Sub(either).Div(all))
}

// DistanceBoxIoU returns the IoU of boxes1, … × n × 4 (x1, y1, x2, y2), and boxes2, … ×
// m × 4, less the distance of their centres, squared, as a share of the diagonal of
// the box around both: … × n × m.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.distance_box_iou.html
func DistanceBoxIoU(boxes1, boxes2 *torch.Tensor, options ...IoUOptions) *torch.Tensor {
	distance, _ := distanceIoU(upcast(boxes1), upcast(boxes2), option.Or(option.First(options).Eps, 1e-7))
	return distance
}

// distanceIoU returns the distance IoU and the IoU.
func distanceIoU(boxes1, boxes2 *torch.Tensor, eps float64) (distance, iou *torch.Tensor) {
	iou = BoxIoU(boxes1, boxes2)
	sides := upcast(around(boxes1, boxes2)).ClampMin(0)
	diagonal := sides.Select(-1, 0).Pow(2).Add(sides.Select(-1, 1).Pow(2)).Add(eps)
	centre := func(boxes *torch.Tensor, axis int) *torch.Tensor {
		return boxes.Select(-1, axis).Add(boxes.Select(-1, axis+2)).Div(2)
	}
	apart := func(axis int) *torch.Tensor {
		return upcast(centre(boxes1, axis).Unsqueeze(-1).Sub(centre(boxes2, axis).Unsqueeze(-2))).Pow(2)
	}
	return iou.Sub(apart(0).Add(apart(1)).Div(diagonal)), iou
}

// CompleteBoxIoU is [DistanceBoxIoU] less a number for how the proportions of the
// boxes differ.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.complete_box_iou.html
func CompleteBoxIoU(boxes1, boxes2 *torch.Tensor, options ...IoUOptions) *torch.Tensor {
	eps := option.Or(option.First(options).Eps, 1e-7)
	boxes1, boxes2 = upcast(boxes1), upcast(boxes2)
	distance, iou := distanceIoU(boxes1, boxes2, eps)
	column, row := rowsAndColumns(boxes1, boxes2)
	v := proportions([2]*torch.Tensor{side(column, 0), side(column, 1)}, [2]*torch.Tensor{side(row, 0), side(row, 1)})
	return distance.Sub(share(v, iou, eps).Mul(v))
}

// proportions returns how much the proportions of boxes of these widths and heights
// differ.
func proportions(sides1, sides2 [2]*torch.Tensor) *torch.Tensor {
	angle1, angle2 := sides1[0].Div(sides1[1]).Atan(), sides2[0].Div(sides2[1]).Atan()
	return angle1.Sub(angle2).Pow(2).Mul(4 / (math.Pi * math.Pi))
}

// share returns how much the proportions count, a constant to gradients.
func share(v, iou *torch.Tensor, eps float64) (alpha *torch.Tensor) {
	torch.NoGrad(func() { alpha = v.Div(iou.Rsub(1).Add(v).Add(eps)) })
	return alpha
}

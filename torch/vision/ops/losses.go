package ops

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// BoxLossOptions are the options of losses of boxes.
type BoxLossOptions struct {
	Reduction functional.Reduction // default: functional.ReductionNone
	Eps       *float64             // keeps divisors from 0; default: 1e-7
}

// SigmoidFocalLossOptions are the options of [SigmoidFocalLoss].
type SigmoidFocalLossOptions struct {
	Alpha     *float64             // the weight of positive targets, and 1 less it of the others; −1 weighs nothing; default: 0.25
	Gamma     *float64             // how much less examples count that are right already; default: 2
	Reduction functional.Reduction // default: functional.ReductionNone
}

// GeneralizedBoxIoULoss returns 1 less the generalized IoU of boxes1 and boxes2, … × 4
// (x1, y1, x2, y2), pair by pair: a loss for each, or one number. See
// [GeneralizedBoxIoU].
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou_loss.html
func GeneralizedBoxIoULoss(boxes1, boxes2 *torch.Tensor, options ...BoxLossOptions) *torch.Tensor {
	o := option.First(options)
	eps := option.Or(o.Eps, 1e-7)
	const op = "ops.GeneralizedBoxIoULoss"
	boxes1, boxes2 = floating(boxes1), floating(boxes2)
	both, either := pairOverlap(fourNumbers(op, boxes1), fourNumbers(op, boxes2))
	sides := pairAround(fourNumbers(op, boxes1), fourNumbers(op, boxes2))
	all := sides[0].Mul(sides[1])
	iou := both.Div(either.Add(eps))
	loss := iou.Sub(all.Sub(either).Div(all.Add(eps))).Rsub(1)
	return reduce(op, loss, o.Reduction)
}

// DistanceBoxIoULoss returns 1 less the distance IoU of boxes1 and boxes2, … × 4 (x1,
// y1, x2, y2), pair by pair: a loss for each, or one number. See [DistanceBoxIoU].
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.distance_box_iou_loss.html
func DistanceBoxIoULoss(boxes1, boxes2 *torch.Tensor, options ...BoxLossOptions) *torch.Tensor {
	o := option.First(options)
	const op = "ops.DistanceBoxIoULoss"
	loss, _ := distanceLoss(op, floating(boxes1), floating(boxes2), option.Or(o.Eps, 1e-7))
	return reduce(op, loss, o.Reduction)
}

// CompleteBoxIoULoss returns 1 less the complete IoU of boxes1 and boxes2, … × 4 (x1,
// y1, x2, y2), pair by pair: a loss for each, or one number. See [CompleteBoxIoU]. As
// in torchvision, Eps is for the proportions only.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.complete_box_iou_loss.html
func CompleteBoxIoULoss(boxes1, boxes2 *torch.Tensor, options ...BoxLossOptions) *torch.Tensor {
	o := option.First(options)
	const op = "ops.CompleteBoxIoULoss"
	boxes1, boxes2 = floating(boxes1), floating(boxes2)
	loss, iou := distanceLoss(op, boxes1, boxes2, 1e-7)
	a, b := fourNumbers(op, boxes1), fourNumbers(op, boxes2)
	sides := func(box []*torch.Tensor) [2]*torch.Tensor {
		return [2]*torch.Tensor{box[2].Sub(box[0]), box[3].Sub(box[1])}
	}
	predicted := sides(a)
	v := proportions(sides(b), predicted)
	loss = loss.Add(share(v, iou, option.Or(o.Eps, 1e-7)).Mul(v))
	return reduce(op, loss, o.Reduction)
}

// distanceLoss returns the losses and the IoU. Numbers are taken apart where Python does
// so, since gradients are added up in this order.
func distanceLoss(op string, boxes1, boxes2 *torch.Tensor, eps float64) (loss, iou *torch.Tensor) {
	both, either := pairOverlap(fourNumbers(op, boxes1), fourNumbers(op, boxes2))
	iou = both.Div(either.Add(eps))
	a, b := fourNumbers(op, boxes1), fourNumbers(op, boxes2)
	sides := pairAround(a, b)
	diagonal := sides[0].Pow(2).Add(sides[1].Pow(2)).Add(eps)
	centre := func(box []*torch.Tensor, axis int) *torch.Tensor { return box[axis].Add(box[axis+2]).Div(2) }
	apart := func(axis int) *torch.Tensor { return centre(a, axis).Sub(centre(b, axis)).Pow(2) }
	return iou.Rsub(1).Add(apart(0).Add(apart(1)).Div(diagonal)), iou
}

// fourNumbers takes boxes apart into their four numbers.
func fourNumbers(op string, boxes *torch.Tensor) []*torch.Tensor {
	if boxes.Dim() == 0 || boxes.Size(-1) != 4 {
		panic(torch.Errorf(op, torch.ValueError, "boxes have four numbers, x1, y1, x2 and y2, not the shape %v", boxes.Shape()))
	}
	return boxes.Unbind(-1)
}

// floating returns boxes in Float32 or Float64.
func floating(boxes *torch.Tensor) *torch.Tensor {
	if boxes.DType() == torch.Float64 {
		return boxes
	}
	return boxes.To(torch.Float32)
}

// pairOverlap returns the areas of the intersection and of the union of each pair of
// boxes, given as four tensors.
func pairOverlap(a, b []*torch.Tensor) (both, either *torch.Tensor) {
	left, top := a[0].Maximum(b[0]), a[1].Maximum(b[1])
	right, bottom := a[2].Minimum(b[2]), a[3].Minimum(b[3])
	meet := bottom.Gt(top).LogicalAnd(right.Gt(left))
	both = torch.Where(meet, right.Sub(left).Mul(bottom.Sub(top)), torch.ZerosLike(left))
	area := func(box []*torch.Tensor) *torch.Tensor { return box[2].Sub(box[0]).Mul(box[3].Sub(box[1])) }
	return both, area(a).Add(area(b)).Sub(both)
}

// pairAround returns the width and the height of the box around each pair.
func pairAround(a, b []*torch.Tensor) [2]*torch.Tensor {
	left, top := a[0].Minimum(b[0]), a[1].Minimum(b[1])
	return [2]*torch.Tensor{a[2].Maximum(b[2]).Sub(left), a[3].Maximum(b[3]).Sub(top)}
}

// reduce makes of losses what the option says. The mean of none is 0.
func reduce(op string, loss *torch.Tensor, reduction functional.Reduction) *torch.Tensor {
	switch reduction {
	case "", functional.ReductionNone:
		return loss
	case functional.ReductionSum:
		return loss.Sum()
	case functional.ReductionMean:
		if loss.Numel() == 0 {
			return loss.Sum().Mul(0)
		}
		return loss.Mean()
	}
	panic(torch.Errorf(op, torch.ValueError,
		"Invalid Value for arg 'reduction': '%s \n Supported reduction modes: 'none', 'mean', 'sum'", reduction))
}

// SigmoidFocalLoss returns the loss of RetinaNet: binary cross entropy of inputs before
// the sigmoid and of targets, 0 or 1 of the same shape, in which examples that are right
// already count less. It is a loss for each element, or one number; the mean of none is
// NaN. It panics unless Alpha is −1 or in [0, 1].
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
func SigmoidFocalLoss(inputs, targets *torch.Tensor, options ...SigmoidFocalLossOptions) *torch.Tensor {
	const op = "ops.SigmoidFocalLoss"
	o := option.First(options)
	alpha := option.Or(o.Alpha, 0.25)
	if (alpha < 0 || alpha > 1) && alpha != -1 {
		panic(torch.Errorf(op, torch.ValueError,
			"Invalid alpha value: %s. alpha must be in the range [0,1] or -1 for ignore.", python.Repr(alpha)))
	}
	p := inputs.Sigmoid()
	loss := functional.BinaryCrossEntropyWithLogits(inputs, targets, functional.BinaryCrossEntropyWithLogitsOptions{Reduction: functional.ReductionNone})
	right := p.Mul(targets).Add(p.Rsub(1).Mul(targets.Rsub(1)))
	loss = loss.Mul(right.Rsub(1).Pow(option.Or(o.Gamma, 2)))
	if alpha >= 0 {
		loss = targets.Mul(alpha).Add(targets.Rsub(1).Mul(1 - alpha)).Mul(loss)
	}
	if o.Reduction == functional.ReductionMean {
		return loss.Mean()
	}
	return reduce(op, loss, o.Reduction)
}

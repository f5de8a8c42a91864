package kernels

import "github.com/wangkuiyi/gotorch/torch"

var (
	opNms           = torch.NewOperator("torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
	opBoxIoURotated = torch.NewOperator("torchvision::box_iou_rotated(Tensor boxes1, Tensor boxes2) -> Tensor")
)

// Nms returns the indexes of the boxes that are kept, those of the highest scores
// first.
func Nms(boxes, scores *torch.Tensor, threshold float64) *torch.Tensor {
	mustLoad("torchvision::nms")
	var c torch.Call
	c.Tensor(asFloat(boxes, true))
	c.Tensor(asFloat(scores, true))
	c.Float(threshold)
	return c.One(opNms)
}

// BoxIoURotated returns the intersections over unions of two sets of rotated boxes.
func BoxIoURotated(boxes1, boxes2 *torch.Tensor) *torch.Tensor {
	mustLoad("torchvision::box_iou_rotated")
	var c torch.Call
	c.Tensor(boxes1)
	c.Tensor(boxes2)
	return c.One(opBoxIoURotated)
}

// asFloat returns a tensor as the operators take it within [torch.Autocast]: Float32
// where it is of another floating dtype but Float64. Most do so for CUDA only.
func asFloat(x *torch.Tensor, onCPU bool) *torch.Tensor {
	if x == nil || !torch.IsAutocastAvailable(x.Device()) || x.Device().IsCPU() && !onCPU || !torch.IsAutocastEnabled(x.Device()) {
		return x
	}
	if d := x.DType(); d.IsFloatingPoint() && d != torch.Float64 {
		return x.To(torch.Float32)
	}
	return x
}

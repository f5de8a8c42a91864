package ops

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// Nms is non-maximum suppression: it returns the indexes, Int64, of the boxes that stay
// when each box whose IoU with one of a higher score is above the threshold goes, those
// of the highest scores first. boxes is n × 4, (x1, y1, x2, y2), and scores has n
// elements. It panics on other shapes.
//
// On the CPU it works without torchvision's library, with the same result, for Float32
// and Float64.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.nms.html
func Nms(boxes, scores *torch.Tensor, iouThreshold float64) *torch.Tensor {
	if kernels.Load() == nil || !plainNms(boxes) {
		return kernels.Nms(boxes, scores, iouThreshold)
	}
	checkNms(boxes, scores)
	order := torch.ToSlice[int](sorted(scores))
	var kept []int
	if boxes.DType() == torch.Float32 {
		kept = suppress(torch.ToSlice[float32](boxes), order, iouThreshold)
	} else {
		kept = suppress(torch.ToSlice[float64](boxes), order, iouThreshold)
	}
	return torch.FromSlice(kept, len(kept))
}

// plainNms reports whether suppress can do it.
func plainNms(boxes *torch.Tensor) bool {
	return boxes.Device().IsCPU() && (boxes.DType() == torch.Float32 || boxes.DType() == torch.Float64)
}

// checkNms has the operator's words.
func checkNms(boxes, scores *torch.Tensor) {
	refuse := func(format string, n ...any) {
		panic(torch.Errorf("ops.Nms", torch.RuntimeError, format, n...))
	}
	switch {
	case boxes.Dim() != 2:
		refuse("boxes should be a 2d tensor, got %dD", boxes.Dim())
	case boxes.Size(1) != 4:
		refuse("boxes should have 4 elements in dimension 1, got %d", boxes.Size(1))
	case scores.Dim() != 1:
		refuse("scores should be a 1d tensor, got %dD", scores.Dim())
	case boxes.Size(0) != scores.Size(0):
		refuse("boxes and scores should have same number of elements in dimension 0, got %d and %d", boxes.Size(0), scores.Size(0))
	case boxes.DType() != scores.DType():
		refuse("dets should have the same type as scores")
	}
}

// sorted returns the indexes of the greatest first.
func sorted(scores *torch.Tensor) *torch.Tensor {
	_, order := scores.Sort(torch.SortOptions{Dim: new(0), Descending: true, Stable: true})
	return order
}

// suppress returns those of order that stay, of boxes with 4 elements each. It rounds
// where torchvision's operator does; the conversions keep the compiler from joining
// a product and a sum.
func suppress[T float32 | float64](boxes []T, order []int, threshold float64) []int {
	kept := []int{}
	gone := make([]bool, len(order))
	areas := make([]T, len(order))
	for i := range areas {
		b := boxes[4*i : 4*i+4]
		areas[i] = T((b[2] - b[0]) * (b[3] - b[1])) //nolint:unconvert // it rounds
	}
	for n, i := range order {
		if gone[i] {
			continue
		}
		kept = append(kept, i)
		b := boxes[4*i : 4*i+4]
		for _, j := range order[n+1:] {
			if gone[j] {
				continue
			}
			c := boxes[4*j : 4*j+4]
			width := greater(0, smaller(b[2], c[2])-greater(b[0], c[0]))
			height := greater(0, smaller(b[3], c[3])-greater(b[1], c[1]))
			both := T(width * height) //nolint:unconvert // it rounds
			gone[j] = float64(both/(areas[i]+areas[j]-both)) > threshold
		}
	}
	return kept
}

// greater and smaller are C++'s max and min, which give a where one is NaN.
func greater[T float32 | float64](a, b T) T {
	if a < b {
		return b
	}
	return a
}

func smaller[T float32 | float64](a, b T) T {
	if b < a {
		return b
	}
	return a
}

// manyCoordinates is how many numbers boxes on the CPU and elsewhere have before
// [BatchedNms] looks at the groups one by one.
func manyCoordinates(boxes *torch.Tensor) int {
	if boxes.Device().IsCPU() {
		return 4000
	}
	return 100_000
}

// BatchedNms is [Nms] within groups: a box suppresses only those of the same group.
// groups has n integers, such as classes. boxes and scores are as for Nms.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.batched_nms.html
func BatchedNms(boxes, scores, groups *torch.Tensor, iouThreshold float64) *torch.Tensor {
	if boxes.Numel() > manyCoordinates(boxes) {
		return eachNms(boxes, scores, groups, iouThreshold)
	}
	if boxes.Numel() == 0 {
		return torch.Empty([]int{0}, torch.TensorOptions{DType: torch.Int64, Device: boxes.Device()})
	}
	// Groups are moved apart, so that their boxes do not meet.
	apart := groups.To(boxes).Mul(boxes.Max().Add(1))
	return Nms(boxes.Add(apart.Unsqueeze(1)), scores, iouThreshold)
}

// eachNms is BatchedNms, a group at a time.
func eachNms(boxes, scores, groups *torch.Tensor, iouThreshold float64) *torch.Tensor {
	keep := torch.ZerosLike(scores, torch.TensorOptions{DType: torch.Bool})
	each, _, _ := groups.Unique()
	for _, group := range each.Unbind(0) {
		members := torch.WhereNonzero(groups.Eq(group))[0]
		kept := Nms(boxes.Index(members), scores.Index(members), iouThreshold)
		keep.At(members.Index(kept)).Set(true)
	}
	kept := torch.WhereNonzero(keep)[0]
	_, order := scores.Index(kept).Sort(torch.SortOptions{Descending: true})
	return kept.Index(order)
}

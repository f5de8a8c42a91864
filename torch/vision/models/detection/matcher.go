package detection

import "github.com/wangkuiyi/gotorch/torch"

// What a matcher gives for boxes that match none.
const (
	belowLow = -1 // the best is below the low threshold
	between  = -2 // the best is between the thresholds
)

// matcher finds the thing in an image that each box shows.
type matcher struct {
	high, low float64 // thresholds of the IoU
	lowToo    bool    // each thing gets the boxes that match it best, however badly
}

// match returns the thing, or belowLow or between, for each of n boxes. quality is
// things × n.
func (m *matcher) match(quality *torch.Tensor) *torch.Tensor {
	if quality.Numel() == 0 {
		what := "proposal boxes"
		if quality.Size(0) == 0 {
			what = "ground-truth boxes"
		}
		panic(torch.Errorf("detection.Matcher", torch.ValueError, "No %s available for one of the images during training", what))
	}
	best, all := quality.MaxDim(0)
	matches := all.Clone()
	matches.At(best.Lt(m.low)).Set(belowLow)
	matches.At(best.Ge(m.low).LogicalAnd(best.Lt(m.high))).Set(between)
	if m.lowToo {
		highest, _ := quality.MaxDim(1)
		boxes := torch.WhereNonzero(quality.Eq(highest.Unsqueeze(1)))[1]
		matches.At(boxes).Set(all.Index(boxes))
	}
	return matches
}

// sampler draws boxes to learn from.
type sampler struct {
	size     int     // of a batch, for each image
	positive float64 // the share of boxes that show a thing, at most
}

// sample returns masks, Uint8, of the boxes with and without a thing that are drawn, for
// each image. labels are 1 and more for boxes with a thing, 0 for those without, and less
// for those that are not drawn.
func (s *sampler) sample(labels []*torch.Tensor) (positive, negative []*torch.Tensor) {
	for _, l := range labels {
		with, without := torch.WhereNonzero(l.Ge(1))[0], torch.WhereNonzero(l.Eq(0))[0]
		n := min(int(float64(s.size)*s.positive), with.Numel())
		first, second := permuted(with), permuted(without)
		positive = append(positive, masked(l, first.Narrow(0, 0, n)))
		negative = append(negative, masked(l, second.Narrow(0, 0, min(s.size-n, without.Numel()))))
	}
	return positive, negative
}

// permuted returns the elements in random order.
func permuted(x *torch.Tensor) *torch.Tensor {
	return x.Index(torch.Randperm(x.Numel(), torch.TensorOptions{Device: x.Device()}))
}

// masked returns 1 at indexes and else 0, as many as labels.
func masked(labels, indexes *torch.Tensor) *torch.Tensor {
	mask := torch.ZerosLike(labels, torch.TensorOptions{DType: torch.Uint8})
	mask.At(indexes).Set(1)
	return mask
}

// drawn returns the indexes that a mask has.
func drawn(mask *torch.Tensor) *torch.Tensor { return torch.WhereNonzero(mask)[0] }

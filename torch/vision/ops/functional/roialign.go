package functional

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// plainRoIAlign is RoIAlign in the operators of libtorch. It adds up the points of all
// bins at once, in the order in which torchvision's operator takes those of a bin, and
// rounds where that does.
func plainRoIAlign(x, rois *torch.Tensor, size kernels.Size) *torch.Tensor {
	dtype := x.DType()
	if dtype == torch.Float16 || dtype == torch.BFloat16 {
		x, rois = x.To(torch.Float32), rois.To(torch.Float32)
	}
	down := newAxis(rois, x.Size(2), size, 2, size.Height)
	right := newAxis(rois, x.Size(3), size, 1, size.Width)
	images := rois.Select(1, 0).To(torch.Int64)
	sum := x.NewZeros([]int{rois.Size(0), x.Size(1), size.Height, size.Width})
	for iy := range down.most() {
		y := down.at(iy, x)
		for ix := range right.most() {
			value := between(x, images, y, right.at(ix, x))
			sum = sum.Add(value)
		}
	}
	count := down.points.Mul(right.points).ClampMin(1)
	return sum.Div(count.Reshape(-1, 1, 1, 1)).To(dtype)
}

// axis is where the points of regions are, along the height or the width.
type axis struct {
	size   int           // of the features
	bins   *torch.Tensor // 1 × bins: their numbers
	start  *torch.Tensor // regions × 1: where a region begins
	bin    *torch.Tensor // regions × 1: how long a bin is
	points *torch.Tensor // regions × 1: how many there are in a bin
}

// newAxis returns where the points are along the features' size; column is that of
// the regions' beginning.
func newAxis(rois *torch.Tensor, size int, s kernels.Size, column, bins int) *axis {
	offset := 0.0
	if s.Aligned {
		offset = 0.5
	}
	edge := func(column int) *torch.Tensor { return rois.Narrow(1, column, 1).Mul(s.Scale).Sub(offset) }
	a := &axis{size: size, start: edge(column)}
	length := edge(column + 2).Sub(a.start)
	if !s.Aligned {
		length = length.ClampMin(1)
	}
	a.bin = length.Div(bins)
	a.bins = torch.Arange(0, bins, 1, torch.TensorOptions{DType: rois.DType(), Device: rois.Device()}).Unsqueeze(0)
	if s.Sampling > 0 {
		a.points = torch.FullLike(a.bin, s.Sampling)
	} else {
		a.points = a.bin.Ceil()
	}
	return a
}

// most returns how many points there are in a bin at most.
func (a *axis) most() int {
	if a.points.Numel() == 0 {
		return 0
	}
	return max(int(a.points.Max().Item()), 0)
}

// points are the i-th ones of all bins: the elements of the features before and after
// them, and how much of each they have; regions × bins.
type points struct {
	before, after *torch.Tensor
	most, least   *torch.Tensor // the shares of before and after
}

func (a *axis) at(i int, x *torch.Tensor) points {
	at := a.start.Add(a.bins.Mul(a.bin)).Add(a.bin.Mul(float64(i) + 0.5).Div(a.points))
	inside := at.Ge(-1).LogicalAnd(at.Le(a.size)).LogicalAnd(a.points.Gt(i))
	last := a.size - 1
	at = at.Clamp(0, last)
	before := at.To(torch.Int64)
	least := at.Sub(before.To(x.DType()))
	return points{before: before, after: before.Add(1).ClampMax(last),
		most: torch.Where(inside, least.Rsub(1), 0.0), least: torch.Where(inside, least, 0.0)}
}

// between returns the features at points, regions × channels × bins × bins.
func between(x, images *torch.Tensor, y, z points) *torch.Tensor {
	images = images.Reshape(-1, 1, 1, 1)
	channels := torch.Arange(0, x.Size(1), 1, torch.TensorOptions{DType: torch.Int64, Device: x.Device()}).Reshape(1, -1, 1, 1)
	down := func(t *torch.Tensor) *torch.Tensor { return t.Unsqueeze(1).Unsqueeze(3) }
	right := func(t *torch.Tensor) *torch.Tensor { return t.Unsqueeze(1).Unsqueeze(2) }
	corner := func(row, rows, column, columns *torch.Tensor) *torch.Tensor {
		return down(rows).Mul(right(columns)).Mul(x.Index(images, channels, down(row), right(column)))
	}
	return corner(y.before, y.most, z.before, z.most).Add(corner(y.before, y.most, z.after, z.least)).
		Add(corner(y.after, y.least, z.before, z.most)).Add(corner(y.after, y.least, z.after, z.least))
}

package detection

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// boxCoder tells boxes by how they differ from others: by their centres, in widths and
// heights of these, and by the logarithms of their sides.
type boxCoder struct {
	weights [4]float64 // of the four numbers
}

// largest is the greatest logarithm that is decoded.
var largest = math.Log(1000.0 / 16)

// lengths returns how many boxes each tensor has.
func lengths(boxes []*torch.Tensor) []int {
	list := make([]int, len(boxes))
	for i, b := range boxes {
		list[i] = b.Size(0)
	}
	return list
}

// encode returns, for each image, what makes proposals the boxes of reference, n × 4.
func (c *boxCoder) encode(reference, proposals []*torch.Tensor) []*torch.Tensor {
	boxes, from := torch.Cat(reference, 0), torch.Cat(proposals, 0)
	targets := make([]*torch.Tensor, 4)
	for axis := range 2 {
		column := func(boxes *torch.Tensor, i int) *torch.Tensor { return boxes.Narrow(1, axis+i, 1) }
		side := func(boxes *torch.Tensor) *torch.Tensor { return column(boxes, 2).Sub(column(boxes, 0)) }
		centre := func(boxes, side *torch.Tensor) *torch.Tensor { return column(boxes, 0).Add(side.Mul(0.5)) }
		old, wanted := side(from), side(boxes)
		targets[axis] = centre(boxes, wanted).Sub(centre(from, old)).Mul(c.weights[axis]).Div(old)
		targets[axis+2] = wanted.Div(old).Log().Mul(c.weights[axis+2])
	}
	return torch.Cat(targets, 1).SplitWithSizes(lengths(reference), 0)
}

// decode returns the boxes of all images, n × boxes for each × 4, that codes make of
// boxes.
func (c *boxCoder) decode(codes *torch.Tensor, boxes []*torch.Tensor) *torch.Tensor {
	from := torch.Cat(boxes, 0).To(codes.DType())
	n := from.Size(0)
	if n == 0 {
		return codes.NewZeros([]int{0, codes.Size(-1) / 4, 4})
	}
	codes = codes.Reshape(n, -1)
	var before, after [2]*torch.Tensor
	for axis := range 2 {
		code := func(i int) *torch.Tensor {
			return codes.Index(torch.Colon, torch.From(axis+i).By(4)).Div(c.weights[axis+i])
		}
		side := from.Select(1, axis+2).Sub(from.Select(1, axis))
		centre := from.Select(1, axis).Add(side.Mul(0.5)).Unsqueeze(1)
		side = side.Unsqueeze(1)
		middle := code(0).Mul(side).Add(centre)
		half := code(2).ClampMax(largest).Exp().Mul(side).Mul(0.5)
		before[axis], after[axis] = middle.Sub(half), middle.Add(half)
	}
	return torch.Stack([]*torch.Tensor{before[0], before[1], after[0], after[1]}, 2)
}

package ops

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// conversions are those from a format to another, each of one or two steps. Integers
// are rounded after each step that turns a box.
var conversions = map[[2]BoxFormat][]func(boxes *torch.Tensor) *torch.Tensor{
	{BoxXYWH, BoxXYXY}:        {xywhToXYXY},
	{BoxCXCYWH, BoxXYXY}:      {cxcywhToXYXY},
	{BoxXYXY, BoxXYWH}:        {xyxyToXYWH},
	{BoxXYXY, BoxCXCYWH}:      {xyxyToCXCYWH},
	{BoxXYWH, BoxCXCYWH}:      {xywhToXYXY, xyxyToCXCYWH},
	{BoxCXCYWH, BoxXYWH}:      {cxcywhToXYXY, xyxyToXYWH},
	{BoxCXCYWHR, BoxXYWHR}:    {rounded(cxcywhrToXYWHR)},
	{BoxXYWHR, BoxCXCYWHR}:    {rounded(xywhrToCXCYWHR)},
	{BoxCXCYWHR, BoxXYXYXYXY}: {rounded(cxcywhrToXYWHR), rounded(xywhrToCorners)},
	{BoxXYXYXYXY, BoxCXCYWHR}: {rounded(cornersToXYWHR), rounded(xywhrToCXCYWHR)},
	{BoxXYWHR, BoxXYXYXYXY}:   {rounded(xywhrToCorners)},
	{BoxXYXYXYXY, BoxXYWHR}:   {rounded(cornersToXYWHR)},
}

// BoxConvert returns boxes of another format: … × 4, 5 or 8, as formats have numbers.
// Boxes without an angle have 4, and become others without one; those with an angle, or
// corners, become others of these. The result is a copy. It panics on other formats.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.box_convert.html
func BoxConvert(boxes *torch.Tensor, in, out BoxFormat) *torch.Tensor {
	numbers := map[BoxFormat]int{BoxXYXY: 4, BoxXYWH: 4, BoxCXCYWH: 4, BoxXYWHR: 5, BoxCXCYWHR: 5, BoxXYXYXYXY: 8}
	kind := torch.ValueError
	if numbers[in] != 0 && numbers[out] != 0 {
		if in == out {
			return boxes.Clone()
		}
		kind = torch.NotImplementedError
	}
	steps := conversions[[2]BoxFormat{in, out}]
	if steps == nil {
		panic(torch.Errorf("ops.BoxConvert", kind, "Unsupported Bounding Box Conversions for given in_fmt %s and out_fmt %s", in, out))
	}
	if boxes.Dim() == 0 || boxes.Size(-1) != numbers[in] {
		panic(torch.Errorf("ops.BoxConvert", torch.ValueError, "boxes of format %s have %d numbers, not those of shape %v", in, numbers[in], boxes.Shape()))
	}
	for _, step := range steps {
		boxes = step(boxes)
	}
	return boxes
}

// rounded makes a conversion of floats give whole numbers of integers.
func rounded(convert func(*torch.Tensor) *torch.Tensor) func(*torch.Tensor) *torch.Tensor {
	return func(boxes *torch.Tensor) *torch.Tensor {
		result := convert(boxes)
		if !boxes.IsFloatingPoint() {
			return result.RoundInplace().To(boxes.DType())
		}
		return result
	}
}

func stack(numbers ...*torch.Tensor) *torch.Tensor { return torch.Stack(numbers, -1) }

func cxcywhToXYXY(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	halfWidth, halfHeight := n[2].Mul(0.5), n[3].Mul(0.5)
	return stack(n[0].Sub(halfWidth), n[1].Sub(halfHeight), n[0].Add(halfWidth), n[1].Add(halfHeight))
}

func xyxyToCXCYWH(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	return stack(n[0].Add(n[2]).Div(2), n[1].Add(n[3]).Div(2), n[2].Sub(n[0]), n[3].Sub(n[1]))
}

func xywhToXYXY(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	return stack(n[0], n[1], n[0].Add(n[2]), n[1].Add(n[3]))
}

func xyxyToXYWH(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	return stack(n[0], n[1], n[2].Sub(n[0]), n[3].Sub(n[1]))
}

// turn returns cosine and sine of angles in degrees.
func turn(degrees *torch.Tensor) (cos, sin *torch.Tensor) {
	radians := degrees.Mul(math.Pi).Div(180.0)
	return radians.Cos(), radians.Sin()
}

func cxcywhrToXYWHR(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	cos, sin := turn(n[4])
	x := n[0].Sub(n[2].Div(2).Mul(cos)).Sub(n[3].Div(2).Mul(sin))
	y := n[1].Sub(n[3].Div(2).Mul(cos)).Add(n[2].Div(2).Mul(sin))
	return stack(x, y, n[2], n[3], n[4])
}

func xywhrToCXCYWHR(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	cos, sin := turn(n[4])
	x := n[0].Add(n[2].Div(2).Mul(cos)).Add(n[3].Div(2).Mul(sin))
	y := n[1].Sub(n[2].Div(2).Mul(sin)).Add(n[3].Div(2).Mul(cos))
	return stack(x, y, n[2], n[3], n[4])
}

func xywhrToCorners(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	cos, sin := turn(n[4])
	x2, y2 := n[0].Add(n[2].Mul(cos)), n[1].Sub(n[2].Mul(sin))
	x3, y3 := x2.Add(n[3].Mul(sin)), y2.Add(n[3].Mul(cos))
	return stack(n[0], n[1], x2, y2, x3, y3, n[0].Add(n[3].Mul(sin)), n[1].Add(n[3].Mul(cos)))
}

func cornersToXYWHR(boxes *torch.Tensor) *torch.Tensor {
	n := boxes.Unbind(-1)
	angle := n[1].Sub(n[3]).Atan2(n[2].Sub(n[0])).Mul(180).Div(math.Pi)
	width := n[2].Sub(n[0]).Pow(2).Add(n[1].Sub(n[3]).Pow(2)).Sqrt()
	height := n[4].Sub(n[2]).Pow(2).Add(n[5].Sub(n[3]).Pow(2)).Sqrt()
	return stack(n[0], n[1], width, height, angle)
}

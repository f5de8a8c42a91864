package ops_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

// Of boxes that overlap the surest stays.
func ExampleNms() {
	boxes := torch.NewTensor([][]float32{{10, 10, 50, 50}, {12, 11, 52, 49}, {60, 20, 90, 80}, {14, 8, 48, 52}})
	scores := torch.NewTensor([]float32{0.7, 0.9, 0.6, 0.8})
	keep := ops.Nms(boxes, scores, 0.5)
	fmt.Println(torch.ToSlice[int](keep))
	for _, box := range boxes.Index(keep).Unbind(0) {
		fmt.Println(torch.ToSlice[float32](box))
	}
	// Output:
	// [1 2]
	// [12 11 52 49]
	// [60 20 90 80]
}

func ExampleBoxConvert() {
	boxes := torch.NewTensor([][]float32{{10, 20, 40, 60}})
	fmt.Println(torch.ToSlice[float32](ops.BoxConvert(boxes, ops.BoxXYXY, ops.BoxCXCYWH)))
	// Output: [25 40 30 40]
}

// The two boxes of a picture are cut out and scaled to 2 × 2 pixels.
func Example_regions() {
	picture := torch.Arange(0, 64, 1, torch.TensorOptions{DType: torch.Float32}).View(1, 1, 8, 8)
	boxes := torch.NewTensor([][]float32{{0, 0, 4, 4}, {4, 2, 8, 6}})
	cut := functional.RoIAlign(picture, []*torch.Tensor{boxes}, 2, functional.RoIAlignOptions{Aligned: true})
	fmt.Println(cut.Shape(), torch.ToSlice[float32](cut))
	// Output: [2 1 2 2] [4.5 6.5 20.5 22.5 24.5 26.5 40.5 42.5]
}

package transforms_test

import (
	"fmt"
	"image"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms"
)

func ExampleCompose() {
	torch.ManualSeed(1)
	train := transforms.NewCompose(
		transforms.NewRandomResizedCrop(224),
		transforms.NewRandomHorizontalFlip(),
		transforms.NewToTensor(),
		transforms.NewNormalize([]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}),
	)
	img := image.NewNRGBA(image.Rect(0, 0, 640, 480))
	x := train.Image(img)
	fmt.Println(x.Shape(), x.DType())
	fmt.Println(train)
	// Output:
	// [3 224 224] torch.float32
	// Compose(
	//     RandomResizedCrop(size=(224, 224), scale=(0.08, 1.0), ratio=(0.75, 1.3333), interpolation=bilinear, antialias=True)
	//     RandomHorizontalFlip(p=0.5)
	//     ToTensor()
	//     Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
	// )
}

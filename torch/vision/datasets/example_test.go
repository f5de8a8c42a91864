package datasets_test

import (
	"context"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// Random images, in batches that two workers make.
func ExampleFakeData() {
	images := datasets.NewFakeData(datasets.FakeDataOptions{Size: new(10), ImageSize: []int{3, 32, 32}})
	loader := data.NewDataLoader(images, data.DataLoaderOptions{BatchSize: new(4), NumWorkers: 2})
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Data.Shape(), batch.Target.Shape())
	}
	// Output:
	// [4 3 32 32] [4]
	// [4 3 32 32] [4]
	// [2 3 32 32] [2]
}

// The images of folders, decoded by workers.
func ExampleNewImageFolder() {
	images, err := datasets.NewImageFolder("nowhere")
	if err != nil {
		fmt.Println(err)
		return
	}
	loader := data.NewDataLoader(images, data.DataLoaderOptions{BatchSize: new(32), Shuffle: true, NumWorkers: 4})
	fmt.Println(loader.Len())
	// Output: open nowhere: no such file or directory
}

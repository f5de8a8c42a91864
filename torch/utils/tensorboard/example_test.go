package tensorboard_test

import (
	"fmt"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func Example() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	w, err := tensorboard.NewSummaryWriter(dir)
	if err != nil {
		panic(err)
	}
	for step := range 10 {
		w.AddScalar("loss", 1/float64(1+step), step)
	}
	w.AddHistogram("weights", torch.Randn([]int{1000}), 10)
	w.AddText("note", "the *first* run", 0)
	fmt.Println(w.Close())
	// Output: <nil>
}

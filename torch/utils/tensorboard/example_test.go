package tensorboard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

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

func ExampleSummaryWriter_AddEmbedding() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	w, err := tensorboard.NewSummaryWriter(dir)
	if err != nil {
		panic(err)
	}
	words := []string{"king", "queen", "cabbage"}
	w.AddEmbedding(torch.NewTensor([][]float64{{1, 0.5}, {1, -0.5}, {-1, 0}}), 7, tensorboard.EmbeddingOptions{
		Metadata: slices.Collect(slices.Chunk(words, 1)), Tag: "words"})
	fmt.Println(w.Close())
	points, err := os.ReadFile(filepath.Join(dir, "00007", "words", "tensors.tsv"))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", points)
	// Output:
	// <nil>
	// "1.0\t0.5\n1.0\t-0.5\n-1.0\t0.0\n"
}

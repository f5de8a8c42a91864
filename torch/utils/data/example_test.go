package data_test

import (
	"context"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// Shuffled batches of two tensors.
func ExampleDataLoader() {
	torch.ManualSeed(0)
	images, labels := torch.Randn([]int{10, 1, 28, 28}), torch.Arange(0, 10, 1)
	dataset := data.NewTensorDataset(images, labels)
	loader := data.NewDataLoader(dataset, data.DataLoaderOptions{BatchSize: new(4), Shuffle: true})
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch[0].Shape(), torch.ToSlice[int](batch[1]))
	}
	// Output:
	// [4 1 28 28] [3 1 5 6]
	// [4 1 28 28] [8 9 0 7]
	// [2 1 28 28] [4 2]
}

// words is a dataset of Go strings.
type words []string

func (w words) Len() int                        { return len(w) }
func (w words) At(index int) (string, error)    { return w[index], nil }
func collateWords(list []string) (Words, error) { return padded(list), nil }

// Words is a batch of words: their bytes, padded with zeros, and their lengths.
type Words struct{ Bytes, Lengths *torch.Tensor }

// Tensors lets the loop free the batch.
func (w Words) Tensors() []*torch.Tensor { return []*torch.Tensor{w.Bytes, w.Lengths} }

func padded(list []string) Words {
	longest := 0
	lengths := make([]int, len(list))
	for i, word := range list {
		lengths[i] = len(word)
		longest = max(longest, len(word))
	}
	text := make([]byte, len(list)*longest)
	for i, word := range list {
		copy(text[i*longest:], word)
	}
	return Words{torch.FromSlice(text, len(list), longest), torch.FromSlice(lengths)}
}

// A collate function makes batches of samples of any type, here in two workers.
func ExampleNewDataLoaderFunc() {
	dataset := words{"a", "few", "words", "of", "text"}
	loader := data.NewDataLoaderFunc(dataset, collateWords, data.DataLoaderOptions{BatchSize: new(3), NumWorkers: 2})
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Bytes.Shape(), torch.ToSlice[int](batch.Lengths))
	}
	// Output:
	// [3 5] [1 3 5]
	// [2 4] [2 4]
}

// A dataset in a training and a validation part.
func ExampleRandomSplit() {
	dataset := data.NewTensorDataset(torch.Arange(0, 10, 1))
	generator := torch.NewGenerator().ManualSeed(42)
	parts := data.RandomSplit(dataset, []float64{0.7, 0.3}, data.RandomSplitOptions{Generator: generator})
	fmt.Println(parts[0].Indices, parts[1].Indices)
	// Output: [2 6 1 8 4 5 0] [9 3 7]
}

// Batches with their numbers.
func ExampleDataLoader_Enumerate() {
	loader := data.NewDataLoader(data.NewTensorDataset(torch.Arange(0, 5, 1)), data.DataLoaderOptions{BatchSize: new(2)})
	var err error
	for i, batch := range loader.Enumerate(context.Background(), &err) {
		fmt.Println(i, torch.ToSlice[int](batch[0]))
	}
	fmt.Println(err)
	// Output:
	// 0 [0 1]
	// 1 [2 3]
	// 2 [4]
	// <nil>
}

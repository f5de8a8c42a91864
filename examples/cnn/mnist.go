package main

import (
	"context"
	"os"

	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// mnist returns MNIST's training and test images, with the mean of all pixels at 0
// and their standard deviation at 1. They are fetched once.
func mnist(ctx context.Context) (trainSet, testSet *data.TensorDataset, err error) {
	load := func(train bool) (*data.TensorDataset, error) {
		images, err := datasets.NewMNIST(ctx, datasets.Options{Train: &train, Download: true, Log: os.Stderr})
		if err != nil {
			return nil, err
		}
		return data.NewTensorDataset(images.Normalized([]float64{0.1307}, []float64{0.3081}), images.Targets), nil
	}
	if trainSet, err = load(true); err == nil {
		testSet, err = load(false)
	}
	return trainSet, testSet, err
}

package main

import (
	"context"
	"io"
	"strings"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// sets are the images to train on, those to watch the training by, and those to
// judge the network by at the end.
type sets struct {
	train, validation, test data.Sample // n × 1 × 28 × 28 of Float32, n of Int64
	classes                 []string
}

var figures = strings.Split("0123456789", "")

var clothes = []string{"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

// classesOf returns the names of the classes of a set.
func classesOf(set string) []string {
	if set == "fashion" {
		return clothes
	}
	return figures
}

// loadSets reads the set that -data names. The last 5,000 of its training images
// are for validation.
func loadSets(ctx context.Context, o options, log io.Writer) (sets, error) {
	train, err := loadSet(ctx, o, true, log)
	if err != nil {
		return sets{}, err
	}
	test, err := loadSet(ctx, o, false, log)
	if err != nil {
		return sets{}, err
	}
	const held = 5000
	n := train.Target.Size(0) - held
	part := func(start, length int) data.Sample {
		return data.Sample{Data: train.Data.Narrow(0, start, length), Target: train.Target.Narrow(0, start, length)}
	}
	return sets{train: part(0, n), validation: part(n, held), test: test, classes: classesOf(o.data)}, nil
}

// loadSet reads the training or the test set, from -root or else from the cache,
// into which it is fetched if it is not there. Lines on what is fetched go to log.
func loadSet(ctx context.Context, o options, train bool, log io.Writer) (data.Sample, error) {
	load := datasets.NewMNIST
	if o.data == "fashion" {
		load = datasets.NewFashionMNIST
	}
	images, err := load(ctx, datasets.Options{Train: &train, Root: o.root, Download: o.root == "", Log: log})
	if err != nil {
		return data.Sample{}, err
	}
	images.To(o.device)
	return data.Sample{Data: images.Normalized([]float64{digits.Mean}, []float64{digits.Deviation}), Target: images.Targets}, nil
}

package main

import (
	"context"
	"io"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// sets are the images to train on, those to watch the training by, and those to
// judge the network by at the end.
type sets struct {
	train, validation, test data.Sample // n × 1 × 28 × 28 of Float32, n of Int64
	classes                 []string
}

// Pixels from 0 to 1 are normalised by the mean and the deviation of MNIST's.
const mean, deviation = 0.1307, 0.3081

var digits = strings.Split("0123456789", "")

var clothes = []string{"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

// classesOf returns the names of the classes of a set.
func classesOf(set string) []string {
	if set == "fashion" {
		return clothes
	}
	return digits
}

// loadSets reads the set that -data names. The last 5,000 of its training images
// are for validation.
func loadSets(ctx context.Context, o options, log io.Writer) (sets, error) {
	var train, test Dataset
	var err error
	if o.data == "fashion" {
		train, test, err = loadFashion(o)
	} else {
		train, test, err = LoadMNIST(ctx, o.root, o.device, log)
	}
	if err != nil {
		return sets{}, err
	}
	const held = 5000
	n := train.Labels.Size(0) - held
	part := func(start, length int) data.Sample {
		return data.Sample{Data: train.Images.Narrow(0, start, length), Target: train.Labels.Narrow(0, start, length)}
	}
	return sets{
		train: part(0, n), validation: part(n, held),
		test:    data.Sample{Data: test.Images, Target: test.Labels},
		classes: classesOf(o.data),
	}, nil
}

// fashionFolder is where Debian's package dataset-fashion-mnist has its files.
const fashionFolder = "/usr/share/datasets/fashion-mnist"

var fashionFiles = []mnistFile{
	{"train-images-idx3-ubyte", []int{60000, 28, 28}, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
	{"train-labels-idx1-ubyte", []int{60000}, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
	{"t10k-images-idx3-ubyte", []int{10000, 28, 28}, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
	{"t10k-labels-idx1-ubyte", []int{10000}, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
}

func loadFashion(o options) (train, test Dataset, err error) {
	root := o.root
	if root == "" {
		root = fashionFolder
	}
	content, err := openAll(root, fashionFiles)
	if err != nil {
		return Dataset{}, Dataset{}, err
	}
	return newDataset(content[0], content[1], o.device), newDataset(content[2], content[3], o.device), nil
}

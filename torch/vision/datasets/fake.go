package datasets

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// FakeData is random images with random targets, the same for the same index: to
// try a program without data.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.FakeData.html
type FakeData struct{ options FakeDataOptions }

// FakeDataOptions are the options of [NewFakeData].
type FakeDataOptions struct {
	Size         *int  // the number of images; default: 1000
	ImageSize    []int // channels, height and width; default: 3, 224, 224
	NumClasses   *int  // default: 10
	RandomOffset int   // other offsets give other images
}

// NewFakeData returns the dataset.
func NewFakeData(options ...FakeDataOptions) *FakeData {
	o := option.First(options)
	o.Size = new(option.Or(o.Size, 1000))
	if o.ImageSize == nil {
		o.ImageSize = []int{3, 224, 224}
	}
	o.NumClasses = new(option.Or(o.NumClasses, 10))
	return &FakeData{o}
}

// Len returns the number of images.
func (d *FakeData) Len() int { return *d.options.Size }

// At returns an image, of normally distributed numbers, and its target. The numbers
// are those that torchvision draws, before it makes a picture of bytes of them. It
// fails on an index out of range.
func (d *FakeData) At(index int) (sample data.Sample, err error) {
	if index < 0 || index >= *d.options.Size {
		return sample, torch.Errorf("datasets.FakeData.At", torch.IndexError, "FakeData index out of range")
	}
	generator := torch.NewGenerator().ManualSeed(int64(index + d.options.RandomOffset))
	random := torch.TensorOptions{Generator: generator}
	return data.Sample{
		Data:   torch.Randn(d.options.ImageSize, random),
		Target: torch.Randint(0, *d.options.NumClasses, nil, random),
	}, nil
}

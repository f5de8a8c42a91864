package datasets

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// Images is labelled images of one size in memory: a data.Dataset of data.Sample,
// of which data.DataLoader gathers batches.
type Images struct {
	Data    *torch.Tensor // Uint8, n × channels × height × width
	Targets *torch.Tensor // Int64, n
	Classes []string      // the targets' names
}

// newImages returns images of bytes and labels. It fails on labels that there is no
// class for.
func newImages(pixels []byte, labels []byte, classes []string, channels, height, width int) (*Images, error) {
	for i, label := range labels {
		if int(label) >= len(classes) {
			return nil, fmt.Errorf("the label of image %d is %d, but there are %d classes", i, label, len(classes))
		}
	}
	return &Images{
		Data:    torch.FromSlice(pixels, len(labels), channels, height, width).Keep(),
		Targets: torch.FromSlice(labels).To(torch.Int64).Keep(),
		Classes: classes,
	}, nil
}

// Len returns the number of images.
func (d *Images) Len() int { return d.Targets.Size(0) }

// At returns an image, channels × height × width of floating-point numbers from 0
// to 1, and its target, an Int64 without dimensions. It fails on an index out of
// range.
func (d *Images) At(index int) (sample data.Sample, err error) {
	err = torch.Try(func() {
		sample.Data = functional.ToTensor(d.Data.Select(0, index))
		sample.Target = d.Targets.Select(0, index)
	})
	return sample, err
}

// Gather returns a batch of the images with these indices, as At has them, in one
// go. It fails on an index out of range.
func (d *Images) Gather(indices []int) (batch data.Sample, err error) {
	order := torch.FromSlice(indices).To(d.Data.Device())
	err = torch.Try(func() {
		batch.Data = functional.ToTensor(d.Data.IndexSelect(0, order))
		batch.Target = d.Targets.IndexSelect(0, order)
	})
	return batch, err
}

// Normalized returns all images as floating-point numbers, (x/255 - mean) / std,
// with a mean and a standard deviation for each channel. Where there is memory for
// it, a data.TensorDataset of them and Targets is the fastest to train on.
func (d *Images) Normalized(mean, std []float64) *torch.Tensor {
	x := d.Data.To(torch.Float32)
	return functional.Normalize(x.DivInplace(255), mean, std, functional.NormalizeOptions{Inplace: true})
}

// To moves the images to a device, and returns them.
func (d *Images) To(device torch.Device) *Images {
	d.Data, d.Targets = d.Data.To(device).Keep(), d.Targets.To(device).Keep()
	return d
}

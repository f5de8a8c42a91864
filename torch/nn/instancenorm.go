package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// InstanceNormOptions are the options of instance normalisations.
type InstanceNormOptions struct {
	Eps               *float64     // added to variances; default: 1e-5
	Momentum          *float64     // the share of the latest batch in the running statistics; default: 0.1
	Affine            bool         // scale by Weight and shift by Bias
	Bias              *bool        // false leaves out Bias; default: true
	TrackRunningStats bool         // keep running statistics, and normalise by them in evaluation mode
	Device            torch.Device // default: torch.DefaultDevice()
	DType             torch.DType  // default: Float32
}

// InstanceNorm is what [InstanceNorm1d], [InstanceNorm2d] and [InstanceNorm3d]
// share: PyTorch's _InstanceNorm.
type InstanceNorm struct {
	NormBase // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// filled returns the options with their defaults, which are not those of batch
// normalisations.
func (o InstanceNormOptions) filled() BatchNormOptions {
	return BatchNormOptions{Eps: o.Eps, Momentum: o.Momentum, Affine: &o.Affine, Bias: o.Bias,
		TrackRunningStats: &o.TrackRunningStats, Device: o.Device, DType: o.DType}
}

// newInstanceNorm returns the layer for inputs of the given number of dimensions,
// which includes that of the batch, or of one less.
func newInstanceNorm(features, dims int, o BatchNormOptions) InstanceNorm {
	return InstanceNorm{newNormBase(features, []int{dims - 1, dims}, o)}
}

func (n *InstanceNorm) forward(x *torch.Tensor) *torch.Tensor {
	n.checkDim(x)
	batched := x.Dim() == n.dims[1]
	channels := pick(batched, 1, 0)
	if size := x.Size(channels); n.Affine && size != n.NumFeatures {
		panic(torch.Errorf("nn."+typeName(n.self), torch.ValueError,
			"expected input's size at dim=%d to match num_features (%d), but got: %d.", channels, n.NumFeatures, size))
	}
	if !batched {
		return n.normalize(x.Unsqueeze(0)).Squeeze(0)
	}
	return n.normalize(x)
}

func (n *InstanceNorm) normalize(x *torch.Tensor) *torch.Tensor {
	return functional.InstanceNorm(x, n.RunningMean, n.RunningVar, functional.InstanceNormOptions{
		Weight: n.Weight, Bias: n.Bias, Momentum: new(option.Or(n.Momentum, 0)), Eps: &n.Eps,
		UseInputStats: new(!n.TrackRunningStats || n.IsTraining()),
	})
}

// InstanceNorm1d normalises each channel of each example of its input, (batch ×)
// channels × length, by its mean and variance. With running statistics it takes
// those in evaluation mode. Then it multiplies by Weight and adds Bias, if it has
// them. It panics on inputs of other dimensions, and on channels of one element.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
type InstanceNorm1d struct {
	InstanceNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewInstanceNorm1d returns the layer for inputs of so many channels.
func NewInstanceNorm1d(features int, options ...InstanceNormOptions) *InstanceNorm1d {
	return Init(&InstanceNorm1d{newInstanceNorm(features, 3, option.First(options).filled())})
}

// Forward returns x, (batch ×) channels × length, with the channels of each
// example normalised. It panics on inputs of other dimensions.
func (i *InstanceNorm1d) Forward(x *torch.Tensor) *torch.Tensor { return i.Run(x, i.forward) }

// InstanceNorm2d is [InstanceNorm1d] of (batch ×) channels × height × width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
type InstanceNorm2d struct {
	InstanceNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewInstanceNorm2d returns the layer for inputs of so many channels.
func NewInstanceNorm2d(features int, options ...InstanceNormOptions) *InstanceNorm2d {
	return Init(&InstanceNorm2d{newInstanceNorm(features, 4, option.First(options).filled())})
}

// Forward returns x, (batch ×) channels × height × width, with the channels of
// each example normalised. It panics on inputs of other dimensions.
func (i *InstanceNorm2d) Forward(x *torch.Tensor) *torch.Tensor { return i.Run(x, i.forward) }

// InstanceNorm3d is [InstanceNorm1d] of (batch ×) channels × depth × height ×
// width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
type InstanceNorm3d struct {
	InstanceNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewInstanceNorm3d returns the layer for inputs of so many channels.
func NewInstanceNorm3d(features int, options ...InstanceNormOptions) *InstanceNorm3d {
	return Init(&InstanceNorm3d{newInstanceNorm(features, 5, option.First(options).filled())})
}

// Forward returns x, (batch ×) channels × depth × height × width, with the
// channels of each example normalised. It panics on inputs of other dimensions.
func (i *InstanceNorm3d) Forward(x *torch.Tensor) *torch.Tensor { return i.Run(x, i.forward) }

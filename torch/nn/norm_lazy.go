package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// uninitialized, as the number of channels, leaves it to the first input.
const uninitialized = 0

// LazyBatchNorm1d is a [BatchNorm1d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html
type LazyBatchNorm1d struct{ BatchNorm1d }

// NewLazyBatchNorm1d is [NewBatchNorm1d] for any number of channels.
func NewLazyBatchNorm1d(options ...BatchNormOptions) *LazyBatchNorm1d {
	return Init(&LazyBatchNorm1d{BatchNorm1d{newBatchNorm(uninitialized, options, 2, 3)}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyBatchNorm1d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.BatchNorm1d
}

// LazyBatchNorm2d is a [BatchNorm2d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html
type LazyBatchNorm2d struct{ BatchNorm2d }

// NewLazyBatchNorm2d is [NewBatchNorm2d] for any number of channels.
func NewLazyBatchNorm2d(options ...BatchNormOptions) *LazyBatchNorm2d {
	return Init(&LazyBatchNorm2d{BatchNorm2d{newBatchNorm(uninitialized, options, 4)}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyBatchNorm2d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.BatchNorm2d
}

// LazyBatchNorm3d is a [BatchNorm3d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html
type LazyBatchNorm3d struct{ BatchNorm3d }

// NewLazyBatchNorm3d is [NewBatchNorm3d] for any number of channels.
func NewLazyBatchNorm3d(options ...BatchNormOptions) *LazyBatchNorm3d {
	return Init(&LazyBatchNorm3d{BatchNorm3d{newBatchNorm(uninitialized, options, 5)}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyBatchNorm3d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.BatchNorm3d
}

// LazyInstanceNormOptions are the options of lazy instance normalisations.
type LazyInstanceNormOptions = BatchNormOptions

// LazyInstanceNorm1d is a [InstanceNorm1d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html
type LazyInstanceNorm1d struct{ InstanceNorm1d }

// NewLazyInstanceNorm1d is [NewInstanceNorm1d] for any number of channels. As in PyTorch,
// it has parameters and running statistics by default.
func NewLazyInstanceNorm1d(options ...LazyInstanceNormOptions) *LazyInstanceNorm1d {
	return Init(&LazyInstanceNorm1d{InstanceNorm1d{newInstanceNorm(uninitialized, 3, option.First(options))}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyInstanceNorm1d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.InstanceNorm1d
}

// LazyInstanceNorm2d is a [InstanceNorm2d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html
type LazyInstanceNorm2d struct{ InstanceNorm2d }

// NewLazyInstanceNorm2d is [NewInstanceNorm2d] for any number of channels. As in PyTorch,
// it has parameters and running statistics by default.
func NewLazyInstanceNorm2d(options ...LazyInstanceNormOptions) *LazyInstanceNorm2d {
	return Init(&LazyInstanceNorm2d{InstanceNorm2d{newInstanceNorm(uninitialized, 4, option.First(options))}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyInstanceNorm2d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.InstanceNorm2d
}

// LazyInstanceNorm3d is a [InstanceNorm3d] that takes the number of channels from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html
type LazyInstanceNorm3d struct{ InstanceNorm3d }

// NewLazyInstanceNorm3d is [NewInstanceNorm3d] for any number of channels. As in PyTorch,
// it has parameters and running statistics by default.
func NewLazyInstanceNorm3d(options ...LazyInstanceNormOptions) *LazyInstanceNorm3d {
	return Init(&LazyInstanceNorm3d{InstanceNorm3d{newInstanceNorm(uninitialized, 5, option.First(options))}})
}

// InitializeParameters makes parameters and running statistics for the channels of
// x.
func (n *LazyInstanceNorm3d) InitializeParameters(x *torch.Tensor) AnyModule {
	n.inferFeatures(x)
	return &n.InstanceNorm3d
}

package nn

import "github.com/wangkuiyi/gotorch/torch"

// SyncBatchNorm is [BatchNorm1d] of batch × channels × …, whose statistics are those
// of the batches of all processes that train together. In a single process, which
// is what there is so far, they are those of its batch.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
type SyncBatchNorm struct {
	BatchNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewSyncBatchNorm returns the layer for inputs of so many channels.
func NewSyncBatchNorm(features int, options ...BatchNormOptions) *SyncBatchNorm {
	return Init(&SyncBatchNorm{newBatchNorm(features, options)})
}

// Forward returns x, batch × channels × …, with its channels normalised. It panics
// on inputs of fewer dimensions, and without channels.
func (s *SyncBatchNorm) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SyncBatchNorm) forward(x *torch.Tensor) *torch.Tensor {
	switch n := x.Dim(); {
	case n < 2:
		panic(torch.Errorf("nn.SyncBatchNorm", torch.ValueError, "expected at least 2D input (got %dD input)", n))
	case x.Size(1) == 0:
		panic(torch.Errorf("nn.SyncBatchNorm", torch.ValueError,
			"SyncBatchNorm number of input channels should be non-zero"))
	}
	return s.normalize(x)
}

// ConvertSyncBatchNorm replaces all BatchNorm layers within a module by
// [SyncBatchNorm] with their parameters and running statistics, and returns the
// module, or what replaces it. It panics where the field that holds a layer has a
// type that SyncBatchNorm is not, such as *BatchNorm2d: its type must be [Layer].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html#torch.nn.SyncBatchNorm.convert_sync_batchnorm
func ConvertSyncBatchNorm(module AnyModule) AnyModule {
	return baseOf("nn.ConvertSyncBatchNorm", module).start().synchronized()
}

// synchronized returns the module as a SyncBatchNorm, if it is a BatchNorm, or else
// with such in the places of all within it.
func (s *step) synchronized() AnyModule {
	if norm, ok := AsBatchNorm(s.module.self); ok {
		sync := Init(&SyncBatchNorm{*norm}) // without its hooks
		sync.evaluating = norm.evaluating
		return sync
	}
	for _, next := range s.distinct() {
		if converted := next.synchronized(); converted != next.module.self {
			s.module.SetSubmodule(next.name, converted)
		}
	}
	return s.module.self
}

package nn

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// BatchNormOptions are the options of batch normalisations.
type BatchNormOptions struct {
	Eps               *float64     // added to variances; default: 1e-5
	Momentum          *float64     // the share of the latest batch in the running statistics; default: 0.1
	CumulativeAverage bool         // Python's momentum=None: running statistics are the averages over all batches
	Affine            *bool        // scale by Weight and shift by Bias; default: true
	Bias              *bool        // false leaves out Bias; default: true
	TrackRunningStats *bool        // keep running statistics for evaluation mode; default: true
	Device            torch.Device // default: torch.DefaultDevice()
	DType             torch.DType  // default: Float32
}

// NormBase is what batch and instance normalisation share: the statistics of
// channels, and a scale and a shift for each. It is PyTorch's _NormBase.
type NormBase struct {
	Module
	NumFeatures             int           // channels
	Eps                     float64       // added to variances
	Momentum                *float64      // nil: running statistics are averages over all batches
	Affine                  bool          // has Weight, and Bias
	TrackRunningStats       bool          // keep running statistics
	Weight, Bias            *torch.Tensor // of NumFeatures elements, or nil
	RunningMean, RunningVar *torch.Tensor `nn:",buffer"` // of NumFeatures elements, or nil
	NumBatchesTracked       *torch.Tensor `nn:",buffer"` // Int64 without dimensions, or nil

	dims []int // how many dimensions the input may have
}

func newNormBase(features int, dims []int, o BatchNormOptions) NormBase {
	n := NormBase{NumFeatures: features, Eps: option.Or(o.Eps, 1e-5), Affine: option.Or(o.Affine, true),
		TrackRunningStats: option.Or(o.TrackRunningStats, true), dims: dims}
	if !o.CumulativeAverage {
		n.Momentum = new(option.Or(o.Momentum, 0.1))
	}
	t := torch.TensorOptions{Device: o.Device, DType: o.DType}
	n.Weight, n.Bias = scaleAndShift([]int{features}, n.Affine, option.Or(o.Bias, true), t)
	if n.TrackRunningStats {
		n.RunningMean, n.RunningVar = torch.Zeros([]int{features}, t), torch.Ones([]int{features}, t)
		n.NumBatchesTracked = torch.Zeros(nil, torch.TensorOptions{Device: o.Device, DType: torch.Int64})
	}
	return n
}

// scaleAndShift returns the parameters that follow a normalisation: ones, and
// zeros; nil where there are none.
func scaleAndShift(shape []int, affine, bias bool, t torch.TensorOptions) (scale, shift *torch.Tensor) {
	if affine {
		scale = NewParameter(torch.Ones(shape, t))
	}
	if affine && bias {
		shift = NewParameter(torch.Zeros(shape, t))
	}
	return scale, shift
}

// inferFeatures takes the number of channels from x and makes the tensors that
// have no shape yet, unless a state dict has.
func (n *NormBase) inferFeatures(x *torch.Tensor) {
	inferred := false
	for _, t := range []*torch.Tensor{n.Weight, n.Bias, n.RunningMean, n.RunningVar} {
		if t != nil && IsUninitialized(t) {
			n.NumFeatures, inferred = x.Size(1), true
			Materialize(t, n.NumFeatures)
		}
	}
	if inferred {
		n.ResetParameters()
	}
}

// upgrade adds to a state dict of PyTorch before 0.4.1 what it lacks.
func (n *NormBase) upgrade(dict *StateDict, prefix string) {
	if name := prefix + "num_batches_tracked"; n.TrackRunningStats && dict.Get(name) == nil {
		tracked := n.NumBatchesTracked
		if tracked.IsMeta() {
			tracked = torch.Zeros(nil, torch.TensorOptions{DType: torch.Int64, Device: torch.CPU})
		}
		*dict = append(*dict, NamedTensor{name, tracked})
	}
}

// ResetRunningStats forgets the running statistics.
func (n *NormBase) ResetRunningStats() {
	fill(n.RunningMean, 0)
	fill(n.RunningVar, 1)
	fill(n.NumBatchesTracked, 0)
}

// ResetParameters gives parameters and running statistics their first values.
func (n *NormBase) ResetParameters() {
	n.ResetRunningStats()
	fill(n.Weight, 1)
	fill(n.Bias, 0)
}

// checkDim panics unless x has one of the numbers of dimensions in dims.
func (n *NormBase) checkDim(x *torch.Tensor) {
	if slices.Contains(n.dims, x.Dim()) {
		return
	}
	want := fmt.Sprintf("%dD", n.dims[0])
	for _, d := range n.dims[1:] {
		want += fmt.Sprintf(" or %dD", d)
	}
	panic(torch.Errorf("nn."+typeName(n.self), torch.ValueError, "expected %s input (got %dD input)", want, x.Dim()))
}

// ExtraRepr returns the options as Python prints them.
func (n *NormBase) ExtraRepr() string {
	return fmt.Sprintf("%d, eps=%s, momentum=%s, affine=%s, bias=%s, track_running_stats=%s", n.NumFeatures, python.Repr(n.Eps),
		python.Repr(n.Momentum), python.Repr(n.Affine), python.Repr(n.Bias != nil), python.Repr(n.TrackRunningStats))
}

// BatchNorm is what [BatchNorm1d], [BatchNorm2d], [BatchNorm3d] and [SyncBatchNorm]
// share: PyTorch's _BatchNorm. [AsBatchNorm] finds it in a module.
type BatchNorm struct {
	NormBase // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

func newBatchNorm(features int, options []BatchNormOptions, dims ...int) BatchNorm {
	return BatchNorm{newNormBase(features, dims, option.First(options))}
}

// batchNorm returns b, for [AsBatchNorm].
func (b *BatchNorm) batchNorm() *BatchNorm { return b }

// AsBatchNorm returns the [BatchNorm] that a module is, [SyncBatchNorm] and types
// that embed one of them too, and whether it is one: what
// isinstance(module, _BatchNorm) tells in Python.
func AsBatchNorm(module AnyModule) (b *BatchNorm, ok bool) {
	norm, ok := module.(interface{ batchNorm() *BatchNorm })
	if !ok || argument.IsNil(module) {
		return nil, false
	}
	return norm.batchNorm(), true
}

func (b *BatchNorm) forward(x *torch.Tensor) *torch.Tensor {
	b.checkDim(x)
	return b.normalize(x)
}

// normalize takes the statistics of the batch in training mode, and where there
// are no running ones, which it updates in training mode.
func (b *BatchNorm) normalize(x *torch.Tensor) *torch.Tensor {
	share := b.countBatch()
	mean, variance := b.running()
	return functional.BatchNorm(x, mean, variance, functional.BatchNormOptions{
		Weight: b.Weight, Bias: b.Bias, Momentum: &share, Eps: &b.Eps,
		Training: b.IsTraining() || b.RunningMean == nil && b.RunningVar == nil,
	})
}

// countBatch counts a batch in training mode, and returns its share of the running
// statistics.
func (b *BatchNorm) countBatch() float64 {
	share := option.Or(b.Momentum, 0)
	if b.IsTraining() && b.TrackRunningStats && b.NumBatchesTracked != nil {
		b.NumBatchesTracked.AddInplace(1)
		if b.Momentum == nil {
			share = 1 / b.NumBatchesTracked.Item()
		}
	}
	return share
}

// running returns the running statistics that a batch is normalised by or changes.
func (b *BatchNorm) running() (mean, variance *torch.Tensor) {
	if b.IsTraining() && !b.TrackRunningStats {
		return nil, nil
	}
	return b.RunningMean, b.RunningVar
}

// BatchNorm1d normalises each channel of its input, batch × channels (× length), by
// its mean and variance: in training mode those of the batch, in evaluation mode
// the running ones, RunningMean and RunningVar. Then it multiplies by Weight and
// adds Bias. It panics on inputs of other dimensions, and in training mode on
// batches with one value a channel.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
type BatchNorm1d struct {
	BatchNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewBatchNorm1d returns the layer for inputs of so many channels.
func NewBatchNorm1d(features int, options ...BatchNormOptions) *BatchNorm1d {
	return Init(&BatchNorm1d{newBatchNorm(features, options, 2, 3)})
}

// Forward returns x, batch × channels (× length), with its channels normalised. It
// panics on inputs of other dimensions.
func (b *BatchNorm1d) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

// BatchNorm2d is [BatchNorm1d] of batch × channels × height × width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
type BatchNorm2d struct {
	BatchNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewBatchNorm2d returns the layer for inputs of so many channels.
func NewBatchNorm2d(features int, options ...BatchNormOptions) *BatchNorm2d {
	return Init(&BatchNorm2d{newBatchNorm(features, options, 4)})
}

// Forward returns x, batch × channels × height × width, with its channels
// normalised. It panics on inputs of other dimensions.
func (b *BatchNorm2d) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

// BatchNorm3d is [BatchNorm1d] of batch × channels × depth × height × width.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
type BatchNorm3d struct {
	BatchNorm // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
}

// NewBatchNorm3d returns the layer for inputs of so many channels.
func NewBatchNorm3d(features int, options ...BatchNormOptions) *BatchNorm3d {
	return Init(&BatchNorm3d{newBatchNorm(features, options, 5)})
}

// Forward returns x, batch × channels × depth × height × width, with its channels
// normalised. It panics on inputs of other dimensions.
func (b *BatchNorm3d) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

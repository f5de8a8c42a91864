package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// SyncBatchNorm is [BatchNorm1d] of batch × channels × …, whose statistics in training mode
// are those of the batches of all processes of a group, and so are the gradients: as if one
// process had the joined batch. The processes' batches may differ in size, and be empty. All
// of them call Forward, and the backward pass. Before distributed.InitProcessGroup, and in
// evaluation mode, it is a BatchNorm.
//
// Python's is for GPUs alone.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
type SyncBatchNorm struct {
	BatchNorm                              // NumFeatures, Eps, Momentum, Affine, TrackRunningStats, Weight, Bias, RunningMean, RunningVar, NumBatchesTracked
	ProcessGroup *distributed.ProcessGroup // nil is the default group
}

// NewSyncBatchNorm returns the layer for inputs of so many channels.
func NewSyncBatchNorm(features int, options ...BatchNormOptions) *SyncBatchNorm {
	return Init(&SyncBatchNorm{BatchNorm: newBatchNorm(features, options)})
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
	if !s.IsTraining() || distributed.GetWorldSize(s.ProcessGroup) < 2 {
		return s.normalize(x)
	}
	f := &syncBatchNorm{group: s.ProcessGroup, eps: s.Eps, share: s.countBatch()}
	f.mean, f.variance = s.running()
	return autograd.Apply1(f, x, s.Weight, s.Bias)
}

// syncBatchNorm normalises by the statistics of all processes: it takes the mean and the
// squares' of each process, whose weights are how many elements it has of a channel.
type syncBatchNorm struct {
	group          *distributed.ProcessGroup
	eps, share     float64
	mean, variance *torch.Tensor // the running ones, or nil
}

// Forward returns the normalised input.
func (f *syncBatchNorm) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	x, weight, bias := wide(inputs[0]), inputs[1], inputs[2]
	channels := x.Size(1)
	own := torch.Zeros([]int{2*channels + 1}, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
	if count := x.Numel() / channels; count > 0 {
		variance, mean := torch.VarMeanWith(x, torch.VarOptions{Dim: exceptChannels(x), Correction: 0})
		own.Narrow(0, 0, channels).CopyInplace(mean)
		own.Narrow(0, channels, channels).CopyInplace(variance)
		own.Narrow(0, 2*channels, 1).FillInplace(count)
	}
	all := make([]*torch.Tensor, distributed.GetWorldSize(f.group))
	for i := range all {
		all[i] = torch.EmptyLike(own)
	}
	_, err := distributed.AllGather(all, own, distributed.Options{Group: f.group})
	processes.Check("nn.SyncBatchNorm", err)
	parts := torch.Stack(all, 0).SplitWithSizes([]int{channels, channels, 1}, 1)
	total := parts[2].Sum()
	shares := parts[2].Div(total)
	mean := parts[0].Mul(shares).Sum(0)
	variance := parts[1].Add(parts[0].Sub(mean).Square()).Mul(shares).Sum(0)
	f.follow(mean, variance, total.Item())
	scale := variance.Add(f.eps).Rsqrt()
	ctx.SaveForBackward(inputs[0], weight, mean, scale, total)
	y := x.Sub(along(mean, x)).MulInplace(along(scale, x))
	if weight != nil {
		y.MulInplace(along(weight.To(x.DType()), x))
	}
	if bias != nil {
		y.AddInplace(along(bias.To(x.DType()), x))
	}
	return []*torch.Tensor{y.To(inputs[0].DType())}
}

// follow brings the running statistics up to date, of which the variance has Bessel's
// correction.
func (f *syncBatchNorm) follow(mean, variance *torch.Tensor, total float64) {
	if total < 2 {
		panic(torch.Errorf("nn.SyncBatchNorm", torch.ValueError, "Expected more than 1 value per channel when training, but all processes together have %v", total))
	}
	if f.mean != nil {
		f.mean.MulInplace(1-f.share).AddInplace(mean.To(f.mean.DType()), torch.AddOptions{Alpha: f.share})
	}
	if f.variance != nil {
		f.variance.MulInplace(1-f.share).AddInplace(variance.To(f.variance.DType()), torch.AddOptions{Alpha: f.share * total / (total - 1)})
	}
}

// Backward returns the gradients: that of the input needs sums over all processes, while
// those of weight and bias are this process's share, as of other layers.
func (f *syncBatchNorm) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	saved := ctx.SavedTensors()
	weight, mean, scale, total := saved[1], saved[2], saved[3], saved[4]
	x, grad := wide(saved[0]), wide(grads[0])
	centred := x.Sub(along(mean, x))
	sum, product := grad.Sum(exceptChannels(x)...), grad.Mul(centred).Sum(exceptChannels(x)...)
	results := make([]*torch.Tensor, 3)
	if ctx.NeedsInputGrad(1) {
		results[1] = product.Mul(scale).To(weight.DType())
	}
	if ctx.NeedsInputGrad(2) {
		results[2] = sum.To(weight.DType())
	}
	if !ctx.NeedsInputGrad(0) {
		return results
	}
	sums := torch.Cat([]*torch.Tensor{sum, product}, 0)
	_, err := distributed.AllReduce(sums, distributed.ReduceOptions{Group: f.group})
	processes.Check("nn.SyncBatchNorm", err)
	means := sums.DivInplace(total).Chunk(2, 0)
	result := grad.Sub(along(means[0], x)).SubInplace(centred.MulInplace(along(means[1].Mul(scale.Square()), x))).MulInplace(along(scale, x))
	if weight != nil {
		result.MulInplace(along(weight.To(x.DType()), x))
	}
	results[0] = result.To(saved[0].DType())
	return results
}

// wide returns x in a dtype that sums are taken in.
func wide(x *torch.Tensor) *torch.Tensor {
	if d := x.DType(); d == torch.Float16 || d == torch.BFloat16 {
		return x.To(torch.Float32)
	}
	return x
}

// exceptChannels returns the dimensions that statistics are taken over.
func exceptChannels(x *torch.Tensor) []int {
	dims := []int{0}
	for d := 2; d < x.Dim(); d++ {
		dims = append(dims, d)
	}
	return dims
}

// along returns a tensor of the channels so that it goes with x.
func along(v, x *torch.Tensor) *torch.Tensor {
	shape := make([]int, x.Dim())
	for d := range shape {
		shape[d] = 1
	}
	shape[1] = -1
	return v.View(shape...)
}

// ConvertSyncBatchNormOptions are the options of [ConvertSyncBatchNorm].
type ConvertSyncBatchNormOptions struct {
	ProcessGroup *distributed.ProcessGroup // of the layers; nil is the default group
}

// ConvertSyncBatchNorm replaces all BatchNorm layers within a module by
// [SyncBatchNorm] with their parameters and running statistics, and returns the
// module, or what replaces it. It panics where the field that holds a layer has a
// type that SyncBatchNorm is not, such as *BatchNorm2d: its type must be [Layer].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html#torch.nn.SyncBatchNorm.convert_sync_batchnorm
func ConvertSyncBatchNorm(module AnyModule, options ...ConvertSyncBatchNormOptions) AnyModule {
	return baseOf("nn.ConvertSyncBatchNorm", module).start().synchronized(option.First(options).ProcessGroup)
}

// synchronized returns the module as a SyncBatchNorm, if it is a BatchNorm, or else
// with such in the places of all within it.
func (s *step) synchronized(group *distributed.ProcessGroup) AnyModule {
	if norm, ok := AsBatchNorm(s.module.self); ok {
		sync := Init(&SyncBatchNorm{*norm, group}) // without its hooks
		sync.evaluating = norm.evaluating
		return sync
	}
	for _, next := range s.distinct() {
		if converted := next.synchronized(group); converted != next.module.self {
			s.module.SetSubmodule(next.name, converted)
		}
	}
	return s.module.self
}

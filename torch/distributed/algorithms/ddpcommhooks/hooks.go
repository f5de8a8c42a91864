// Package ddpcommhooks has ways to move the gradients of parallel.DistributedDataParallel in
// fewer bytes: PyTorch's torch.distributed.algorithms.ddp_comm_hooks.
//
//	err := ddp.RegisterCommHook(ddpcommhooks.FP16CompressHook(nil))
//
// Each function returns a hook for [parallel.DistributedDataParallel.RegisterCommHook]; the
// process group is that of the module, nil the default group.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html
package ddpcommhooks

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
)

// wait is what a hook returns.
type wait = func() (*torch.Tensor, error)

// AllreduceHook moves gradients as they are: their means over the processes, which
// is what the module does without a hook.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.default_hooks.allreduce_hook
func AllreduceHook(group *distributed.ProcessGroup) parallel.CommHook {
	return func(bucket *parallel.GradBucket) (wait, error) { return mean(bucket.Buffer(), group) }
}

// mean puts the mean over the processes in place of x.
func mean(x *torch.Tensor, group *distributed.ProcessGroup) (wait, error) {
	if err := torch.Try(func() { x.DivInplace(distributed.GetWorldSize(group)) }); err != nil {
		return nil, err
	}
	done, err := sum(x, group)
	return func() (*torch.Tensor, error) { return x, done() }, err
}

// sum begins to put the sum over the processes in place of x.
func sum(x *torch.Tensor, group *distributed.ProcessGroup) (done func() error, err error) {
	work, err := distributed.AllReduce(x, distributed.ReduceOptions{Group: group, Async: true})
	return func() error { defer work.Close(); return work.Wait() }, err
}

// FP16CompressHook moves gradients as Float16: half of Float32's bytes.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.default_hooks.fp16_compress_hook
func FP16CompressHook(group *distributed.ProcessGroup) parallel.CommHook {
	return FP16CompressWrapper(AllreduceHook(group))
}

// BF16CompressHook moves gradients as BFloat16: half of Float32's bytes, with its range and
// fewer digits than Float16. Python wants NCCL for it; here gloo moves them, too.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.default_hooks.bf16_compress_hook
func BF16CompressHook(group *distributed.ProcessGroup) parallel.CommHook {
	return BF16CompressWrapper(AllreduceHook(group))
}

// FP16CompressWrapper lets a hook move gradients as Float16, which are converted back then.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.default_hooks.fp16_compress_wrapper
func FP16CompressWrapper(hook parallel.CommHook) parallel.CommHook {
	return compressed(torch.Float16, hook)
}

// BF16CompressWrapper lets a hook move gradients as BFloat16, which are converted back then.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.default_hooks.bf16_compress_wrapper
func BF16CompressWrapper(hook parallel.CommHook) parallel.CommHook {
	return compressed(torch.BFloat16, hook)
}

// compressed lets a hook move gradients of a dtype.
func compressed(dtype torch.DType, hook parallel.CommHook) parallel.CommHook {
	return func(bucket *parallel.GradBucket) (wait, error) {
		buffer := bucket.Buffer()
		if err := torch.Try(func() { bucket.SetBuffer(buffer.To(dtype)) }); err != nil {
			return nil, err
		}
		inner, err := hook(bucket)
		return func() (*torch.Tensor, error) {
			x, err := inner()
			if err == nil {
				err = torch.Try(func() { buffer.CopyInplace(x) })
			}
			return buffer, err
		}, err
	}
}

// NoopHook moves nothing: each process keeps its own gradients, and goes its own way. It shows
// what a step takes without moving gradients.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html
func NoopHook() parallel.CommHook {
	return func(bucket *parallel.GradBucket) (wait, error) {
		return func() (*torch.Tensor, error) { return bucket.Buffer(), nil }, nil
	}
}

// Package processes has what packages of modules that several processes train share.
package processes

import (
	"errors"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
)

// Check panics with what a collective returned, if it failed: in words of op, and with the
// kind of the error within.
func Check(op string, err error) {
	if err == nil {
		return
	}
	kind := torch.RuntimeError
	if inner := (*torch.Error)(nil); errors.As(err, &inner) {
		kind = inner.Kind
	}
	panic(torch.Errorf(op, kind, "%s", err.Error()))
}

// Group is a process group whose members have the parts of tensors: equally many along a
// dimension, but for the last ones.
type Group struct{ *distributed.ProcessGroup }

var reductions = map[shards.How]distributed.ReduceOp{shards.Sum: distributed.Sum, shards.Max: distributed.Max}

// Combine is the same of package shards.
func (g Group) Combine(x *torch.Tensor, how shards.How) {
	_, err := distributed.AllReduce(x, distributed.ReduceOptions{Group: g.ProcessGroup, Op: reductions[how]})
	Check("", err)
}

// Gather is the same of package shards.
func (g Group) Gather(part *torch.Tensor, shard *shards.Shard) (whole *torch.Tensor) {
	torch.NoGrad(func() {
		n, length := distributed.GetWorldSize(g.ProcessGroup), shard.Shape[shard.Dim]
		chunk := (length + n - 1) / n
		own := part.Detach().Transpose(0, shard.Dim)
		shape := own.Shape()
		shape[0] = chunk
		options := torch.TensorOptions{DType: part.DType(), Device: part.Device()}
		padded := torch.Zeros(shape, options)
		padded.Narrow(0, 0, own.Size(0)).CopyInplace(own)
		shape[0] *= n
		all := torch.Empty(shape, options)
		if all.Numel() > 0 {
			_, err := distributed.AllGatherSingle(all, padded, distributed.Options{Group: g.ProcessGroup})
			Check("", err)
		}
		whole = all.Narrow(0, 0, length).Transpose(0, shard.Dim).Contiguous()
	})
	return whole
}

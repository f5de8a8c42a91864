// Package comm is PyTorch's torch.cuda.comm: copies of tensors to several devices of one
// process, and sums and joins of what is on them. Package distributed does that between
// processes, which is what most programs want. Devices are of any type, also the CPU; on GPUs
// it has not run yet.
//
// https://docs.pytorch.org/docs/stable/cuda.html#communication-collectives
package comm

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

// copyTo returns x, or a copy of it on another device, without waiting for it.
func copyTo(x *torch.Tensor, device torch.Device) *torch.Tensor {
	return x.To(device, torch.ToOptions{NonBlocking: true})
}

// Broadcast returns a tensor on each of the devices: the tensor itself on its own, and copies
// on the others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.broadcast.html
func Broadcast(x *torch.Tensor, devices []torch.Device) []*torch.Tensor {
	if len(devices) == 0 {
		panic(torch.Errorf("comm.Broadcast", torch.ValueError, "Expected at least one device to broadcast to"))
	}
	copies := make([]*torch.Tensor, len(devices))
	for i, device := range devices {
		copies[i] = copyTo(x, device)
	}
	return copies
}

// BroadcastCoalesced is [Broadcast] of several tensors: for each device those on it. Each is
// copied by itself; PyTorch packs small ones together, which gives the same.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.broadcast_coalesced.html
func BroadcastCoalesced(tensors []*torch.Tensor, devices []torch.Device) [][]*torch.Tensor {
	copies := make([][]*torch.Tensor, len(devices))
	for _, x := range tensors {
		for i, y := range Broadcast(x, devices) {
			copies[i] = append(copies[i], y)
		}
	}
	return copies
}

// ReduceOptions are the options of [ReduceAdd].
type ReduceOptions struct {
	Destination torch.Device // default: that of the first tensor
}

// ReduceAdd returns the sum of tensors of one shape, each on a device of its own, on the device
// Destination, which must be one of theirs. A single tensor is returned as it is.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.reduce_add.html
func ReduceAdd(inputs []*torch.Tensor, options ...ReduceOptions) *torch.Tensor {
	const op = "comm.ReduceAdd"
	if len(inputs) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "Expected at least one tensor to add"))
	}
	destination := option.First(options).Destination
	if destination == (torch.Device{}) {
		destination = inputs[0].Device()
	}
	root := -1
	for i, x := range inputs {
		if x.Device() == destination && root < 0 {
			root = i
		}
		if got, want := x.Shape(), inputs[0].Shape(); !slices.Equal(got, want) {
			panic(torch.Errorf(op, torch.ValueError, "input %d has invalid size: got %v, but expected %v", i, got, want))
		}
	}
	if root < 0 {
		panic(torch.Errorf(op, torch.RuntimeError, "reduce_add expects destination to be on the same GPU with one of the tensors"))
	}
	sum := inputs[root]
	for i, x := range inputs {
		if i != root {
			sum = sum.Add(copyTo(x, destination))
		}
	}
	return sum
}

// ReduceAddCoalesced is [ReduceAdd] of several tensors: inputs has for each device those on it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.reduce_add_coalesced.html
func ReduceAddCoalesced(inputs [][]*torch.Tensor, options ...ReduceOptions) []*torch.Tensor {
	if len(inputs) == 0 {
		panic(torch.Errorf("comm.ReduceAddCoalesced", torch.ValueError, "Expected at least one device's tensors to add"))
	}
	sums := make([]*torch.Tensor, len(inputs[0]))
	for j := range sums {
		group := make([]*torch.Tensor, len(inputs))
		for i, list := range inputs {
			if len(list) != len(sums) {
				panic(torch.Errorf("comm.ReduceAddCoalesced", torch.ValueError, "device %d has %d tensors, but the first one has %d", i, len(list), len(sums)))
			}
			group[i] = list[j]
		}
		sums[j] = ReduceAdd(group, options...)
	}
	return sums
}

// ScatterOptions are the options of [Scatter].
type ScatterOptions struct {
	ChunkSizes []int                // how large each part is; default: all alike, the last ones smaller if need be
	Dim        int                  // the dimension that is cut
	Streams    []accelerator.Stream // where the copies are done; default: the current ones
}

// Scatter cuts a tensor into a part for each device, and returns copies of the parts there.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.scatter.html
func Scatter(x *torch.Tensor, devices []torch.Device, options ...ScatterOptions) []*torch.Tensor {
	const op = "comm.Scatter"
	o := option.First(options)
	if len(devices) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "Expected at least one device to scatter to"))
	}
	var parts []*torch.Tensor
	if o.ChunkSizes == nil {
		parts = x.Chunk(len(devices), o.Dim)
		devices = devices[:len(parts)]
	} else {
		if len(o.ChunkSizes) != len(devices) {
			panic(torch.Errorf(op, torch.ValueError, "Expected devices and chunk_sizes to be of same length, but got len(devices) = %d and len(chunk_sizes) = %d", len(devices), len(o.ChunkSizes)))
		}
		parts = x.SplitWithSizes(o.ChunkSizes, o.Dim)
	}
	if o.Streams != nil && len(o.Streams) < len(parts) {
		panic(torch.Errorf(op, torch.ValueError, "Expected a stream for each of %d parts, but got %d", len(parts), len(o.Streams)))
	}
	for i, device := range devices {
		scatter := func() { parts[i] = copyTo(parts[i].Contiguous(), device) }
		if o.Streams == nil {
			scatter()
		} else {
			accelerator.WithStream(o.Streams[i], scatter)
		}
	}
	return parts
}

// GatherOptions are the options of [Gather].
type GatherOptions struct {
	Dim         int          // along which the tensors are joined
	Destination torch.Device // default: that of the first tensor
}

// Gather joins tensors of several devices on the device Destination.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.comm.gather.html
func Gather(tensors []*torch.Tensor, options ...GatherOptions) *torch.Tensor {
	o := option.First(options)
	if len(tensors) == 0 {
		panic(torch.Errorf("comm.Gather", torch.ValueError, "Expected at least one tensor to gather from"))
	}
	if o.Destination == (torch.Device{}) {
		o.Destination = tensors[0].Device()
	}
	here := make([]*torch.Tensor, len(tensors))
	for i, x := range tensors {
		here[i] = copyTo(x, o.Destination)
	}
	return torch.Cat(here, o.Dim)
}

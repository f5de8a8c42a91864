// Package functional has the collectives of package distributed as operations of autograd:
// gradients go the way back between the processes. Every process calls the same functions
// in the same order, and Backward, too.
//
//	total := functional.AllReduce(loss) // the sum of all ranks' losses
//	total.Backward()
//
// They give new tensors and leave those that they are given as they are. Like other
// operations they panic where they fail, with a *[distributed.Error] in the *torch.Error's
// words.
//
// https://docs.pytorch.org/docs/stable/distributed.html
package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// Options are the options of collectives.
type Options struct {
	Group *distributed.ProcessGroup // nil is the default group
}

// ReduceOptions are the options of collectives that add up.
type ReduceOptions struct {
	Op    distributed.ReduceOp      // default: Sum, which alone has a right gradient everywhere
	Group *distributed.ProcessGroup // nil is the default group
}

func (o Options) plain() distributed.Options { return distributed.Options{Group: o.Group} }

func (o ReduceOptions) plain() distributed.ReduceOptions {
	return distributed.ReduceOptions{Op: o.Op, Group: o.Group}
}

// done panics with what a collective returned.
func done(_ *distributed.Work, err error) { processes.Check("", err) }

// size returns how many processes the group has, and panics where this is none of them.
func size(group *distributed.ProcessGroup) int {
	n := distributed.GetWorldSize(group)
	if n < 0 {
		done(distributed.Barrier(distributed.Options{Group: group})) // which says why
	}
	return n
}

// likes returns a tensor without values for each of a list, contiguous ones.
func likes(list []*torch.Tensor) []*torch.Tensor {
	made := make([]*torch.Tensor, len(list))
	for i, x := range list {
		made[i] = like(x)
	}
	return made
}

func like(x *torch.Tensor) *torch.Tensor {
	return torch.Empty(x.Shape(), torch.TensorOptions{DType: x.DType(), Device: x.Device()})
}

func contiguous(list []*torch.Tensor) []*torch.Tensor {
	made := make([]*torch.Tensor, len(list))
	for i, x := range list {
		made[i] = x.Contiguous()
	}
	return made
}

// copied is a contiguous copy.
func copied(x *torch.Tensor) *torch.Tensor { return like(x).CopyInplace(x) }

type broadcast struct {
	src   int
	group *distributed.ProcessGroup
}

func (f broadcast) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	y := copied(inputs[0])
	done(distributed.Broadcast(y, f.src, distributed.Options{Group: f.group}))
	return []*torch.Tensor{y}
}

func (f broadcast) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	grad := Reduce(grads[0], f.src, ReduceOptions{Group: f.group})
	if distributed.GetRank() != f.src {
		grad.ZeroInplace() // and stays in the graph, for the ranks go back through it together
	}
	return []*torch.Tensor{grad}
}

// Broadcast returns the tensor of the process src, by its rank in the default group. The
// gradient there is the sum of those of all, and zero elsewhere.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.broadcast
func Broadcast(x *torch.Tensor, src int, options ...Options) *torch.Tensor {
	return autograd.Apply(broadcast{src, option.First(options).Group}, x)[0]
}

type reduce struct {
	dst int
	o   ReduceOptions
}

func (f reduce) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	y := copied(inputs[0])
	done(distributed.Reduce(y, f.dst, f.o.plain()))
	return []*torch.Tensor{y}
}

func (f reduce) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{Broadcast(grads[0], f.dst, Options{f.o.Group})}
}

// Reduce returns the sum of all tensors to the process dst, by its rank in the default group.
// What the others get has no meaning. The gradient is that of dst for all.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce
func Reduce(x *torch.Tensor, dst int, options ...ReduceOptions) *torch.Tensor {
	return autograd.Apply(reduce{dst, option.First(options)}, x)[0]
}

type allReduce struct{ o ReduceOptions }

func (f allReduce) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	y := copied(inputs[0])
	done(distributed.AllReduce(y, f.o.plain()))
	return []*torch.Tensor{y}
}

func (f allReduce) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{AllReduce(grads[0], f.o)}
}

// AllReduce returns the sum of all tensors. The gradient is the sum of those of all, too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_reduce
func AllReduce(x *torch.Tensor, options ...ReduceOptions) *torch.Tensor {
	return autograd.Apply(allReduce{option.First(options)}, x)[0]
}

type gather struct {
	dst int
	o   Options
}

func (f gather) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	outputs := make([]*torch.Tensor, size(f.o.Group))
	for i := range outputs {
		outputs[i] = torch.ZerosLike(inputs[0])
	}
	var target []*torch.Tensor
	if distributed.GetRank() == f.dst {
		target = outputs
	}
	done(distributed.Gather(inputs[0].Contiguous(), target, f.dst, f.o.plain()))
	return outputs
}

func (f gather) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{Scatter(grads, f.dst, f.o)}
}

// Gather returns the tensors of all, by rank, to the process dst, by its rank in the default
// group, and zeros to the others. All have the same shape. Each gradient comes from dst.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.gather
func Gather(x *torch.Tensor, dst int, options ...Options) []*torch.Tensor {
	return autograd.Apply(gather{dst, option.First(options)}, x)
}

type scatter struct {
	src int
	o   Options
}

func (f scatter) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	output := like(inputs[0])
	var source []*torch.Tensor
	if distributed.GetRank() == f.src {
		source = contiguous(inputs)
	}
	done(distributed.Scatter(output, source, f.src, f.o.plain()))
	return []*torch.Tensor{output}
}

func (f scatter) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return Gather(grads[0], f.src, f.o)
}

// Scatter returns to each process its tensor of the list of the process src, by its rank in
// the default group. The others give tensors of the same shapes, whose values have no
// meaning and which get no gradients but zeros.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.scatter
func Scatter(list []*torch.Tensor, src int, options ...Options) *torch.Tensor {
	if len(list) == 0 {
		panic(torch.Errorf("functional.Scatter", torch.ValueError, "the list is empty: it has a tensor for each process, on all of them"))
	}
	return autograd.Apply(scatter{src, option.First(options)}, list...)[0]
}

type allGather struct{ o Options }

func (f allGather) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	outputs := make([]*torch.Tensor, size(f.o.Group))
	for i := range outputs {
		outputs[i] = like(inputs[0])
	}
	done(distributed.AllGather(outputs, inputs[0].Contiguous(), f.o.plain()))
	return outputs
}

func (f allGather) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{torch.Stack(AllToAll(grads, f.o), 0).Sum(0)}
}

// AllGather returns the tensors of all, by rank. All have the same shape. The gradient is the
// sum of those that all have for this tensor.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_gather
func AllGather(x *torch.Tensor, options ...Options) []*torch.Tensor {
	return autograd.Apply(allGather{option.First(options)}, x)
}

type reduceScatter struct{ o ReduceOptions }

func (f reduceScatter) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	output := like(inputs[0])
	done(distributed.ReduceScatter(output, contiguous(inputs), f.o.plain()))
	return []*torch.Tensor{output}
}

func (f reduceScatter) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return AllGather(grads[0], Options{f.o.Group})
}

// ReduceScatter returns the sum, over all processes, of the tensors that the lists have at this
// process's place. Each gradient is that of the process of its place.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce_scatter
func ReduceScatter(list []*torch.Tensor, options ...ReduceOptions) *torch.Tensor {
	if len(list) == 0 {
		panic(torch.Errorf("functional.ReduceScatter", torch.ValueError, "the list is empty: it has a tensor for each process"))
	}
	return autograd.Apply(reduceScatter{option.First(options)}, list...)[0]
}

type allToAll struct{ o Options }

func (f allToAll) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	outputs := likes(inputs)
	done(distributed.AllToAll(outputs, contiguous(inputs), f.o.plain()))
	return outputs
}

func (f allToAll) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return AllToAll(grads, f.o)
}

// AllToAll sends each tensor of the list to the process of that rank, and returns what the
// others sent to this one, by rank. All tensors have the same shape. The gradients go back
// the same way.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_to_all
func AllToAll(list []*torch.Tensor, options ...Options) []*torch.Tensor {
	return autograd.Apply(allToAll{option.First(options)}, list...)
}

// AllToAllSingleOptions are the options of [AllToAllSingle].
type AllToAllSingleOptions struct {
	// OutputSplitSizes and InputSplitSizes say how many rows of the tensors are of and for
	// each rank; nil is as many for each.
	OutputSplitSizes, InputSplitSizes []int
	Group                             *distributed.ProcessGroup // nil is the default group
}

type allToAllSingle struct {
	rows int // of the output
	o    AllToAllSingleOptions
}

func (f allToAllSingle) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	x := inputs[0].Contiguous()
	shape := x.Shape()
	ctx.Value, shape[0] = shape[0], f.rows
	y := torch.Empty(shape, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
	done(distributed.AllToAllSingle(y, x, distributed.AllToAllSingleOptions{OutputSplitSizes: f.o.OutputSplitSizes,
		InputSplitSizes: f.o.InputSplitSizes, Options: distributed.Options{Group: f.o.Group}}))
	return []*torch.Tensor{y}
}

func (f allToAllSingle) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	o := AllToAllSingleOptions{f.o.InputSplitSizes, f.o.OutputSplitSizes, f.o.Group}
	return []*torch.Tensor{autograd.Apply1(allToAllSingle{ctx.Value.(int), o}, grads[0])}
}

// AllToAllSingle is [AllToAll] of the parts of one tensor, along its first dimension. It
// returns what the others sent, which has as many rows as OutputSplitSizes says, or x. The
// gradients go back the same way.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_to_all_single
func AllToAllSingle(x *torch.Tensor, options ...AllToAllSingleOptions) *torch.Tensor {
	o := option.First(options)
	if x.Dim() == 0 {
		panic(torch.Errorf("functional.AllToAllSingle", torch.ValueError, "a tensor without dimensions has no parts"))
	}
	rows := x.Size(0)
	if o.OutputSplitSizes != nil {
		rows = 0
		for _, n := range o.OutputSplitSizes {
			rows += n
		}
	}
	return autograd.Apply1(allToAllSingle{rows, o}, x)
}

// Package checkpoint trades time for memory: what a part of a network saves for its
// backward pass is not kept, but computed again when the backward pass comes to it.
//
//	block := checkpoint.Checkpoint(net.Block.Forward)
//	y := block(x) // as net.Block.Forward(x), and Backward runs it once more
//
// https://docs.pytorch.org/docs/stable/checkpoint.html
package checkpoint

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Func is a function of tensors that can be checkpointed.
type Func interface {
	func(x *torch.Tensor) *torch.Tensor |
		func(x, y *torch.Tensor) *torch.Tensor |
		func(x ...*torch.Tensor) *torch.Tensor |
		func(x ...*torch.Tensor) []*torch.Tensor
}

// Options are the options of [Checkpoint].
type Options struct {
	// PreserveRNGState draws the same random numbers again, as in Dropout. It saves the
	// default generators' states: the CPU's, and those of the inputs' CUDA devices.
	// Default: true.
	PreserveRNGState *bool
	// EarlyStop ends the second run of the function when all that is wanted is there.
	// Default: true.
	EarlyStop *bool
	// AnyMetadata does without the comparison of shapes, dtypes and devices of what the two
	// runs save, by which a function is found that does not do the same again:
	// determinism_check="none".
	AnyMetadata bool
	// Debug records the operators of both runs, for an error of that comparison.
	Debug bool
	// Policy says which operators' results are kept nevertheless; nil keeps none.
	Policy Policy
}

// Checkpoint returns a function that gives what f gives and keeps only the inputs for
// Backward, which calls f again to have the rest. The gradients are those that f itself
// has.
//
// f must do the same the second time: it gets the inputs, gradients on, the device of
// [torch.WithDevice] and the autocast of the call, and draws the same random numbers, but
// what else it reads and changes must not matter. A BatchNorm in training counts a batch twice,
// as in Python. What f uses besides its inputs, such as a module's parameters, is
// what it is then. Random numbers that other goroutines draw meanwhile from the same
// default generator are disturbed.
//
// Both runs are scopes of their own: other tensors than the results and those that
// [torch.Tensor.Keep] took out are closed, so that their memory is free at once.
//
// With gradients off f is just called. It may be within another Checkpoint, whose second
// run then keeps its inputs only. Backward and autograd.Grad may run several times where
// the graph is retained, and call f each time. They panic where the second run does not save
// the same tensors, and where a tensor that f uses was closed; inputs may be closed.
//
// It is the form that Python calls with use_reentrant=False; there is no other.
//
// https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint
func Checkpoint[F Func](f F, options ...Options) F {
	const op = "checkpoint.Checkpoint"
	argument.NotNil(op, "the function", f)
	o := option.First(options)
	var wrapped any
	switch f := any(f).(type) {
	case func(x *torch.Tensor) *torch.Tensor:
		wrapped = func(x *torch.Tensor) *torch.Tensor {
			return o.run(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(in[0])} }, x)[0]
		}
	case func(x, y *torch.Tensor) *torch.Tensor:
		wrapped = func(x, y *torch.Tensor) *torch.Tensor {
			return o.run(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(in[0], in[1])} }, x, y)[0]
		}
	case func(x ...*torch.Tensor) *torch.Tensor:
		wrapped = func(x ...*torch.Tensor) *torch.Tensor {
			return o.run(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(in...)} }, x...)[0]
		}
	case func(x ...*torch.Tensor) []*torch.Tensor:
		wrapped = func(x ...*torch.Tensor) []*torch.Tensor {
			return o.run(func(in []*torch.Tensor) []*torch.Tensor { return f(in...) }, x...)
		}
	}
	return wrapped.(F)
}

// Sequential gives layers a tensor in a row, as nn.Sequential does, in so many segments:
// all but the last are checkpointed. The segments are of the same number of layers,
// but for the last, which has the rest. It panics if there are fewer layers than segments,
// or fewer than one segment.
//
// https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential
func Sequential(layers []nn.Layer, segments int, x *torch.Tensor, options ...Options) *torch.Tensor {
	if segments < 1 || segments > len(layers) {
		panic(torch.Errorf("checkpoint.Sequential", torch.ValueError, "%d layers do not make %d segments", len(layers), segments))
	}
	size := len(layers) / segments
	for range segments - 1 {
		x = Checkpoint(inRow(layers[:size]), options...)(x)
		layers = layers[size:]
	}
	return inRow(layers)(x)
}

// inRow returns layers as a function.
func inRow(layers []nn.Layer) func(x *torch.Tensor) *torch.Tensor {
	return func(x *torch.Tensor) *torch.Tensor {
		for _, layer := range layers {
			x = nn.Call(layer, x)
		}
		return x
	}
}

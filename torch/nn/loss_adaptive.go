package nn

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// AdaptiveLogSoftmaxWithLoss is a softmax over very many classes, sorted by how
// frequent they are, that is fast since it computes the scores of rare ones only
// where it needs them: Head scores the frequent classes and each cluster of rare
// ones, Tail the classes within each cluster.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
type AdaptiveLogSoftmaxWithLoss struct {
	Module
	InFeatures    int
	NumClasses    int
	Cutoffs       []int // the classes where clusters end
	ShortlistSize int   // how many classes the head scores
	Head          *Linear
	Tail          *ModuleList[*Sequential]
}

// AdaptiveLogSoftmaxOptions are the options of [NewAdaptiveLogSoftmaxWithLoss].
type AdaptiveLogSoftmaxOptions struct {
	DivValue *float64     // how many times fewer features each cluster has than the one before; default: 4
	HeadBias bool         // add a bias to the head's scores
	Device   torch.Device // default: torch.DefaultDevice()
	DType    torch.DType  // default: Float32
}

// NewAdaptiveLogSoftmaxWithLoss returns the module for in features and the given
// number of classes, which cutoffs cut into the frequent ones and clusters. It
// panics unless cutoffs are increasing and within 1 and classes − 1.
func NewAdaptiveLogSoftmaxWithLoss(in, classes int, cutoffs []int, options ...AdaptiveLogSoftmaxOptions) *AdaptiveLogSoftmaxWithLoss {
	const name = "NewAdaptiveLogSoftmaxWithLoss"
	o := option.First(options)
	if len(cutoffs) == 0 {
		panic(torch.Errorf("nn."+name, torch.ValueError, "cutoffs should be a sequence of length larger than 0"))
	}
	for i, c := range cutoffs {
		if c <= 0 || c > classes-1 || i > 0 && c <= cutoffs[i-1] {
			panic(torch.Errorf("nn."+name, torch.ValueError, "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "+
				"where each value is between 1 and n_classes-1"))
		}
	}
	a := &AdaptiveLogSoftmaxWithLoss{InFeatures: in, NumClasses: classes, Cutoffs: append(slices.Clone(cutoffs), classes), ShortlistSize: cutoffs[0]}
	linear := func(in, out int, bias bool) *Linear {
		return NewLinear(in, out, LinearOptions{Bias: &bias, Device: o.Device, DType: o.DType})
	}
	a.Head = linear(in, a.ShortlistSize+len(cutoffs), o.HeadBias)
	a.Tail = NewModuleList[*Sequential]()
	for i := range cutoffs {
		hidden := wholes(in, math.Pow(option.Or(o.DivValue, 4), float64(i+1)))
		a.Tail.Append(NewSequential(linear(in, hidden, false), linear(hidden, a.Cutoffs[i+1]-a.Cutoffs[i], false)))
	}
	return Init(a)
}

// wholes returns how many whole parts of the given size n has. As in Python 11 has 9
// of 1.1, which is a little more than it looks, though 11/1.1 rounds to 10.
func wholes(n int, size float64) int {
	return int(math.Round((float64(n) - math.Mod(float64(n), size)) / size))
}

// ResetParameters draws the weights of all layers anew.
func (a *AdaptiveLogSoftmaxWithLoss) ResetParameters() {
	a.Head.ResetParameters()
	for _, cluster := range a.Tail.All() {
		cluster.At(0).(*Linear).ResetParameters()
		cluster.At(1).(*Linear).ResetParameters()
	}
}

// Forward returns the logarithms of the probabilities of the targets (batch,
// Int64), and their negative mean, by input (batch × in). Both may be without a
// batch. It panics on targets that are no classes.
func (a *AdaptiveLogSoftmaxWithLoss) Forward(input, target *torch.Tensor) (output, loss *torch.Tensor) {
	both := a.RunAll(a.forward, input, target)
	return both[0], both[1]
}

func (a *AdaptiveLogSoftmaxWithLoss) forward(in []*torch.Tensor) []*torch.Tensor {
	a.check(in[0], in[1])
	if in[1].Dim() == 0 {
		output, loss := a.logLikelihood(in[0].Unsqueeze(0), in[1].Unsqueeze(0))
		return []*torch.Tensor{output.Squeeze(0), loss}
	}
	output, loss := a.logLikelihood(in[0], in[1])
	return []*torch.Tensor{output, loss}
}

// check panics where input and target do not fit.
func (a *AdaptiveLogSoftmaxWithLoss) check(input, target *torch.Tensor) {
	const name = "AdaptiveLogSoftmaxWithLoss"
	size := "torch.Size(" + list(input.Shape()) + ")"
	switch n := target.Dim(); {
	case n > 1:
		panic(torch.Errorf("nn."+name, torch.RuntimeError,
			"0D or 1D target tensor expected, multi-target not supported"))
	case n == 0 && input.Dim() != 1:
		panic(torch.Errorf("nn."+name, torch.RuntimeError,
			"0D target tensor expects 1D input tensors, but found inputs with size %s", size))
	case n == 1 && input.Size(0) != target.Size(0):
		panic(torch.Errorf("nn."+name, torch.RuntimeError,
			"Input and target should have the same size in the batch dimension."))
	case n == 1 && input.Dim() != 2:
		panic(torch.Errorf("nn."+name, torch.RuntimeError,
			"1D target tensor expects 2D input tensors, but found inputs with size %s", size))
	}
}

// logLikelihood computes what Forward returns for a batch.
func (a *AdaptiveLogSoftmaxWithLoss) logLikelihood(input, target *torch.Tensor) (output, loss *torch.Tensor) {
	batch, used := target.Size(0), 0
	output = torch.Zeros([]int{batch}, torch.TensorOptions{DType: input.DType(), Device: input.Device()})
	headIndex := torch.EmptyLike(target) // what the head must score for each target: its class, or its cluster
	low := 0
	for i, high := range a.Cutoffs {
		rows := target.Ge(low).LogicalAnd(target.Lt(high)).Nonzero().Squeeze(1)
		if n := rows.Numel(); n > 0 {
			used += n
			within := target.IndexSelect(0, rows).Sub(low)
			if i == 0 {
				headIndex.IndexCopyInplace(0, rows, within)
			} else {
				headIndex.IndexFillInplace(0, rows, a.ShortlistSize+i-1)
				scores := functional.LogSoftmax(a.Tail.At(i-1).Forward(input.IndexSelect(0, rows)), 1)
				output.IndexCopyInplace(0, rows, scores.Gather(1, within.Unsqueeze(1)).Squeeze(1))
			}
		}
		low = high
	}
	if used != batch {
		panic(torch.Errorf("nn.AdaptiveLogSoftmaxWithLoss", torch.RuntimeError,
			"Target values should be in [0, %d], but values in range [%d, %d] were found. ", a.NumClasses-1, target.Min().Int(), target.Max().Int()))
	}
	head := functional.LogSoftmax(a.Head.Forward(input), 1)
	output.AddInplace(head.Gather(1, headIndex.Unsqueeze(1)).Squeeze(1))
	return output, output.Neg().Mean()
}

// LogProb returns the logarithms of the probabilities of all classes: batch ×
// classes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html#torch.nn.AdaptiveLogSoftmaxWithLoss.log_prob
func (a *AdaptiveLogSoftmaxWithLoss) LogProb(input *torch.Tensor) *torch.Tensor {
	return a.logProb(input, a.Head.Forward(input))
}

func (a *AdaptiveLogSoftmaxWithLoss) logProb(input, headScores *torch.Tensor) *torch.Tensor {
	head := functional.LogSoftmax(headScores, 1)
	parts := []*torch.Tensor{head.Narrow(1, 0, a.ShortlistSize)}
	for i, cluster := range a.Tail.All() {
		within := functional.LogSoftmax(cluster.Forward(input), 1)
		parts = append(parts, within.Add(head.Select(1, a.ShortlistSize+i).Unsqueeze(1)))
	}
	return torch.Cat(parts, 1)
}

// Predict returns the most probable class of each example (batch, Int64). It is
// faster than [AdaptiveLogSoftmaxWithLoss.LogProb] where the head's class is it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html#torch.nn.AdaptiveLogSoftmaxWithLoss.predict
func (a *AdaptiveLogSoftmaxWithLoss) Predict(input *torch.Tensor) *torch.Tensor {
	scores := a.Head.Forward(input)
	classes := scores.Argmax(1)
	if rows := classes.Ge(a.ShortlistSize).Nonzero().Squeeze(1); rows.Numel() > 0 {
		rare := a.logProb(input.IndexSelect(0, rows), scores.IndexSelect(0, rows)).Argmax(1)
		classes.IndexCopyInplace(0, rows, rare)
	}
	return classes
}

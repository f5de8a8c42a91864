// Package optim is PyTorch's torch.optim: optimizers, which change parameters by
// their gradients.
//
//	optimizer := optim.NewAdamW(net.Parameters(), optim.AdamWOptions{LR: 1e-3})
//	for batch := range batches {
//		optimizer.ZeroGrad()
//		loss := criterion.Forward(net.Forward(batch.Data), batch.Target)
//		loss.Backward()
//		optimizer.Step()
//	}
//
// # Options
//
// The zero value of an options struct gives PyTorch's defaults. A field whose
// default is not 0 is a pointer, and nil stands for the default: Eps: new(1e-6).
// The one exception is LR, the learning rate, where 0 stands for the default. Each
// parameter group has options of its own, [Base].ParamGroups, in which defaults
// are filled in and which may be changed between steps. A group's own LR is a
// pointer, so that 0 freezes the group:
//
//	optim.NewSGDGroups(
//		optim.SGDGroup{Params: backbone, LR: new(0.0)},
//		optim.SGDGroup{Params: head, Options: optim.SGDOptions{LR: 0.1}})
//
// # Loops, lists and fused operators
//
// PyTorch has two ways of taking a step, a loop over the parameters and operators
// isOn lists of them ("foreach"), whose results differ in the last bits for
// Adagrad, NAdam, RAdam, ASGD and Adafactor. Here a step always uses operators on
// lists, and takes few calls; the Foreach option says whose values to give:
//
//   - nil: the loop's on the CPU and those of lists elsewhere, as in Python;
//   - true: those of lists;
//   - false: the loop's, one parameter after the other, which takes less memory.
//
// Fused, where an optimizer has it, does the step in one operator. SGD and Adagrad
// take sparse gradients, SparseAdam only these.
//
// # Steps to be captured
//
// A step whose operators are recorded, to run again without Go, may not pass
// numbers to them that change from step to step. With Capturable the optimizers
// that count steps do so in tensors on the parameters' device, and LRTensor is a
// learning rate that operators read when they run; schedulers and SetLearningRate
// fill it in place. [SGD] counts nothing and needs LRTensor only. What a step
// remembers must be there: take one before the capture.
//
// A capturable step has the values of PyTorch's foreach with capturable=True, on
// the CPU too, where PyTorch itself refuses it outside torch.compile; those of
// other steps differ in the last bits, as corrections are computed in single
// precision. An optimizer that is not capturable reads an LRTensor at each step
// and calculates with it as with LR, in double precision, where PyTorch
// rounds to the tensor's dtype in between. So do schedulers.
//
// # Not here
//
// Python's differentiable records the step itself, for which parameters must not
// be leaves. State dicts carry it as False.
//
// https://docs.pytorch.org/docs/stable/optim.html
package optim

import (
	"github.com/wangkuiyi/gotorch/torch"
)

// Optimizer is what a training loop does with an optimizer: all but [LBFGS], whose
// Step needs a closure.
type Optimizer interface {
	Grouped
	// Step changes all parameters that have a gradient.
	Step()
	// ZeroGrad drops the gradients of all parameters.
	ZeroGrad(options ...ZeroGradOptions)
	// StateDict returns what a checkpoint needs to go on.
	StateDict() StateDict
	// LoadStateDict goes on from a checkpoint.
	LoadStateDict(dict StateDict) error
}

// Grouped is an optimizer as learning rate schedulers see it.
type Grouped interface {
	// Groups returns the parameter groups without the type of their options.
	Groups() []ParamGroup
}

// ParamGroup is a parameter group of any optimizer. Its numbers are the options,
// by PyTorch's names ("lr", "weight_decay"), and what schedulers add
// ("initial_lr").
type ParamGroup interface {
	// Parameters returns the group's parameters.
	Parameters() []*torch.Tensor
	// LearningRate returns the learning rate.
	LearningRate() float64
	// SetLearningRate sets the learning rate.
	SetLearningRate(lr float64)
	// Momentum returns the momentum, or the first of the betas; false if there is
	// neither.
	Momentum() (float64, bool)
	// SetMomentum sets what Momentum returns.
	SetMomentum(momentum float64)
	// Number returns the number of the given name; false if there is none.
	Number(name string) (float64, bool)
	// SetNumber sets an option, or adds a number that is kept with the group and
	// its state dict.
	SetNumber(name string, value float64)
}

// isOn reports whether an option is given and true.
func isOn(v *bool) bool { return v != nil && *v }

// fill sets an option that is nil to its default.
func fill[T any](option **T, standard T) {
	if *option == nil {
		*option = new(T)
		**option = standard
	}
}

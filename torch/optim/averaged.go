package optim

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// AveragedModel keeps the running average of a model's parameters, in a second
// instance of it. Averages of the weights of many steps often generalize better
// than the last weights: stochastic weight averaging (SWA), with
// lrscheduler.SWALR, and exponential moving averages (EMA).
//
//	average := optim.NewAveragedModel(NewNet(), optim.AveragedModelOptions{Average: optim.EMA(0.999)})
//	for batch := range batches {
//		...
//		optimizer.Step()
//		average.UpdateParameters(net)
//	}
//	predictions := nn.Call(average.Inner, x)
//
// It is a module; its state dict has the names of Python's: n_averaged, and those
// of the model after "module.".
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
type AveragedModel[M Model] struct {
	nn.Module
	Inner     M             `nn:"module"`            // the average
	NAveraged *torch.Tensor `nn:"n_averaged,buffer"` // how many models it is of, an Int64
	options   AveragedModelOptions
}

// Model is a module whose parameters can be averaged: any that embeds nn.Module.
type Model interface {
	nn.AnyModule
	Parameters() []*torch.Tensor
	Buffers() []*torch.Tensor
}

// AveragedModelOptions are the options of [NewAveragedModel].
type AveragedModelOptions struct {
	Average    Average // default: the mean of all models
	UseBuffers bool    // average the buffers too; default: copy them from the last model
}

// Average changes averages of n models to those of n+1, of which current is the
// last. The tensors of a call have one dtype and device.
type Average func(averages, current []*torch.Tensor, n int)

// NewAveragedModel returns an average of no models yet. inner is a new instance of
// the model, of the same structure, whose values do not matter.
func NewAveragedModel[M Model](inner M, options ...AveragedModelOptions) *AveragedModel[M] {
	argument.NotNil("optim.NewAveragedModel", "the model", inner)
	return nn.Init(&AveragedModel[M]{
		Inner:     inner,
		NAveraged: torch.Zeros([]int{}, torch.TensorOptions{DType: torch.Int64}),
		options:   option.First(options),
	})
}

// UpdateParameters adds model to the average. The first model is copied. It panics
// if the model's parameters do not have the average's shapes.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
func (a *AveragedModel[M]) UpdateParameters(model M) {
	argument.NotNil("optim.AveragedModel", "the model", model)
	averages, current := a.Inner.Parameters(), model.Parameters()
	buffers := model.Buffers()
	mustMatch(averages, current)
	mustMatch(a.Inner.Buffers(), buffers)
	if a.options.UseBuffers {
		averages, current = append(averages, a.Inner.Buffers()...), append(current, buffers...)
	}
	torch.Scope(func() {
		torch.NoGrad(func() {
			n := a.NAveraged.Int()
			if n == 0 {
				copyAll(averages, current)
			} else {
				a.add(averages, current, n)
			}
			if !a.options.UseBuffers {
				copyAll(a.Inner.Buffers(), buffers)
			}
			a.NAveraged.AddInplace(1)
		})
	})
}

// add calls the average for the tensors of each dtype and device.
func (a *AveragedModel[M]) add(averages, current []*torch.Tensor, n int) {
	type kind struct {
		dtype  torch.DType
		device torch.Device
	}
	var kinds []kind
	parts := map[kind][2][]*torch.Tensor{}
	for i, x := range averages {
		k := kind{x.DType(), x.Device()}
		part, known := parts[k]
		if !known {
			kinds = append(kinds, k)
		}
		parts[k] = [2][]*torch.Tensor{append(part[0], x), append(part[1], current[i].To(k.device))}
	}
	for _, k := range kinds {
		part := parts[k]
		switch {
		case a.options.Average != nil:
			a.options.Average(part[0], part[1], n)
		case k.device.IsCPU():
			for i, x := range part[0] {
				x.CopyInplace(x.Add(part[1][i].Sub(x).Div(n + 1)))
			}
		default:
			SWA()(part[0], part[1], n)
		}
	}
}

// mustMatch panics if there are not as many tensors as averages.
func mustMatch(averages, current []*torch.Tensor) {
	if len(averages) != len(current) {
		panic(torch.Errorf("optim.AveragedModel", torch.ValueError, "the model has %d tensors, and the average %d",
			len(current), len(averages)))
	}
}

func copyAll(to, from []*torch.Tensor) {
	for i, x := range to {
		x.CopyInplace(from[i])
	}
}

// SWA returns the mean of all models, by one operator on all parameters.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.get_swa_multi_avg_fn.html
func SWA() Average {
	return func(averages, current []*torch.Tensor, n int) {
		mustMatch(averages, current)
		if isReal(averages) {
			listLerpIn.do(averages, current, single(1/float64(n+1)))
			return
		}
		changes := listSub.list(current, averages, 1.0)
		for i, x := range averages {
			x.CopyInplace(x.Add(changes[i].Div(n + 1)))
		}
	}
}

// EMA returns the exponential moving average: decay parts of the average and
// 1 − decay of the last model. It panics on a decay that is not in [0, 1].
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.get_ema_multi_avg_fn.html
func EMA(decay float64) Average {
	if decay < 0 || decay > 1 {
		panic(torch.Errorf("optim.EMA", torch.ValueError,
			"Invalid decay value %v provided. Please provide a value in [0,1] range.", decay))
	}
	return func(averages, current []*torch.Tensor, _ int) {
		mustMatch(averages, current)
		if isReal(averages) {
			listLerpIn.do(averages, current, 1-decay)
			return
		}
		for i, x := range averages {
			x.CopyInplace(x.Mul(decay).Add(current[i].Mul(1 - decay)))
		}
	}
}

// isReal reports whether tensors are of floating-point or complex numbers.
func isReal(list []*torch.Tensor) bool {
	if len(list) == 0 {
		return false
	}
	d := list[0].DType()
	return d.IsFloatingPoint() || d.IsComplex()
}

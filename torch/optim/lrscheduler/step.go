package lrscheduler

import (
	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// StepOptions are the options of [NewStepLR] and [NewMultiStepLR].
type StepOptions struct {
	Gamma     *float64 // the factor; default: 0.1
	LastEpoch *int     // the epoch to go on from; default: -1
}

// StepLR multiplies the learning rate with Gamma every so many epochs.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
type StepLR struct{ Base }

// NewStepLR returns a scheduler of optimizer that acts every size epochs.
func NewStepLR(optimizer optim.Grouped, size int, options ...StepOptions) *StepLR {
	o := option.First(options)
	s := &StepLR{}
	gamma := option.Or(o.Gamma, 0.1)
	s.start("StepLR", optimizer, o.LastEpoch, statedict.Fields{"step_size": &size, "gamma": &gamma}, func() []float64 {
		if s.lastEpoch == 0 || modulo(s.kind, s.lastEpoch, "step_size", size) != 0 {
			return s.current()
		}
		return s.scaled(gamma)
	}, func() []float64 {
		modulo(s.kind, s.lastEpoch, "step_size", size)
		factor := libm.Pow(gamma, float64(s.lastEpoch/size))
		return s.fromBase(func(base float64) float64 { return base * factor })
	})
	return s
}

// MultiStepLR multiplies the learning rate with Gamma at given epochs, which its
// state dict has as a [torch.Counter].
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
type MultiStepLR struct{ Base }

// NewMultiStepLR returns a scheduler of optimizer that acts at the given epochs,
// twice where one is given twice.
func NewMultiStepLR(optimizer optim.Grouped, milestones []int, options ...StepOptions) *MultiStepLR {
	o := option.First(options)
	s := &MultiStepLR{}
	times := map[int]int{}
	for _, m := range milestones {
		times[m]++
	}
	gamma := option.Or(o.Gamma, 0.1)
	s.start("MultiStepLR", optimizer, o.LastEpoch, statedict.Fields{"gamma": &gamma, "milestones": &times}, func() []float64 {
		n, ok := times[s.lastEpoch]
		if !ok {
			return s.current()
		}
		return s.scaled(libm.Pow(gamma, float64(n)))
	}, func() []float64 {
		past := 0
		for m, n := range times {
			if m <= s.lastEpoch {
				past += n
			}
		}
		factor := libm.Pow(gamma, float64(past))
		return s.fromBase(func(base float64) float64 { return base * factor })
	})
	return s
}

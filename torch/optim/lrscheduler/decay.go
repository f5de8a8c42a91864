package lrscheduler

import (
	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// ConstantLROptions are the options of [NewConstantLR].
type ConstantLROptions struct {
	Factor     *float64 // default: 1/3
	TotalIters *int     // default: 5
	LastEpoch  *int     // the epoch to go on from; default: -1
}

// ConstantLR multiplies the learning rate with a factor for the first TotalIters
// epochs.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
type ConstantLR struct{ Base }

// NewConstantLR returns a scheduler of optimizer and sets the first learning
// rates. It panics on a factor that is not between 0 and 1.
func NewConstantLR(optimizer optim.Grouped, options ...ConstantLROptions) *ConstantLR {
	o := option.First(options)
	factor, total := option.Or(o.Factor, 1.0/3), option.Or(o.TotalIters, 5)
	if factor > 1 || factor < 0 {
		panic(torch.Errorf("lrscheduler.NewConstantLR", torch.ValueError,
			"Constant multiplicative factor expected to be between 0 and 1."))
	}
	s := &ConstantLR{}
	s.start("ConstantLR", optimizer, o.LastEpoch, statedict.Fields{"factor": &factor, "total_iters": &total}, func() []float64 {
		switch s.lastEpoch {
		case 0:
			return s.scaled(factor)
		case total:
			return s.scaled(1 / factor)
		}
		return s.current()
	}, func() []float64 {
		over := 0.0
		if s.lastEpoch >= total {
			over = 1
		}
		return s.fromBase(func(base float64) float64 { return base * (factor + float64(over*(1-factor))) })
	})
	return s
}

// LinearLROptions are the options of [NewLinearLR].
type LinearLROptions struct {
	StartFactor *float64 // default: 1/3
	EndFactor   *float64 // default: 1
	TotalIters  *int     // default: 5
	LastEpoch   *int     // the epoch to go on from; default: -1
}

// LinearLR multiplies the learning rate with a factor that goes from StartFactor to
// EndFactor in TotalIters epochs, and stays.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
type LinearLR struct{ Base }

// NewLinearLR returns a scheduler of optimizer and sets the first learning rates.
// It panics on factors that are not between 0 and 1.
func NewLinearLR(optimizer optim.Grouped, options ...LinearLROptions) *LinearLR {
	o := option.First(options)
	start, end, total := option.Or(o.StartFactor, 1.0/3), option.Or(o.EndFactor, 1), option.Or(o.TotalIters, 5)
	if start > 1 || start <= 0 {
		panic(torch.Errorf("lrscheduler.NewLinearLR", torch.ValueError,
			"Starting multiplicative factor expected to be greater than 0 and less or equal to 1."))
	}
	if end > 1 || end < 0 {
		panic(torch.Errorf("lrscheduler.NewLinearLR", torch.ValueError,
			"Ending multiplicative factor expected to be between 0 and 1."))
	}
	s := &LinearLR{}
	own := statedict.Fields{"start_factor": &start, "end_factor": &end, "total_iters": &total}
	s.start("LinearLR", optimizer, o.LastEpoch, own, func() []float64 {
		if s.lastEpoch == 0 {
			return s.scaled(start)
		}
		if s.initial || s.lastEpoch > total {
			return s.current()
		}
		return s.scaled(1 + (end-start)/(float64(float64(total)*start)+float64(float64(s.lastEpoch-1)*(end-start))))
	}, func() []float64 {
		past := float64(min(total, s.lastEpoch))
		return s.fromBase(func(base float64) float64 { return base * (start + (end-start)*past/float64(total)) })
	})
	return s
}

// ExponentialLROptions are the options of [NewExponentialLR].
type ExponentialLROptions struct {
	LastEpoch *int // the epoch to go on from; default: -1
}

// ExponentialLR multiplies the learning rate with a factor at each epoch.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
type ExponentialLR struct{ Base }

// NewExponentialLR returns a scheduler of optimizer with the factor gamma.
func NewExponentialLR(optimizer optim.Grouped, gamma float64, options ...ExponentialLROptions) *ExponentialLR {
	s := &ExponentialLR{}
	s.start("ExponentialLR", optimizer, option.First(options).LastEpoch, statedict.Fields{"gamma": &gamma}, func() []float64 {
		if s.initial {
			return s.current()
		}
		return s.scaled(gamma)
	}, func() []float64 {
		factor := libm.Pow(gamma, float64(s.lastEpoch))
		return s.fromBase(func(base float64) float64 { return base * factor })
	})
	return s
}

// PolynomialLROptions are the options of [NewPolynomialLR].
type PolynomialLROptions struct {
	TotalIters *int     // default: 5
	Power      *float64 // default: 1
	LastEpoch  *int     // the epoch to go on from; default: -1
}

// PolynomialLR lowers the learning rate to 0 in TotalIters epochs:
//
//	lr = initial·(1 − epoch/TotalIters)^Power
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
type PolynomialLR struct{ Base }

// NewPolynomialLR returns a scheduler of optimizer.
func NewPolynomialLR(optimizer optim.Grouped, options ...PolynomialLROptions) *PolynomialLR {
	o := option.First(options)
	total, power := option.Or(o.TotalIters, 5), option.Or(o.Power, 1)
	s := &PolynomialLR{}
	own := statedict.Fields{"total_iters": &total, "power": &power}
	left := func(epoch int) float64 { return 1 - float64(epoch)/float64(total) }
	s.start("PolynomialLR", optimizer, o.LastEpoch, own, func() []float64 {
		if s.initial || s.lastEpoch > total {
			return s.current()
		}
		return s.scaled(libm.Pow(left(s.lastEpoch)/left(s.lastEpoch-1), power))
	}, func() []float64 {
		factor := libm.Pow(left(min(total, s.lastEpoch)), power)
		return s.fromBase(func(base float64) float64 { return base * factor })
	})
	return s
}

package lrscheduler

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// LambdaOptions are the options of [NewLambdaLR] and [NewMultiplicativeLR].
type LambdaOptions struct {
	Lambdas   []func(epoch int) float64 // one for each group, instead of one for all
	LastEpoch *int                      // the epoch to go on from; default: -1
}

// lambdas returns a function for each group.
func (o *LambdaOptions) lambdas(kind string, optimizer optim.Grouped, lambda func(int) float64) []func(int) float64 {
	mustBe(kind, optimizer)
	groups := len(optimizer.Groups())
	op := "lrscheduler.New" + kind
	if o.Lambdas == nil {
		argument.NotNil(op, "lr_lambda", lambda)
		list := make([]func(int) float64, groups)
		for i := range list {
			list[i] = lambda
		}
		return list
	}
	if len(o.Lambdas) != groups {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "Expected %d lr_lambdas, but got %d",
			groups, len(o.Lambdas)))
	}
	for i, f := range o.Lambdas {
		argument.NotNil(op, fmt.Sprintf("lr_lambda %d", i), f)
	}
	return o.Lambdas
}

// LambdaLR sets the learning rate to the initial one times a function of the
// epoch:
//
//	lr = initial·lambda(epoch)
//
// State dicts do not hold the function.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
type LambdaLR struct{ Base }

// NewLambdaLR returns a scheduler of optimizer and sets the first learning rates.
// lambda is that of all groups unless options give others. It panics if there are
// not as many as groups.
func NewLambdaLR(optimizer optim.Grouped, lambda func(epoch int) float64, options ...LambdaOptions) *LambdaLR {
	o := option.First(options)
	s := &LambdaLR{}
	lambdas := o.lambdas("LambdaLR", optimizer, lambda)
	s.start("LambdaLR", optimizer, o.LastEpoch, statedict.Fields{"lr_lambdas": make([]any, len(lambdas))}, func() []float64 {
		s.known(len(lambdas))
		list := make([]float64, len(s.baseLRs))
		for i, base := range s.baseLRs {
			list[i] = base * lambdas[i](s.lastEpoch)
		}
		return list
	}, nil)
	return s
}

// MultiplicativeLR multiplies the learning rate with a function of the epoch at
// each step:
//
//	lr ← lr·lambda(epoch)
//
// State dicts do not hold the function.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
type MultiplicativeLR struct{ Base }

// NewMultiplicativeLR returns a scheduler of optimizer. lambda is that of all
// groups unless options give others. It panics if there are not as many as groups.
func NewMultiplicativeLR(optimizer optim.Grouped, lambda func(epoch int) float64, options ...LambdaOptions) *MultiplicativeLR {
	o := option.First(options)
	s := &MultiplicativeLR{}
	lambdas := o.lambdas("MultiplicativeLR", optimizer, lambda)
	s.start("MultiplicativeLR", optimizer, o.LastEpoch, statedict.Fields{"lr_lambdas": make([]any, len(lambdas))}, func() []float64 {
		if s.initial {
			return s.current()
		}
		s.known(len(lambdas))
		return s.each(func(i int, lr float64) float64 { return lr * lambdas[i](s.lastEpoch) })
	}, nil)
	return s
}

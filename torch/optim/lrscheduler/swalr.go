package lrscheduler

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// SWALROptions are the options of [NewSWALR].
type SWALROptions struct {
	SWALRs         []float64      // one for each group, instead of one for all
	AnnealEpochs   *int           // how long it takes; default: 10
	AnnealStrategy AnnealStrategy // default: AnnealCos
	LastEpoch      *int           // the epoch to go on from; default: -1
}

// SWALR takes the learning rate to that of stochastic weight averaging, see
// [optim.AveragedModel], and leaves it there.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
type SWALR struct {
	Base
	epochs   int
	strategy string
}

// NewSWALR returns a scheduler of optimizer. It panics on a strategy that it does
// not know and on a negative number of epochs.
func NewSWALR(optimizer optim.Grouped, swaLR float64, options ...SWALROptions) *SWALR {
	const kind = "SWALR"
	o := option.First(options)
	lrs := perGroup(kind, "swa_lr", optimizer, swaLR, o.SWALRs)
	for i, g := range optimizer.Groups() {
		g.SetNumber("swa_lr", lrs[i])
	}
	s := &SWALR{epochs: option.Or(o.AnnealEpochs, 10), strategy: string(cmp.Or(o.AnnealStrategy, AnnealCos))}
	if s.strategy != "cos" && s.strategy != "linear" {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"anneal_strategy must be one of 'cos' or 'linear', instead got %s", s.strategy))
	}
	if s.epochs < 0 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"anneal_epochs must be equal or greater than 0, got %d", s.epochs))
	}
	own := statedict.Fields{"anneal_epochs": &s.epochs, "_anneal_strategy": &s.strategy}
	s.start(kind, optimizer, o.LastEpoch, own, s.compute, nil)
	return s
}

func (s *SWALR) compute() []float64 {
	step := s.stepCount - 1
	if s.epochs == 0 {
		step = max(1, step)
	}
	before, now := s.part(step-1), s.part(step)
	groups := s.optimizer.Groups()
	list := make([]float64, len(groups))
	for i, g := range groups {
		swa, _ := g.Number("swa_lr")
		initial := swa
		if before != 1 {
			initial = (g.LearningRate() - float64(before*swa)) / (1 - before)
		}
		list[i] = float64(swa*now) + float64(initial*(1-now))
	}
	return list
}

// part returns how much of the way is behind after so many steps.
func (s *SWALR) part(step int) float64 {
	t := max(0, min(1, float64(step)/float64(max(1, s.epochs))))
	if s.strategy == "linear" {
		return t
	}
	return (1 - libm.Cos(math.Pi*t)) / 2
}

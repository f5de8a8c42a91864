package lrscheduler

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// PlateauMode says which metric is best.
type PlateauMode string

// The modes of ReduceLROnPlateau.
const (
	PlateauMin PlateauMode = "min" // the least
	PlateauMax PlateauMode = "max" // the greatest
)

// ThresholdMode says what the threshold of [ReduceLROnPlateauOptions] is.
type ThresholdMode string

// The threshold modes.
const (
	ThresholdRel ThresholdMode = "rel" // a share of the best metric
	ThresholdAbs ThresholdMode = "abs" // a difference
)

// ReduceLROnPlateauOptions are the options of [NewReduceLROnPlateau].
type ReduceLROnPlateauOptions struct {
	Mode          PlateauMode   // default: PlateauMin
	Factor        *float64      // default: 0.1
	Patience      *int          // bad epochs to wait; default: 10
	Threshold     *float64      // the least improvement that counts; default: 1e-4
	ThresholdMode ThresholdMode // default: ThresholdRel
	Cooldown      int           // epochs to wait after a change
	MinLR         float64       // the least learning rate
	MinLRs        []float64     // one for each group, instead of one for all
	Eps           *float64      // the least change; default: 1e-8
}

// ReduceLROnPlateau multiplies the learning rate with a factor when a metric, such
// as the loss on a validation set, has stopped improving.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
type ReduceLROnPlateau struct {
	optimizer           optim.Grouped
	mode, thresholdMode string
	factor, threshold   float64
	eps, worst, best    float64
	patience, cooldown  int
	coolingDown, bad    int
	defaultMinLR        *float64
	minLRs              []float64
	lastEpoch           int
	lastLR              []float64
}

// NewReduceLROnPlateau returns a scheduler of optimizer. It panics on a factor of 1
// or more, on modes that it does not know and on another number of least learning
// rates than of groups.
func NewReduceLROnPlateau(optimizer optim.Grouped, options ...ReduceLROnPlateauOptions) *ReduceLROnPlateau {
	const kind = "ReduceLROnPlateau"
	mustBe(kind, optimizer)
	o := option.First(options)
	s := &ReduceLROnPlateau{
		optimizer: optimizer, mode: string(cmp.Or(o.Mode, PlateauMin)), thresholdMode: string(cmp.Or(o.ThresholdMode, ThresholdRel)),
		factor:    option.Or(o.Factor, 0.1),
		threshold: option.Or(o.Threshold, 1e-4), eps: option.Or(o.Eps, 1e-8), patience: option.Or(o.Patience, 10), cooldown: o.Cooldown,
	}
	if s.factor >= 1 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "Factor should be < 1.0."))
	}
	if n := len(optimizer.Groups()); o.MinLRs == nil {
		s.defaultMinLR = &o.MinLR
	} else if len(o.MinLRs) != n {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "expected %d min_lrs, got %d", n, len(o.MinLRs)))
	}
	s.minLRs = perGroup(kind, "min_lr", optimizer, o.MinLR, o.MinLRs)
	if s.mode != "min" && s.mode != "max" {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "mode %s is unknown!", s.mode))
	}
	if s.thresholdMode != "rel" && s.thresholdMode != "abs" {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "threshold mode %s is unknown!", s.thresholdMode))
	}
	s.worst = math.Inf(1)
	if s.mode == "max" {
		s.worst = math.Inf(-1)
	}
	s.best = s.worst
	s.lastLR = ratesOf(s.optimizer)
	return s
}

// Step takes the metric of an epoch, and lowers the learning rates if there were
// too many bad ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
func (s *ReduceLROnPlateau) Step(metric float64) {
	s.lastEpoch++
	if s.isBetter(metric) {
		s.best, s.bad = metric, 0
	} else {
		s.bad++
	}
	if s.coolingDown > 0 {
		s.coolingDown--
		s.bad = 0
	}
	if s.bad > s.patience {
		s.reduce()
		s.coolingDown, s.bad = s.cooldown, 0
	}
	s.lastLR = ratesOf(s.optimizer)
}

func (s *ReduceLROnPlateau) isBetter(metric float64) bool {
	switch {
	case s.mode == "min" && s.thresholdMode == "rel":
		return metric < s.best*(1-s.threshold)
	case s.mode == "min":
		return metric < s.best-s.threshold
	case s.thresholdMode == "rel":
		return metric > s.best*(s.threshold+1)
	}
	return metric > s.best+s.threshold
}

func (s *ReduceLROnPlateau) reduce() {
	groups := s.optimizer.Groups()
	if len(groups) != len(s.minLRs) {
		if s.defaultMinLR == nil {
			panic(torch.Errorf("lrscheduler.NewReduceLROnPlateau", torch.RuntimeError, "The number of param groups in the `optimizer` (%d) differs from when "+
				"`ReduceLROnPlateau` was initialized (%d), usually due to a new param group being added to the optimizer. "+
				"Please modify the `min_lrs` field to match the length of the `optimizer` param groups.", len(groups), len(s.minLRs)))
		}
		s.minLRs = perGroup("ReduceLROnPlateau", "min_lr", s.optimizer, *s.defaultMinLR, nil)
	}
	for i, g := range groups {
		old := g.LearningRate()
		if lr := max(old*s.factor, s.minLRs[i]); old-lr > s.eps {
			g.SetLearningRate(lr)
		}
	}
}

// GetLastLR returns the learning rates after the last Step, one for each group.
func (s *ReduceLROnPlateau) GetLastLR() []float64 { return append([]float64{}, s.lastLR...) }

func (s *ReduceLROnPlateau) fields() statedict.Fields {
	return statedict.Fields{
		"factor": &s.factor, "default_min_lr": &s.defaultMinLR, "min_lrs": &s.minLRs, "patience": &s.patience,
		"cooldown": &s.cooldown, "eps": &s.eps, "last_epoch": &s.lastEpoch, "_last_lr": &s.lastLR,
		"mode": &s.mode, "threshold": &s.threshold, "threshold_mode": &s.thresholdMode, "mode_worse": &s.worst,
		"best": &s.best, "cooldown_counter": &s.coolingDown, "num_bad_epochs": &s.bad,
	}
}

// StateDict returns what a checkpoint needs to go on, by Python's names.
func (s *ReduceLROnPlateau) StateDict() map[string]any { return save(s.fields()) }

// LoadStateDict goes on from a state dict. On an error, a value of a wrong kind,
// the scheduler is not to be used any more.
func (s *ReduceLROnPlateau) LoadStateDict(dict map[string]any) error {
	return load("ReduceLROnPlateau", s.fields(), dict)
}

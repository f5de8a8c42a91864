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

// AnnealStrategy says how a learning rate goes from one value to another.
type AnnealStrategy string

// The strategies of annealing.
const (
	AnnealCos    AnnealStrategy = "cos"    // along a cosine
	AnnealLinear AnnealStrategy = "linear" // evenly
)

// OneCycleLROptions are the options of [NewOneCycleLR].
type OneCycleLROptions struct {
	MaxLRs         []float64 // one for each group, instead of one for all
	TotalSteps     *int      // the steps of the cycle; or else Epochs and StepsPerEpoch
	Epochs         *int
	StepsPerEpoch  *int
	PctStart       *float64       // the part of the cycle that goes up; default: 0.3
	AnnealStrategy AnnealStrategy // default: AnnealCos
	CycleMomentum  *bool          // take the momentum the other way; default: true
	BaseMomentum   *float64       // default: 0.85
	MaxMomentum    *float64       // default: 0.95
	DivFactor      *float64       // the maximum is so many times the first learning rate; default: 25
	FinalDivFactor *float64       // the first learning rate is so many times the last; default: 1e4
	ThreePhase     bool           // go down to the first learning rate as fast as up, and then on
	LastEpoch      *int           // the step to go on from; default: -1
}

// OneCycleLR takes the learning rate up to a maximum and down to almost nothing,
// once for all of a training, and the momentum (the first of the betas) the other
// way. Step is for after each batch; one step too many panics.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
type OneCycleLR struct {
	Base
	totalSteps    int
	phases        []phase
	strategy      string
	cycleMomentum bool
}

// phase is a part of the cycle. Its numbers are named as in parameter groups.
type phase struct {
	end                        float64
	startLR, endLR             string
	startMomentum, endMomentum string
}

// NewOneCycleLR returns a scheduler of optimizer and sets the first learning rates
// and momenta. It panics if the number of steps is not given, on options that are
// out of range, and if there is no momentum to cycle.
func NewOneCycleLR(optimizer optim.Grouped, maxLR float64, options ...OneCycleLROptions) *OneCycleLR {
	const kind = "OneCycleLR"
	o := option.First(options)
	s := &OneCycleLR{strategy: string(cmp.Or(o.AnnealStrategy, AnnealCos)), cycleMomentum: option.Or(o.CycleMomentum, true)}
	s.totalSteps = o.steps(kind)
	pct := option.Or(o.PctStart, 0.3)
	s.phases = phases(pct, s.totalSteps, o.ThreePhase)
	if !(0 <= pct && pct <= 1) {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"Expected float between 0 and 1 pct_start, but got %v", pct))
	}
	if s.strategy != "cos" && s.strategy != "linear" {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"anneal_strategy must be one of 'cos' or 'linear', instead got %s", s.strategy))
	}
	maxLRs := perGroup(kind, "max_lr", optimizer, maxLR, o.MaxLRs)
	begin := startEpoch(o.LastEpoch) == -1
	if begin {
		for i, g := range optimizer.Groups() {
			initial := maxLRs[i] / option.Or(o.DivFactor, 25)
			g.SetNumber("initial_lr", initial)
			g.SetNumber("max_lr", maxLRs[i])
			g.SetNumber("min_lr", initial/option.Or(o.FinalDivFactor, 1e4))
		}
	}
	own := statedict.Fields{
		"total_steps": &s.totalSteps, "_anneal_func_type": &s.strategy, "cycle_momentum": &s.cycleMomentum,
		"_schedule_phases": describe(s.phases),
	}
	if s.cycleMomentum {
		cycleMomentum(kind, optimizer, option.Or(o.BaseMomentum, 0.85), option.Or(o.MaxMomentum, 0.95), begin)
		own["use_beta1"] = usesBeta(optimizer)
	}
	s.start(kind, optimizer, o.LastEpoch, own, s.compute, nil)
	return s
}

// steps returns how many steps the cycle has.
func (o *OneCycleLROptions) steps(kind string) int {
	switch {
	case o.TotalSteps != nil:
		if *o.TotalSteps <= 0 {
			panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
				"Expected positive integer total_steps, but got %d", *o.TotalSteps))
		}
		return *o.TotalSteps
	case o.Epochs == nil || o.StepsPerEpoch == nil:
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"You must define either total_steps OR (epochs AND steps_per_epoch)"))
	case *o.Epochs <= 0:
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "Expected positive integer epochs, but got %d",
			*o.Epochs))
	case *o.StepsPerEpoch <= 0:
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"Expected positive integer steps_per_epoch, but got %d", *o.StepsPerEpoch))
	}
	return *o.Epochs * *o.StepsPerEpoch
}

func phases(pct float64, total int, three bool) []phase {
	n := float64(total)
	up := phase{float64(pct*n) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"}
	if !three {
		return []phase{up, {n - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"}}
	}
	return []phase{
		up,
		{float64(2*pct*n) - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"},
		{n - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"},
	}
}

// describe returns phases as state dicts have them.
func describe(phases []phase) []any {
	var list []any
	for _, p := range phases {
		list = append(list, map[string]any{
			"end_step": p.end, "start_lr": p.startLR, "end_lr": p.endLR,
			"start_momentum": p.startMomentum, "end_momentum": p.endMomentum,
		})
	}
	return list
}

// compute returns the learning rates and sets the momenta.
func (s *OneCycleLR) compute() []float64 {
	if s.lastEpoch > s.totalSteps {
		panic(torch.Errorf("lrscheduler.New"+s.kind, torch.ValueError,
			"Tried to step %d times. The specified number of total steps is %d", s.lastEpoch, s.totalSteps))
	}
	now, start := float64(s.lastEpoch), 0.0
	current := s.phases[len(s.phases)-1]
	for _, p := range s.phases[:len(s.phases)-1] {
		if now <= p.end {
			current = p
			break
		}
		start = p.end
	}
	pct := (now - start) / (current.end - start)
	var lrs []float64
	for _, g := range s.optimizer.Groups() {
		number := func(name string) float64 {
			v, _ := g.Number(name)
			return v
		}
		lrs = append(lrs, s.anneal(number(current.startLR), number(current.endLR), pct))
		if s.cycleMomentum {
			g.SetMomentum(s.anneal(number(current.startMomentum), number(current.endMomentum), pct))
		}
	}
	return lrs
}

func (s *OneCycleLR) anneal(start, end, pct float64) float64 {
	if s.strategy == "linear" {
		return float64((end-start)*pct) + start
	}
	return end + float64((start-end)/2*(libm.Cos(math.Pi*pct)+1))
}

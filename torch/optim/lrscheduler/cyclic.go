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

// CyclicMode says how the cycles of [CyclicLR] change.
type CyclicMode string

// The modes of CyclicLR.
const (
	CyclicTriangular  CyclicMode = "triangular"  // all cycles are alike
	CyclicTriangular2 CyclicMode = "triangular2" // each cycle is half as high as the one before
	CyclicExpRange    CyclicMode = "exp_range"   // the height is Gamma to the power of the step
)

// ScaleMode says what the ScaleFn of [CyclicLROptions] is given.
type ScaleMode string

// The scale modes.
const (
	ScaleCycle      ScaleMode = "cycle"      // the number of the cycle
	ScaleIterations ScaleMode = "iterations" // the number of the step
)

// CyclicLROptions are the options of [NewCyclicLR].
type CyclicLROptions struct {
	BaseLRs       []float64               // one for each group, instead of one for all
	MaxLRs        []float64               // one for each group, instead of one for all
	StepSizeUp    *int                    // steps up; default: 2000
	StepSizeDown  *int                    // steps down; default: StepSizeUp
	Mode          CyclicMode              // default: CyclicTriangular
	Gamma         *float64                // of exp_range; default: 1
	ScaleFn       func(x float64) float64 // scales cycles, instead of Mode
	ScaleMode     ScaleMode               // what x counts; default: ScaleCycle
	CycleMomentum *bool                   // take the momentum the other way; default: true
	BaseMomentum  *float64                // default: 0.8
	MaxMomentum   *float64                // default: 0.9
	LastEpoch     *int                    // the step to go on from; default: -1
}

// CyclicLR takes the learning rate up from a base to a maximum and down again, in
// cycles that may become lower, and the momentum (the first of the betas) the
// other way. Step is for after each batch.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
type CyclicLR struct {
	Base
	mode          string
	scaleMode     string
	gamma         float64
	maxLRs        []float64
	totalSize     float64
	stepRatio     float64
	scale         func(x float64) float64
	cycleMomentum bool
	momenta       momenta
}

// momenta are the bounds of each group's momentum.
type momenta struct{ base, max []float64 }

// cycleMomentum sets the momentum of all groups to the greatest one and notes its
// bounds there. It panics if the optimizer has none.
func cycleMomentum(kind string, optimizer optim.Grouped, base, greatest float64, begin bool) momenta {
	m := momenta{perGroup(kind, "base_momentum", optimizer, base, nil), perGroup(kind, "max_momentum", optimizer, greatest, nil)}
	for _, g := range optimizer.Groups() {
		if _, ok := g.Momentum(); !ok {
			panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
				"optimizer must support momentum or beta1 with `cycle_momentum` option enabled"))
		}
		if begin {
			g.SetMomentum(greatest)
			g.SetNumber("max_momentum", greatest)
			g.SetNumber("base_momentum", base)
		}
	}
	return m
}

// usesBeta reports whether the momentum is the first of the betas.
func usesBeta(optimizer optim.Grouped) bool {
	for _, g := range optimizer.Groups() {
		if _, ok := g.Number("momentum"); ok {
			return false
		}
	}
	return true
}

// NewCyclicLR returns a scheduler of optimizer and sets the first learning rates
// and momenta. It panics on a mode that it does not know, and if there is no
// momentum to cycle.
func NewCyclicLR(optimizer optim.Grouped, baseLR, maxLR float64, options ...CyclicLROptions) *CyclicLR {
	const kind = "CyclicLR"
	o := option.First(options)
	s := &CyclicLR{
		mode: string(cmp.Or(o.Mode, CyclicTriangular)), scaleMode: string(cmp.Or(o.ScaleMode, ScaleCycle)),
		gamma: option.Or(o.Gamma, 1), cycleMomentum: option.Or(o.CycleMomentum, true),
	}
	begin := startEpoch(o.LastEpoch) == -1
	baseLRs := perGroup(kind, "base_lr", optimizer, baseLR, o.BaseLRs)
	if begin {
		for i, g := range optimizer.Groups() {
			g.SetLearningRate(baseLRs[i])
		}
	}
	s.maxLRs = perGroup(kind, "max_lr", optimizer, maxLR, o.MaxLRs)
	up := option.Or(o.StepSizeUp, 2000)
	s.totalSize = float64(up) + float64(option.Or(o.StepSizeDown, up))
	s.stepRatio = float64(up) / s.totalSize
	s.prepareScale(o.ScaleFn)
	own := statedict.Fields{
		"max_lrs": &s.maxLRs, "total_size": &s.totalSize, "step_ratio": &s.stepRatio, "mode": &s.mode,
		"gamma": &s.gamma, "scale_mode": &s.scaleMode, "cycle_momentum": &s.cycleMomentum, "_scale_fn_custom": nil,
	}
	if s.cycleMomentum {
		s.momenta = cycleMomentum(kind, optimizer, option.Or(o.BaseMomentum, 0.8), option.Or(o.MaxMomentum, 0.9), begin)
		own["base_momentums"], own["max_momentums"] = &s.momenta.base, &s.momenta.max
		own["use_beta1"] = usesBeta(optimizer)
	}
	s.prepare(kind, optimizer, o.LastEpoch, own, s.compute, nil)
	s.baseLRs = baseLRs
	s.restart()
	return s
}

// prepareScale sets how cycles are scaled.
func (s *CyclicLR) prepareScale(custom func(x float64) float64) {
	switch mode := CyclicMode(s.mode); {
	case custom != nil:
		s.scale = custom
	case mode == CyclicTriangular:
		s.scale, s.scaleMode = func(float64) float64 { return 1 }, "cycle"
	case mode == CyclicTriangular2:
		s.scale, s.scaleMode = func(x float64) float64 { return 1 / libm.Pow(2, x-1) }, "cycle"
	case mode == CyclicExpRange:
		s.scale, s.scaleMode = func(x float64) float64 { return libm.Pow(s.gamma, x) }, "iterations"
	default:
		panic(torch.Errorf("lrscheduler.NewCyclicLR", torch.ValueError, "mode is invalid and scale_fn is None"))
	}
}

// compute returns the learning rates and sets the momenta.
func (s *CyclicLR) compute() []float64 {
	cycle := math.Floor(1 + float64(s.lastEpoch)/s.totalSize)
	x := 1 + float64(s.lastEpoch)/s.totalSize - cycle
	height := x / s.stepRatio
	if x > s.stepRatio {
		height = (x - 1) / (s.stepRatio - 1)
	}
	count := cycle
	if s.scaleMode != "cycle" {
		count = float64(s.lastEpoch)
	}
	if s.cycleMomentum {
		s.known(len(s.baseLRs))
		for i, g := range s.optimizer.Groups() {
			base, greatest := s.momenta.base[i], s.momenta.max[i]
			g.SetMomentum(greatest - float64((greatest-base)*height*s.scale(count)))
		}
	}
	list := make([]float64, len(s.baseLRs))
	for i, base := range s.baseLRs {
		list[i] = base + float64((s.maxLRs[i]-base)*height*s.scale(count))
	}
	return list
}

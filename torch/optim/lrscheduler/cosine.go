package lrscheduler

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// CosineAnnealingLROptions are the options of [NewCosineAnnealingLR].
type CosineAnnealingLROptions struct {
	EtaMin    float64 // the least learning rate
	LastEpoch *int    // the epoch to go on from; default: -1
}

// CosineAnnealingLR takes the learning rate along a cosine, down to EtaMin in TMax
// epochs and up again in as many:
//
//	lr = EtaMin + (initial − EtaMin)·(1 + cos(π·epoch/TMax))/2
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
type CosineAnnealingLR struct{ Base }

// NewCosineAnnealingLR returns a scheduler of optimizer.
func NewCosineAnnealingLR(optimizer optim.Grouped, tMax int, options ...CosineAnnealingLROptions) *CosineAnnealingLR {
	o := option.First(options)
	etaMin := o.EtaMin
	s := &CosineAnnealingLR{}
	half := func(epoch int) float64 { return 1 + libm.Cos(math.Pi*float64(epoch)/float64(tMax)) }
	closed := func() []float64 {
		return s.fromBase(func(base float64) float64 { return etaMin + float64((base-etaMin)*half(s.lastEpoch)/2) })
	}
	s.start("CosineAnnealingLR", optimizer, o.LastEpoch, statedict.Fields{"T_max": &tMax, "eta_min": &etaMin}, func() []float64 {
		switch {
		case s.initial:
			return s.current()
		case s.stepCount == 1 && s.lastEpoch > 0:
			return closed()
		case modulo(s.kind, s.lastEpoch-1-tMax, "T_max", 2*tMax) == 0:
			s.known(len(s.baseLRs))
			return s.each(func(i int, lr float64) float64 {
				return lr + float64((s.baseLRs[i]-etaMin)*(1-libm.Cos(math.Pi/float64(tMax)))/2)
			})
		}
		ratio := half(s.lastEpoch) / half(s.lastEpoch-1)
		return s.each(func(_ int, lr float64) float64 { return float64(ratio*(lr-etaMin)) + etaMin })
	}, closed)
	return s
}

// CosineAnnealingWarmRestartsOptions are the options of
// [NewCosineAnnealingWarmRestarts].
type CosineAnnealingWarmRestartsOptions struct {
	TMult     *int    // makes each cycle so many times as long as the one before; default: 1
	EtaMin    float64 // the least learning rate
	LastEpoch *int    // the epoch to go on from; default: -1
}

// CosineAnnealingWarmRestarts takes the learning rate down along a cosine, and
// starts again at the initial one after each cycle:
//
//	lr = EtaMin + (initial − EtaMin)·(1 + cos(π·Tcur/Ti))/2
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
type CosineAnnealingWarmRestarts struct {
	Base
	t0, tMult, length int
	since             float64 // since the cycle began
}

// NewCosineAnnealingWarmRestarts returns a scheduler of optimizer whose first
// cycle has t0 epochs. It panics if a number is less than 1.
func NewCosineAnnealingWarmRestarts(optimizer optim.Grouped, t0 int, options ...CosineAnnealingWarmRestartsOptions) *CosineAnnealingWarmRestarts {
	o := option.First(options)
	etaMin, tMult := o.EtaMin, option.Or(o.TMult, 1)
	if t0 <= 0 {
		panic(torch.Errorf("lrscheduler.NewCosineAnnealingWarmRestarts", torch.ValueError,
			"Expected positive integer T_0, but got %d", t0))
	}
	if tMult < 1 {
		panic(torch.Errorf("lrscheduler.NewCosineAnnealingWarmRestarts", torch.ValueError,
			"Expected integer T_mult >= 1, but got %d", tMult))
	}
	s := &CosineAnnealingWarmRestarts{t0: t0, tMult: tMult, length: t0, since: float64(startEpoch(o.LastEpoch))}
	own := statedict.Fields{"T_0": &s.t0, "T_i": &s.length, "T_mult": &s.tMult, "eta_min": &etaMin, "T_cur": &s.since}
	s.prepare("CosineAnnealingWarmRestarts", optimizer, o.LastEpoch, own, func() []float64 {
		return s.fromBase(func(base float64) float64 {
			return etaMin + float64((base-etaMin)*(1+libm.Cos(math.Pi*s.since/float64(s.length)))/2)
		})
	}, nil)
	s.restart()
	return s
}

// Step goes on by an epoch.
func (s *CosineAnnealingWarmRestarts) Step() {
	if s.lastEpoch < 0 {
		s.StepTo(0)
		return
	}
	s.since++
	if s.since >= float64(s.length) {
		s.since = math.Mod(s.since, float64(s.length))
		s.length *= s.tMult
	}
	s.lastEpoch++
	s.set(s.next())
}

// StepTo goes to an epoch, which may be a fraction, as after some of an epoch's
// batches. It panics if epoch is negative.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
func (s *CosineAnnealingWarmRestarts) StepTo(epoch float64) {
	t0, tMult := float64(s.t0), float64(s.tMult)
	switch {
	case epoch < 0:
		panic(torch.Errorf("lrscheduler.New"+s.kind, torch.ValueError, "Expected non-negative epoch, but got %v",
			epoch))
	case epoch < t0:
		s.length, s.since = s.t0, epoch
	case s.tMult == 1:
		s.since = math.Mod(epoch, t0)
	default:
		n := float64(int(libm.Log(float64(epoch/t0*(tMult-1))+1) / libm.Log(tMult)))
		power := libm.Pow(tMult, n)
		s.since = epoch - t0*(power-1)/(tMult-1)
		s.length = s.t0 * int(power)
	}
	s.lastEpoch = int(math.Floor(epoch))
	s.set(s.next())
}

func (s *CosineAnnealingWarmRestarts) restart() {
	s.stepCount = 0
	s.Step()
}

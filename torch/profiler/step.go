package profiler

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// stepName is what the regions of steps are called, before their numbers.
const stepName = "ProfilerStep#"

// errElsewhere says that a step was to end in another goroutine than it began in.
var errElsewhere = errors.New("the profile was started or stepped by another goroutine: with a schedule, one calls Start, Step and Stop")

// region is a region of a trace.
type region interface {
	Here() bool
	Leave()
}

// enterStep begins the region of a step, which there is if there is a schedule.
func (p *Profile) enterStep() {
	if p.options.Schedule == nil {
		return
	}
	if r := internals.EnterRegion(fmt.Sprint(stepName, p.step)); r != nil {
		p.region = r
	}
}

// leaveStep ends it.
func (p *Profile) leaveStep() error {
	if p.region == nil {
		return nil
	}
	if !p.region.Here() {
		return errElsewhere
	}
	p.region.Leave()
	p.region = nil
	return nil
}

// mustLeaveStep panics where leaveStep fails.
func (p *Profile) mustLeaveStep() {
	if err := p.leaveStep(); err != nil {
		panic(torch.Errorf("profiler.Profile.Step", torch.RuntimeError, "%v", err))
	}
}

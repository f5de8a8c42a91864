// Package lrscheduler is PyTorch's torch.optim.lr_scheduler: schedulers, which
// change the learning rates of an optimizer's parameter groups as training goes
// on.
//
//	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
//	scheduler := lrscheduler.NewCosineAnnealingLR(optimizer, 100)
//	for range 100 { // epochs
//		train(net, optimizer)
//		scheduler.Step()
//	}
//
// A scheduler sets the first learning rates when it is made. Those that follow are
// computed from the ones before, as in Python, and equal Python's bit for bit; so
// several schedulers may share an optimizer, and rates changed by hand last. What
// schedulers note in a parameter group, such as initial_lr, is in the optimizer's
// state dict.
//
// https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
package lrscheduler

import (
	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// The schedulers convert products that something is added to to float64, though they are of it:
// that keeps Go on arm64 from rounding both at once, which Python does not do.

// Scheduler is every scheduler but [ReduceLROnPlateau], whose Step needs a number.
type Scheduler interface {
	// Step sets the next learning rates. Call it after the optimizer's Step.
	Step()
	// GetLastLR returns the learning rates that Step set, one for each group.
	GetLastLR() []float64
	// StateDict returns what a checkpoint needs to go on, by Python's names.
	StateDict() map[string]any
	// LoadStateDict goes on from a checkpoint.
	LoadStateDict(dict map[string]any) error

	grouped() optim.Grouped
	name() string
	restart()       // takes the initial step anew
	jump(epoch int) // goes to an epoch at once
	undo()          // takes back the count of the initial step
}

// Base is what most schedulers share. They embed it.
type Base struct {
	optimizer optim.Grouped
	kind      string
	baseLRs   []float64
	lastEpoch int
	stepCount int
	lastLR    []float64
	initial   bool             // this is the initial step
	next      func() []float64 // the learning rates of lastEpoch, from those before
	closed    func() []float64 // the same from the base learning rates; or nil
	own       statedict.Fields // what a state dict holds besides
}

// start makes a scheduler and takes its initial step.
func (b *Base) start(kind string, optimizer optim.Grouped, lastEpoch *int, own statedict.Fields,
	next, closed func() []float64,
) {
	b.prepare(kind, optimizer, lastEpoch, own, next, closed)
	b.restart()
}

// prepare is start without the initial step. A nil lastEpoch is -1, the beginning
// grouped training.
func (b *Base) prepare(kind string, optimizer optim.Grouped, lastEpoch *int, own statedict.Fields,
	next, closed func() []float64,
) {
	mustBe(kind, optimizer)
	b.kind, b.optimizer, b.own, b.next, b.closed = kind, optimizer, own, next, closed
	b.lastEpoch = startEpoch(lastEpoch)
	for i, g := range optimizer.Groups() {
		if b.lastEpoch == -1 {
			if _, ok := g.Number("initial_lr"); !ok {
				g.SetNumber("initial_lr", g.LearningRate())
			}
		}
		lr, ok := g.Number("initial_lr")
		if !ok {
			panic(torch.Errorf("lrscheduler.New"+b.kind, torch.ValueError, "param 'initial_lr' is not specified in param_groups[%d] when resuming scheduler with last_epoch >= 0.\n"+
				"This typically happens when:\n"+
				"1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n"+
				"2. You're using last_epoch >= 0 for a fresh training run (not recommended)", i))
		}
		b.baseLRs = append(b.baseLRs, lr)
	}
}

// startEpoch returns the epoch to go on startEpoch.
func startEpoch(lastEpoch *int) int {
	if lastEpoch == nil {
		return -1
	}
	return *lastEpoch
}

// Step sets the next learning rates. Call it after the optimizer's Step.
//
// https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
func (b *Base) Step() {
	if b.next == nil {
		panic(torch.Errorf("lrscheduler.NewBase", torch.ValueError,
			"the scheduler was not made by a function such as NewStepLR"))
	}
	b.stepCount++
	b.lastEpoch++
	b.set(b.next())
}

// set sets the learning rates of all groups.
func (b *Base) set(lrs []float64) {
	b.known(len(lrs))
	for i, g := range b.optimizer.Groups() {
		g.SetLearningRate(lrs[i])
	}
	b.lastLR = b.current()
}

// known panics unless the optimizer has n groups, those that the scheduler knows.
func (b *Base) known(n int) {
	if groups := len(b.optimizer.Groups()); groups != n {
		panic(torch.Errorf("lrscheduler.New"+b.kind, torch.ValueError,
			"the optimizer has %d parameter groups, but had %d when the scheduler was made", groups, n))
	}
}

// current returns the learning rates of all groups.
func (b *Base) current() []float64 { return ratesOf(b.optimizer) }

func ratesOf(optimizer optim.Grouped) []float64 {
	groups := optimizer.Groups()
	list := make([]float64, len(groups))
	for i, g := range groups {
		list[i] = g.LearningRate()
	}
	return list
}

// each returns what f makes of the learning rate of each group.
func (b *Base) each(f func(i int, lr float64) float64) []float64 {
	list := b.current()
	for i, lr := range list {
		list[i] = f(i, lr)
	}
	return list
}

// scaled returns the learning rates times a factor.
func (b *Base) scaled(factor float64) []float64 {
	return b.each(func(_ int, lr float64) float64 { return lr * factor })
}

// fromBase returns what f makes of each base learning rate.
func (b *Base) fromBase(f func(base float64) float64) []float64 {
	list := make([]float64, len(b.baseLRs))
	for i, base := range b.baseLRs {
		list[i] = f(base)
	}
	return list
}

// GetLastLR returns the learning rates that the last Step set, one for each
// parameter group.
func (b *Base) GetLastLR() []float64 { return append([]float64{}, b.lastLR...) }

// LastEpoch returns how many steps were taken, or where training went on from and
// those since.
func (b *Base) LastEpoch() int { return b.lastEpoch }

func (b *Base) grouped() optim.Grouped { return b.optimizer }

func (b *Base) name() string { return b.kind }

func (b *Base) restart() {
	b.stepCount = 0
	b.initial = true
	b.Step()
	b.initial = false
}

func (b *Base) jump(epoch int) {
	b.lastEpoch = epoch
	if b.closed != nil {
		b.set(b.closed())
	} else {
		b.set(b.next())
	}
}

func (b *Base) undo() { b.lastEpoch-- }

// fields are what a state dict holds.
func (b *Base) fields() statedict.Fields {
	all := statedict.Fields{
		"base_lrs": &b.baseLRs, "last_epoch": &b.lastEpoch, "_step_count": &b.stepCount, "_last_lr": &b.lastLR,
		"_is_initial": false, "_get_lr_called_within_step": false,
	}
	for name, at := range b.own {
		all[name] = at
	}
	return all
}

// StateDict returns what a checkpoint needs to go on, by Python's names.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
func (b *Base) StateDict() map[string]any { return save(b.fields()) }

// LoadStateDict goes on from a state dict. The optimizer's learning rates are in
// that of the optimizer. On an error, a value of a wrong kind, the scheduler is
// not to be used any more.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
func (b *Base) LoadStateDict(dict map[string]any) error {
	if err := sameLengths(b.kind, b.fields(), dict); err != nil {
		return err
	}
	return load(b.kind, b.fields(), dict)
}

func save(fields statedict.Fields) map[string]any {
	dict := map[string]any{}
	for name, at := range fields {
		dict[name] = statedict.Get(at)
	}
	return dict
}

func load(kind string, fields statedict.Fields, dict map[string]any) error {
	for name, v := range dict {
		if at, ok := fields[name]; ok && !statedict.Set(at, v) {
			return torch.Errorf("lrscheduler."+kind+".LoadStateDict", torch.ValueError, "%s cannot be %s", name, brief.Value(v))
		}
	}
	return nil
}

// sameLengths refuses a state dict with a list of another length than the scheduler's,
// which has a number for each group or milestone.
func sameLengths(kind string, fields statedict.Fields, dict map[string]any) error {
	for name, at := range fields {
		list, isList := statedict.List(dict[name])
		if n := length(at); isList && n > 0 && len(list) != n {
			return torch.Errorf("lrscheduler."+kind+".LoadStateDict", torch.ValueError, "%s has %d values, but the scheduler %d", name, len(list), n)
		}
	}
	return nil
}

// length returns how many numbers the list has that an option's value points to, 0 if
// that is no list.
func length(at any) int {
	switch list := at.(type) {
	case *[]float64:
		return len(*list)
	case *[]int:
		return len(*list)
	}
	return 0
}

// mustBe panics if there is no optimizer.
func mustBe(kind string, optimizer optim.Grouped) {
	if argument.IsNil(optimizer) {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.TypeError, "nil is not an Optimizer"))
	}
}

// modulo returns n modulo a number that users name, or panics where Python does.
func modulo(kind string, n int, name string, by int) int {
	if by == 0 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "integer modulo by zero: %s is 0", name))
	}
	return n % by
}

// perGroup returns a number for each group: list, if it is given, or v for all.
func perGroup(kind, name string, optimizer optim.Grouped, v float64, list []float64) []float64 {
	mustBe(kind, optimizer)
	n := len(optimizer.Groups())
	if list == nil {
		list = make([]float64, n)
		for i := range list {
			list[i] = v
		}
	}
	if len(list) != n {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"%s must have the same length as optimizer.param_groups. %s has %d values, param_groups has %d.", name, name, len(list), n))
	}
	return append([]float64{}, list...)
}

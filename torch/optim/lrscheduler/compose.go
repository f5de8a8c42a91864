package lrscheduler

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// members are the schedulers that a scheduler is made of.
type members struct {
	kind       string
	optimizer  optim.Grouped
	schedulers []Scheduler
	lastLR     []float64
}

// newMembers panics if the schedulers are not all of one optimizer.
func newMembers(kind string, optimizer optim.Grouped, schedulers []Scheduler) members {
	mustBe(kind, optimizer)
	for i, s := range schedulers {
		argument.NotNil("lrscheduler.New"+kind, fmt.Sprintf("scheduler %d", i), s)
		if s.grouped() != optimizer {
			panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "%s expects all schedulers to belong to the same optimizer, but got scheduler %s at index %d has %v, "+
				"which is different from %T.", kind, s.name(), i, s.grouped(), optimizer))
		}
	}
	return members{kind: kind, optimizer: optimizer, schedulers: schedulers}
}

// GetLastLR returns the learning rates that the last Step set, one for each
// parameter group.
func (m *members) GetLastLR() []float64 { return append([]float64{}, m.lastLR...) }

func (m *members) grouped() optim.Grouped { return m.optimizer }

func (m *members) name() string { return m.kind }

func (m *members) undo() {
	for _, s := range m.schedulers {
		s.undo()
	}
}

func (m *members) jump(int) {
	panic(&torch.Error{Op: "lrscheduler." + m.kind, Kind: torch.NotImplementedError})
}

func (m *members) save(fields statedict.Fields) map[string]any {
	dict := save(fields)
	list := make([]any, len(m.schedulers))
	for i, s := range m.schedulers {
		list[i] = s.StateDict()
	}
	dict["_schedulers"] = list
	return dict
}

func (m *members) load(fields statedict.Fields, dict map[string]any) error {
	if err := sameLengths(m.kind, fields, dict); err != nil {
		return err
	}
	list, ok := statedict.List(dict["_schedulers"])
	if !ok || len(list) != len(m.schedulers) {
		return m.loadError(fmt.Sprintf("want the state of %d schedulers", len(m.schedulers)))
	}
	for i, s := range m.schedulers {
		state, ok := list[i].(map[string]any)
		if !ok {
			return m.loadError(fmt.Sprintf("the state of scheduler %d is not a dict", i))
		}
		if err := s.LoadStateDict(state); err != nil {
			return err
		}
	}
	return load(m.kind, fields, dict)
}

func (m *members) loadError(message string) error {
	return torch.Errorf("lrscheduler."+m.kind+".LoadStateDict", torch.ValueError, "%s", message)
}

// SequentialLR calls one scheduler after the other, changing at given epochs.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
type SequentialLR struct {
	members
	milestones []int
	lastEpoch  int
}

// SequentialLROptions are the options of [NewSequentialLR].
type SequentialLROptions struct {
	LastEpoch *int // the epoch to go on from; default: -1
}

// NewSequentialLR returns a scheduler of optimizer that calls the first of
// schedulers until milestones[0], the second until milestones[1] and so on. It
// panics if there are not one scheduler more than milestones, and if a scheduler
// is of another optimizer.
func NewSequentialLR(optimizer optim.Grouped, schedulers []Scheduler, milestones []int, options ...SequentialLROptions) *SequentialLR {
	const kind = "SequentialLR"
	if len(schedulers) < 1 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"%s expects at least one scheduler, but got no scheduler.", kind))
	}
	s := &SequentialLR{members: newMembers(kind, optimizer, schedulers), milestones: slices.Clone(milestones)}
	if len(milestones) != len(schedulers)-1 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError, "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone "+
			"points, but got number of schedulers %d and the number of milestones to be equal to %d", len(schedulers), len(milestones)))
	}
	s.lastEpoch = startEpoch(option.First(options).LastEpoch) + 1
	for _, g := range optimizer.Groups() {
		if lr, ok := g.Number("initial_lr"); ok {
			g.SetLearningRate(lr)
		}
	}
	s.undo()
	active := s.schedulers[s.index(0)]
	active.restart()
	s.lastLR = active.GetLastLR()
	return s
}

// index returns which scheduler an epoch is for.
func (s *SequentialLR) index(epoch int) int {
	i := 0
	for i < len(s.milestones) && s.milestones[i] <= epoch {
		i++
	}
	return i
}

// Step sets the next learning rates.
func (s *SequentialLR) Step() {
	s.lastEpoch++
	i := s.index(s.lastEpoch)
	if active := s.schedulers[i]; i > 0 && s.milestones[i-1] == s.lastEpoch {
		active.jump(0)
	} else {
		active.Step()
	}
	s.lastLR = s.schedulers[i].GetLastLR()
}

func (s *SequentialLR) restart() { s.Step() }

func (s *SequentialLR) fields() statedict.Fields {
	return statedict.Fields{"_milestones": &s.milestones, "last_epoch": &s.lastEpoch, "_last_lr": &s.lastLR}
}

// StateDict returns what a checkpoint needs to go on, by Python's names.
func (s *SequentialLR) StateDict() map[string]any { return s.save(s.fields()) }

// LoadStateDict goes on from a state dict. On an error, which is a value of a wrong
// kind, the scheduler is not to be used any more.
func (s *SequentialLR) LoadStateDict(dict map[string]any) error { return s.load(s.fields(), dict) }

// ChainedScheduler calls several schedulers at each step, whose effects add up.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
type ChainedScheduler struct{ members }

// NewChainedScheduler returns a scheduler that calls all schedulers in order. It
// panics if there are none, and if they are not of one optimizer.
func NewChainedScheduler(schedulers ...Scheduler) *ChainedScheduler {
	const kind = "ChainedScheduler"
	if len(schedulers) < 1 {
		panic(torch.Errorf("lrscheduler.New"+kind, torch.ValueError,
			"%s expects at least one scheduler to be chained, but got no scheduler.", kind))
	}
	argument.NotNil("lrscheduler.New"+kind, "scheduler 0", schedulers[0])
	s := &ChainedScheduler{newMembers(kind, schedulers[0].grouped(), schedulers)}
	s.lastLR = ratesOf(s.optimizer)
	return s
}

// Step sets the next learning rates.
func (s *ChainedScheduler) Step() {
	for _, member := range s.schedulers {
		member.Step()
	}
	s.lastLR = ratesOf(s.optimizer)
}

func (s *ChainedScheduler) restart() { s.Step() }

func (s *ChainedScheduler) fields() statedict.Fields { return statedict.Fields{"_last_lr": &s.lastLR} }

// StateDict returns what a checkpoint needs to go on, by Python's names.
func (s *ChainedScheduler) StateDict() map[string]any { return s.save(s.fields()) }

// LoadStateDict goes on from a state dict. On an error, a value of a wrong kind,
// the scheduler is not to be used any more.
func (s *ChainedScheduler) LoadStateDict(dict map[string]any) error { return s.load(s.fields(), dict) }

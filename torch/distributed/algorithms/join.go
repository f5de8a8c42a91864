// Package algorithms has what several processes do together beside single collectives:
// PyTorch's torch.distributed.algorithms.
//
// https://docs.pytorch.org/docs/stable/distributed.algorithms.join.html
package algorithms

import (
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// Joinable is what can be used in [Join]: parallel.DistributedDataParallel,
// optim.ZeroRedundancyOptimizer, and types of one's own that call [NotifyJoinContext] before
// the collectives of each iteration. Its dynamic type is a pointer.
//
// https://docs.pytorch.org/docs/stable/distributed.algorithms.join.html#torch.distributed.algorithms.Joinable
type Joinable interface {
	// JoinHook returns what a process does that has no inputs left.
	JoinHook(options JoinOptions) JoinHook
	// JoinDevice returns the device for the collectives of Join itself.
	JoinDevice() torch.Device
	// JoinProcessGroup returns the processes, the same for all that are joined.
	JoinProcessGroup() *distributed.ProcessGroup
}

// JoinHook stands in for the collectives of a process that has no inputs left.
//
// https://docs.pytorch.org/docs/stable/distributed.algorithms.join.html#torch.distributed.algorithms.JoinHook
type JoinHook interface {
	// MainHook is called for each iteration of those that have inputs, and calls their
	// collectives.
	MainHook() error
	// PostHook is called when no process has inputs left. isLastJoiner is whether this one
	// had them to the end.
	PostHook(isLastJoiner bool) error
}

// JoinOptions are the options of [Join].
type JoinOptions struct {
	// Enable is whether inputs may be uneven; nil is true. With false Join only calls its
	// function.
	Enable *bool
	// ThrowOnEarlyTermination ends all processes' Join with an error as soon as one has no
	// inputs left.
	ThrowOnEarlyTermination bool
	// DivideByInitialWorldSize is whether the gradients of DistributedDataParallel are
	// divided by the number of all processes, so that each sample counts alike, rather than
	// by that of those which have inputs; nil is true.
	DivideByInitialWorldSize *bool
}

// joining is a Join that runs.
type joining struct {
	options JoinOptions
	first   Joinable // which calls the collectives of Join
	group   *distributed.ProcessGroup
	device  torch.Device
	ended   error // why it ends early
}

// running has the joinings by their joinables; count is how many there are.
var (
	running sync.Map
	count   atomic.Int64
)

// Join calls f, which trains with the joinables on the inputs of this process. When it
// returns, the process stands in for them until the others have none left either: so
// processes may have more or fewer batches, where without it the others would wait for
// collectives that never come. All processes call it with equal joinables.
//
//	err := algorithms.Join([]algorithms.Joinable{ddp}, func() {
//		for batch := range batches { // as many as this process has
//			optimizer.ZeroGrad()
//			loss(ddp.Forward(batch.X), batch.Y).Backward()
//			optimizer.Step()
//		}
//	})
//
// It knows the joinables' collectives alone: f must call no others, such as those of
// SyncBatchNorm, unless ThrowOnEarlyTermination is set. It fails where another process is
// gone, and on joinables of several process groups. A panic of f goes on.
//
// https://docs.pytorch.org/docs/stable/distributed.algorithms.join.html#torch.distributed.algorithms.Join
func Join(joinables []Joinable, f func(), options ...JoinOptions) error {
	const op = "algorithms.Join"
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	argument.NotNil(op, "the function", f)
	if len(joinables) == 0 {
		return torch.Errorf(op, torch.ValueError, "The join context manager requires at least one joinable")
	}
	for _, joinable := range joinables {
		argument.NotNil(op, "a joinable", joinable)
	}
	if !option.Or(o.Enable, true) {
		f()
		return nil
	}
	j := &joining{options: o, first: joinables[0], group: joinables[0].JoinProcessGroup(), device: joinables[0].JoinDevice()}
	hooks := make([]JoinHook, len(joinables))
	for i, joinable := range joinables {
		if joinable.JoinProcessGroup() != j.group {
			return torch.Errorf(op, torch.ValueError, "Using join context manager with multiple process groups")
		}
		hooks[i] = joinable.JoinHook(o)
	}
	if err := j.train(joinables, f); err != nil {
		return err
	}
	return j.standIn(hooks)
}

// train calls f. It returns an error where another process ended it early.
func (j *joining) train(joinables []Joinable, f func()) (err error) {
	for _, joinable := range joinables {
		running.Store(joinable, j)
		count.Add(1)
	}
	defer func() {
		for _, joinable := range joinables {
			running.Delete(joinable)
			count.Add(-1)
		}
		if j.ended != nil {
			_ = recover() // which says the same
			err = j.ended
		}
	}()
	f()
	return nil
}

// standIn calls the hooks until no process has inputs left.
func (j *joining) standIn(hooks []JoinHook) error {
	for last := true; ; last = false {
		active, err := j.sum(0)
		if err != nil {
			return err
		}
		if active == 0 {
			for _, hook := range hooks {
				if err := hook.PostHook(last); err != nil {
					return err
				}
			}
			return nil
		}
		if j.options.ThrowOnEarlyTermination {
			if _, err := j.sum(1); err != nil {
				return err
			}
			return j.group.WrapError("Join", torch.Errorf("", torch.RuntimeError, "Rank %d exhausted all inputs.", distributed.GetRank(j.group)))
		}
		for _, hook := range hooks {
			if err := hook.MainHook(); err != nil {
				return err
			}
		}
	}
}

// sum returns the sum of the values of all processes.
func (j *joining) sum(own float64) (sum float64, err error) {
	err = torch.Try(func() {
		torch.Scope(func() {
			x := torch.Full([]int{1}, own, torch.TensorOptions{DType: torch.Float32, Device: j.device})
			_, err := distributed.AllReduce(x, distributed.ReduceOptions{Group: j.group})
			processes.Check("algorithms.Join", err)
			sum = x.Item()
		})
	})
	return sum, err
}

// Joining reports whether a joinable is in a [Join] now, on a process that has inputs.
func Joining(joinable Joinable) bool { return joiningOf(joinable) != nil }

func joiningOf(joinable Joinable) *joining {
	if count.Load() == 0 {
		return nil
	}
	found, _ := running.Load(joinable)
	j, _ := found.(*joining)
	return j
}

// NotifyJoinContext says that this process has inputs yet. Joinables call it before the
// collectives of each iteration. It returns the work of a sum over all processes, whose
// result is how many have inputs, or nil where the joinable is not in a [Join], or is not
// the first one there. It fails where Join is to end early, and another process has no inputs.
//
// https://docs.pytorch.org/docs/stable/distributed.algorithms.join.html#torch.distributed.algorithms.Join.notify_join_context
func NotifyJoinContext(joinable Joinable) (*distributed.Work, error) {
	j := joiningOf(joinable)
	if j == nil || j.first != joinable {
		return nil, nil
	}
	var one *torch.Tensor
	if err := torch.Try(func() { one = torch.Ones([]int{1}, torch.TensorOptions{DType: torch.Float32, Device: j.device}) }); err != nil {
		return nil, err
	}
	defer one.Close()
	work, err := distributed.AllReduce(one, distributed.ReduceOptions{Group: j.group, Async: true})
	if err != nil || !j.options.ThrowOnEarlyTermination {
		return work, err
	}
	ended, err := j.sum(0)
	if err == nil && ended != 0 {
		err = j.group.WrapError("Join", torch.Errorf("", torch.RuntimeError, "Detected at least one rank that exhausted inputs. Throwing across all ranks."))
		j.ended = err
	}
	return work, err
}

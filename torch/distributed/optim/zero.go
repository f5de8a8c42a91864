package optim

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// ZeroRedundancyOptimizer divides an optimizer among processes whose parameters and gradients
// are equal, as those of parallel.DistributedDataParallel: each steps some parameters, and has
// the state of these alone, and gives them to the others. So Adam's state takes a part of the
// memory. It is an [optim.Optimizer]; its groups are those of this process's parameters. Where
// there are more processes than parameters an empty tensor stands for those of a process that
// has none.
//
// In algorithms.Join it comes after the module whose gradients it uses, and goes on stepping
// its parameters with the gradients of the others.
//
// https://docs.pytorch.org/docs/stable/distributed.optim.html#torch.distributed.optim.ZeroRedundancyOptimizer
type ZeroRedundancyOptimizer struct {
	local  optim.Optimizer
	group  *distributed.ProcessGroup
	params []*torch.Tensor
	owners []int // the ranks in the group that step them
	own    []int // the numbers of those of this process
	whole  *optim.StateDict
}

// ZeroRedundancyOptions are the options of [NewZeroRedundancyOptimizer].
type ZeroRedundancyOptions struct {
	Group *distributed.ProcessGroup // nil is the default group
}

const name = "optim.ZeroRedundancyOptimizer"

// NewZeroRedundancyOptimizer returns an optimizer of parameters whose local part newOptimizer
// makes, of this process's parameters. Every process calls it, with equal ones:
//
//	distoptim.NewZeroRedundancyOptimizer(net.Parameters(), func(params []*torch.Tensor) optim.Optimizer {
//		return optim.NewAdam(params, optim.AdamOptions{LR: 0.001})
//	})
//
// The largest parameters come first, each to the process that has the fewest elements by then,
// as in Python. It fails without a process group, and on an empty list.
func NewZeroRedundancyOptimizer(params []*torch.Tensor, newOptimizer func(params []*torch.Tensor) optim.Optimizer, options ...ZeroRedundancyOptions) (*ZeroRedundancyOptimizer, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if o.Group == nil {
		o.Group = distributed.DefaultGroup()
	}
	if o.Group == nil || distributed.GetRank(o.Group) < 0 {
		_, err := distributed.Barrier(distributed.Options{Group: o.Group}) // says why
		return nil, err
	}
	z := &ZeroRedundancyOptimizer{group: o.Group, params: slices.Clone(params)}
	err = torch.Try(func() { z.begin(newOptimizer) })
	return z, o.Group.WrapError("NewZeroRedundancyOptimizer", err)
}

// begin says who has which parameters, and makes the optimizer of those of this process.
func (z *ZeroRedundancyOptimizer) begin(newOptimizer func(params []*torch.Tensor) optim.Optimizer) {
	argument.NotNil("", "the function", newOptimizer)
	if len(z.params) == 0 {
		panic(torch.Errorf("", torch.ValueError, "optimizer got an empty parameter list"))
	}
	z.owners = make([]int, len(z.params))
	order := make([]int, len(z.params))
	for i, p := range z.params {
		if p == nil {
			panic(torch.Errorf("", torch.ValueError, "parameter %d is nil", i))
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(z.params[b].Numel(), z.params[a].Numel()) })
	loads := make([]int, distributed.GetWorldSize(z.group))
	for _, i := range order {
		owner := slices.Index(loads, slices.Min(loads))
		loads[owner] += z.params[i].Numel()
		z.owners[i] = owner
	}
	var own []*torch.Tensor
	for i, p := range z.params {
		if z.owners[i] == distributed.GetRank(z.group) {
			z.own = append(z.own, i)
			own = append(own, p)
		}
	}
	if len(own) == 0 {
		own = []*torch.Tensor{torch.Empty([]int{0}, torch.TensorOptions{RequiresGrad: true, DType: z.params[0].DType(), Device: z.params[0].Device()}).Keep()}
	}
	z.local = newOptimizer(own)
}

// Step changes this process's parameters that have a gradient, and takes the others from the
// processes that change them. Every process calls it. It panics where another one is gone.
func (z *ZeroRedundancyOptimizer) Step() {
	work, err := algorithms.NotifyJoinContext(z)
	processes.Check(name, err)
	if work != nil {
		work.Close()
	}
	z.local.Step()
	torch.NoGrad(func() {
		torch.Scope(func() {
			works := make([]*distributed.Work, len(z.params))
			for i, p := range z.params {
				works[i] = z.share(p.Detach(), i)
			}
			for _, w := range works {
				processes.Check(name, w.Wait())
				w.Close()
			}
		})
	})
}

// share begins to give all processes what the owner of a parameter has in x.
func (z *ZeroRedundancyOptimizer) share(x *torch.Tensor, parameter int) *distributed.Work {
	src, err := distributed.GetGlobalRank(z.group, z.owners[parameter])
	processes.Check(name, err)
	w, err := distributed.Broadcast(x, src, distributed.Options{Group: z.group, Async: true})
	processes.Check(name, err)
	return w
}

// ZeroGrad drops the gradients of all parameters, or sets them to 0.
func (z *ZeroRedundancyOptimizer) ZeroGrad(options ...optim.ZeroGradOptions) {
	for _, p := range z.params {
		grad := p.Grad()
		switch {
		case grad == nil:
		case option.Or(option.First(options).SetToNone, true):
			p.SetGrad(nil)
		default:
			torch.NoGrad(func() { grad.ZeroInplace() })
		}
	}
}

// Groups returns the groups of this process's parameters, whose options schedulers change.
func (z *ZeroRedundancyOptimizer) Groups() []optim.ParamGroup { return z.local.Groups() }

// JoinDevice returns the device of the parameters.
func (z *ZeroRedundancyOptimizer) JoinDevice() torch.Device { return z.params[0].Device() }

// JoinProcessGroup returns the processes that the optimizer is divided among.
func (z *ZeroRedundancyOptimizer) JoinProcessGroup() *distributed.ProcessGroup { return z.group }

// JoinHook returns what stands in for Step: it steps this process's parameters, and gives
// them to the others.
//
// https://docs.pytorch.org/docs/stable/distributed.optim.html#torch.distributed.optim.ZeroRedundancyOptimizer.join_hook
func (z *ZeroRedundancyOptimizer) JoinHook(algorithms.JoinOptions) algorithms.JoinHook {
	return joinHook{z}
}

// joinHook stands in for the steps of a process.
type joinHook struct{ z *ZeroRedundancyOptimizer }

// MainHook takes a step.
func (h joinHook) MainHook() error { return torch.Try(h.z.Step) }

// PostHook does nothing: the parameters are equal.
func (joinHook) PostHook(bool) error { return nil }

// ConsolidateStateDict brings the state of all processes to each, for [ZeroRedundancyOptimizer.StateDict].
// Every process calls it.
//
// https://docs.pytorch.org/docs/stable/distributed.optim.html#torch.distributed.optim.ZeroRedundancyOptimizer.consolidate_state_dict
func (z *ZeroRedundancyOptimizer) ConsolidateStateDict() error {
	local := z.local.StateDict()
	own := map[int][]item{} // by the parameters' numbers in all
	for i, number := range z.own {
		for _, key := range slices.Sorted(maps.Keys(local.State[i])) {
			own[number] = append(own[number], newItem(key, local.State[i][key]))
		}
	}
	all, err := distributed.AllGatherObject(own, distributed.Options{Group: z.group})
	if err != nil {
		return err
	}
	whole := optim.StateDict{State: map[int]map[string]any{}}
	err = torch.Try(func() {
		for i := range z.params {
			for _, it := range all[z.owners[i]][i] {
				if whole.State[i] == nil {
					whole.State[i] = map[string]any{}
				}
				whole.State[i][it.Key] = z.value(i, it, local)
			}
		}
	})
	if err != nil {
		return err
	}
	whole.ParamGroups, err = z.groups(local)
	z.whole = &whole
	return err
}

// item is what a process tells of something that it remembers of a parameter.
type item struct {
	Key   string
	Int   *int
	Float *float64
	Shape []int // of a tensor
	DType torch.DType
}

func newItem(key string, v any) item {
	switch v := v.(type) {
	case int:
		return item{Key: key, Int: &v}
	case float64:
		return item{Key: key, Float: &v}
	case *torch.Tensor:
		return item{Key: key, Shape: v.Shape(), DType: v.DType()}
	}
	panic(torch.Errorf(name, torch.NotImplementedError, "the state %s, a %T, cannot be moved", key, v))
}

// value returns what an item tells of; the owner gives the tensors to all.
func (z *ZeroRedundancyOptimizer) value(parameter int, it item, local optim.StateDict) any {
	switch {
	case it.Int != nil:
		return *it.Int
	case it.Float != nil:
		return *it.Float
	}
	x := torch.Empty(it.Shape, torch.TensorOptions{DType: it.DType, Device: z.params[parameter].Device()})
	if i := slices.Index(z.own, parameter); i >= 0 {
		x.CopyInplace(local.State[i][it.Key].(*torch.Tensor))
	}
	w := z.share(x, parameter)
	defer w.Close()
	processes.Check(name, w.Wait())
	return x
}

// groups returns this process's options, which all have alike, for all parameters.
func (z *ZeroRedundancyOptimizer) groups(local optim.StateDict) ([]map[string]any, error) {
	if len(local.ParamGroups) != 1 {
		return nil, errors.New(name + ": the optimizer has not one group")
	}
	group := maps.Clone(local.ParamGroups[0])
	numbers := make([]int, len(z.params))
	for i := range numbers {
		numbers[i] = i
	}
	group["params"] = numbers
	return []map[string]any{group}, nil
}

// StateDict returns what the latest [ZeroRedundancyOptimizer.ConsolidateStateDict] brought here:
// the state dict of an optimizer of all parameters. It panics where there was none.
func (z *ZeroRedundancyOptimizer) StateDict() optim.StateDict {
	if z.whole == nil {
		panic(torch.Errorf(name, torch.RuntimeError, "Optimizer state has not been consolidated on this rank. Please call ConsolidateStateDict() on all ranks beforehand."))
	}
	return *z.whole
}

// LoadStateDict goes on from the state dict of an optimizer of all parameters, of which each
// process takes what it needs.
func (z *ZeroRedundancyOptimizer) LoadStateDict(dict optim.StateDict) error {
	if len(dict.ParamGroups) != 1 {
		return errors.New(name + ".LoadStateDict: loaded state dict has a different number of parameter groups")
	}
	own := optim.StateDict{State: map[int]map[string]any{}}
	numbers := make([]int, max(1, len(z.own))) // of a process without parameters the empty tensor
	for i, number := range z.own {
		numbers[i] = i
		if state := dict.State[number]; state != nil {
			own.State[i] = state
		}
	}
	group := maps.Clone(dict.ParamGroups[0])
	group["params"] = numbers
	own.ParamGroups = []map[string]any{group}
	return z.local.LoadStateDict(own)
}

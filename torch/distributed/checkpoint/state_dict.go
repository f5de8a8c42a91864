package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// StateDictOptions are the options of [GetModelStateDict] and of its like.
type StateDictOptions struct {
	// FullStateDict makes parts whole, the same on all processes, which call it together.
	FullStateDict bool
	CPUOffload    bool // put copies into the CPU's memory
}

// asPartOf notes that x is what a tensor is a part of, too, if it is one.
func asPartOf(x, like *torch.Tensor) *torch.Tensor {
	if shard := shards.Of(like); shard != nil {
		shards.Note(x, shard)
	}
	return x
}

// prepared returns a tensor as options ask for it.
func (o StateDictOptions) prepared(x *torch.Tensor) *torch.Tensor {
	part := x
	if shard := shards.Of(x); shard != nil && o.FullStateDict {
		x = shard.Gather(x)
	}
	if o.CPUOffload {
		x = x.Detach().To(torch.CPU).Clone()
		if !o.FullStateDict {
			asPartOf(x, part)
		}
	}
	return x
}

// GetModelStateDict returns a module's state dict: with parts of divided parameters, as
// Module.StateDict does, or with whole ones.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict.get_model_state_dict
func GetModelStateDict(module nn.AnyModule, options ...StateDictOptions) nn.StateDict {
	o := option.First(options)
	dict := nn.Base(module).StateDict()
	for i := range dict {
		dict[i].Tensor = o.prepared(dict[i].Tensor)
	}
	return dict
}

// SetModelStateDict loads a state dict into a module, of whose divided parameters it may have
// this process's parts or the whole. It fails where Module.LoadStateDict does.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict.set_model_state_dict
func SetModelStateDict(module nn.AnyModule, dict nn.StateDict) error {
	var own nn.StateDict
	if err := torch.Try(func() { own = nn.Base(module).StateDict() }); err != nil {
		return err
	}
	parts := slices.Clone(dict)
	for i, n := range parts {
		if to := own.Get(n.Name); to != nil && n.Tensor != nil {
			parts[i].Tensor = partFor(n.Tensor, to)
		}
	}
	_, err := nn.Base(module).LoadStateDict(parts)
	return err
}

// partFor returns of a whole tensor the part that another one is of it; others it returns.
func partFor(x, to *torch.Tensor) *torch.Tensor {
	shard := shards.Of(to)
	if shard == nil || shards.Of(x) != nil || !slices.Equal(x.Shape(), shard.Whole()) {
		return x
	}
	return asPartOf(shard.PartOf(x, to.Size(shard.Dim)), to)
}

// The first parts of names in a flat state dict of an optimizer.
const (
	statePrefix = "state."
	groupPrefix = "param_groups."
)

// named returns the names of an optimizer's parameters, by their numbers in its state dict.
func named(module nn.AnyModule, optimizer optim.Optimizer) (parameters []nn.NamedTensor, err error) {
	var all []nn.NamedTensor
	if err := torch.Try(func() {
		argument.NotNil("checkpoint", "the optimizer", optimizer)
		all = nn.Base(module).NamedParameters()
	}); err != nil {
		return nil, err
	}
	names := map[*torch.Tensor]string{}
	for _, p := range all {
		names[p.Tensor] = p.Name
	}
	for _, g := range optimizer.Groups() {
		for _, p := range g.Parameters() {
			if names[p] == "" {
				return nil, fmt.Errorf("parameter %d of the optimizer is none of the module's", len(parameters))
			}
			parameters = append(parameters, nn.NamedTensor{Name: names[p], Tensor: p})
		}
	}
	return parameters, nil
}

// GetOptimizerStateDict returns what a checkpoint needs of an optimizer, by the names of the
// module's parameters: "state.fc.weight.exp_avg", and the options that are numbers as
// tensors without dimensions, "param_groups.fc.weight.lr". These are the names of Python's
// flatten_optimizer_state_dict. It fails where the optimizer has other parameters.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict.get_optimizer_state_dict
func GetOptimizerStateDict(module nn.AnyModule, optimizer optim.Optimizer, options ...StateDictOptions) (nn.StateDict, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, fmt.Errorf("checkpoint.GetOptimizerStateDict: %w", err)
	}
	parameters, err := named(module, optimizer)
	if err != nil {
		return nil, fmt.Errorf("checkpoint.GetOptimizerStateDict: %w", err)
	}
	var flat nn.StateDict
	dict := optimizer.StateDict()
	for i, p := range parameters {
		for _, key := range slices.Sorted(maps.Keys(dict.State[i])) {
			x, ok := dict.State[i][key].(*torch.Tensor)
			if !ok {
				if x, ok = numberTensor(dict.State[i][key]); !ok {
					continue
				}
			} else if slices.Equal(x.Shape(), p.Tensor.Shape()) {
				x = o.prepared(asPartOf(x, p.Tensor))
			}
			flat = append(flat, nn.NamedTensor{Name: statePrefix + p.Name + "." + key, Tensor: x})
		}
	}
	for _, group := range dict.ParamGroups {
		for _, key := range slices.Sorted(maps.Keys(group)) {
			for _, i := range indices(group) {
				if x, ok := numberTensor(group[key]); ok {
					flat = append(flat, nn.NamedTensor{Name: groupPrefix + parameters[i].Name + "." + key, Tensor: x})
				}
			}
		}
	}
	return flat, nil
}

func indices(group map[string]any) []int {
	list, _ := group["params"].([]int)
	return list
}

// numberTensor returns a number or a truth value as a tensor.
func numberTensor(v any) (*torch.Tensor, bool) {
	options := torch.TensorOptions{DType: torch.Float64, Device: torch.CPU}
	switch v := v.(type) {
	case float64:
		return torch.Full([]int{}, v, options), true
	case int:
		options.DType = torch.Int64
		return torch.Full([]int{}, v, options), true
	case bool:
		options.DType = torch.Bool
		return torch.Full([]int{}, v, options), true
	}
	return nil, false
}

// numberOf is the inverse of numberTensor.
func numberOf(x *torch.Tensor) any {
	switch x.DType() {
	case torch.Bool:
		return x.Bool()
	case torch.Int64:
		return x.Int()
	}
	return x.Item()
}

// SetOptimizerStateDict lets an optimizer go on from what [GetOptimizerStateDict] gave, with
// parts or the whole of divided tensors. Options that the dict lacks stay. It fails on names
// that are not of the module's parameters, and where Optimizer.LoadStateDict does.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict.set_optimizer_state_dict
func SetOptimizerStateDict(module nn.AnyModule, optimizer optim.Optimizer, flat nn.StateDict) error {
	const op = "checkpoint.SetOptimizerStateDict"
	parameters, err := named(module, optimizer)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	dict := optimizer.StateDict()
	dict.State = map[int]map[string]any{}
	groupOf := map[int]map[string]any{}
	for _, group := range dict.ParamGroups {
		for _, i := range indices(group) {
			groupOf[i] = group
		}
	}
	for _, n := range flat {
		i, key, ok := split(n.Name, parameters)
		switch {
		case !ok:
			return fmt.Errorf("%s: %q is of no parameter of the optimizer", op, brief.Text(n.Name))
		case strings.HasPrefix(n.Name, groupPrefix):
			groupOf[i][key] = numberOf(n.Tensor)
		default:
			if dict.State[i] == nil {
				dict.State[i] = map[string]any{}
			}
			dict.State[i][key] = partFor(n.Tensor, parameters[i].Tensor)
		}
	}
	return optimizer.LoadStateDict(dict)
}

// split returns which parameter a name is of, and what of it.
func split(name string, parameters []nn.NamedTensor) (i int, key string, ok bool) {
	rest, isState := strings.CutPrefix(name, statePrefix)
	if !isState {
		if rest, ok = strings.CutPrefix(name, groupPrefix); !ok {
			return 0, "", false
		}
	}
	dot := strings.LastIndex(rest, ".")
	i = slices.IndexFunc(parameters, func(p nn.NamedTensor) bool { return dot >= 0 && p.Name == rest[:dot] })
	return i, rest[dot+1:], i >= 0
}

// LoadShardedOptimizerStateDict returns a checkpoint's state of the optimizer of a module, as
// [SetOptimizerStateDict] takes it: of tensors that are as large as a divided parameter this
// process's parts. It is for an optimizer that has taken no step yet, and so has no tensors to
// load into. Every process calls it.
//
// https://github.com/pytorch/pytorch/blob/main/torch/distributed/checkpoint/optimizer.py
func LoadShardedOptimizerStateDict(module nn.AnyModule, dir string, options ...LoadOptions) (nn.StateDict, error) {
	const op = "LoadShardedOptimizerStateDict"
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	c, err := open(dir)
	if err == nil {
		defer c.close()
	}
	if err := newTeam(o.Group).agree(err); err != nil {
		return nil, failed(op, dir, err)
	}
	parameters := nn.Base(module).NamedParameters()
	var flat nn.StateDict
	for _, name := range c.names {
		i, _, ok := split(name, parameters)
		if !ok {
			continue
		}
		t := c.tensors[name]
		x := torch.Empty(t.whole, torch.TensorOptions{DType: t.dtype, Device: torch.CPU})
		p := parameters[i].Tensor
		if shard := shards.Of(p); shard != nil && slices.Equal(t.whole, shard.Whole()) {
			x = asPartOf(torch.Empty(p.Shape(), torch.TensorOptions{DType: t.dtype, Device: torch.CPU}), p)
		}
		flat = append(flat, nn.NamedTensor{Name: name, Tensor: x})
	}
	if err := Load(flat, dir, o); err != nil {
		return nil, err
	}
	return flat, nil
}

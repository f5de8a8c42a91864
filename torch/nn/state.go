package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
)

// StateDict holds parameters and persistent buffers by name, in PyTorch's order
// and under PyTorch's names.
type StateDict []NamedTensor

// Get returns the tensor of the given name, or nil.
func (d StateDict) Get(name string) *torch.Tensor {
	if i := d.index(name); i >= 0 {
		return d[i].Tensor
	}
	return nil
}

// Names returns the names in order.
func (d StateDict) Names() []string {
	list := make([]string, len(d))
	for i, n := range d {
		list[i] = n.Name
	}
	return list
}

// Set gives the tensor of the given name, which is added if it is not there.
func (d *StateDict) Set(name string, x *torch.Tensor) {
	if i := d.index(name); i >= 0 {
		(*d)[i].Tensor = x
	} else {
		*d = append(*d, NamedTensor{name, x})
	}
}

// Delete removes the tensor of the given name, if it is there.
func (d *StateDict) Delete(name string) {
	if i := d.index(name); i >= 0 {
		*d = slices.Delete(*d, i, i+1)
	}
}

func (d StateDict) index(name string) int {
	return slices.IndexFunc(d, func(n NamedTensor) bool { return n.Name == name })
}

// under returns the part whose names begin with prefix.
func (d StateDict) under(prefix string) StateDict {
	var part StateDict
	for _, n := range d {
		if strings.HasPrefix(n.Name, prefix) {
			part = append(part, n)
		}
	}
	return part
}

// StateDict returns the module's parameters and persistent buffers and those of
// the modules within it. The tensors share the module's memory and are cut off
// from autograd.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.state_dict
func (m *Module) StateDict() StateDict {
	var dict StateDict
	m.start().save(&dict)
	return dict
}

// save adds the module's state to dict, under its path.
func (s *step) save(dict *StateDict) {
	m, prefix := s.module, s.prefix()
	hooks := m.stateHooks()
	for f := range hooks.savePre.all() {
		f(m.self, prefix)
	}
	for _, s := range m.persistent() {
		x := (*s.tensor).Detach()
		if shard := shards.Of(*s.tensor); shard != nil {
			shards.Note(x, shard)
		}
		*dict = append(*dict, NamedTensor{prefix + s.name, x})
	}
	for _, next := range s.within() {
		next.save(dict)
	}
	for f := range hooks.savePost.all() {
		f(m.self, dict, prefix)
	}
}

// persistent returns the slots that are part of the state dict.
func (m *Module) persistent() []slot {
	var list []slot
	for _, s := range slices.Concat(m.parameters, m.buffers) {
		if *s.tensor != nil && !s.transient {
			list = append(list, s)
		}
	}
	return list
}

// SaveValue lets [torch.Save] write the dict as Python's state_dict().
func (d StateDict) SaveValue() any {
	dict := make(torch.OrderedDict, len(d))
	for i, n := range d {
		dict[i] = torch.Item{Key: n.Name, Value: n.Tensor}
	}
	return dict
}

// LoadValue lets [torch.LoadAs] and [torch.As] read a dict of tensors.
func (d *StateDict) LoadValue(value any) error {
	dict, ok := value.(torch.OrderedDict)
	if !ok {
		return fmt.Errorf("a %T is not a state dict", value)
	}
	*d = make(StateDict, len(dict))
	for i, item := range dict {
		name, ok := item.Key.(string)
		x, isTensor := item.Value.(*torch.Tensor)
		if !ok || !isTensor {
			return fmt.Errorf("%s is not the name of a tensor in a state dict, but of a %T", brief.Value(item.Key), item.Value)
		}
		(*d)[i] = NamedTensor{name, x}
	}
	return nil
}

// renamed returns a copy of the dict with the names that rename gives, without those for
// which it gives ""; nil keeps them. It fails where two names would become one.
func (d StateDict) renamed(rename func(string) string) (StateDict, error) {
	if rename == nil {
		return slices.Clone(d), nil
	}
	renamed := make(StateDict, 0, len(d))
	before := map[string]string{}
	for _, n := range d {
		name := rename(n.Name)
		if name == "" {
			continue
		}
		if other, taken := before[name]; taken && other != n.Name {
			return nil, torch.Errorf("nn.LoadOptions.Rename", torch.ValueError, "%q and %q both become %q",
				brief.Text(other), brief.Text(n.Name), brief.Text(name))
		}
		before[name] = n.Name
		renamed = append(renamed, NamedTensor{name, n.Tensor})
	}
	return renamed, nil
}

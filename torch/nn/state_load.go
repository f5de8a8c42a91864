package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// LoadOptions are the options of [Module.LoadStateDict] and [LoadInto].
type LoadOptions struct {
	Strict *bool                    // refuse names that differ, and in LoadInto whatever else does not fit; default: true
	Assign bool                     // put the given tensors into the module in place of its own, with their dtype and device
	Rename func(name string) string // returns the name in the module of what has that name where it is loaded from, "" to leave it out
}

// IncompatibleKeys says what a state dict and a module do not share.
type IncompatibleKeys struct {
	Missing    []string // the module has it, the dict not
	Unexpected []string // the dict has it, the module not
}

// LoadStateDict copies the tensors of dict into those of the module that have the
// same names, converting dtype and device. With Assign it puts them in their
// places, as parameters that require gradients as before; optimizers are made
// after that.
//
// On an error, whose words are PyTorch's, the module is unchanged: names that
// differ, if strict, shapes that differ, tensors that are nil or closed, and without
// Assign values that would come from or go to the device [torch.Meta]. Only a module
// with hooks for after the load, which may forgive names, is loaded first.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
func (m *Module) LoadStateDict(dict StateDict, options ...LoadOptions) (IncompatibleKeys, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return IncompatibleKeys{}, err
	}
	l := &loader{module: m, strict: option.Or(o.Strict, true), assign: o.Assign}
	dict, err = dict.renamed(o.Rename)
	if err != nil {
		return IncompatibleKeys{}, err
	}
	if err := torch.Try(func() { l.plan(m.start(), dict) }); err != nil {
		return l.keys, err
	}
	if err := l.err(); err != nil && (len(l.after) == 0 || len(l.mismatches) > 0) {
		return l.keys, err
	}
	err = torch.Try(func() {
		torch.NoGrad(func() {
			for _, w := range l.writes {
				x := *w.slot.tensor
				if source := fitted(x, w.source); l.assign {
					*w.slot.tensor = w.slot.replacement(source)
				} else {
					x.CopyInplace(source)
				}
			}
		})
	})
	if err != nil {
		return l.keys, err
	}
	for _, hook := range l.after {
		hook(&l.keys)
	}
	return l.keys, l.err()
}

// loader is a load that is checked as a whole before it writes.
type loader struct {
	module     *Module
	strict     bool
	assign     bool
	lazy       bool // the dict's tensors are on Meta, and stand for those that are read later
	keys       IncompatibleKeys
	mismatches []string   // what is wrong with tensors
	misfits    []Mismatch // those of them that are of shapes
	writes     []write
	after      []func(keys *IncompatibleKeys)
}

// write is a tensor that a load puts into a slot.
type write struct {
	name   string
	slot   slot
	source *torch.Tensor
}

// plan finds out what is to be done to load dict, the part of the module that a step
// leads to, into that module and those within it.
func (l *loader) plan(at *step, dict StateDict) {
	m, prefix := at.module, at.prefix()
	hooks := m.stateHooks()
	for f := range hooks.loadPre.all() {
		f(m.self, &dict, prefix)
	}
	if old, ok := m.self.(interface {
		upgrade(dict *StateDict, prefix string)
	}); ok {
		old.upgrade(&dict, prefix)
	}
	l.planOwn(m, dict, prefix)
	for _, next := range at.within() {
		l.plan(next, dict.under(next.prefix()))
	}
	for f := range hooks.loadPost.all() {
		l.after = append(l.after, func(keys *IncompatibleKeys) { f(m.self, keys) })
	}
}

// planOwn is plan without the modules within m.
func (l *loader) planOwn(m *Module, dict StateDict, prefix string) {
	given := map[string]*torch.Tensor{}
	for _, n := range dict {
		given[n.Name] = n.Tensor
		if strings.HasPrefix(n.Name, prefix) && m.lacks(n.Name[len(prefix):]) {
			l.keys.Unexpected = append(l.keys.Unexpected, n.Name)
		}
	}
	m.materialize(prefix, given)
	for _, s := range m.persistent() {
		name := prefix + s.name
		if source, ok := given[name]; ok {
			l.planTensor(name, s, source)
		} else {
			l.keys.Missing = append(l.keys.Missing, name)
		}
	}
}

// planTensor plans to load source into the slot.
func (l *loader) planTensor(name string, s slot, source *torch.Tensor) {
	x := *s.tensor
	if source == nil || source.IsClosed() {
		l.mismatches = append(l.mismatches, fmt.Sprintf(
			"While copying the parameter named %q, expected a tensor from the checkpoint but received one that is nil or closed.", name))
		return
	}
	if !slices.Equal(source.Shape(), x.Shape()) && !isOldScalar(x, source) {
		l.misfits = append(l.misfits, mismatch(name, x, source))
		l.mismatches = append(l.mismatches, fmt.Sprintf(
			"size mismatch for %s: copying a param with shape torch.Size(%s) from checkpoint, the shape in current model is torch.Size(%s).",
			name, list(source.Shape()), list(x.Shape())))
		return
	}
	if !l.assign && !l.lazy && x.IsMeta() != source.IsMeta() {
		l.mismatches = append(l.mismatches, withoutValues(name, x))
		return
	}
	l.writes = append(l.writes, write{name, s, source})
}

// isOldScalar reports whether source is what PyTorch before 0.4 saved of the scalar x.
func isOldScalar(x, source *torch.Tensor) bool {
	return x.Dim() == 0 && slices.Equal(source.Shape(), []int{1})
}

// fitted returns source in the shape of x.
func fitted(x, source *torch.Tensor) *torch.Tensor {
	if isOldScalar(x, source) {
		return source.Select(0, 0)
	}
	return source
}

// replacement returns x as what takes the place of the slot's tensor.
func (s slot) replacement(x *torch.Tensor) *torch.Tensor {
	if s.buffer {
		return x.Keep()
	}
	return NewParameter(x).SetRequiresGrad((*s.tensor).RequiresGrad())
}

// withoutValues says why nothing can be copied into x, either from the device
// [torch.Meta] or, of which Python only warns, to it.
func withoutValues(name string, x *torch.Tensor) string {
	if x.IsMeta() {
		return "for " + name + ": copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, which is a no-op." +
			" (Did you mean to pass `Assign: true` to assign items in the state dictionary to their corresponding key in the module" +
			" instead of copying them in place?)"
	}
	size := list(x.Shape())
	return fmt.Sprintf("While copying the parameter named %q, whose dimensions in the model are torch.Size(%s) and whose dimensions in the checkpoint"+
		" are torch.Size(%s), an exception occurred : ('Cannot copy out of meta tensor; no data!',).", name, size, size)
}

// lacks reports whether name, of a state dict, names a part that m does not have.
// The modules within m answer for their own parts.
func (m *Module) lacks(name string) bool {
	part, _, deeper := strings.Cut(name, ".")
	if deeper {
		return !slices.ContainsFunc(m.parts(), func(c NamedModule) bool { return c.Name == part })
	}
	return !slices.ContainsFunc(m.persistent(), func(s slot) bool { return s.name == part })
}

// err returns what is wrong with the load, or nil.
func (l *loader) err() error {
	var lines []string
	if l.strict && len(l.keys.Missing) > 0 {
		lines = append(lines, `Missing key(s) in state_dict: `+quoted(l.keys.Missing)+`. `)
	}
	if l.strict && len(l.keys.Unexpected) > 0 {
		lines = append(lines, `Unexpected key(s) in state_dict: `+quoted(l.keys.Unexpected)+`. `)
	}
	lines = append(lines, l.mismatches...)
	if len(lines) == 0 {
		return nil
	}
	return torch.Errorf("nn.Module.LoadStateDict", torch.RuntimeError, "Error(s) in loading state_dict for %s:\n\t%s", typeName(l.module.self), strings.Join(lines, "\n\t"))
}

// quoted writes names as Python does, but not thousands of them.
func quoted(names []string) string {
	const most = 200
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, `"`+brief.Text(name)+`"`)
	}
	if n := len(names) - most; n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(list, ", ")
}

// list writes ints as Python does.
func list(values []int) string {
	return strings.ReplaceAll(fmt.Sprint(values), " ", ", ")
}

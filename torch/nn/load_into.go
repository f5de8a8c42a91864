package nn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// LoadInto fills a module's parameters and persistent buffers with the tensors of a source
// that have the same names, one by one, so that beside the module there is never more than
// one of them in memory:
//
//	file, err := safetensors.Open("model.safetensors")
//	...
//	net := NewNet()
//	report, err := nn.LoadInto(net, file)
//
// The values are copied, converted to the dtypes and moved to the devices that the module
// has. What it has on [torch.Meta], which takes no memory, gets memory where the source's
// tensor is, as new parameters; optimizers are made after that. With Assign the source's
// tensors themselves take the places of the module's, with their dtype and device: of a
// mapped file that copies and reads nothing.
//
// The report says what does not fit. If that is anything and the load is strict, it is the
// error, too, and the module is unchanged. Else the rest is filled. In contrast to
// [Module.LoadStateDict] this goes for shapes as well, a parameter that is in the module
// under two names needs to be in the source under one of them only, and a float is never
// cut to an integer, nor a complex number to a real one. Hooks are called as by
// LoadStateDict, but see tensors on Meta, which they may rename and drop, not compute with.
//
// It also fails, when the module may be filled in part, on a tensor that the source cannot
// read.
func LoadInto(module AnyModule, source TensorSource, options ...LoadOptions) (report LoadReport, err error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return LoadReport{}, err
	}
	if e := torch.Try(func() { report, err = loadInto(module, source, o) }); e != nil {
		err = e
	}
	return report, err
}

func loadInto(module AnyModule, source TensorSource, o LoadOptions) (LoadReport, error) {
	const op = "nn.LoadInto"
	m := baseOf(op, module).initialized()
	argument.NotNil(op, "the source", source)
	f := &filling{source: source, names: map[*torch.Tensor]string{}, filled: map[*torch.Tensor]*torch.Tensor{},
		loader: loader{module: m, strict: option.Or(o.Strict, true), assign: o.Assign, lazy: true}}
	defer f.closeStandIns()
	dict, err := f.standIns()
	if err == nil {
		dict, err = dict.renamed(o.Rename)
	}
	if err != nil {
		return LoadReport{}, err
	}
	f.plan(m.start(), dict)
	f.check(dict)
	if err := f.err(); err != nil && (len(f.after) == 0 || len(f.report.Mismatched) > 0) {
		return f.report, err
	}
	err = f.fill()
	f.place()
	if err != nil {
		return f.report, torch.Errorf(op, torch.RuntimeError, "%v; the module may be filled in part", err)
	}
	for _, hook := range f.after {
		hook(&f.report.IncompatibleKeys)
	}
	return f.report, f.err()
}

// filling is a load from a source. It is planned with tensors on Meta that stand for the
// source's.
type filling struct {
	loader
	source TensorSource
	order  []*torch.Tensor                 // the stand-ins, in the source's order
	names  map[*torch.Tensor]string        // what each stands for
	filled map[*torch.Tensor]*torch.Tensor // the module's tensors that are loaded: what takes their places
	report LoadReport
}

// standIns returns tensors on Meta in place of the source's.
func (f *filling) standIns() (StateDict, error) {
	names := f.source.Names()
	dict := make(StateDict, 0, len(names))
	taken := make(map[string]bool, len(names))
	for _, name := range names {
		if taken[name] {
			return nil, torch.Errorf("nn.LoadInto", torch.ValueError, "the source has two tensors %q", brief.Text(name))
		}
		taken[name] = true
		dtype, shape, err := describe(f.source, name)
		if err == nil {
			err = torch.Try(func() {
				x := torch.Empty(shape, torch.TensorOptions{DType: dtype, Device: torch.Meta}).Keep()
				dict = append(dict, NamedTensor{name, x})
				f.order, f.names[x] = append(f.order, x), name
			})
		}
		if err != nil {
			return nil, fmt.Errorf("nn.LoadInto: %q: %w", brief.Text(name), err)
		}
	}
	return dict, nil
}

func (f *filling) closeStandIns() {
	for _, x := range f.order {
		x.Close()
	}
}

// check makes the report of what was planned, and drops writes that would lose a part of
// the values.
func (f *filling) check(dict StateDict) {
	f.report = LoadReport{IncompatibleKeys: f.keys, Mismatched: f.misfits}
	planned := map[*torch.Tensor]bool{}
	f.writes = slices.DeleteFunc(f.writes, func(w write) bool {
		x := *w.slot.tensor
		if !f.assign && !torch.CanCast(w.source.DType(), x.DType()) {
			f.report.Mismatched = append(f.report.Mismatched, mismatch(w.name, x, w.source))
			return true
		}
		planned[x] = true
		return false
	})
	at := map[string]*torch.Tensor{}
	persistent := map[*torch.Tensor]bool{}
	f.module.start().walk(nil, func(path string, module *Module) {
		for _, s := range module.persistent() {
			at[join(path, s.name)] = *s.tensor
			persistent[*s.tensor] = true
		}
	})
	f.report.Missing = slices.DeleteFunc(f.report.Missing, func(name string) bool { return planned[at[name]] })
	for _, n := range f.module.NamedTensors() {
		if n.Tensor.IsMeta() && !persistent[n.Tensor] {
			f.report.LeftOnMeta = append(f.report.LeftOnMeta, n.Name)
		}
	}
	f.report.findNearMisses(f.module, dict)
}

// err returns what the report says as an error, if the load is strict.
func (f *filling) err() error {
	if !f.strict || f.report.Fits() {
		return nil
	}
	return torch.Errorf("nn.LoadInto", torch.RuntimeError, "the source does not fit %s:\n%v", typeName(f.module.self), f.report)
}

// fill reads what is planned, in the source's order.
func (f *filling) fill() error {
	place := make(map[*torch.Tensor]int, len(f.order))
	for i, x := range f.order {
		place[x] = i + 1 // what hooks made comes first
	}
	slices.SortStableFunc(f.writes, func(a, b write) int { return cmp.Compare(place[a.source], place[b.source]) })
	for _, w := range f.writes {
		if err := f.read(w); err != nil {
			return fmt.Errorf("%q: %w", w.name, err)
		}
	}
	return nil
}

// read loads one tensor.
func (f *filling) read(w write) error {
	source := w.source
	if name, stands := f.names[w.source]; stands {
		x, err := open(f.source, name)
		if err != nil {
			return err
		}
		defer x.Close()
		if x.DType() != source.DType() || !slices.Equal(x.Shape(), source.Shape()) {
			return fmt.Errorf("the source gives %v %v after it said %v %v", x.DType(), x.Shape(), source.DType(), source.Shape())
		}
		source = x
	}
	if source.IsMeta() {
		return errors.New("it comes from the device meta, without values; a hook that computes with tensors needs LoadStateDict")
	}
	return torch.Try(func() { torch.NoGrad(func() { f.put(w, source) }) })
}

// put gives the module the values of source.
func (f *filling) put(w write, source *torch.Tensor) {
	x := *w.slot.tensor
	source = fitted(x, source)
	loaded := f.filled[x]
	switch {
	case loaded != nil && !source.To(loaded.Device(), loaded.DType()).Equal(loaded):
		panic(torch.Errorf("nn.LoadInto", torch.ValueError,
			"in the module this is one tensor with another that is loaded, but the source has other values for it: untie them, or leave one out by Rename"))
	case loaded != nil:
	case f.assign:
		f.filled[x] = w.slot.replacement(source.Detach()) // source will be closed
	case x.IsMeta():
		f.filled[x] = w.slot.replacement(torch.EmptyLike(x, torch.TensorOptions{Device: source.Device()}).CopyInplace(source))
	default:
		f.filled[x] = x.CopyInplace(source)
	}
	if !f.assign && source.Layout() == torch.Strided {
		torch.Internal.Export(nil).Unload(source) // beside the module no second copy of a mapped file grows
	}
}

// place puts what was loaded wherever the module has it.
func (f *filling) place() {
	f.module.start().walk(map[*Module]bool{}, func(_ string, module *Module) {
		for _, s := range slices.Concat(module.parameters, module.buffers) {
			if loaded := f.filled[*s.tensor]; loaded != nil {
				*s.tensor = loaded
			}
		}
	})
}

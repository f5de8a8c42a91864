package port

import (
	"fmt"
	"go/types"
	"strings"
)

// What isinstance asks of a class is true of those that inherit of it, too; Go's types do
// not, so that they are all named.

// instanceOf returns the types that isinstance takes for one class.
func (w *writer) instanceOf(n *node) (list []types.Type, ok bool) {
	if w.path(n) == "torch.nn.Module" {
		return []types.Type{w.anyModule}, true
	}
	if names := familyOf(w.path(n)); names != nil {
		for _, name := range names {
			list = append(list, types.NewPointer(w.named("torch/nn", name)))
		}
		return list, true
	}
	t, ok := w.annotation(n)
	if !ok || t == nil {
		return nil, false
	}
	list = []types.Type{t}
	of := w.classOf(t)
	for _, o := range w.order {
		c, isClass := o.(*class)
		if !isClass || c.thin || c == of {
			continue
		}
		own := types.NewPointer(c.named)
		inherits := of != nil && c.within(of)
		for b := c; b != nil && !inherits; b = b.base {
			inherits = b.embedded != nil && same(types.NewPointer(b.embedded), t) || b.library != nil && same(types.NewPointer(b.library), t)
		}
		if inherits {
			list = append(list, own)
		}
	}
	return list, true
}

// families are PyTorch's classes that no module is itself, but others inherit of.
var families = map[string][]string{
	"_ConvNd":    {"Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"},
	"_BatchNorm": {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"},
}

func familyOf(path string) []string {
	if !strings.HasPrefix(path, "torch.nn.") {
		return nil
	}
	return families[path[lastDot(path)+1:]]
}

// instancesOf returns the types that isinstance takes for a class, or for several.
func (w *writer) instancesOf(n *node) (list []types.Type, ok bool) {
	nodes := []*node{n}
	if n.Kind == "Tuple" {
		nodes = n.Elts
	}
	for _, one := range nodes {
		more, known := w.instanceOf(one)
		if !known {
			return nil, false
		}
		list = append(list, more...)
	}
	return list, true
}

// staticInstance tells whether a value of a type is an instance, where the type
// says so.
func (w *writer) staticInstance(t types.Type, of *node) (known, value bool) {
	if isInterface(t) || optional(t) != nil {
		return false, false
	}
	names := []*node{of}
	if of.Kind == "Tuple" {
		names = of.Elts
	}
	for _, name := range names {
		switch name.Name {
		case "tuple", "list", "Sequence":
			if elem(t) != nil {
				return true, true
			}
			continue
		}
		list, ok := w.instanceOf(name)
		if !ok {
			return false, false
		}
		for _, want := range list {
			if same(t, want) || w.implements(t, want) {
				return true, true
			}
		}
	}
	return true, false
}

// instanceTest translates isinstance where Go has to ask.
func (w *writer) instanceTest(n *node) value {
	v := w.expression(n.Arguments[0])
	list, ok := w.instancesOf(n.Arguments[1])
	if !ok || v.typ == nil || !isInterface(v.typ) || w.called || w.inline {
		fail(n, "isinstance of what is not known")
	}
	name := w.temporary("ok")
	if len(list) == 1 {
		w.printf("_, %s := %s.(%s)", name, v.primary(), typeText(list[0]))
		return value{text: name, typ: boolType}
	}
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = typeText(t)
	}
	w.printf("%s := false\nswitch %s.(type) {\ncase %s:\n%[1]s = true\n}", name, v.primary(), strings.Join(texts, ", "))
	return value{text: name, typ: boolType}
}

// builtinIsInstance translates isinstance.
func builtinIsInstance(w *writer, n *node) value {
	if known, yes := w.staticTest(n); known {
		return value{text: fmt.Sprint(yes), typ: boolType}
	}
	if len(n.Arguments) != 2 {
		fail(n, "isinstance with other arguments")
	}
	return w.instanceTest(n)
}

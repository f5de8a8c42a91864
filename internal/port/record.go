package port

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tuples of several types that are kept, in a variable, a list or a field, are structs in
// Go. A namedtuple's has its names; others take theirs from what is written into them and
// what they are unpacked to.

// record is such a struct.
type record struct {
	hint   string // what it is called, if nothing else is
	python string // of a namedtuple
	names  *[]string
	types  []types.Type
	named  *types.Named
	shown  bool
}

// mark is how a record is written until the file is whole, and it is known which there are.
const mark = "ǀ"

var marked = regexp.MustCompile(`\p{L}[\p{L}0-9]*` + mark + `([0-9]+)`)

// recordOf returns the record that a type is, or nil.
func (p *program) recordOf(t types.Type) *record {
	if named, ok := t.(*types.Named); ok {
		for _, r := range p.records {
			if r.named == named {
				return r
			}
		}
	}
	return nil
}

// newRecordType returns the record of these types, or nil if one is not known.
func (p *program) newRecordType(hint, python string, names []string, list []types.Type) types.Type {
	for _, t := range list {
		if t == nil || t == conflict {
			return nil
		}
	}
	for _, r := range p.records {
		if r.hint == hint && r.python == python && slices.EqualFunc(r.types, list, same) {
			return r.named
		}
	}
	key := hint + " " + python + fmt.Sprint(len(list))
	if p.recordNames[key] == nil {
		p.recordNames[key] = &names
	}
	name := fmt.Sprintf("%s%s%d", hint, mark, len(p.records))
	fields := make([]*types.Var, len(list))
	for i, t := range list {
		fields[i] = types.NewField(token.NoPos, p.main, fmt.Sprintf("f%d", i), t, false)
	}
	r := &record{hint: hint, python: python, names: p.recordNames[key], types: list}
	r.named = types.NewNamed(types.NewTypeName(token.NoPos, p.main, name, nil), types.NewStruct(fields, nil), nil)
	p.records = append(p.records, r)
	return r.named
}

// joinRecords returns the record that holds both, or nil.
func (p *program) joinRecords(a, b types.Type) types.Type {
	x, y := p.recordOf(a), p.recordOf(b)
	if x == nil || y == nil || len(x.types) != len(y.types) {
		return nil
	}
	list := make([]types.Type, len(x.types))
	for i := range list {
		list[i] = p.join(x.types[i], y.types[i])
	}
	return p.newRecordType(x.hint, x.python, *x.names, list)
}

// field returns the name of a record's field.
func (r *record) field(i int) string {
	name := (*r.names)[i]
	if name == "" {
		name = [...]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"}[min(i, 7)]
		if i > 7 {
			name = fmt.Sprintf("item%d", i)
		}
	}
	if token.IsKeyword(name) {
		name += "Value"
	}
	if k := slices.Index(*r.names, (*r.names)[i]); (*r.names)[i] != "" && k < i {
		name = fmt.Sprintf("%s%d", name, i+1)
	}
	return name
}

// rename gives the fields that have no names those of what they are unpacked to.
func (r *record) rename(targets []*node) {
	for i, t := range targets {
		if i < len(*r.names) && (*r.names)[i] == "" && t.Kind == "Name" && t.Name != "_" && r.python == "" {
			(*r.names)[i] = localName(t.Name)
		}
	}
}

// elements returns the fields of a value that is a record.
func (r *record) elements(v value) []value {
	list := make([]value, len(r.types))
	for i, t := range r.types {
		list[i] = value{text: v.primary() + "." + r.field(i), typ: t, node: v.node}
	}
	return list
}

// recordElement translates x[i] of a record.
func (w *writer) recordElement(n *node, r *record, object value) value {
	of, negative := n.Slice, false
	if of.Kind == "UnaryOp" && of.Op == "USub" {
		of, negative = of.Operand, true
	}
	i, err := strconv.Atoi(of.Constant)
	if negative {
		i = len(r.types) - i
	}
	if of.Type != "int" || err != nil || i < 0 || i >= len(r.types) {
		fail(n, "an element of a tuple that is computed")
	}
	return r.elements(object)[i]
}

// recordField translates x.name of a namedtuple.
func (w *writer) recordField(n *node, r *record, object value, name string) value {
	i := slices.Index(w.tuples[r.python], name)
	if i < 0 {
		fail(n, "a tuple has no %s", name)
	}
	return r.elements(object)[i]
}

// recordFor returns a tuple of several types as a record.
func (w *writer) recordFor(v value) (value, bool) {
	if !v.tuple || v.items == nil || len(v.items) < 2 {
		return value{}, false
	}
	hint, names, list := w.recordHint(), make([]string, len(v.items)), make([]types.Type, len(v.items))
	python := ""
	if v.node != nil && v.node.Kind == "Tuple" && w.tuples[v.node.Name] != nil {
		python, hint = v.node.Name, localName(v.node.Name)
	}
	for i, item := range v.items {
		item = w.settled(item)
		list[i] = solid(item.typ)
		if item.node != nil {
			names[i] = nameOf(item.node)
		}
	}
	if python != "" {
		for i, name := range w.tuples[python] {
			names[i] = localName(name)
		}
	}
	t := w.newRecordType(hint, python, names, list)
	if t == nil {
		return value{}, false
	}
	text, ok := w.recordText(v, w.recordOf(t))
	return value{text: text, typ: t, node: v.node}, ok
}

// recordText writes a tuple as a record.
func (w *writer) recordText(v value, r *record) (string, bool) {
	if len(v.items) != len(r.types) {
		return "", false
	}
	var parts []string
	for i, item := range v.items {
		text, ok := w.convert(item, r.types[i])
		if item.typ == noneType && (r.types[i] == noneType || nilable(r.types[i])) {
			text, ok = "nil", true
		}
		if !ok {
			return "", false
		}
		parts = append(parts, text)
	}
	return typeText(r.named) + "{" + strings.Join(parts, ", ") + "}", true
}

// kept returns the results of a call as one value.
func (w *writer) kept(n *node, v value) value {
	tuple, several := v.typ.(*types.Tuple)
	if !several {
		return v
	}
	list := value{list: true, tuple: true, node: v.node, items: v.items}
	if v.items == nil {
		if w.inline {
			fail(n, "several results as one value within an expression")
		}
		var names []string
		for i := range tuple.Len() {
			names = append(names, w.temporary(fmt.Sprintf("result%d", i+1)))
			list.items = append(list.items, value{text: names[i], typ: tuple.At(i).Type(), dtype: v.dtype})
		}
		w.printf("%s := %s", strings.Join(names, ", "), v.text)
	}
	if t := tuple.At(0); t.Name() != "" {
		list.node = &node{Kind: "Tuple", Name: t.Name()}
	}
	return w.settled(list)
}

// nameOf returns what an element of a tuple may be called.
func nameOf(n *node) string {
	switch n.Kind {
	case "Name", "Attribute":
		return localName(n.Name)
	case "Call":
		if n.Func.Kind == "Attribute" && len(n.Arguments) == 0 {
			return nameOf(n.Func.Value)
		}
	}
	return ""
}

// recordHint returns what the record of a tuple may be called: after the list that it goes
// into, or the variable.
func (w *writer) recordHint() string {
	name := ""
	if at := w.at; at != nil {
		switch {
		case at.Kind == "Expr" && at.Value.Kind == "Yield":
			name = localName(w.fn.python)
		case at.Kind == "Assign" && (at.Targets[0].Kind == "Name" || at.Targets[0].Kind == "Attribute"):
			name = localName(at.Targets[0].Name)
			if at.Value.Kind == "Tuple" {
				return name + "Tuple"
			}
		case at.Kind == "Assign" && at.Targets[0].Kind == "Subscript":
			name = nameOf(at.Targets[0].Value)
		case at.Kind == "Expr" && at.Value.Kind == "Call" && at.Value.Func.Kind == "Attribute":
			name = nameOf(at.Value.Func.Value)
		}
	}
	return singular(name)
}

// singular returns what one element of a list may be called.
func singular(name string) string {
	switch stem, plural := strings.CutSuffix(name, "s"); {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case plural && len(stem) > 1 && !strings.HasSuffix(stem, "s"):
		return stem
	case name == "":
		return "item"
	}
	return name + "Item"
}

// declareRecords writes the records that lines have before the line at a place, and gives
// them their names.
func (w *writer) declareRecords(place int) {
	names := map[string]string{}
	taken := map[string]bool{}
	others := slices.Clone(w.lines)
	for i := range others {
		others[i].text = marked.ReplaceAllString(others[i].text, "")
	}
	var declared []line
	for more := true; more; {
		more = false
		for _, l := range append(slices.Clone(w.lines), declared...) {
			for _, m := range marked.FindAllStringSubmatch(l.text, -1) {
				if names[m[0]] != "" {
					continue
				}
				i, err := strconv.Atoi(m[1])
				if err != nil {
					panic(err) // the pattern has digits only
				}
				names[m[0]] = w.recordName(w.records[i], taken, others)
				declared = append(declared, w.records[i].declaration(m[0])...)
				more = true
			}
		}
	}
	for _, list := range [][]line{w.lines, declared} {
		for i := range list {
			list[i].text = marked.ReplaceAllStringFunc(list[i].text, func(m string) string { return names[m] })
		}
	}
	w.lines = slices.Insert(w.lines, place, declared...)
}

// recordName returns a name for a record that no variable has.
func (w *writer) recordName(r *record, taken map[string]bool, others []line) string {
	base := r.hint
	if r.python != "" {
		base = exportedName(strings.Trim(r.python, "_"))
	}
	used := func(name string) bool {
		return taken[name] || reserved[name] || r.python == "" && (w.goNames[name] || mentions(others, name))
	}
	name := base
	for _, suffix := range []string{"", "Record", "Tuple", "2", "3", "4", "5", "6"} {
		if name = base + suffix; !used(name) {
			break
		}
	}
	taken[name] = true
	return name
}

// declaration returns the lines that declare a record.
func (r *record) declaration(name string) []line {
	what := "has the values that belong together"
	if r.python != "" {
		what = "is a namedtuple in Python"
	}
	lines := []line{{text: ""}, {text: "// " + name + " " + what + "."}, {text: "type " + name + " struct {"}}
	for i, t := range r.types {
		lines = append(lines, line{text: r.field(i) + " " + typeText(t)})
	}
	lines = append(lines, line{text: "}"})
	if !r.shown {
		return lines
	}
	var format, args []string
	for i, t := range r.types {
		prefix := ""
		if r.python != "" {
			prefix = r.pythonField(i) + "="
		}
		arg := "r." + r.field(i)
		if !isInt(t) && !strings.HasSuffix(typeText(t), "torch.Tensor") {
			arg = "repr(" + arg + ")"
		}
		format, args = append(format, prefix+"%v"), append(args, arg)
	}
	return append(lines, line{text: ""}, line{text: "// String returns what Python prints."},
		line{text: fmt.Sprintf("func (r %s) String() string {", name)},
		line{text: fmt.Sprintf("return fmt.Sprintf(%q, %s)", r.python+"("+strings.Join(format, ", ")+")", strings.Join(args, ", "))}, line{text: "}"})
}

func (r *record) pythonField(i int) string { return snake((*r.names)[i]) }

// spread returns the several results of a starred call.
func (w *writer) spread(e *node) ([]value, bool) {
	start := w.position()
	v, why := w.attempt(func() value { return w.expression(e.Value) })
	tuple, several := v.typ.(*types.Tuple)
	if why != nil || !several {
		w.back(start)
		return nil, false
	}
	if v.items != nil {
		return v.items, true
	}
	if w.inline {
		fail(e, "several results as elements within an expression")
	}
	var names []string
	var list []value
	for i := range tuple.Len() {
		names = append(names, w.temporary(fmt.Sprintf("result%d", i+1)))
		list = append(list, value{text: names[i], typ: tuple.At(i).Type(), dtype: v.dtype, node: e})
	}
	w.printf("%s := %s", strings.Join(names, ", "), v.text)
	return list, true
}

// withStarred returns a call of a function of the files with the elements of a starred last
// argument: as many as the function has parameters left.
func (w *writer) withStarred(n *node, f *function) *node {
	last := len(n.Arguments) - 1
	if f.rest != nil || last < 0 || n.Arguments[last].Kind != "Starred" || len(n.Keywords) > 0 {
		return n
	}
	e := n.Arguments[last]
	items, ok := w.spread(e)
	if !ok {
		v := w.settled(w.expression(e.Value))
		count := len(f.all) - last
		if elem(v.typ) == nil && w.recordOf(v.typ) == nil || strings.ContainsAny(v.text, "([{") || count < 1 || f.defaults[f.all[len(f.all)-1]] != nil {
			return n
		}
		if r := w.recordOf(v.typ); r != nil {
			items = r.elements(v)
		} else {
			for i := range count {
				items = append(items, value{text: fmt.Sprintf("%s[%d]", v.primary(), i), typ: elem(v.typ), dtype: v.dtype, node: e})
			}
		}
	}
	called := *n
	called.Arguments = slices.Clone(n.Arguments[:last])
	for _, item := range items {
		prepared := &node{Kind: "Prepared", Line: n.Line, EndLine: n.EndLine}
		w.prepared[prepared] = item
		called.Arguments = append(called.Arguments, prepared)
	}
	return &called
}

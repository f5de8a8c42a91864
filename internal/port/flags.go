package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// flagParser translates parser = argparse.ArgumentParser() and args = parser.parse_args().
func (w *writer) flagParser(n *node) bool {
	if len(n.Targets) != 1 || n.Value.Kind != "Call" {
		return false
	}
	called, _ := ofVars(n.Value)
	target, of := n.Targets[0], called.Func
	if w.path(of) == "argparse.ArgumentParser" {
		f := w.parserOf(target)
		if f == nil {
			return false
		}
		if f.record != nil {
			w.makeRecord(f)
		}
		w.markFlags(target)
		return true
	}
	if of.Kind != "Attribute" || w.parserOf(of.Value) == nil {
		return false
	}
	f := w.parserOf(of.Value)
	switch of.Name {
	case "add_argument_group", "add_mutually_exclusive_group":
		w.markFlags(target)
	case "parse_args", "parse_known_args":
		if of.Name == "parse_known_args" {
			if target.Kind != "Tuple" || len(target.Elts) != 2 || target.Elts[1].Name != "_" && w.countNames(target.Elts[1].Name) > 1 {
				fail(n, "flags that are not known")
			}
			w.report.note(w.source, n, "Go refuses flags that are not known")
			w.markFlags(target.Elts[1])
			target = target.Elts[0]
		}
		w.parseFlags(f, called)
		if f.record == nil {
			w.markFlags(target)
		}
	default:
		return false
	}
	return true
}

// countNames returns how often the function at hand names something.
func (w *writer) countNames(name string) (count int) {
	for _, below := range w.fn.node.Body {
		below.visit(func(n *node) bool {
			if n.Kind == "Name" && n.Name == name {
				count++
			}
			return true
		})
	}
	return count
}

// markFlags notes that a variable is but a name of flags: Go has none for it.
func (w *writer) markFlags(target *node) {
	if x := w.fn.scope(target.Name); x != nil {
		x.declared, x.flags = true, true
	}
}

// makeRecord writes the variable of what a parser parses.
func (w *writer) makeRecord(f *flagSet) {
	sign := ":="
	if x := w.fn.scope(f.args); f.args != "" && x != nil {
		w.learn(x, types.NewPointer(f.record.named))
		if x.declared || x.global || x.home != w.block {
			sign = "="
		}
		x.declared = true
	} else {
		w.fn.taken["args"] = true
	}
	w.printf("%s %s &%s{}", w.argsName(f), sign, f.record.goName)
}

// flagCall translates the methods of a parser.
func (w *writer) flagCall(n *node) (value, bool) {
	f := w.parserOf(n.Func.Value)
	if f == nil {
		return value{}, false
	}
	switch n.Func.Name {
	case "add_argument":
		for _, info := range f.flags {
			if info.call == n {
				w.addFlag(n, f, info)
				return value{statement: true}, true
			}
		}
		fail(n, "an argument whose name is not written out")
	case "parse_args":
		if f.record != nil {
			w.parseFlags(f, n)
			return value{text: w.argsName(f), typ: types.NewPointer(f.record.named)}, true
		}
	case "set_defaults":
		if f.record != nil && len(n.Arguments) == 0 {
			for _, k := range n.Keywords {
				v := w.expression(k.Value)
				field := f.record.field(k.Name)
				w.learn(&field.variable, v.typ)
				w.printf("%s.%s = %s", w.argsName(f), field.name(f.record), w.coerce(v, field.typ))
			}
			return value{statement: true}, true
		}
	case "error":
		format, args := w.formatted(only(n))
		return value{text: call("fmt.Fprintf", append([]string{"flag.CommandLine.Output()", quote(format + "\n")}, args...)) + "\nflag.Usage()\nos.Exit(2)", statement: true}, true
	case "print_help", "print_usage":
		return value{text: "flag.Usage()", statement: true}, true
	}
	fail(n, "this method of a parser")
	return value{}, false
}

// parseFlags writes that the flags are parsed, and what argparse checks then.
func (w *writer) parseFlags(f *flagSet, n *node) {
	switch {
	case len(n.Arguments)+len(n.Keywords) == 0:
		w.printf("flag.Parse()")
	case len(n.Arguments) == 1:
		given := w.settledFor(w.expression(n.Arguments[0]), types.NewSlice(stringType))
		w.printf("if err := flag.CommandLine.Parse(%s); err != nil {\npanic(err)\n}", w.coerce(given, types.NewSlice(stringType)))
	default:
		fail(n, "flags of other words")
	}
	places := 0
	for _, info := range f.flags {
		if info.position > 0 && info != f.rest && info.keyword("nargs") == nil {
			places++
		}
	}
	compare := "!="
	if f.rest != nil || slices.ContainsFunc(f.flags, func(i *flagInfo) bool { return i.position > 0 && i.keyword("nargs") != nil }) {
		compare = "<"
	}
	if f.rest != nil && f.rest.keyword("nargs").Constant == "+" {
		places++
	}
	if places > 0 {
		w.report.note(w.source, n, "in Go flags stand before the other arguments")
		w.printf("if flag.NArg() %s %d {\nflag.Usage()\nos.Exit(2)\n}", compare, places)
	}
	for _, info := range f.flags {
		info.taken = false
		if info.position > 0 {
			w.takePlace(f, info)
		}
	}
	for _, info := range f.flags {
		if choices := info.keyword("choices"); choices != nil {
			w.checkChoices(f, info, choices)
		}
		if required := info.keyword("required"); required != nil && required.Constant == "True" {
			w.printf("require(%q)", info.name)
		}
	}
}

// keyword returns a keyword of an argument's call, or nil.
func (i *flagInfo) keyword(name string) *node {
	for _, k := range i.call.Keywords {
		if k.Name == name {
			return k.Value
		}
	}
	return nil
}

// place returns Go's variable of a flag, and what is read of it.
func (w *writer) flagPlace(f *flagSet, info *flagInfo) (place string, read value) {
	if f.record != nil {
		place = w.argsName(f) + "." + info.field.name(f.record)
		return place, value{text: place, typ: info.field.typ, count: info.count, variable: &info.field.variable}
	}
	if info.goName == "" {
		name := info.python
		if local := localName(name); reserved[local] || w.goNames[local] {
			name += "_flag"
		}
		info.goName = w.fn.localGoName(name)
	}
	if info.isPlain() && info.position == 0 {
		return info.goName, value{text: "*" + info.goName, typ: info.typ, prec: 8, count: info.count}
	}
	return info.goName, value{text: info.goName, typ: info.typ, count: info.count}
}

// isPlain reports whether a function of package flag for one type makes a flag.
func (i *flagInfo) isPlain() bool {
	if i.position > 0 || i.list {
		return false
	}
	kind, def, action := i.keyword("type"), i.keyword("default"), i.keyword("action")
	switch {
	case action != nil && (action.Constant == "store_false" || action.Constant == "count" || action.Constant == "store_const"):
		return false
	case action != nil:
		return true
	case def == nil || def.Type == "NoneType":
		return i.keyword("required") != nil && i.keyword("required").Constant == "True"
	}
	return kind == nil || kind.Name == "int" || kind.Name == "float" || kind.Name == "str" || kind.Name == "bool" || kind.Name == "Path"
}

// flagType returns the type of an argument's values, how package flag calls it, and what
// makes one of a text; parse is "" for texts.
func (w *writer) flagType(n *node, info *flagInfo) (t types.Type, kind, parse string) {
	of := info.keyword("type")
	switch {
	case of == nil:
	case of.Kind == "Lambda":
		text := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(0, nil, "text", stringType)), nil, false)
		v := w.lambda(of, text)
		if v.function == nil || v.function.result == nil {
			fail(n, "an argument of this type")
		}
		return v.function.result, "", v.text + "(text)"
	case of.Name == "int":
		return intType, "Int", "strconv.Atoi(text)"
	case of.Name == "float":
		return floatType, "Float64", "strconv.ParseFloat(text, 64)"
	case of.Name == "bool":
		w.report.note(w.source, n, "Python takes any text as True here")
		return boolType, "Bool", "strconv.ParseBool(text)"
	case of.Name == "str" || w.path(of) == "pathlib.Path":
	case w.functions[of.Name] != nil:
		f := w.functions[of.Name]
		if len(f.params) != 1 || f.result == nil {
			fail(n, "an argument of this type")
		}
		w.learn(f.params[0], stringType)
		return f.result, "", f.goName + "(text)"
	default:
		fail(n, "an argument of this type")
	}
	return stringType, "String", ""
}

// addFlag translates parser.add_argument(...).
func (w *writer) addFlag(n *node, f *flagSet, info *flagInfo) {
	for _, k := range n.Keywords {
		if !slices.Contains([]string{"type", "action", "default", "help", "dest", "metavar", "choices", "required", "nargs", "const"}, k.Name) {
			fail(n, "an argument with %s", k.Name)
		}
	}
	if info.position > 0 {
		t, _, _ := w.flagType(n, info)
		w.learnFlag(info, t)
		return
	}
	usage := ""
	if help := info.keyword("help"); isText(help) {
		usage = strings.Join(strings.Fields(help.Constant), " ")
	}
	usage = quote(strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(usage, "(default: %(default)s)", ""), "%%", "%")))
	if f.record == nil && !f.read[info.python] {
		info.typ, info.goName = nil, "_"
	}
	if info.isPlain() {
		w.plainFlag(n, f, info, usage)
		return
	}
	w.flagFunction(n, f, info, usage)
}

// learnFlag notes the type of a flag.
func (w *writer) learnFlag(info *flagInfo, t types.Type) {
	if info.list {
		t = types.NewSlice(t)
	}
	if info.field != nil {
		w.learn(&info.field.variable, t)
		t = info.field.typ
	}
	info.typ = t
}

// plainFlag writes a flag of a type that package flag has.
func (w *writer) plainFlag(n *node, f *flagSet, info *flagInfo, usage string) {
	t, kind, _ := w.flagType(n, info)
	def := zero(t)
	if action := info.keyword("action"); action != nil {
		switch {
		case action.Constant == "store_true":
		case action.Name == "BooleanOptionalAction":
		default:
			fail(n, "this action of an argument")
		}
		t, kind, def = boolType, "Bool", "false"
	}
	if d := info.keyword("default"); d != nil && d.Type != "NoneType" {
		v := w.expression(d)
		if info.keyword("type") == nil && info.keyword("action") == nil {
			t = solid(v.typ)
			kind = map[types.Type]string{boolType: "Bool", intType: "Int", floatType: "Float64", stringType: "String"}[t]
			if t != stringType {
				w.report.note(w.source, n, "Python reads a text here, if the flag is given")
			}
			if kind == "" {
				fail(n, "an argument of this type")
			}
		}
		def = w.coerce(v, t)
		info.count = isInt(v.typ) && w.isCount(v)
		if info.field != nil {
			w.sets(&info.field.variable, v)
		}
	}
	w.learnFlag(info, t)
	place, _ := w.flagPlace(f, info)
	for i, name := range info.names() {
		switch {
		case f.record != nil:
			w.printf("flag.%sVar(&%s, %q, %s, %s)", kind, place, name, def, usage)
		case place == "_":
			w.printf("flag.%s(%q, %s, %s)", kind, name, def, usage)
		case i > 0:
			w.printf("flag.%sVar(%s, %q, %s, %s)", kind, place, name, def, usage)
		default:
			w.printf("%s := flag.%s(%q, %s, %s)", place, kind, name, def, usage)
		}
		usage = quote("short for -" + info.name)
	}
	if action := info.keyword("action"); action != nil && action.Name == "BooleanOptionalAction" && place != "_" {
		star := "*"
		if f.record != nil {
			star = ""
		}
		w.printf("flag.BoolFunc(%q, %q, func(string) error {\n%s%s = false\nreturn nil\n})", "no-"+info.name, "the opposite of -"+info.name, star, place)
	}
}

// names returns the flag's names, the longest first.
func (i *flagInfo) names() []string {
	names := []string{i.name}
	for _, a := range i.call.Arguments {
		if name := strings.TrimLeft(a.Constant, "-"); name != i.name {
			names = append(names, name)
		}
	}
	return names
}

// flagFunction writes a flag that a function reads: one that may be None, has several
// values or a type of its own.
func (w *writer) flagFunction(n *node, f *flagSet, info *flagInfo, usage string) {
	t, _, parse := w.flagType(n, info)
	def := info.keyword("default")
	action := ""
	if a := info.keyword("action"); a != nil {
		action = a.Constant
	}
	switch action {
	case "store_false":
		t = boolType
	case "count":
		t = intType
	case "store_const":
		t = solid(w.expression(info.keyword("const")).typ)
	}
	none := (def == nil || def.Type == "NoneType") && !info.list && action != "store_false" && action != "count" && info.isNever("required")
	if none {
		t = w.orNone(t)
	}
	w.learnFlag(info, t)
	place, _ := w.flagPlace(f, info)
	initial := ""
	switch {
	case def != nil && def.Type != "NoneType":
		v := w.settledFor(w.expression(def), info.typ)
		initial = w.coerce(v, info.typ)
	case action == "store_false":
		initial = "true"
	}
	if place == "_" {
		w.printf("flag.Func(%q, %s, func(string) error { return nil })", info.name, usage)
		return
	}
	switch {
	case f.record == nil && initial == "":
		w.printf("var %s %s", place, typeText(info.typ))
	case f.record == nil:
		w.printf("%s := %s", place, initial)
	case initial != "":
		w.printf("%s = %s", place, initial)
	}
	kind, body := "Func", ""
	amp := ""
	if optional(info.typ) != nil {
		amp = "&"
	}
	switch {
	case action == "store_false":
		kind, body = "BoolFunc", place+" = false\nreturn nil"
	case action == "count":
		kind, body = "BoolFunc", place+"++\nreturn nil"
	case action == "store_const":
		kind, body = "BoolFunc", fmt.Sprintf("%s = %s\nreturn nil", place, w.coerce(w.expression(info.keyword("const")), info.typ))
	case info.list:
		body = w.listFlag(n, info, place, parse, action)
	case parse == "":
		body = fmt.Sprintf("%s = %stext\nreturn nil", place, amp)
	case strings.HasPrefix(parse, "strconv."):
		body = fmt.Sprintf("value, err := %s\n%s = %svalue\nreturn err", parse, place, amp)
	case amp != "":
		body = fmt.Sprintf("value := %s\n%s = &value\nreturn nil", parse, place)
	default:
		body = fmt.Sprintf("%s = %s\nreturn nil", place, parse)
	}
	parameter := "text string"
	if kind == "BoolFunc" {
		parameter = "string"
	}
	for _, name := range info.names() {
		w.printf("flag.%s(%q, %s, func(%s) error {\n%s\n})", kind, name, usage, parameter, body)
		usage = quote("short for -" + info.name)
	}
}

// isNever reports whether an argument has no keyword that is True.
func (i *flagInfo) isNever(name string) bool {
	k := i.keyword(name)
	return k == nil || k.Constant != "True"
}

// listFlag returns the body of the function that reads a flag with several values.
func (w *writer) listFlag(n *node, info *flagInfo, place, parse, action string) string {
	if action == "append" {
		switch {
		case parse == "":
			return fmt.Sprintf("%s = append(%[1]s, text)\nreturn nil", place)
		case strings.HasPrefix(parse, "strconv."):
			return fmt.Sprintf("value, err := %s\n%s = append(%[2]s, value)\nreturn err", parse, place)
		}
		return fmt.Sprintf("%s = append(%[1]s, %s)\nreturn nil", place, parse)
	}
	w.report.note(w.source, n, "in Go the values of a flag stand in one argument: -"+info.name+` "a b"`)
	if parse == "" {
		return place + " = strings.Fields(text)\nreturn nil"
	}
	if !strings.HasPrefix(parse, "strconv.") {
		fail(n, "several values of this type")
	}
	return fmt.Sprintf("%s = nil\nfor _, text := range strings.Fields(text) {\nvalue, err := %s\nif err != nil {\nreturn err\n}\n%[1]s = append(%[1]s, value)\n}\nreturn nil", place, parse)
}

// takePlace writes what reads an argument by position, where that is more than a text.
func (w *writer) takePlace(f *flagSet, info *flagInfo) {
	t, _, parse := w.flagType(info.call, info)
	w.learnFlag(info, t)
	text := fmt.Sprintf("flag.Arg(%d)", info.position-1)
	nargs := info.keyword("nargs")
	switch {
	case info.list && parse == "":
		text = "flag.Args()"
		if info.position > 1 {
			text = fmt.Sprintf("flag.Args()[%d:]", info.position-1)
		}
	case info.list:
		fail(info.call, "several arguments that are no texts")
	case strings.HasPrefix(parse, "strconv."):
		text = "must(" + strings.ReplaceAll(parse, "text", text) + ")"
	case parse != "":
		text = strings.TrimSuffix(parse, "(text)") + "(" + text + ")"
	}
	place, _ := w.flagPlace(f, info)
	if f.record == nil && !f.read[info.python] {
		return
	}
	if nargs != nil && nargs.Constant == "?" {
		d := info.keyword("default")
		if d == nil || d.Type == "NoneType" {
			fail(info.call, "an argument that may be None")
		}
		def := w.coerce(w.expression(d), info.typ)
		sign := "="
		if f.record == nil {
			sign = ":="
		}
		w.printf("%s %s %s\nif flag.NArg() >= %d {\n%[1]s = %[5]s\n}", place, sign, def, info.position, text)
		return
	}
	switch {
	case f.record != nil:
		w.printf("%s = %s", place, text)
	case parse != "":
		w.printf("%s := %s", place, text)
	default:
		info.goName = text
	}
}

// checkChoices writes the check that a flag has one of its values.
func (w *writer) checkChoices(f *flagSet, info *flagInfo, choices *node) {
	v := w.settled(w.expression(choices))
	_, read := w.flagPlace(f, info)
	if info.goName == "_" {
		return
	}
	var allowed string
	m, isMap := under(v.typ).(*types.Map)
	switch {
	case v.items != nil:
		var parts []string
		for _, item := range v.items {
			parts = append(parts, w.coerce(item, nil))
		}
		allowed = strings.Join(parts, ", ")
	case isMap && (isString(m.Key()) || isInt(m.Key())):
		allowed = "slices.Sorted(maps.Keys(" + v.text + "))..."
	case elem(v.typ) != nil:
		allowed = v.text + "..."
	default:
		fail(info.call, "choices that are not known")
	}
	switch {
	case info.list:
		w.printf("for _, value := range %s {\nchoose(%q, value, %s)\n}", read.text, info.name, allowed)
	case optional(info.typ) != nil:
		w.printf("if %s != nil {\nchoose(%q, *%[1]s, %[3]s)\n}", read.operand(3), info.name, allowed)
	default:
		w.printf("choose(%q, %s, %s)", info.name, read.text, allowed)
	}
}

// flagValue returns args.name of flags that are variables of their own.
func (w *writer) flagValue(n *node, object value) value {
	if object.variable == nil || !object.variable.flags {
		return value{}
	}
	for _, f := range w.flagSets {
		if f.record == nil && f.args == object.variable.python && f.info(n.Name) != nil {
			info := f.info(n.Name)
			_, read := w.flagPlace(f, info)
			if info.typ == nil {
				fail(n, "a flag that is not known")
			}
			return read
		}
	}
	fail(n, "a flag that is not known")
	return value{}
}

// flagsIn returns the parser whose flags a variable has as a dict, or nil.
func (w *writer) flagsIn(n *node) *flagSet {
	x := w.fn.scope(n.Name)
	if n.Kind != "Name" || x == nil || !x.flags {
		return nil
	}
	for _, f := range w.flagSets {
		if f.asDict && f.record == nil && f.args == n.Name {
			return f
		}
	}
	return nil
}

// flagInDict translates args["x"], args.get("x") and args.pop("x") of a dict of flags.
func (w *writer) flagInDict(n *node, f *flagSet, key *node, pop bool) value {
	info := f.info(key.Constant)
	if !isText(key) || info == nil {
		fail(n, "a flag that is not known")
	}
	info.taken = info.taken || pop
	return w.flagValue(&node{Kind: "Attribute", Name: key.Constant, Line: n.Line}, value{variable: w.fn.scope(f.args)})
}

// withFlags returns a call with what **args stands for as keywords.
func (w *writer) withFlags(n *node) *node {
	i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == "" && w.flagsIn(k.Value) != nil })
	if i < 0 {
		return n
	}
	called := n.withoutKeyword(i)
	for _, info := range w.flagsIn(n.Keywords[i].Value).flags {
		if !info.taken {
			of := &node{Kind: "Attribute", Name: info.python, Value: n.Keywords[i].Value, Line: n.Line, EndLine: n.EndLine}
			called.Keywords = append(called.Keywords, &node{Kind: "keyword", Name: info.python, Value: of})
		}
	}
	return called
}

package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// flagSet is an argparse.ArgumentParser that becomes flags.
type flagSet struct {
	parser string               // Python's variable
	args   string               // that of what it parsed
	flags  map[string]*flagInfo // by Python's name
	places []string             // the names of arguments by position
	rest   bool                 // the last of them takes all that are left
}

type flagInfo struct {
	text  string // of its value
	typ   types.Type
	prec  int
	count bool // its default is not negative
}

// flagParser translates parser = argparse.ArgumentParser() and args = parser.parse_args().
func (w *writer) flagParser(n *node) bool {
	if len(n.Targets) != 1 || n.Targets[0].Kind != "Name" || n.Value.Kind != "Call" {
		return false
	}
	name := n.Targets[0].Name
	switch {
	case w.path(n.Value.Func) == "argparse.ArgumentParser":
		w.flags = &flagSet{parser: name, flags: map[string]*flagInfo{}}
	case w.flags != nil && n.Value.Func.Kind == "Attribute" && n.Value.Func.Value.Name == w.flags.parser && n.Value.Func.Name == "parse_args":
		w.flags.args = name
		w.printf("flag.Parse()")
		if places := len(w.flags.places); places > 0 && !w.flags.rest {
			w.printf("if flag.NArg() != %d {\nflag.Usage()\nos.Exit(2)\n}", places)
		}
	default:
		return false
	}
	if x := w.fn.scope(name); x != nil {
		x.declared = true
		x.flags = true
	}
	return true
}

// flagCall translates parser.add_argument(...).
func (w *writer) flagCall(n *node) (value, bool) {
	if w.flags == nil || n.Func.Value.Name != w.flags.parser || n.Func.Value.Kind != "Name" {
		return value{}, false
	}
	if n.Func.Name != "add_argument" || len(n.Arguments) == 0 {
		fail(n, "this method of a parser")
	}
	if isText(n.Arguments[0]) && !strings.HasPrefix(n.Arguments[0].Constant, "-") {
		return w.placeArgument(n), true
	}
	name := ""
	for _, a := range n.Arguments {
		if !isText(a) || !strings.HasPrefix(a.Constant, "-") {
			fail(n, "an argument by position")
		}
		if strings.HasPrefix(a.Constant, "--") || name == "" {
			name = strings.TrimLeft(a.Constant, "-")
		}
	}
	python := strings.ReplaceAll(name, "-", "_")
	goName := w.flagName(python)
	info := &flagInfo{text: "*" + goName, prec: 8}
	kind, def, help := "String", `""`, ""
	var typ types.Type = stringType
	for _, k := range n.Keywords {
		switch k.Name {
		case "type":
			switch k.Value.Name {
			case "int":
				kind, def, typ = "Int", "0", intType
			case "float":
				kind, def, typ = "Float64", "0", floatType
			case "str":
			default:
				if w.path(k.Value) == "pathlib.Path" {
					break
				}
				fail(n, "an argument of this type")
			}
		case "action":
			if k.Value.Constant != "store_true" {
				fail(n, "this action of an argument")
			}
			kind, def, typ = "Bool", "false", boolType
		case "help":
			if isText(k.Value) {
				help = strings.Join(strings.Fields(k.Value.Constant), " ")
			}
		case "dest":
			python = k.Value.Constant
		case "metavar", "default":
		case "choices":
			w.report.note(w.source, n, "Go does not check the choices of a flag")
		case "required":
			w.report.note(w.source, n, "Go does not insist on a flag")
		default:
			fail(n, "an argument with %s", k.Name)
		}
	}
	given := kind == "Bool"
	for _, k := range n.Keywords {
		if k.Name == "default" && k.Value.Type != "NoneType" {
			given = true
			v := w.expression(k.Value)
			if isBool(v.typ) && kind == "String" {
				kind, typ = "Bool", boolType
			}
			def = w.coerce(v, typ)
			info.count = w.isCount(v)
		}
	}
	if !given {
		w.report.note(w.source, n, "a flag that is not given is 0 or empty in Go, None in Python")
	}
	help = strings.ReplaceAll(help, "(default: %(default)s)", "")
	info.typ = typ
	w.flags.flags[python] = info
	w.printf("%s := flag.%s(%q, %s, %s)", goName, kind, name, def, quote(strings.TrimSpace(strings.ReplaceAll(help, "%%", "%"))))
	return value{statement: true}, true
}

// placeArgument translates an argument by position.
func (w *writer) placeArgument(n *node) value {
	f := w.flags
	if f.rest || len(n.Arguments) > 1 {
		fail(n, "arguments behind one that takes all")
	}
	name := n.Arguments[0].Constant
	place := slices.Index(f.places, name)
	if place < 0 {
		place = len(f.places)
		f.places = append(f.places, name)
	}
	info := &flagInfo{text: fmt.Sprintf("flag.Arg(%d)", place), typ: stringType}
	for _, k := range n.Keywords {
		switch {
		case k.Name == "help" || k.Name == "metavar" || k.Name == "type" && (k.Value.Name == "str" || w.path(k.Value) == "pathlib.Path"):
		case k.Name == "nargs" && k.Value.Constant == "*" && place == 0:
			f.rest = true
			info.text, info.typ = "flag.Args()", types.NewSlice(stringType)
		default:
			fail(n, "an argument with %s", k.Name)
		}
	}
	f.flags[name] = info
	return value{statement: true}
}

// flagName returns the name of a flag's variable, the same in each pass.
func (w *writer) flagName(python string) string {
	if w.flagNames == nil {
		w.flagNames = map[string]string{}
	}
	if w.flagNames[python] == "" {
		name := python
		if local := localName(python); reserved[local] || w.goNames[local] {
			name += "_flag"
		}
		w.flagNames[python] = w.fn.localGoName(name)
	}
	return w.flagNames[python]
}

// flagValue returns args.name.
func (w *writer) flagValue(n *node, object value) value {
	if object.variable == nil || w.flags == nil || object.variable.python != w.flags.args || !object.variable.flags {
		return value{}
	}
	info := w.flags.flags[n.Name]
	if info == nil {
		fail(n, "a flag that is not known")
	}
	if !w.fn.isMain() {
		fail(n, "a flag in another function")
	}
	return value{text: info.text, typ: info.typ, prec: info.prec, count: info.count}
}

// isMain reports whether a function is the one with the flags, or within it.
func (f *function) isMain() bool {
	for o := f; o != nil; o = o.outer {
		for _, v := range o.locals {
			if v.flags {
				return true
			}
		}
	}
	return false
}

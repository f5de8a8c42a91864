package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/naming"
)

// snake is Python's name of a field.
func snake(name string) string { return naming.SnakeCase(name) }

// builtins are Python's own functions.
var builtins map[string]func(w *writer, n *node) value

func init() {
	builtins = map[string]func(w *writer, n *node) value{
		"len": builtinLen, "print": builtinPrint, "int": builtinInt, "float": builtinFloat, "str": builtinStr, "bool": builtinBool,
		"min": builtinExtreme, "max": builtinExtreme, "sum": builtinSum, "abs": builtinAbs, "round": builtinRound, "list": builtinList,
		"tuple": builtinList, "sorted": builtinSorted, "set": builtinSet, "range": builtinRange, "isinstance": builtinIsInstance,
		"any": builtinAny, "all": builtinAny, "pow": builtinPow, "dict": builtinDict, "open": builtinNone, "getattr": builtinGetAttribute,
		"hasattr": builtinHasAttribute, "setattr": builtinSetAttribute, "super": builtinNone, "zip": builtinNone, "enumerate": builtinNone, "map": builtinNone,
		"type": builtinNone, "input": builtinNone, "next": builtinNext, "iter": builtinNone, "exit": exit, "reversed": builtinNone,
		"callable": builtinNone, "ord": builtinNone, "chr": builtinNone, "repr": builtinRepr, "filter": builtinNone, "divmod": builtinDivmod, "id": builtinNone,
	}
}

func builtinNone(_ *writer, n *node) value {
	fail(n, "%s is not translated here", n.Func.Name)
	return value{}
}

// builtinSetAttribute translates setattr(self, name, value) where the class declares its
// attributes by annotations.
func builtinSetAttribute(w *writer, n *node) value {
	if len(n.Arguments) != 3 {
		fail(n, "setattr with other arguments")
	}
	object, v := w.expression(n.Arguments[0]), w.expression(n.Arguments[2])
	c := w.classOf(object.typ)
	if c == nil {
		fail(n, "setattr of what is not known")
	}
	var cases []string
	for _, f := range c.fields {
		if f.bare && same(f.typ, v.typ) {
			cases = append(cases, fmt.Sprintf("case %q:\n%s.%s = %s", f.python, object.primary(), f.name(c), v.text))
		}
	}
	if len(cases) == 0 {
		fail(n, "setattr of attributes that are not declared")
	}
	name := w.coerce(w.expression(n.Arguments[1]), stringType)
	return value{text: fmt.Sprintf("switch %s {\n%s\ndefault:\npanic(fmt.Errorf(\"there is no %%s\", %[1]s))\n}", name, strings.Join(cases, "\n")), statement: true}
}

// only returns the one argument of a call.
func only(n *node) *node {
	if len(n.Arguments) != 1 || len(n.Keywords) > 0 || n.Arguments[0].Kind == "Starred" {
		fail(n, "other arguments than one")
	}
	return n.Arguments[0]
}

func builtinLen(w *writer, n *node) value {
	if a := only(n); a.Kind == "Call" && a.Func.Kind == "Name" && a.Func.Name == "set" && len(a.Arguments) == 1 {
		sorted := *n
		sorted.Func = &node{Kind: "Name", Name: "sorted"}
		return value{text: "len(" + builtinSorted(w, &sorted).text + ")", typ: intType}
	}
	v := w.settled(w.expression(only(n)))
	switch t := v.typ; {
	case w.isTensor(t):
		return value{text: v.primary() + ".Size(0)", typ: intType}
	case v.sizesOf != "":
		return value{text: v.sizesOf + ".Dim()", typ: intType}
	case isString(t):
		return value{text: "len([]rune(" + v.text + "))", typ: intType}
	case elem(t) != nil:
		return value{text: "len(" + v.text + ")", typ: intType}
	case t == nil:
		fail(n, "the length of what is not known")
	}
	if w.isDict(v.typ) || w.isSet(v.typ) {
		return value{text: w.lengthOf(v), typ: intType, count: true}
	}
	if c := w.classOf(v.typ); c != nil && c.method("__len__") != nil || member(v.typ, "Len") != nil {
		return value{text: v.primary() + ".Len()", typ: intType}
	}
	fail(n, "the length of a %s", typeText(v.typ))
	return value{}
}

func builtinFloat(w *writer, n *node) value {
	a := only(n)
	if isText(a) {
		switch strings.TrimPrefix(strings.ToLower(a.Constant), "+") {
		case "inf", "infinity":
			return value{text: "math.Inf(1)", typ: floatType}
		case "-inf", "-infinity":
			return value{text: "math.Inf(-1)", typ: floatType}
		case "nan":
			return value{text: "math.NaN()", typ: floatType}
		}
	}
	v := w.dereferenced(w.expression(a))
	switch t := v.typ; {
	case w.isTensor(t):
		return value{text: v.primary() + ".Item()", typ: floatType}
	case isFloat(t):
		return value{text: v.text, typ: floatType, prec: v.prec}
	case isString(t):
		return w.failing(n, "strconv.ParseFloat("+v.text+", 64)", floatType)
	case isInt(t), t == nil:
		return value{text: "float64(" + v.text + ")", typ: floatType}
	}
	fail(n, "float of a %s", typeText(v.typ))
	return value{}
}

func builtinBool(w *writer, n *node) value { return w.truth(w.expression(only(n))) }

// builtinSum translates sum of a list or of a comprehension.
func builtinSum(w *writer, n *node) value {
	a := n.Arguments[0]
	if len(n.Arguments) != 1 || len(n.Keywords) > 0 {
		fail(n, "sum with a start")
	}
	if a.Kind != "GeneratorExp" && a.Kind != "ListComp" {
		v := w.settled(w.expression(a))
		e := elem(v.typ)
		if !isNumber(e) && !w.isTensor(e) {
			fail(n, "sum of what is no list of numbers")
		}
		if w.isTensor(e) {
			return value{text: fmt.Sprintf("func() *torch.Tensor {\ntotal := torch.NewTensor(0)\nfor _, x := range %s {\ntotal = total.Add(x)\n}\nreturn total\n}()", v.text), typ: e}
		}
		return value{text: fmt.Sprintf("func() (total %s) {\nfor _, x := range %s {\ntotal += x\n}\nreturn total\n}()", typeText(e), v.text), typ: e}
	}
	w.called = true // so that the sum is a function of its own
	return w.sumOf(a)
}

// sumOf translates the sum of a comprehension.
func (w *writer) sumOf(a *node) value {
	v := w.collectedWith(a, func(w *writer, name string) (types.Type, string) {
		x := w.dereferenced(w.expression(a.Elt))
		t := solid(x.typ)
		switch {
		case t == nil, isNumber(t):
			w.printf("%s += %s", name, x.text)
		case isBool(t):
			w.printf("if %s {\n%s++\n}", x.text, name)
			t = intType
		case w.isTensor(t):
			w.printf("%s = %s.Add(%s)", name, name, x.text)
			return t, name + " := torch.NewTensor(0)"
		default:
			fail(a, "a sum of %s", typeText(t))
		}
		return t, fmt.Sprintf("var %s %s", name, typeText(t))
	})
	return v
}

// collectedWith is collected for a sum, always within a function of its own.
func (w *writer) collectedWith(n *node, add func(w *writer, name string) (types.Type, string)) value {
	var declaration string
	v := w.collected(n, "total", func(w *writer, name string) types.Type {
		t, d := add(w, name)
		declaration = d
		return t
	})
	lines := strings.SplitN(v.text, "\n", 3)
	if len(lines) == 3 && declaration != "" {
		lines[1] = declaration
		v.text = strings.Join(lines, "\n")
	}
	return v
}

func builtinList(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		return value{list: true}
	}
	a := only(n)
	v := w.expression(a)
	if v.list {
		return v
	}
	if w.isDict(v.typ) {
		return w.keysOf(v)
	}
	switch t := v.typ; {
	case isString(t):
		return value{text: fmt.Sprintf("strings.Split(%s, \"\")", v.text), typ: types.NewSlice(stringType)}
	case w.isTensor(t):
		return value{text: v.primary() + ".Unbind(0)", typ: w.tensors}
	case elem(t) != nil:
		if strings.HasSuffix(v.text, ")") || a.Kind == "ListComp" || a.Kind == "GeneratorExp" {
			return v
		}
		return value{text: "slices.Clone(" + v.text + ")", typ: t}
	}
	if sequenced(v.typ) != nil {
		return w.collectedSequence(v)
	}
	if w.isModule(v.typ) && a.Kind == "Call" {
		return v
	}
	fail(n, "list of what is no list")
	return value{}
}

// builtinRange translates a range that is no loop's.
func builtinRange(w *writer, n *node) value {
	name := w.temporary("i")
	var args []string
	for _, a := range n.Arguments {
		args = append(args, w.coerce(w.expression(a), intType))
	}
	loop := ""
	switch len(args) {
	case 1:
		loop = fmt.Sprintf("for %s := range %s", name, args[0])
	case 2:
		loop = fmt.Sprintf("for %s := %s; %[1]s < %[3]s; %[1]s++", name, args[0], args[1])
	default:
		fail(n, "a range with a step that is no loop's")
	}
	return value{text: fmt.Sprintf("func() (list []int) {\n%s {\nlist = append(list, %s)\n}\nreturn list\n}()", loop, name), typ: types.NewSlice(intType)}
}

func builtinPow(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "pow of three")
	}
	return w.binary(&node{Kind: "BinOp", Op: "Pow", Left: n.Arguments[0], Right: n.Arguments[1], Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol})
}

// keywordDict returns dict(a=b) as {"a": b}.
func keywordDict(n *node) *node {
	d := &node{Kind: "Dict", Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}
	for _, k := range n.Keywords {
		d.Keys = append(d.Keys, &node{Kind: "Constant", Type: "str", Constant: k.Name, Line: n.Line})
		d.Values = append(d.Values, k.Value)
	}
	return d
}

// stringMethod translates a method of a text.
func (w *writer) stringMethod(n *node, object value, name string) value {
	if v, ok := w.moreTextMethods(n, object, name); ok {
		return v
	}
	args := make([]string, len(n.Arguments))
	for i, a := range n.Arguments {
		args[i] = w.coerce(w.expression(a), stringType)
	}
	plainNames := map[string]string{"lower": "ToLower", "upper": "ToUpper", "startswith": "HasPrefix", "endswith": "HasSuffix", "replace": "ReplaceAll"}
	switch {
	case plainNames[name] != "":
		t := types.Type(stringType)
		if strings.HasSuffix(name, "with") {
			t = boolType
		}
		return value{text: call("strings."+plainNames[name], append([]string{object.text}, args...)), typ: t}
	case name == "find" && len(args) == 1:
		return value{text: fmt.Sprintf("strings.Index(%s, %s)", object.text, args[0]), typ: intType}
	case name == "strip" && len(args) == 0:
		return value{text: "strings.TrimSpace(" + object.text + ")", typ: stringType}
	case name == "split" && len(args) == 0:
		return value{text: "strings.Fields(" + object.text + ")", typ: types.NewSlice(stringType)}
	case name == "split" && len(args) == 1:
		return value{text: fmt.Sprintf("strings.Split(%s, %s)", object.text, args[0]), typ: types.NewSlice(stringType)}
	}
	fail(n, "a text's method %s", name)
	return value{}
}

// mathCall calls a function of Python's math.
func (w *writer) mathCall(n *node, path string) value {
	module, name, _ := strings.Cut(path, ".")
	goName := strings.ToUpper(name[:1]) + name[1:]
	switch {
	case module == "math" && (name == "floor" || name == "ceil") && len(n.Arguments) == 1:
		return value{text: fmt.Sprintf("int(math.%s(%s))", goName, w.coerce(w.expression(n.Arguments[0]), floatType)), typ: intType}
	case module == "math" && name == "prod" && len(n.Arguments) == 1:
		v := w.settled(w.expression(n.Arguments[0]))
		if e := elem(v.typ); isNumber(e) {
			return value{text: fmt.Sprintf("func() %s {\nproduct := %[1]s(1)\nfor _, x := range %s {\nproduct *= x\n}\nreturn product\n}()", typeText(e), v.text), typ: e}
		}
	case slices.Contains([]string{"sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "log2", "log10", "pow"}, name):
		var args []string
		for _, a := range n.Arguments {
			args = append(args, w.coerce(w.dereferenced(w.expression(a)), floatType))
		}
		if name == "log" && len(args) == 2 {
			return value{text: fmt.Sprintf("math.Log(%s) / math.Log(%s)", args[0], args[1]), typ: floatType, prec: 5}
		}
		return value{text: call("math."+goName, args), typ: floatType}
	}
	if path == "numpy.linspace" && len(n.Arguments) == 3 && len(n.Keywords) == 0 {
		var args []string
		for i, a := range n.Arguments {
			args = append(args, w.coerce(w.expression(a), []types.Type{floatType, floatType, intType}[i]))
		}
		return value{text: call("linspace", args), typ: types.NewSlice(floatType)}
	}
	fail(n, "%s is not in Go", path)
	return value{}
}

package port

import (
	"fmt"
	"go/types"
	"regexp"
	"strings"
)

// bytesType is Python's bytes and bytearray.
var bytesType = types.NewSlice(types.Typ[types.Uint8])

func isBytes(t types.Type) bool { return same(t, bytesType) }

// failing returns the value of a call that may fail: a variable behind a check where the
// statement at hand does no more than to set it, else what must gives.
func (w *writer) failing(n *node, text string, t types.Type) value {
	x := w.fresh(n)
	if x == nil {
		return value{text: "must(" + text + ")", typ: t, node: n}
	}
	x.declared = true
	w.printf("%s, err := %s\nif err != nil {\npanic(err)\n}", x.goName, text)
	return value{text: x.goName, typ: t, node: n}
}

// textOf translates an argument that is a text.
func (w *writer) textOf(n *node) string {
	v := w.expression(n)
	if v.typ == nil && v.variable != nil {
		w.expect(v.variable, stringType, true)
	}
	return w.coerce(v, stringType)
}

// dataOf translates an argument that is bytes.
func (w *writer) dataOf(n *node) value {
	if n.Kind == "Call" && (n.Func.Name == "bytearray" || n.Func.Name == "bytes") && len(n.Arguments) == 1 {
		n = n.Arguments[0] // a copy, which Go's functions do not need
	}
	v := w.expression(n)
	if v.typ == nil && v.variable != nil {
		w.expect(v.variable, bytesType, true)
	}
	if v.typ != nil && !isBytes(v.typ) {
		fail(n, "bytes of a %s", typeText(v.typ))
	}
	return v
}

// newPath translates pathlib.Path(a, b): in Go a path is a text.
func newPath(w *writer, n *node) value {
	if len(n.Arguments) == 1 {
		text := w.textOf(n.Arguments[0])
		return value{text: text, typ: stringType, variable: w.expression(n.Arguments[0]).variable}
	}
	return joinPath(w, n)
}

// pathMethod translates a method that only Python's paths have, of a text.
func (w *writer) pathMethod(n *node, object value, name string) (value, bool) {
	for _, k := range n.Keywords {
		if name == "read_text" && k.Name != "encoding" || name == "mkdir" && k.Name != "parents" && k.Name != "exist_ok" {
			fail(n, "%s with %s", name, k.Name)
		}
	}
	switch name {
	case "read_bytes":
		return w.failing(n, "os.ReadFile("+object.text+")", bytesType), true
	case "read_text":
		return value{text: "string(must(os.ReadFile(" + object.text + ")))", typ: stringType}, true
	case "write_text":
		text := fmt.Sprintf("os.WriteFile(%s, []byte(%s), 0o666)", object.text, w.textOf(only(n)))
		return value{text: text, fails: true, statement: true}, true
	case "mkdir":
		if len(n.Keywords) != 2 {
			fail(n, "mkdir of one folder that must not be there")
		}
		return value{text: fmt.Sprintf("os.MkdirAll(%s, 0o777)", object.text), fails: true, statement: true}, true
	}
	return value{}, false
}

// isPathMethod reports whether Python's paths alone have a method.
func isPathMethod(name string) bool {
	return name == "read_bytes" || name == "read_text" || name == "write_text" || name == "mkdir"
}

func gunzip(w *writer, n *node) value {
	return w.failing(n, "gunzip("+w.dataOf(only(n)).text+")", bytesType)
}

// structTypes are Go's types of the letters of a format of Python's struct.
var structTypes = map[byte]string{'b': "int8", 'B': "uint8", 'h': "int16", 'H': "uint16", 'i': "int32", 'I': "uint32", 'l': "int32", 'L': "uint32", 'q': "int64"}

// structPattern has the formats of numbers of one type.
var structPattern = regexp.MustCompile(`^([<>!])([0-9]*|%v)([bBhHiIlLq])([bBhHiIlLq]*)$`)

// structUnpack translates struct.unpack(format, data) of integers of one type.
func structUnpack(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "unpack with other arguments")
	}
	format, arguments := w.formatted(n.Arguments[0])
	m := structPattern.FindStringSubmatch(format)
	if m == nil || strings.Trim(m[4], m[3]) != "" || m[2] != "" && m[4] != "" {
		fail(n, "this format of bytes")
	}
	order, count := "binary.BigEndian", m[2]
	if m[1] == "<" {
		order = "binary.LittleEndian"
	}
	switch count {
	case "%v":
		count = arguments[0]
	case "":
		count = fmt.Sprint(1 + len(m[4]))
	}
	text := fmt.Sprintf("unpack[%s](%s, %s, %s)", structTypes[m[3][0]], order, count, w.dataOf(n.Arguments[1]).text)
	return value{text: text, typ: types.NewSlice(intType)}
}

// fromBuffer translates torch.frombuffer of bytes.
func fromBuffer(w *writer, n *node) value {
	bound := w.bind(n, append(required("buffer"), keywords("dtype", "count", "offset", "requires_grad")...))
	if bound[0].node == nil || bound[1].node == nil || w.expression(bound[1].node).text != "torch.Uint8" || bound[2].node != nil || bound[3].node != nil || bound[4].node != nil {
		fail(n, "a buffer of other numbers than bytes")
	}
	return value{text: "torch.NewTensor(" + w.dataOf(bound[0].node).text + ")", typ: w.tensor, dtype: "int"}
}

// commandOutput translates subprocess.run([...], check=True, capture_output=True, text=True).stdout
// and subprocess.check_output([...], text=True), or returns an empty value.
func (w *writer) commandOutput(n *node) value {
	called := n
	if n.Kind == "Attribute" && n.Name == "stdout" {
		called = n.Value
	}
	path := w.path(callee(called))
	if path != "subprocess.check_output" && (path != "subprocess.run" || called == n) || len(called.Arguments) != 1 || called.Arguments[0].Kind != "List" {
		return value{}
	}
	asked := map[string]bool{}
	for _, k := range called.Keywords {
		if yes, constant := boolConstant(k.Value); !constant || !yes {
			fail(n, "a command with %s", k.Name)
		}
		asked[k.Name] = true
	}
	if !asked["text"] || path == "subprocess.run" && (!asked["check"] || !asked["capture_output"]) || len(asked) > 3 {
		fail(n, "a command without check=True, capture_output=True and text=True")
	}
	var words []string
	for _, e := range called.Arguments[0].Elts {
		words = append(words, w.textOf(e))
	}
	return value{text: "string(must(" + call("exec.Command", words) + ".Output()))", typ: stringType, node: n}
}

func checkOutput(w *writer, n *node) value {
	v := w.commandOutput(n)
	if v.text == "" {
		fail(n, "a command that is not written out")
	}
	return v
}

// substitute translates re.sub(pattern, replacement, text) with patterns that mean the
// same in Go.
func substitute(w *writer, n *node) value {
	if len(n.Arguments) != 3 || len(n.Keywords) > 0 || !isText(n.Arguments[0]) || !isText(n.Arguments[1]) {
		fail(n, "a pattern or its replacement that is not written out")
	}
	pattern, replacement := n.Arguments[0].Constant, n.Arguments[1].Constant
	if _, err := regexp.Compile(pattern); err != nil || strings.Contains(replacement, `\`) {
		fail(n, "a pattern that Go does not have")
	}
	if strings.ContainsAny(pattern, "$") || regexp.MustCompile(`\\[wWdDsSbB]`).MatchString(pattern) {
		w.report.note(w.source, n, `\w, \d, \s and \b are of ASCII in Go, and $ is the end of the text`)
	}
	quoted := "`" + pattern + "`"
	if strings.ContainsAny(pattern, "`\n\t\r") {
		quoted = quote(pattern)
	}
	method := "ReplaceAllString"
	if strings.Contains(replacement, "$") {
		method = "ReplaceAllLiteralString"
	}
	return value{text: fmt.Sprintf("regexp.MustCompile(%s).%s(%s, %s)", quoted, method, w.textOf(n.Arguments[2]), quote(replacement)), typ: stringType}
}

func unescape(w *writer, n *node) value {
	return value{text: "html.UnescapeString(" + w.textOf(only(n)) + ")", typ: stringType}
}

// exit translates sys.exit: with a text it is an error, with a number a status.
func exit(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		return value{text: "os.Exit(0)", statement: true}
	}
	v := w.expression(only(n))
	if isInt(v.typ) {
		return value{text: "os.Exit(" + v.text + ")", statement: true}
	}
	w.printf("fmt.Fprintln(os.Stderr, %s)", w.coerce(v, stringType))
	return value{text: "os.Exit(1)", statement: true}
}

// joined returns the path of a file in a folder.
func joined(folder, name string) string {
	if list, ok := strings.CutPrefix(folder, "filepath.Join("); ok {
		return "filepath.Join(" + strings.TrimSuffix(list, ")") + ", " + name + ")"
	}
	return "filepath.Join(" + folder + ", " + name + ")"
}

package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// textMethods are methods that Python's texts have, and no tensors, lists or dicts.
var textMethods = strings.Fields("strip lstrip rstrip startswith endswith lower upper title capitalize splitlines isdigit isalpha isspace zfill center ljust rjust partition removeprefix removesuffix replace encode")

// isTextMethod reports whether a call says that its object is a text.
func (w *writer) isTextMethod(n *node, name string) bool {
	return slices.Contains(textMethods, name) || name == "split" && (len(n.Arguments) == 0 || isText(n.Arguments[0]))
}

// moreTextMethods translates the methods of a text whose Go is not one function of the
// same arguments.
func (w *writer) moreTextMethods(n *node, object value, name string) (value, bool) {
	text := func(format string, args ...any) (value, bool) {
		return value{text: fmt.Sprintf(format, args...), typ: stringType}, true
	}
	count := len(n.Arguments)
	argument := func(i int, t types.Type) string { return w.coerce(w.expression(n.Arguments[i]), t) }
	if len(n.Keywords) > 0 {
		return value{}, false
	}
	switch {
	case (name == "strip" || name == "lstrip" || name == "rstrip") && count == 1:
		goName := map[string]string{"strip": "Trim", "lstrip": "TrimLeft", "rstrip": "TrimRight"}[name]
		return text("strings.%s(%s, %s)", goName, object.text, argument(0, stringType))
	case (name == "lstrip" || name == "rstrip") && count == 0:
		goName := map[string]string{"lstrip": "TrimLeft", "rstrip": "TrimRight"}[name]
		return text(`strings.%s(%s, " \t\n\r\v\f")`, goName, object.text)
	case (name == "removeprefix" || name == "removesuffix") && count == 1:
		goName := map[string]string{"removeprefix": "TrimPrefix", "removesuffix": "TrimSuffix"}[name]
		return text("strings.%s(%s, %s)", goName, object.text, argument(0, stringType))
	case name == "count" && count == 1:
		return value{text: fmt.Sprintf("strings.Count(%s, %s)", object.text, argument(0, stringType)), typ: intType, count: true}, true
	case name == "rfind" && count == 1:
		return value{text: fmt.Sprintf("strings.LastIndex(%s, %s)", object.text, argument(0, stringType)), typ: intType}, true
	case name == "capitalize" && count == 0:
		return text("capitalize(%s)", object.text)
	case (name == "center" || name == "ljust" || name == "rjust") && (count == 1 || count == 2):
		fill := `" "`
		if count == 2 {
			fill = argument(1, stringType)
		}
		align := map[string]string{"center": "^", "ljust": "<", "rjust": ">"}[name]
		return text("padText(%s, %s, '%s', %s)", object.text, argument(0, intType), align, fill)
	case name == "split" && count == 2:
		n := argument(1, intType)
		return value{text: fmt.Sprintf("strings.SplitN(%s, %s, %s+1)", object.text, argument(0, stringType), n), typ: types.NewSlice(stringType)}, true
	case name == "splitlines" && count == 0:
		return value{text: fmt.Sprintf(`strings.Split(strings.TrimSuffix(%s, "\n"), "\n")`, object.text), typ: types.NewSlice(stringType)}, true
	case name == "zfill" && count == 1:
		return text("padText(%s, %s, '>', \"0\")", object.text, argument(0, intType))
	}
	return value{}, false
}

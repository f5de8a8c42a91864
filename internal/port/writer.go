package port

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// line is one of the Go file, and the statement that it comes from.
type line struct {
	text     string
	node     *node
	function *function
}

// writer writes Go.
type writer struct {
	*program
	source    *source
	fn        *function
	block     *block
	inside    *block // of the loop that begins
	lines     []line
	at        *node            // the statement at hand
	flushed   int              // comments up to this line are written
	receiver  string           // of the method at hand
	called    bool             // the statement at hand has made a call
	after     []string         // what comes behind the statement at hand
	literal   bool             // a field of a literal is written
	building  bool             // within a constructor
	narrowed  []*variable      // by casts in this block
	ended     []*variable      // that other versions stand for in this block
	want      types.Type       // that the statement at hand declares for its value
	inline    bool             // no statements may be written before the one at hand
	modes     int              // functions like NoGrad's around
	leaving   []string         // of each loop around, the variable that says that it was left, if it has an else
	seen      map[string]value // what names and attributes are, behind a test of their types
	remainder *node            // whose sign is of no matter
	hint      string           // a name for what the argument at hand needs before its call
	handled   bool             // within an except
}

func (w *writer) printf(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	for _, t := range strings.Split(text, "\n") {
		w.lines = append(w.lines, line{t, w.at, w.fn})
	}
}

// position is where a writer is; it goes back there when a translation is given up.
type position struct {
	source              *source
	fn                  *function
	block, inside       *block
	at                  *node
	receiver            string
	temporaries         map[string]blocks
	building, inline    bool
	hint                string
	lines, statements   int
	todos, notes, modes int
}

func (w *writer) position() position {
	var temporaries map[string]blocks
	if w.fn != nil {
		temporaries = maps.Clone(w.fn.temporaries)
	}
	return position{w.source, w.fn, w.block, w.inside, w.at, w.receiver, temporaries, w.building, w.inline, w.hint, len(w.lines), w.report.Statements,
		len(w.report.Todos), len(w.report.Notes), w.modes}
}

func (w *writer) back(p position) {
	w.source, w.fn, w.block, w.inside, w.at, w.receiver, w.building, w.modes = p.source, p.fn, p.block, p.inside, p.at, p.receiver, p.building, p.modes
	w.inline, w.hint = p.inline, p.hint
	w.lines, w.report.Statements = w.lines[:p.lines], p.statements
	if w.fn != nil {
		w.fn.temporaries = p.temporaries
	}
	w.report.Todos, w.report.Notes = w.report.Todos[:p.todos], w.report.Notes[:p.notes]
}

// untranslatable is a panic's value: why a statement was not translated.
type untranslatable struct {
	node *node
	why  string
}

func fail(n *node, format string, args ...any) {
	panic(untranslatable{n, splits.ReplaceAllString(fmt.Sprintf(format, args...), "")})
}

// gaveUp returns why a statement was not translated, of what was recovered; it panics on with
// anything else.
func gaveUp(r any) untranslatable {
	u, ok := r.(untranslatable)
	if !ok {
		panic(r)
	}
	return u
}

// comments writes the comments above a line that were not written yet.
func (w *writer) comments(before int) {
	if w.source == nil {
		return
	}
	for _, c := range w.source.comments {
		if c.Line > w.flushed && c.Line < before {
			if !c.Trailing && !isPragma(c.Text) {
				w.printf("%s", strings.TrimSpace("// "+c.Text))
			}
			w.flushed = c.Line
		}
	}
	w.flushed = max(w.flushed, before-1)
}

// gap writes an empty line where Python has one before a statement.
func (w *writer) gap(n *node) {
	if n.split {
		return
	}
	first := n.Line
	for _, d := range n.Decorators {
		first = min(first, d.Line)
	}
	for first > 1 && strings.HasPrefix(strings.TrimSpace(w.source.lines[first-2]), "#") {
		first--
	}
	if first < 2 || strings.TrimSpace(w.source.lines[first-2]) != "" || len(w.lines) == 0 {
		return
	}
	last := w.lines[len(w.lines)-1].text
	if last != "" && !strings.HasSuffix(last, "{") && !strings.HasSuffix(last, ":") && !strings.HasPrefix(last, "//") {
		w.printf("")
	}
}

// trailing returns the comment behind a line, for the end of Go's.
func (w *writer) trailing(number int) string {
	for _, c := range w.source.comments {
		if c.Line == number && c.Trailing && !isPragma(c.Text) {
			return " // " + c.Text
		}
	}
	return ""
}

// isPragma reports whether a comment is for one of Python's tools.
func isPragma(text string) bool {
	return slices.ContainsFunc([]string{"type:", "noqa", "pragma:", "pylint:", "fmt:", "mypy:", "usort:", "isort:"}, func(p string) bool { return strings.HasPrefix(text, p) })
}

// todo writes a statement that was not translated.
func (w *writer) todo(n *node, why string) {
	text := fmt.Sprintf("line %d: %s", n.Line, w.source.text(n))
	w.report.todo(w.source, n, why, w.source.text(n))
	w.printf("// TODO(port): %s", text)
	w.printf("panic(%q)", "TODO(port): "+text)
}

// temporary returns a name, new in its block, for a variable that Python does not have.
func (w *writer) temporary(name string) string { return w.fn.freshName(name, w.block) }

// loopTemporary is temporary for one that lives in the loop that begins.
func (w *writer) loopTemporary(name string) string { return w.fn.freshName(name, w.inside) }

// zero returns Go's zero value of a type.
func zero(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
	case *types.Struct:
		return typeText(t) + "{}"
	}
	return "nil"
}

// docComment returns a docstring as lines of a Go comment that begin with name.
func docComment(name, text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	var out []string
	indent := -1
	all := strings.Split(text, "\n")
	for _, l := range all[1:] {
		if trimmed := strings.TrimLeft(l, " \t"); trimmed != "" && (indent < 0 || len(l)-len(trimmed) < indent) {
			indent = len(l) - len(trimmed)
		}
	}
	for i, l := range all {
		if i > 0 && indent > 0 && len(l) >= indent {
			l = l[indent:]
		}
		out = append(out, strings.TrimRight("// "+l, " \t\r"))
	}
	first := strings.TrimPrefix(out[0], "// ")
	if name != "" && !strings.HasPrefix(first, name) {
		verb, rest, _ := strings.Cut(first, " ")
		if slices.Contains(verbs, verb) {
			out[0] = "// " + name + " " + strings.ToLower(verb) + " " + rest
		} else {
			out[0] = "// " + name + ": " + first
		}
	}
	return out
}

// verbs are those that docstrings begin with.
var verbs = strings.Fields("Returns Computes Applies Trains Makes Gives Fits Runs Creates Builds Loads Saves Draws Evaluates Samples Splits Yields")

// docstring returns the text that a body begins with, and the rest of the body.
func docstring(body []*node) (string, []*node) {
	if len(body) > 0 && body[0].Kind == "Expr" && isText(body[0].Value) {
		return body[0].Value.Constant, body[1:]
	}
	return "", body
}

package port

import (
	"fmt"
	"io"
	"slices"
)

// Report says what was translated.
type Report struct {
	Statements int    // of Python's
	Todos      []Todo // statements that were not translated
	Notes      []Todo // what is not the same in Go in all cases
}

// Todo is a line of Python that someone has to look at.
type Todo struct {
	File string
	Line int
	Text string // the Python
	Why  string
	size int // statements
}

func (r *Report) reset() { *r = Report{} }

// statement counts a statement.
func (r *Report) statement(*source, *node) { r.Statements++ }

func (r *Report) todo(s *source, n *node, why, text string) {
	size := 0
	n.visit(func(below *node) bool {
		if below != n && isStatement(below) {
			size++
		}
		return true
	})
	r.Statements += size
	r.Todos = append(r.Todos, Todo{s.path, n.Line, text, why, size + 1})
}

func (r *Report) note(s *source, n *node, why string) {
	t := Todo{File: s.path, Line: n.Line, Text: s.text(n), Why: why}
	if !slices.Contains(r.Notes, t) {
		r.Notes = append(r.Notes, t)
	}
}

// Translated returns how many of the statements were translated.
func (r *Report) Translated() int {
	n := r.Statements
	for _, t := range r.Todos {
		n -= t.size
	}
	return n
}

// WriteTo writes the report, a line for each statement that is left.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	total := 0
	for _, list := range [][]Todo{r.Notes, r.Todos} {
		for _, t := range list {
			n, err := fmt.Fprintf(w, "%s:%d: %s: %s\n", t.File, t.Line, t.Why, t.Text)
			total += n
			if err != nil {
				return int64(total), err
			}
		}
	}
	n, err := fmt.Fprintf(w, "%d of %d statements translated, %d to do\n", r.Translated(), r.Statements, len(r.Todos))
	return int64(total + n), err
}

// isStatement reports whether a node is one of Python's statements.
func isStatement(n *node) bool {
	switch n.Kind {
	case "Assign", "AugAssign", "AnnAssign", "Expr", "Return", "If", "For", "While", "With", "Raise", "Assert", "Pass", "Break",
		"Continue", "Delete", "Try", "Global", "Nonlocal", "FunctionDef", "ClassDef", "Import", "ImportFrom":
		return true
	}
	return false
}

package port

import (
	"slices"
	"strings"
)

// Torchvision's models come with weights by URL: a class that lists them, a parameter
// that names one, and what loads it. Go has functions for weights, so all of this is
// left out, with a note: what is not given is None.

// leaveWeights takes the parameters of weights, and how to show their progress, out of a
// function.
func (f *function) leaveWeights() {
	left := false
	for _, v := range f.params {
		if same(v.typ, f.program.weights()) {
			v.typ, v.left, left = noneType, true, true
		}
	}
	for _, v := range f.params {
		if left && v.python == "progress" {
			v.left = true
		}
	}
	f.params = slices.DeleteFunc(f.params, func(v *variable) bool { return v.left })
}

// loadsWeights reports whether a function does no more than to load weights, which it has
// to be given.
func (p *program) loadsWeights(n *node) bool {
	for _, a := range n.Signature.Params {
		if a.Annotation == nil {
			continue
		}
		if t, ok := p.annotation(a.Annotation); ok && a.Annotation.Kind == "Name" && same(t, p.weights()) {
			return true
		}
	}
	return false
}

// dropWeights takes a file's constants that but its weights use out of its statements.
func (p *program) dropWeights(script *function, read map[string]bool) {
	used := map[string]bool{}
	for _, n := range script.source.tree.Body {
		if p.isWeights(n) {
			for name := range freeNames(n) {
				used[name] = true
			}
		}
	}
	kept := script.node.Body
	for i := len(kept) - 1; i >= 0; i-- {
		n := kept[i]
		name := ""
		switch {
		case n.Kind == "Assign" && len(n.Targets) == 1:
			name = n.Targets[0].Name
		case n.Kind == "AnnAssign":
			name = n.Target.Name
		}
		if strings.HasPrefix(name, "_") && used[name] && !read[name] {
			for name := range freeNames(n) {
				used[name] = true
			}
			kept = slices.Delete(kept, i, i+1)
		}
	}
	script.node.Body = kept
}

// isWeights reports whether a statement declares weights, or does but load them.
func (p *program) isWeights(n *node) bool {
	c := p.classes[n.Name]
	return n.Kind == "ClassDef" && c != nil && c.kind == weightsClass || n.Kind == "FunctionDef" && p.loadsWeights(n)
}

// leaveOut notes that a statement is left out as a whole.
func (w *writer) leaveOut(s *source, n *node, why string) {
	w.report.note(s, n, why)
	n.visit(func(n *node) bool {
		if isStatement(n) {
			w.report.statement(s, n)
		}
		return true
	})
	w.flushed = max(w.flushed, n.EndLine)
}

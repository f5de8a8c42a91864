// Package port translates PyTorch programs from Python to Go. CPython itself reads the
// source; what is not translated is left as a comment beside a panic with its text, so
// that the result always compiles.
package port

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options are the options of [Translate].
type Options struct {
	Python    string   // the interpreter; default: python3
	Package   string   // the package's name, if it is no program; default: the first file's
	Trials    int      // the most modules that Verify runs; 0: all
	Arguments []string // that Verify gives a program
	Modules   bool     // Verify compares the modules of a program, and not what it prints
}

// Result is a translated program.
type Result struct {
	Source  []byte // of the Go file
	Package string
	Report  Report
	program *program
}

// translateTime is how long a translation may take.
const translateTime = time.Minute

// rounds is how often what does not compile is replaced.
const rounds = 200

// Translate translates Python files to one file of a Go package. It fails on what
// Python itself cannot read.
func Translate(ctx context.Context, paths []string, options ...Options) (*Result, error) {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Python == "" {
		o.Python = "python3"
	}
	if len(paths) == 0 {
		return nil, errors.New("no files to port")
	}
	var sources []*source
	for _, path := range paths {
		s, err := parse(ctx, o.Python, path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	for _, s := range slices.Clone(sources) {
		others, err := s.imported(ctx, o.Python)
		if err != nil {
			return nil, err
		}
		sources = append(sources, others...)
	}
	if err := different(sources); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, translateTime)
	defer cancel()
	p := newProgram(sources)
	p.infer(ctx)
	for range rounds {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s is not translated within %v: port its parts one by one", paths[0], translateTime)
		}
		lines := p.emit()
		text, offset := p.assemble(lines, o.Package)
		errs := p.api.check("port.go", text)
		if len(errs) == 0 {
			formatted, err := format.Source(text)
			if err != nil {
				return nil, fmt.Errorf("what was made of %s is no Go: %w", paths[0], err)
			}
			return &Result{Source: formatted, Package: p.packageName(o.Package), Report: *p.report, program: p}, nil
		}
		if text := errs[0].Msg; strings.HasPrefix(text, "expected ") {
			errs = errs[:1] // the others are its echo
		}
		if !p.repair(lines, offset, errs) {
			return nil, fmt.Errorf("what was made of %s does not compile, and why is not known: line %d: %s: %s", paths[0], errs[0].line, errs[0].Msg, bytes.Split(text, []byte("\n"))[errs[0].line-1])
		}
	}
	return nil, fmt.Errorf("what was made of %s does not compile after %d repairs", paths[0], rounds)
}

// different reports an error if files that are to be one package declare the same name.
func different(sources []*source) error {
	where := map[string]string{}
	for _, s := range sources {
		own := map[string]bool{}
		for _, n := range s.tree.Body {
			if n.Kind != "FunctionDef" && n.Kind != "ClassDef" || own[n.Name] {
				continue
			}
			own[n.Name] = true
			if other := where[n.Name]; other != "" && !s.imports {
				return fmt.Errorf("%s and %s both have a %s, and would be one package: port them one by one", other, s.path, n.Name)
			}
			where[n.Name] = s.path
		}
	}
	return nil
}

// repair finds the statements that do not compile, and marks them as to do. It
// reports whether it found something to change.
func (p *program) repair(lines []line, offset int, errs []typeError) bool {
	changed := false
	for _, e := range errs {
		at := e.line - offset - 1
		if at < 0 || at >= len(lines) {
			continue
		}
		l := lines[at]
		if name, ok := strings.CutPrefix(e.Msg, "declared and not used: "); ok && l.function != nil {
			if v := p.notUsed(l.function, l.node, name); v != nil {
				p.unused[v] = true
				changed = true
				continue
			}
		}
		if hides := strings.Contains(e.Msg, "has no field or method") || strings.HasSuffix(e.Msg, "is not a type"); hides && l.function != nil && p.unhide(l.function.top()) {
			return true
		}
		switch {
		case l.node != nil && isStatement(l.node) && l.node.Kind != "FunctionDef" && l.node.Kind != "ClassDef" && p.broken[l.node] == "":
			p.broken[l.node] = "its Go does not compile: " + e.Msg
			changed = true
		case l.function != nil && p.hollow[l.function] == "":
			p.hollow[l.function] = e.Msg
			changed = true
		case l.node != nil && l.node.Kind == "ClassDef" && p.broken[l.node] == "":
			p.broken[l.node] = "its Go does not compile: " + e.Msg
			changed = true
		case l.function != nil && l.function.class != nil && p.broken[l.function.class.node] == "":
			p.broken[l.function.class.node] = "its Go does not compile: " + e.Msg
			changed = true
		case l.function != nil && !p.dropped[l.function]:
			p.dropped[l.function] = true
			changed = true
		}
	}
	return changed
}

// unhide renames the variables of a function that hide what is around it, if it has any.
func (p *program) unhide(top *function) bool {
	if p.plainNames[top] {
		return false
	}
	p.plainNames[top] = true
	renamed := false
	var rename func(f *function)
	rename = func(f *function) {
		var all []*variable
		for _, list := range []map[string]*variable{f.locals, f.originals} {
			all = slices.AppendSeq(all, maps.Values(list))
		}
		for v := range maps.Values(f.versions) {
			all = append(all, v)
		}
		for _, v := range all {
			hides := reserved[v.goName] || p.goNames[v.goName]
			for o := f.outer; o != nil; o = o.outer {
				hides = hides || o.taken[v.goName]
			}
			if hides {
				v.goName, renamed = f.localGoName(v.goName+"_value"), true
			}
		}
		for _, inner := range f.inner {
			rename(inner)
		}
	}
	rename(top)
	return renamed
}

// byGoName returns the variables of a function, and of those within it, by Go's name.
func (f *function) byGoName(name string) (found []*variable) {
	for _, list := range []map[string]*variable{f.locals, f.originals} {
		for v := range maps.Values(list) {
			if v.goName == name && !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
	}
	for v := range maps.Values(f.versions) {
		if v.goName == name {
			found = append(found, v)
		}
	}
	for _, inner := range f.inner {
		found = append(found, inner.byGoName(name)...)
	}
	return found
}

// notUsed returns the variable of Go's name that a statement declares, and nothing uses.
func (p *program) notUsed(f *function, n *node, name string) *variable {
	named := map[string]bool{}
	if n != nil {
		for _, t := range storedIn(n) {
			if v := f.locals[t.Name]; v != nil && v.goName == name && !p.unused[v] {
				return v
			}
		}
		n.visit(func(n *node) bool {
			if n.Kind == "Name" || n.Kind == "FunctionDef" {
				named[n.Name] = true
			}
			return true
		})
	}
	all := f.byGoName(name)
	slices.SortFunc(all, func(a, b *variable) int { return strings.Compare(a.python, b.python) })
	for _, inStatement := range []bool{true, false} {
		for _, v := range all {
			if !p.unused[v] && (!inStatement || named[v.python]) {
				return v
			}
		}
	}
	return nil
}

// typeError is what is wrong with a line of a Go file.
type typeError struct {
	line int
	Msg  string
}

// assemble returns the Go file, and how many lines stand before the given ones.
func (p *program) assemble(lines []line, asked string) (text []byte, offset int) {
	var body bytes.Buffer
	for _, l := range lines {
		body.WriteString(l.text)
		body.WriteByte('\n')
	}
	var head bytes.Buffer
	p.headComment(&head)
	fmt.Fprintf(&head, "package %s\n\n", p.packageName(asked))
	if imports := imported(body.String()); len(imports) > 0 {
		fmt.Fprintf(&head, "import (\n%s)\n\n", strings.Join(imports, ""))
	}
	offset = bytes.Count(head.Bytes(), []byte("\n"))
	return append(head.Bytes(), body.Bytes()...), offset
}

// headComment writes the first file's docstring.
func (p *program) headComment(out *bytes.Buffer) {
	var names []string
	for _, s := range p.sources {
		if s.imports {
			continue
		}
		names = append(names, filepath.Base(s.path))
	}
	text, _ := docstring(p.sources[0].tree.Body)
	prefix := "Package " + p.packageName("")
	if p.isMain {
		base := strings.TrimSuffix(names[0], ".py")
		prefix = "Command " + base
	}
	if text == "" {
		fmt.Fprintf(out, "// %s is a port of %s by gotorch port.\n", prefix, strings.Join(names, ", "))
		return
	}
	for _, l := range docComment(prefix, text) {
		fmt.Fprintln(out, l)
	}
	fmt.Fprintf(out, "//\n// It is a port of %s by gotorch port.\n", strings.Join(names, ", "))
}

// imported returns the lines of the imports that a file's text needs.
func imported(body string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body, 0) // with what names mean in their functions
	if file == nil || err != nil && len(file.Decls) == 0 {
		return nil
	}
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && (x.Name == "F" || importPath(x.Name) != "") {
				found[x.Name] = true
			}
		}
		return true
	})
	var builtin, own []string
	for name := range found {
		switch {
		case standard[name] != "":
			builtin = append(builtin, fmt.Sprintf("\t%q\n", importPath(name)))
		case name == "F":
			own = append(own, fmt.Sprintf("\tF %q\n", importPath("functional")))
		default:
			own = append(own, fmt.Sprintf("\t%q\n", importPath(name)))
		}
	}
	slices.Sort(builtin)
	slices.SortFunc(own, func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
	})
	if len(builtin) > 0 && len(own) > 0 {
		builtin = append(builtin, "\n")
	}
	return append(builtin, own...)
}

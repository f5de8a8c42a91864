// Package vet finds mistakes in programs that use gotorch, which Go's compiler lets pass:
// each of [Analyzers] knows a kind. Cmd gotorchvet runs them.
//
// A comment suppresses what is said of its line, or, on a line of its own, of the next:
//
//	x.Add(1) //nolint:gotorchvet // only its time counts
package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzers are the checks, one for each kind of mistake.
var Analyzers = []*analysis.Analyzer{
	Dropped, Elements, Fields, Formats, Initialized, Labels, OneOptions, Operands, Scopes, Shapes, ZeroGrad,
}

// check is the run of an analyzer over a package.
type check struct {
	*analysis.Pass
	root   inspector.Cursor
	quiet  map[place]bool
	values values // nil until it is asked for
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// analyzer returns one whose findings comments can suppress.
func analyzer(name, doc string, run func(*check)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      "https://pkg.go.dev/github.com/wangkuiyi/gotorch/cmd/gotorchvet",
		Requires: []*analysis.Analyzer{inspect.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			if !imports(pass, torchPath) {
				return nil, nil
			}
			c := &check{Pass: pass, root: pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()}
			c.quiet = c.suppressed()
			run(c)
			return nil, nil
		},
	}
}

// imports reports whether a package imports one of gotorch's, which begin with path.
func imports(pass *analysis.Pass, path string) bool {
	for _, p := range pass.Pkg.Imports() {
		if isWithin(p.Path(), path) {
			return true
		}
	}
	return isWithin(pass.Pkg.Path(), path)
}

// nolint is a comment that suppresses findings.
var nolint = regexp.MustCompile(`^//nolint:([a-z0-9,_-]+)`)

// suppressed returns the lines of which nothing is said.
func (c *check) suppressed() map[place]bool {
	quiet := map[place]bool{}
	for _, file := range c.Files {
		var text []string
		for _, group := range file.Comments {
			for _, comment := range group.List {
				m := nolint.FindStringSubmatch(comment.Text)
				if m == nil || !slices.Contains(strings.Split(m[1], ","), "gotorchvet") {
					continue
				}
				at := c.Fset.PositionFor(comment.Pos(), false)
				if text == nil {
					source, err := c.ReadFile(at.Filename)
					if err != nil {
						source = nil
					}
					text = strings.Split(string(source), "\n")
				}
				line := at.Line
				if line <= len(text) && strings.HasPrefix(strings.TrimSpace(text[line-1]), "//") {
					line++ // it stands alone
				}
				quiet[place{at.Filename, line}] = true
			}
		}
	}
	return quiet
}

// report says what is wrong at a node, and how it may be mended.
func (c *check) report(at ast.Node, fixes []analysis.SuggestedFix, format string, args ...any) {
	p := c.Fset.PositionFor(at.Pos(), false)
	if !c.quiet[place{p.Filename, p.Line}] {
		c.Report(analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Message: fmt.Sprintf(format, args...), SuggestedFixes: fixes})
	}
}

// edit is a fix of one replacement.
func edit(message string, from, to token.Pos, text string) []analysis.SuggestedFix {
	return []analysis.SuggestedFix{{Message: message, TextEdits: []analysis.TextEdit{{Pos: from, End: to, NewText: []byte(text)}}}}
}

// around is a fix that puts text before and after a node.
func around(message string, node ast.Node, before, after string) []analysis.SuggestedFix {
	edits := []analysis.TextEdit{{Pos: node.Pos(), End: node.Pos(), NewText: []byte(before)}, {Pos: node.End(), End: node.End(), NewText: []byte(after)}}
	if before == "" {
		edits = edits[1:]
	}
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// source returns the text of a node, as far as it is short.
func (c *check) source(node ast.Node) string {
	file := c.Fset.File(node.Pos())
	text, err := c.ReadFile(file.Name())
	from, to := file.Offset(node.Pos()), file.Offset(node.End())
	if err != nil || to > len(text) {
		return "it"
	}
	if s := string(text[from:to]); len(s) <= 40 && !strings.Contains(s, "\n") {
		return s
	}
	return "it"
}

package vet_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/wangkuiyi/gotorch/internal/vet"
)

// finding is what an analyzer says of a line.
type finding struct {
	analyzer   string
	file       string
	line       int
	diagnostic analysis.Diagnostic
	fset       *token.FileSet
}

// analyzed are the findings in the packages of testdata, by their names. They are compiled
// against the real packages of gotorch.
var analyzed = sync.OnceValues(func() (map[string][]finding, error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedModule}, "./testdata/mistakes", "./testdata/good")
	if err != nil {
		return nil, err
	}
	graph, err := checker.Analyze(vet.Analyzers, loaded, nil)
	if err != nil {
		return nil, err
	}
	found := map[string][]finding{}
	for _, root := range graph.Roots {
		p := root.Package
		if root.Err != nil || len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %w %v", p.Name, root.Err, p.Errors)
		}
		for _, d := range root.Diagnostics {
			at := p.Fset.Position(d.Pos)
			found[p.Name] = append(found[p.Name], finding{root.Analyzer.Name, filepath.Base(at.Filename), at.Line, d, p.Fset})
		}
	}
	return found, nil
})

// analyze returns the findings in a package of testdata.
func analyze(t *testing.T, name string) []finding {
	t.Helper()
	found, err := analyzed()
	require.NoError(t, err)
	return found[name]
}

// want is a comment that says what is found in its line.
var want = regexp.MustCompile("// want (\"[^\"]*\"|`[^`]*`)")

// Every planted mistake is found, by the analyzer of its file, and nothing else is.
func TestMistakesAreFound(t *testing.T) {
	found := analyze(t, "mistakes")
	planted := 0
	files, err := filepath.Glob("testdata/mistakes/*.go")
	require.NoError(t, err)
	for _, file := range files {
		name := filepath.Base(file)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			m := want.FindStringSubmatch(line)
			here := slices.DeleteFunc(slices.Clone(found), func(f finding) bool { return f.file != name || f.line != i+1 })
			if m == nil {
				for _, f := range here {
					t.Errorf("%s:%d: %s", name, i+1, f.diagnostic.Message)
				}
				continue
			}
			planted++
			words, err := strconv.Unquote(m[1])
			require.NoError(t, err)
			t.Run(fmt.Sprintf("%s:%d", name, i+1), func(t *testing.T) {
				require.Len(t, here, 1)
				assert.Equal(t, strings.TrimSuffix(name, ".go"), here[0].analyzer)
				assert.Regexp(t, words, here[0].diagnostic.Message)
			})
		}
	}
	assert.GreaterOrEqual(t, planted, 60)
}

// What only looks like a mistake is not reported.
func TestGoodCodePasses(t *testing.T) {
	for _, f := range analyze(t, "good") {
		t.Errorf("%s:%d: %s: %s", f.file, f.line, f.analyzer, f.diagnostic.Message)
	}
}

// Suggested fixes make what the files in testdata/fixed have.
func TestFixes(t *testing.T) {
	edits := map[string][]analysis.TextEdit{}
	var fset *token.FileSet
	for _, f := range analyze(t, "mistakes") {
		require.LessOrEqual(t, len(f.diagnostic.SuggestedFixes), 1)
		for _, fix := range f.diagnostic.SuggestedFixes {
			assert.NotEmpty(t, fix.Message)
			edits[f.file] = append(edits[f.file], fix.TextEdits...)
		}
		fset = f.fset
	}
	assert.NotEmpty(t, edits)
	for name, list := range edits {
		text, err := os.ReadFile("testdata/mistakes/" + name)
		require.NoError(t, err)
		slices.SortFunc(list, func(a, b analysis.TextEdit) int { return int(b.Pos - a.Pos) })
		for _, e := range list {
			from, to := fset.Position(e.Pos).Offset, fset.Position(e.End).Offset
			text = slices.Concat(text[:from], e.NewText, text[to:])
		}
		_, err = parser.ParseFile(token.NewFileSet(), name, text, 0)
		require.NoError(t, err)
		path := "testdata/fixed/" + name + ".golden"
		if os.Getenv("UPDATE_FIXED") != "" {
			require.NoError(t, os.WriteFile(path, fixedLines(text), 0o600))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(golden), string(fixedLines(text)))
	}
}

// fixedLines returns a file without the comments that say what is found.
func fixedLines(text []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(text)) {
		if at := strings.Index(line, "// want"); at >= 0 {
			line = strings.TrimRight(line[:at], " \t") + "\n"
		}
		out.WriteString(line)
	}
	return out.Bytes()
}

// Analyzers say what they are for.
func TestAnalyzersAreValid(t *testing.T) {
	require.NoError(t, analysis.Validate(vet.Analyzers))
	assert.True(t, slices.IsSortedFunc(vet.Analyzers, func(a, b *analysis.Analyzer) int { return strings.Compare(a.Name, b.Name) }))
}

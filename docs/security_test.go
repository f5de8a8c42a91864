package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each promise of SECURITY.md names tests, and these are there.
func TestPromisesHaveTests(t *testing.T) {
	text, err := os.ReadFile("../SECURITY.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## Promised\n")
	section, _, found := strings.Cut(section, "\n## ")
	require.True(t, found)
	promises := strings.Split(strings.TrimSpace(section), "\n\n")
	assert.Len(t, promises, 7)
	name := regexp.MustCompile("`([a-z][a-z/]*)\\.((?:Test|Fuzz)\\w+)`")
	for _, promise := range promises {
		title, _, _ := strings.Cut(promise, "\n")
		_, list, _ := strings.Cut(promise, "\nTests: ")
		named := name.FindAllStringSubmatch(list, -1)
		assert.NotEmpty(t, named, title)
		assert.Len(t, named, strings.Count(list, "`")/2, "%s: a name is not of the form `package.TestName`", title)
		for _, n := range named {
			assert.True(t, hasFunction(t, filepath.Join("..", n[1]), n[2]), "%s: there is no %s in %s", title, n[2], n[1])
		}
	}
}

// hasFunction says whether a test file of a folder has a function.
func hasFunction(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	return slices.ContainsFunc(files, func(path string) bool {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return strings.Contains(string(text), "\nfunc "+name+"(")
	})
}

// Nothing in the packages of the library ends the process.
func TestNothingExits(t *testing.T) {
	ends := regexp.MustCompile(`^(os|syscall|unix)\.Exit$|^log\.Fatal(f|ln)?$|^runtime\.Goexit$`)
	looked := 0
	for _, root := range []string{"../cgotorch", "../torch", "../internal"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "torchtest"): // which ends tests
				return filepath.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil || file.Name.Name == "main" {
				return err
			}
			looked++
			ast.Inspect(file, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := selector.X.(*ast.Ident); ok {
						assert.NotRegexp(t, ends, x.Name+"."+selector.Sel.Name, path)
					}
				}
				return true
			})
			return nil
		}))
	}
	assert.Greater(t, looked, 500)
}

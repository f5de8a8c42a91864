package nn_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// structs returns the structs of this package's sources, by name.
func structs(t *testing.T) map[string]*ast.StructType {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string]*ast.StructType{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					found[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	return found
}

// embedded returns the name of the type that a field embeds, or "".
func embedded(f *ast.Field) string {
	if len(f.Names) > 0 {
		return ""
	}
	t := f.Type
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// exported returns the exported fields that a struct has, those of its bases too.
func exported(all map[string]*ast.StructType, name string) []string {
	var names []string
	for _, f := range all[name].Fields.List {
		if base := embedded(f); base != "" && base != "Module" {
			names = append(names, exported(all, base)...)
		}
		for _, n := range f.Names {
			if n.IsExported() {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// TestDocsNameTheFieldsOfBases: go doc shows that a struct embeds a base, and what
// fields it has by that only if its comment says so.
func TestDocsNameTheFieldsOfBases(t *testing.T) {
	if _, err := os.Stat("doc.go"); err != nil {
		t.Skip("the sources are not here: make cuda-pack has the test without them")
	}
	all := structs(t)
	checked := 0
	for name, s := range all {
		for _, f := range s.Fields.List {
			base := embedded(f)
			if !ast.IsExported(name) || base == "" || base == "Module" || strings.HasPrefix(name, "Lazy") || strings.HasSuffix(name, "Options") {
				continue
			}
			assert.True(t, ast.IsExported(base), "%s hides its fields in %s", name, base)
			if base == "NumberedModules" { // which has no fields
				continue
			}
			checked++
			for _, field := range exported(all, base) {
				if base == "ConvNd" && field == "OutputPadding" { // of transposed convolutions only
					continue
				}
				assert.Contains(t, strings.FieldsFunc(f.Comment.Text(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }), field, name)
			}
		}
	}
	assert.Greater(t, checked, 60)
	for _, field := range []string{"Weight", "Bias", "Stride", "KernelSize"} {
		assert.Contains(t, all["Conv2d"].Fields.List[0].Comment.Text(), field)
	}
}

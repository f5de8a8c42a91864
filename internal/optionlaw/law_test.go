// Package optionlaw checks that all options structs follow one law: a field whose
// default is Go's zero value is plain, and any other is a pointer or another type
// whose zero value says that nothing is given.
package optionlaw_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exceptions are fields that the law lets be as they are, with the reason.
var exceptions = map[string]string{
	"Fused": "nil and false are told apart, as Python's None and False are",
	"LR":    "an optimizer's learning rate, where 0 is PyTorch's default, says its documentation",
}

// number is what a default that is a number, or several, begins with; "3/4" too.
var number = regexp.MustCompile(`^[-−]?[0-9]`)

// breach says how a field breaks the law, or "".
func breach(name, typ, comment string) string {
	_, standard, given := strings.Cut(comment, "default: ")
	if name == "Reduction" && typ == "string" || strings.HasSuffix(name, "Mode") && typ == "string" {
		return "a mode is a typed string"
	}
	if !given || exceptions[name] != "" {
		return ""
	}
	plain := typ == "int" || typ == "float64" || typ == "int64" || typ == "float32" || strings.HasPrefix(typ, "[2]") || strings.HasPrefix(typ, "[3]")
	zero := regexp.MustCompile(`^[-−]?0(\.0*)?($|[^.0-9/])`).MatchString(standard)
	switch {
	case plain && number.MatchString(standard) && !zero:
		return "its default is not 0, so it is a pointer"
	case typ == "bool" && (strings.HasPrefix(standard, "true") || strings.HasPrefix(standard, "True")):
		return "its default is true, so it is a pointer"
	case (typ == "*int" || typ == "*float64") && zero && strings.TrimLeft(standard, "-−0.") == "":
		return "its default is 0, so it is plain"
	case typ == "*bool" && (standard == "false" || standard == "False"):
		return "its default is false, so it is plain"
	}
	return ""
}

func TestLawFindsBreaches(t *testing.T) {
	for _, f := range [][3]string{
		{"Eps", "float64", "default: 1e-8"}, {"Dim", "int", "default: −1"}, {"Bias", "bool", "default: true"}, {"Betas", "[2]float64", "default: 0.9 and 0.999"},
		{"Value", "*float64", "default: 0"}, {"Keepdim", "*bool", "default: False"}, {"Reduction", "string", ""}, {"PaddingMode", "string", "default: zeros"},
		{"Factor", "float64", "default: 1/3"}, {"P", "float64", "default: 0.5"},
	} {
		assert.NotEmpty(t, breach(f[0], f[1], f[2]), "%v", f)
	}
	for _, f := range [][3]string{
		{"Eps", "*float64", "default: 1e-8"}, {"Dim", "int", "default: 0"}, {"LR", "float64", "the learning rate; default: 0.01"}, {"Dim", "*int", "default: 0, for transposed convolutions 1"},
		{"Bias", "*bool", "default: true"}, {"Momentum", "float64", ""}, {"MaxSize", "int", "default: 0 sets no limit"}, {"P", "float64", "default: 0."},
	} {
		assert.Empty(t, breach(f[0], f[1], f[2]), "%v", f)
	}
}

// TestOptionsFollowTheLaw reads the source of all packages.
func TestOptionsFollowTheLaw(t *testing.T) {
	fields, structs := 0, 0
	err := filepath.WalkDir("../../torch", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				s, ok := n.Type.(*ast.StructType)
				if !ok || !ast.IsExported(n.Name.Name) || !strings.HasSuffix(n.Name.Name, "Options") {
					return true
				}
				structs++
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						fields++
						comment := f.Comment.Text() + " " + f.Doc.Text()
						assert.Empty(t, breach(name.Name, source(f.Type), strings.TrimSpace(comment)), "%s: %s.%s", path, n.Name, name)
					}
				}
			case *ast.FuncDecl:
				if last := lastParameter(n); isPublic(n) && strings.HasSuffix(last, "Options") && !strings.HasPrefix(last, "...") && !strings.HasPrefix(last, "*") {
					assert.True(t, strings.HasSuffix(n.Name.Name, "With"), "%s: %s takes %s, which is to be variadic", path, n.Name, last)
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, structs, 300)
	assert.Greater(t, fields, 1000)
}

// isPublic reports whether users can call a function: methods of exported types only.
func isPublic(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return ast.IsExported(f.Name.Name)
	}
	receiver := strings.TrimPrefix(source(f.Recv.List[0].Type), "*")
	return ast.IsExported(f.Name.Name) && (receiver == "" || ast.IsExported(receiver))
}

// lastParameter is the type of a function's last parameter, or "".
func lastParameter(f *ast.FuncDecl) string {
	list := f.Type.Params.List
	if len(list) == 0 {
		return ""
	}
	return source(list[len(list)-1].Type)
}

// source writes a type as it is in the source, for the types that options have.
func source(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return "*" + source(x.X)
	case *ast.SelectorExpr:
		return source(x.X) + "." + x.Sel.Name
	case *ast.Ellipsis:
		return "..." + source(x.Elt)
	case *ast.ArrayType:
		if n, ok := x.Len.(*ast.BasicLit); ok {
			return "[" + n.Value + "]" + source(x.Elt)
		}
		return "[]" + source(x.Elt)
	}
	return ""
}

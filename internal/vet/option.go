package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// OneOptions finds calls with several structs of options, of which one is taken.
var OneOptions = analyzer("oneoptions", "find calls with two structs of options, which panic", oneOptions)

func oneOptions(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		signature, ok := c.typeOf(call.Fun).(*types.Signature)
		if !ok || !signature.Variadic() || !c.callee(call).isOurs() {
			continue
		}
		first := signature.Params().Len() - 1
		name, ok := optionsName(signature.Params().At(first).Type().(*types.Slice).Elem())
		if !ok {
			continue
		}
		given := call.Args[min(first, len(call.Args)):]
		if call.Ellipsis.IsValid() {
			literal, ok := ast.Unparen(given[0]).(*ast.CompositeLit)
			if !ok {
				continue
			}
			given = literal.Elts
		}
		if len(given) > 1 {
			c.report(given[1], merged(given), "%s takes one %s, and %d are given: put all fields into one", c.callee(call).name, name, len(given))
		}
	}
}

// optionsName returns the name of a struct of options.
func optionsName(t types.Type) (string, bool) {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return "", false
	}
	_, isStruct := n.Underlying().(*types.Struct)
	return n.Obj().Name(), isStruct && (strings.HasSuffix(n.Obj().Name(), "Options") || n.Obj().Name() == "Options")
}

// merged returns the fix that makes one of two literals, if no field is in both.
func merged(given []ast.Expr) []analysis.SuggestedFix {
	fields := map[string]bool{}
	var literals []*ast.CompositeLit
	for _, e := range given {
		literal, ok := ast.Unparen(e).(*ast.CompositeLit)
		if !ok || literal.Type == nil || len(literal.Elts) == 0 {
			return nil
		}
		for _, e := range literal.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				return nil
			}
			name := kv.Key.(*ast.Ident).Name
			if fields[name] {
				return nil
			}
			fields[name] = true
		}
		literals = append(literals, literal)
	}
	var edits []analysis.TextEdit
	for i, next := range literals[1:] {
		last := literals[i].Elts[len(literals[i].Elts)-1]
		edits = append(edits, analysis.TextEdit{Pos: last.End(), End: next.Elts[0].Pos(), NewText: []byte(", ")})
	}
	return []analysis.SuggestedFix{{Message: "put all fields into one", TextEdits: edits}}
}

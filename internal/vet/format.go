package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"regexp"
	"strings"
)

// Formats finds verbs of fmt that do not fit a tensor. Go's own check of printf lets all
// pass for a type that formats itself.
var Formats = analyzer("formats", "find verbs of Printf that do not fit a tensor's dtype, such as %d of a loss", formats)

// printing are the packages whose functions take a format and its arguments.
var printing = regexp.MustCompile(`^(fmt|log|testing)$|^github.com/stretchr/testify/`)

func formats(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		f := c.callee(call)
		signature, ok := c.typeOf(call.Fun).(*types.Signature)
		if !ok || !signature.Variadic() || !strings.HasSuffix(f.name, "f") || !printing.MatchString(f.path) || call.Ellipsis.IsValid() {
			continue
		}
		at := signature.Params().Len() - 2
		if at < 0 || at >= len(call.Args) {
			continue
		}
		format := c.TypesInfo.Types[call.Args[at]].Value
		if format == nil || format.Kind() != constant.String {
			continue
		}
		verbs := verbsOf(constant.StringVal(format))
		for i, argument := range call.Args[at+1:] {
			if i < len(verbs) {
				c.verb(f.name, verbs[i], argument)
			}
		}
	}
}

// directive is one verb of a format with its flags.
var directive = regexp.MustCompile(`%([-+# 0]*)([0-9]*)(\.[0-9]*)?(.)`)

// verbsOf returns the verbs of a format in order; none if it counts arguments in
// another way.
func verbsOf(format string) (verbs []string) {
	for _, m := range directive.FindAllStringSubmatch(format, -1) {
		switch m[4] {
		case "%":
		case "*", "[":
			return nil
		default:
			verbs = append(verbs, m[4])
		}
	}
	return verbs
}

// verb looks at a verb and its argument.
func (c *check) verb(function, verb string, argument ast.Expr) {
	t := c.typeOf(argument)
	if isNamed(t, torchPath, "Tensor") {
		c.report(argument, nil, "%s gets a Tensor by value: give the *torch.Tensor", function)
		return
	}
	if !isTensor(t) {
		return
	}
	k := c.kindOf(argument)
	switch {
	case verb == "w":
		c.report(argument, nil, "%%w is for errors, not for a tensor: write %%v")
	case strings.Contains("cU", verb):
		c.report(argument, nil, "%%%s is for characters, not for a tensor: write %%v, or give Item or Int of it", verb)
	case strings.Contains("doO", verb) && k == floating:
		c.report(argument, nil, "%%%s of a tensor of %s: write %%g, %%.4f or %%v, or give Int of it", verb, k)
	case verb == "t" && (k == floating || k == integer):
		c.report(argument, nil, "%%t of a tensor of %s: write %%v, or give Bool of it", k)
	}
}

package main

import (
	"strings"

	"github.com/wangkuiyi/gotorch/internal/schema"
)

// operatorSchema is an operator's schema, as the generator looks at it.
type operatorSchema struct {
	text    string // as the dispatcher prints it
	name    string // "add_.Tensor"
	args    []argument
	results []result
}

// argument is a parameter of an operator.
type argument struct {
	typ, name, def string
	optional       bool // has a default, or is None where it is not named
}

// result is what an operator gives; the name may be empty.
type result struct{ typ, name string }

// parseSchema takes "aten::name.overload(type name=default, ...) -> type" apart.
func parseSchema(text string) (*operatorSchema, error) {
	parsed, err := schema.Parse(text)
	if err != nil {
		return nil, err
	}
	s := &operatorSchema{text: text}
	name, _, _ := strings.Cut(text, "(")
	s.name = strings.TrimPrefix(name, "aten::")
	for _, a := range parsed.Arguments {
		arg := argument{typ: a.Type.String(), name: a.Name, def: a.Default, optional: a.HasDefault}
		if a.Keyword && !a.HasDefault && a.Type.Optional {
			arg.def, arg.optional = "None", true
		}
		s.args = append(s.args, arg)
	}
	for _, r := range parsed.Results {
		s.results = append(s.results, result{r.Type.String(), r.Name})
	}
	return s, nil
}

// declaration is what native_functions.yaml says of an operator beside its schema.
type declaration struct{ method, function bool }

// parseDeclarations reads native_functions.yaml, of which the names and the
// variants of the operators matter here. It is written with one key a line.
func parseDeclarations(text string) map[string]declaration {
	found := map[string]declaration{}
	var name string
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "- func":
			name, _, _ = strings.Cut(value, "(")
			found[name] = declaration{function: true}
		case "variants":
			found[name] = declaration{
				method:   strings.Contains(value, "method"),
				function: strings.Contains(value, "function"),
			}
		}
	}
	return found
}

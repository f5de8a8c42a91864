package main

import (
	"fmt"
	"strings"
)

// schema is an operator's schema, taken apart.
type schema struct {
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
func parseSchema(text string) (*schema, error) {
	s := &schema{text: text}
	head, rest, found := strings.Cut(text, "(")
	arguments, results, arrow := strings.Cut(rest, ") -> ")
	if !found || !arrow {
		return nil, fmt.Errorf("not a schema: %q", text)
	}
	s.name = strings.TrimPrefix(head, "aten::")
	named := false // the arguments from here on are
	for _, part := range splitTop(arguments) {
		if part == "*" {
			named = true
			continue
		}
		declaration, def, optional := strings.Cut(part, "=")
		space := strings.LastIndex(declaration, " ")
		typ := plainType(declaration[:space])
		if named && !optional && strings.HasSuffix(typ, "?") {
			def, optional = "None", true
		}
		s.args = append(s.args, argument{typ: typ, name: declaration[space+1:], def: def, optional: optional})
	}
	if strings.HasPrefix(results, "(") {
		results = results[1 : len(results)-1]
	}
	for _, part := range splitTop(results) {
		typ, name := part, ""
		if space := strings.LastIndex(part, " "); space > strings.LastIndex(part, ")") {
			typ, name = part[:space], part[space+1:]
		}
		s.results = append(s.results, result{plainType(typ), name})
	}
	return s, nil
}

// splitTop splits at the commas that are not within brackets.
func splitTop(text string) (parts []string) {
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(text[from:i]))
				from = i + 1
			}
		}
	}
	if last := strings.TrimSpace(text[from:]); last != "" {
		parts = append(parts, last)
	}
	return parts
}

// plainType drops alias annotations and symbolic integers: "Tensor(a!)" is a
// Tensor, "SymInt[2]?" an int[2]?.
func plainType(typ string) string {
	open, closing := strings.Index(typ, "("), strings.Index(typ, ")")
	if open >= 0 && closing > open {
		typ = typ[:open] + typ[closing+1:]
	}
	return strings.ReplaceAll(typ, "SymInt", "int")
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

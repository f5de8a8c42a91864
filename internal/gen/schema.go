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
	results []string // types
}

// argument is a parameter of an operator.
type argument struct {
	typ, name, def string
	optional       bool // has a default
}

// parseSchema takes "aten::name.overload(type name=default, ...) -> type" apart.
func parseSchema(text string) (schema, error) {
	s := schema{text: text}
	head, rest, found := strings.Cut(text, "(")
	arguments, results, arrow := strings.Cut(rest, ") -> ")
	if !found || !arrow {
		return s, fmt.Errorf("not a schema: %q", text)
	}
	s.name = strings.TrimPrefix(head, "aten::")
	for _, part := range splitTop(arguments) {
		if part == "*" {
			continue
		}
		declaration, def, optional := strings.Cut(part, "=")
		space := strings.LastIndex(declaration, " ")
		s.args = append(s.args, argument{typ: plainType(declaration[:space]), name: declaration[space+1:], def: def, optional: optional})
	}
	if strings.HasPrefix(results, "(") {
		results = results[1 : len(results)-1]
	}
	for _, part := range splitTop(results) {
		typ, _, _ := strings.Cut(part, " ")
		s.results = append(s.results, plainType(typ))
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

// plainType drops alias annotations: "Tensor(a!)" is a Tensor.
func plainType(typ string) string {
	open, closing := strings.Index(typ, "("), strings.Index(typ, ")")
	if open >= 0 && closing > open {
		typ = typ[:open] + typ[closing+1:]
	}
	return strings.ReplaceAll(typ, "SymInt", "int")
}

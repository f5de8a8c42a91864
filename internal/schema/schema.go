// Package schema takes the schemas of libtorch's operators apart.
package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// Schema is an operator's schema.
type Schema struct {
	Text      string // as the dispatcher prints it
	Name      string // "aten::add_"
	Overload  string // "Tensor", or ""
	Arguments []Argument
	Results   []Result
}

// Argument is a parameter of an operator.
type Argument struct {
	Type       *Type
	Name       string
	Default    string // as it is written, such as "None" or "[0, 1]"
	HasDefault bool
	Keyword    bool // can be passed by its name only
}

// IsDefault reports whether text, in Go's notation or in Python's, is the default, which
// schemas write in a way of their own: "2." and "contiguous_format".
func (a *Argument) IsDefault(text string) bool {
	if !a.HasDefault {
		return false
	}
	switch text {
	case a.Default, "torch." + a.Default:
		return true
	case "true", "false":
		return strings.EqualFold(text, a.Default)
	}
	want, err := strconv.ParseFloat(a.Default, 64)
	if err != nil {
		return false
	}
	got, err := strconv.ParseFloat(text, 64)
	return err == nil && got == want
}

// Result is what an operator gives. Its name may be empty.
type Result struct {
	Type *Type
	Name string
}

// Type is the type of an argument or a result.
type Type struct {
	Name     string // of what is not a list: "Tensor", "int", "ScalarType"
	Element  *Type  // of a list
	Size     int    // of a list for whose elements one value may stand: 2 of int[2]
	Optional bool   // may be None
	Alias    string // "a" of Tensor(a), which shares memory with others of that name; "a!" if it is written to
}

// String returns the type as schemas write it, with symbolic integers as ints:
// "int[2]?" for SymInt[2]?, "Tensor" for Tensor(a!).
func (t *Type) String() string {
	text := t.Name
	if t.Element != nil {
		text = t.Element.String() + "["
		if t.Size > 0 {
			text += strconv.Itoa(t.Size)
		}
		text += "]"
	}
	if t.Optional {
		text += "?"
	}
	return text
}

// Parse takes "aten::name.overload(type name=default, ...) -> type" apart.
func Parse(text string) (*Schema, error) {
	head, rest, found := strings.Cut(text, "(")
	arguments, results, closed := cutBracket(rest)
	results, arrow := strings.CutPrefix(results, " -> ")
	if !found || !closed || !arrow {
		return nil, fmt.Errorf("not an operator's schema: %q", brief.Text(text))
	}
	s := &Schema{Text: text}
	s.Name, s.Overload, _ = strings.Cut(head, ".")
	keyword := false
	for _, part := range split(arguments) {
		if part == "*" {
			keyword = true
			continue
		}
		declaration, value, hasDefault := strings.Cut(part, "=")
		typ, name, err := parseDeclaration(declaration)
		if err != nil {
			return nil, err
		}
		s.Arguments = append(s.Arguments, Argument{typ, name, value, hasDefault, keyword})
	}
	if strings.HasPrefix(results, "(") {
		results, _, _ = cutBracket(results[1:])
	}
	for _, part := range split(results) {
		typ, name, err := parseDeclaration(part)
		if err != nil {
			return nil, err
		}
		s.Results = append(s.Results, Result{typ, name})
	}
	return s, nil
}

// cutBracket cuts text, which follows an opening bracket, at the closing one.
func cutBracket(text string) (before, after string, found bool) {
	end := -1
	scan(text, func(i, depth int) {
		if depth < 0 && end < 0 {
			end = i
		}
	})
	if end < 0 {
		return text, "", false
	}
	return text[:end], text[end+1:], true
}

// split splits at the commas that are in no brackets.
func split(text string) (parts []string) {
	from := 0
	scan(text, func(i, depth int) {
		if text[i] == ',' && depth == 0 {
			parts = append(parts, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	})
	if last := strings.TrimSpace(text[from:]); last != "" {
		parts = append(parts, last)
	}
	return parts
}

// scan calls f for each byte outside of quotes, with how many brackets are open
// after it.
func scan(text string, f func(i, depth int)) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		}
		if !quoted && i < len(text) {
			f(i, depth)
		}
	}
}

// cutName cuts the name off a declaration, "Tensor(a -> *) self"; it may be missing.
func cutName(declaration string) (typ, name string) {
	space := strings.LastIndexByte(declaration, ' ')
	if space < strings.LastIndexByte(declaration, ')') {
		space = -1
	}
	if space < 0 {
		return declaration, ""
	}
	return declaration[:space], declaration[space+1:]
}

// parseDeclaration reads a type and a name.
func parseDeclaration(text string) (typ *Type, name string, err error) {
	declared, name := cutName(text)
	typ, err = parseType(declared)
	return typ, name, err
}

// parseType reads a type.
func parseType(text string) (*Type, error) {
	const most = 16 // lists in lists, and what says what they share memory with
	whole := &Type{}
	t, rest := whole, text
	for range most {
		var optional bool
		rest, optional = strings.CutSuffix(rest, "?")
		t.Optional = t.Optional || optional
		if open := strings.LastIndexByte(rest, '('); strings.HasSuffix(rest, ")") && open > 0 && !strings.HasPrefix(rest, "Dict(") {
			t.Alias, _, _ = strings.Cut(rest[open+1:len(rest)-1], " ->")
			rest = rest[:open]
			continue
		}
		if open := strings.LastIndexByte(rest, '['); strings.HasSuffix(rest, "]") && open >= 0 {
			t.Size, _ = strconv.Atoi(rest[open+1 : len(rest)-1])
			t.Element = &Type{}
			t, rest = t.Element, rest[:open]
			continue
		}
		if t.Name = rest; rest == "SymInt" {
			t.Name = "int"
		}
		return whole, nil
	}
	return nil, fmt.Errorf("type %q has more than %d brackets", brief.Text(text), most)
}

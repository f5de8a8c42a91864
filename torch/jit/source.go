package jit

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// mostNested is how deep expressions, blocks, values and classes may be nested in a file:
// libtorch goes into them by recursion, and the stack of a thread ends somewhere above ten
// times as many.
const mostNested = 1000

// checkSource fails on source, or a type, that is nested too deep, or that calls operators
// on files. Some of these run while libtorch compiles it.
func checkSource(text string) error {
	n := nesting{items: []int{0}}
	for len(text) > 0 {
		text = n.next(text)
		if n.refused != "" {
			return fmt.Errorf("the program calls %s, and may not read or write files", n.refused)
		}
		if n.depth > mostNested || n.indent > 2*mostNested || n.branches > mostNested {
			return fmt.Errorf("the code is nested more than %d deep", mostNested)
		}
	}
	return nil
}

// nesting bounds how deep the syntax tree of the source so far is: each operator of an
// expression may be within the one before it.
type nesting struct {
	items    []int  // for each open bracket, how many operators there are since its last comma
	depth    int    // the sum of these
	indent   int    // of the line
	branches int    // how many times a branch was within another one's end
	around   string // the word before this one
	refused  string // the operator that it may not call
}

// next reads a word, a text or a sign and returns the rest.
func (n *nesting) next(text string) string {
	switch c := text[0]; {
	case c == '\n':
		if len(n.items) == 1 {
			n.reset()
		}
		rest := strings.TrimLeft(text[1:], " \t")
		n.indent = len(text) - 1 - len(rest)
		return rest
	case c == ' ' || c == '\t' || c == '\r':
		return text[1:]
	case c == '\\':
		return strings.TrimPrefix(text[1:], "\n") // the line goes on
	case c == '#':
		line, _, _ := strings.Cut(text, "\n")
		return text[len(line):]
	case c == '"' || c == '\'':
		return skipText(text)
	case isWord(c):
		end := strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) })
		if end < 0 {
			end = len(text)
		}
		n.word(text[:end])
		return text[end:]
	case c == ',' || c == ';':
		n.reset()
	case strings.IndexByte("([{", c) >= 0:
		n.operator()
		n.items = append(n.items, 0)
	case strings.IndexByte(")]}", c) >= 0:
		if len(n.items) > 1 {
			n.reset()
			n.items = n.items[:len(n.items)-1]
		}
	default:
		n.operator()
	}
	return text[1:]
}

func (n *nesting) word(word string) {
	switch {
	case word == "from_file":
		n.refused = "aten::from_file"
	case word == "save" && (n.around == "torch" || n.around == "aten"):
		n.refused = "aten::save"
	}
	n.around = word
	switch word {
	case "not", "and", "or", "if", "else", "in", "is", "lambda", "await":
		n.operator()
	case "elif":
		n.branches++
	}
}

func (n *nesting) operator() {
	n.items[len(n.items)-1]++
	n.depth++
}

// reset begins another item within the same bracket.
func (n *nesting) reset() {
	last := &n.items[len(n.items)-1]
	n.depth -= *last
	*last = 0
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// skipText returns what comes after the text that begins here.
func skipText(text string) string {
	quote := text[:1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text, triple) {
		quote = triple
	}
	for i := len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], quote):
			return text[i+len(quote):]
		}
	}
	return ""
}

// classes says which classes and functions of a program name which others.
type classes map[string][]string

var (
	definition = regexp.MustCompile(`(?m)^(?:class|def) ([A-Za-z_][A-Za-z0-9_]*)`)
	mention    = regexp.MustCompile(`__torch__(?:\.[A-Za-z0-9_]+)+`)
)

// note notes what a file of source defines, such as "code/__torch__/net.py".
func (c *classes) note(name, text string) {
	if *c == nil {
		*c = classes{}
	}
	around := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(name, "code/"), ".py"), "/", ".") + "."
	found := definition.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		own := around + text[at[2]:at[3]]
		(*c)[own] = append((*c)[own], mention.FindAllString(text[at[0]:end], -1)...)
	}
}

// check fails where classes and functions name each other in too long a chain.
func (c classes) check() error {
	heights := map[string]int{}
	var height func(name string, depth int) (int, error)
	height = func(name string, depth int) (int, error) {
		if depth > mostNested {
			return 0, fmt.Errorf("classes and functions need each other more than %d deep, from %s on", mostNested, brief.Text(name))
		}
		if h, ok := heights[name]; ok {
			if depth+h > mostNested {
				return height(name, mostNested+1)
			}
			return h, nil
		}
		heights[name] = 0 // also while it is looked at
		most := 0
		for _, other := range c[name] {
			h, err := height(c.owner(other), depth+1)
			if err != nil {
				return 0, err
			}
			most = max(most, h+1)
		}
		heights[name] = most
		return most, nil
	}
	for name := range c {
		if _, err := height(name, 0); err != nil {
			return err
		}
	}
	return nil
}

// owner returns the class or the function that a name belongs to, such as a method's.
func (c classes) owner(name string) string {
	for at := name; at != ""; {
		if _, ok := c[at]; ok {
			return at
		}
		at = at[:max(strings.LastIndexByte(at, '.'), 0)]
	}
	return name
}

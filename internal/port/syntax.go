package port

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// largestFile is how long a Python file may be, in bytes.
const largestFile = 4 << 20

// parseTime is how long Python may take to read a file.
const parseTime = 30 * time.Second

//go:embed dump.py
var dumpScript string

// node is one of CPython's syntax tree. Its fields are those of Python's ast; the
// script that makes the tree tells those of one name and several types apart.
type node struct {
	Kind    string `json:"kind"`
	Line    int    `json:"lineno"`
	EndLine int    `json:"end_lineno"`
	Col     int    `json:"col_offset"` // in bytes
	EndCol  int    `json:"end_col_offset"`

	Name       string   `json:"name"` // of a name, an attribute, a parameter, a module
	AsName     string   `json:"asname"`
	Constant   string   `json:"constant"`
	Type       string   `json:"type"` // of the constant
	Op         string   `json:"op"`
	Ops        []string `json:"ops"`
	Words      []string `json:"words"`
	Conversion int      `json:"conversion"`
	Level      int      `json:"level"` // of a relative import

	Value, Target, Left, Right, Operand, Func, Test, Iter, Slice, Then, Other *node
	Lower, Upper, Step, Annotation, Returns, Msg, Exc, Elt, Key, Rest         *node
	Signature                                                                 *node
	RestKeywords                                                              *node `json:"rest_keywords"`
	ContextExpr                                                               *node `json:"context_expr"`
	OptionalVars                                                              *node `json:"optional_vars"`
	FormatSpec                                                                *node `json:"format_spec"`

	Body, Orelse, Targets, Elts, Keys, Values, Bases, Keywords, Comparators []*node
	Generators, Ifs, Items, Aliases, Posonly, Params, Kwonly, Defaults      []*node
	Arguments, Handlers, Finalbody                                          []*node
	Decorators                                                              []*node `json:"decorator_list"`
	KwDefaults                                                              []*node `json:"kw_defaults"`

	split bool // it was a part of the statement before
}

// comment is one of a Python file.
type comment struct {
	Line     int    `json:"line"`
	Text     string `json:"text"`
	Trailing bool   `json:"trailing"` // behind code of the same line
}

// source is a Python file that was read.
type source struct {
	path     string
	lines    []string
	tree     *node
	comments []comment
	imports  bool // but what another file imports is kept
}

// parse lets Python read a file.
func parse(ctx context.Context, python, path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", path)
	case info.Size() > largestFile:
		return nil, fmt.Errorf("%s has %d bytes, more than %d: port its parts one by one", path, info.Size(), largestFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, parseTime)
	defer cancel()
	var out, log bytes.Buffer
	command := exec.CommandContext(ctx, python, "-I", "-S", "-c", dumpScript, path)
	command.Stdout, command.Stderr = &out, &log
	command.WaitDelay = time.Second
	switch err := command.Run(); {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %s did not read it within %v", path, python, parseTime)
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("there is no %q: Python 3.9 or newer reads the sources; -python names it", python)
	case err != nil:
		return nil, fmt.Errorf("%s: %s could not read it: %w: %s", path, python, err, lastLine(log.String()))
	}
	var answer struct {
		Tree     *node
		Comments []comment
		Error    string
		Line     int
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		return nil, fmt.Errorf("%s: %s gave no syntax tree: %w", path, python, err)
	}
	if answer.Error != "" {
		hint := ""
		for _, old := range []string{"Missing parentheses in call to", "multiple exception types must be parenthesized", "leading zeros in decimal integer literals"} {
			if strings.HasPrefix(answer.Error, old) {
				hint = " (this is Python 2: 2to3 makes Python 3 of it)"
			}
		}
		if answer.Line == 0 {
			return nil, fmt.Errorf("%s: %s", path, answer.Error)
		}
		return nil, fmt.Errorf("%s:%d: %s%s", path, answer.Line, answer.Error, hint)
	}
	return &source{path: path, lines: strings.Split(string(text), "\n"), tree: answer.Tree, comments: answer.Comments}, nil
}

// lastLine returns the last line of what a program said.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// text returns a node's Python on one line, cut where it is long.
func (s *source) text(n *node) string {
	if n.Line < 1 || n.Line > len(s.lines) {
		return ""
	}
	line := s.lines[n.Line-1]
	switch {
	case n.EndLine == n.Line && n.EndCol <= len(line) && n.Col <= n.EndCol:
		line = line[n.Col:n.EndCol]
	case len(n.Body) == 0:
		parts := []string{line[min(n.Col, len(line)):]}
		parts = append(parts, s.lines[n.Line:min(n.EndLine, len(s.lines))]...)
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		line = strings.Join(parts, " ")
	default:
		line = line[min(n.Col, len(line)):]
	}
	line = strings.ToValidUTF8(strings.TrimSpace(line), "?")
	if runes := []rune(line); len(runes) > 120 {
		line = string(runes[:117]) + "..."
	}
	return line
}

// visit calls f with a node and all below it, in the source's order; f tells
// whether to go below.
func (n *node) visit(f func(*node) bool) {
	if n == nil || !f(n) {
		return
	}
	for _, child := range n.children() {
		child.visit(f)
	}
}

// children returns the nodes right below one.
func (n *node) children() []*node {
	var all []*node
	all = append(all, n.Decorators...)
	for _, one := range []*node{n.Signature, n.Func, n.Left, n.Target, n.Iter, n.Test, n.Then, n.Other, n.Operand, n.Right,
		n.Value, n.Slice, n.Lower, n.Upper, n.Step, n.Elt, n.Key, n.Exc, n.Msg, n.ContextExpr, n.OptionalVars, n.FormatSpec} {
		if one != nil {
			all = append(all, one)
		}
	}
	for _, list := range [][]*node{n.Targets, n.Bases, n.Generators, n.Keys, n.Values, n.Elts, n.Comparators, n.Arguments,
		n.Keywords, n.Ifs, n.Items, n.Defaults, n.KwDefaults, n.Body, n.Handlers, n.Orelse, n.Finalbody} {
		for _, one := range list {
			if one != nil {
				all = append(all, one)
			}
		}
	}
	return all
}

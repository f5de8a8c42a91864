package export

import (
	"strconv"
	"strings"
)

// parseInfix reads an expression as people write it, and as [graph.Size] has it:
// "2*s0 + 1", "(s0//2)", "Max(1, s0)". It is nil if it is none.
func parseInfix(text string) *expression {
	p := &infixParser{parser{text: strings.ReplaceAll(text, " ", "")}}
	e := p.sum(0)
	if p.text != "" {
		return nil
	}
	return e
}

type infixParser struct{ parser }

// apply makes a function's call of the results of next, which an operator stands between.
func (p *infixParser) apply(function string, next func() *expression) *expression {
	operator := strings.TrimSpace(operators[function])
	e := &expression{name: function}
	for {
		arg := next()
		if arg == nil {
			return nil
		}
		e.args = append(e.args, arg)
		if !p.skip(operator) {
			break
		}
	}
	if len(e.args) == 1 {
		return e.args[0]
	}
	return e
}

func (p *infixParser) sum(depth int) *expression {
	return p.apply("Add", func() *expression {
		return p.apply("Mul", func() *expression { return p.factor(depth) })
	})
}

// factor reads a number, a symbol, a call, or what is in parentheses.
func (p *infixParser) factor(depth int) *expression {
	if depth > maxExpression {
		return nil
	}
	if p.skip("(") {
		return p.inParentheses(depth)
	}
	n := strings.IndexAny(p.text, "(),+*/%")
	if n < 0 {
		n = len(p.text)
	}
	word := p.text[:n]
	p.text = p.text[n:]
	if p.skip("(") {
		e := &expression{name: word}
		for !p.skip(")") {
			arg := p.sum(depth + 1)
			if arg == nil {
				return nil
			}
			e.args = append(e.args, arg)
			if !p.skip(",") && !strings.HasPrefix(p.text, ")") {
				return nil
			}
		}
		return e
	}
	return atom(word)
}

func (p *infixParser) inParentheses(depth int) *expression {
	e := p.sum(depth + 1)
	for _, function := range []string{"FloorDiv", "Mod"} {
		if e != nil && p.skip(operators[function]) {
			by := p.sum(depth + 1)
			if by == nil {
				return nil
			}
			e = &expression{name: function, args: []*expression{e, by}}
		}
	}
	if !p.skip(")") {
		return nil
	}
	return e
}

// atom returns a number, a symbol, or a word of SymPy's.
func atom(word string) *expression {
	switch word {
	case "":
		return nil
	case "true", "false", "oo", "int_oo":
		return &expression{text: word}
	}
	e := &expression{name: "Symbol", args: []*expression{{text: word}}}
	if _, err := strconv.Atoi(word); err == nil {
		e.name = "Integer"
	} else if _, err := strconv.ParseFloat(word, 64); err == nil {
		e.name = "Float"
	}
	return e
}

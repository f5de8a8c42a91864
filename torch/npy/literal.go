package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// description is what the text of a header says: a dict in Python's words, with a type, a
// shape and an order.
type description struct {
	descr   string // without quotes, but of a structure the list as it is written
	fortran bool
	shape   []int
}

var errSpelling = errors.New("it is not as NumPy writes it")

// describe reads the text of a header.
func describe(text string) (d description, err error) {
	l := &literal{text}
	if !l.take("{") {
		return d, errSpelling
	}
	found := map[string]bool{}
	for !l.take("}") {
		key, ok := l.quoted()
		if !ok || found[key] || !l.take(":") {
			return d, errSpelling
		}
		found[key] = true
		switch key {
		case "descr":
			d.descr, err = l.descr()
		case "fortran_order":
			d.fortran = l.take("True")
			if !d.fortran && !l.take("False") {
				err = errors.New("fortran_order is neither True nor False")
			}
		case "shape":
			d.shape, err = l.sizes()
		default:
			err = fmt.Errorf("%q is not of NumPy", brief.Text(key))
		}
		if err != nil {
			return d, err
		}
		if !l.take(",") && !strings.HasPrefix(l.rest, "}") {
			return d, errSpelling
		}
	}
	if len(found) != 3 || strings.TrimSpace(l.rest) != "" {
		return d, errSpelling
	}
	return d, nil
}

// A literal is text in Python's words that is still to be read.
type literal struct{ rest string }

// take reads a word, and spaces around it, if it comes next.
func (l *literal) take(word string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(l.rest, " \n"), word)
	if ok {
		l.rest = strings.TrimLeft(rest, " \n")
	}
	return ok
}

// quoted reads a text without escapes.
func (l *literal) quoted() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if l.take(quote) {
			text, rest, ok := strings.Cut(l.rest, quote)
			l.rest = rest
			return text, ok && !strings.Contains(text, `\`)
		}
	}
	return "", false
}

// descr reads a type: a text, or what is in brackets, as it is written.
func (l *literal) descr() (string, error) {
	if text, ok := l.quoted(); ok && text != "" {
		return text, nil
	}
	depth, quote := 0, rune(0)
	for at, c := range l.rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		}
		if depth <= 0 && quote == 0 {
			text := l.rest[:at+1]
			if at == 0 || depth < 0 {
				break
			}
			l.rest = l.rest[at+1:]
			return text, nil
		}
	}
	return "", errors.New("it has no type")
}

// sizes reads a tuple of numbers, which Python 2 wrote with an L.
func (l *literal) sizes() ([]int, error) {
	if !l.take("(") {
		return nil, errSpelling
	}
	inside, rest, ok := strings.Cut(l.rest, ")")
	if !ok {
		return nil, errSpelling
	}
	l.rest = rest
	list := []int{}
	for inside = strings.TrimSuffix(strings.TrimSpace(inside), ","); inside != ""; {
		number, more, _ := strings.Cut(inside, ",")
		inside = more
		n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(number), "L"), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%q is not a size", brief.Text(number))
		}
		list = append(list, int(n))
	}
	return list, nil
}

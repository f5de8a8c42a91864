package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unsafe"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// jsonReader reads JSON in one go, without making values of it: a request has thousands of
// numbers, of which package encoding/json would make as many values.
type jsonReader struct {
	data []byte
	at   int
}

var errEnd = errors.New("the JSON ends too soon")

func (r *jsonReader) wrong(want string) error {
	if r.at >= len(r.data) {
		return errEnd
	}
	return fmt.Errorf("at byte %d of the JSON is %q, want %s", r.at, r.data[r.at], want)
}

// next skips white space and returns the byte there, 0 at the end.
func (r *jsonReader) next() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// has skips a byte if it is the next one.
func (r *jsonReader) has(c byte) bool {
	if r.next() != c || r.at >= len(r.data) {
		return false
	}
	r.at++
	return true
}

// list reads what is between two brackets: calls of item with commas between them.
func (r *jsonReader) list(open, closing byte, what string, item func() error) error {
	if !r.has(open) {
		return r.wrong(what)
	}
	if r.has(closing) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if r.has(closing) {
			return nil
		}
		if !r.has(',') {
			return r.wrong("a comma or the end of " + what)
		}
	}
}

// array reads an array; item reads an item.
func (r *jsonReader) array(item func() error) error { return r.list('[', ']', "an array", item) }

// object reads an object; value reads the value of a key. A key comes once.
func (r *jsonReader) object(value func(key string) error) error {
	var keys []string
	return r.list('{', '}', "an object", func() error {
		key, err := r.text()
		if err != nil {
			return err
		}
		for _, other := range keys {
			if key == other {
				return fmt.Errorf("%s is given twice", brief.Text(key))
			}
		}
		if keys = append(keys, key); len(keys) > mostKeys {
			return fmt.Errorf("an object has more than %d keys", mostKeys)
		}
		if !r.has(':') {
			return r.wrong("a colon")
		}
		return value(key)
	})
}

// mostKeys is how many keys an object may have; each is compared with the others.
const mostKeys = 100

// raw returns a text with its quotes, as it is written.
func (r *jsonReader) raw() ([]byte, error) {
	if r.next() != '"' {
		return nil, r.wrong("a text")
	}
	for i := r.at + 1; i < len(r.data); i++ {
		switch r.data[i] {
		case '\\':
			i++
		case '"':
			text := r.data[r.at : i+1]
			r.at = i + 1
			return text, nil
		}
	}
	r.at = len(r.data)
	return nil, errEnd
}

// text reads a text.
func (r *jsonReader) text() (string, error) {
	start := r.at
	raw, err := r.raw()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", fmt.Errorf("the text at byte %d of the JSON: %w", start, err)
	}
	return text, nil
}

// number returns a number as it is written. What is not, such as NaN, is an error.
func (r *jsonReader) number() (text string, isInt bool, err error) {
	r.next()
	start := r.at
	digits := func() bool {
		from := r.at
		for r.at < len(r.data) && r.data[r.at]-'0' <= 9 {
			r.at++
		}
		return r.at > from
	}
	peek := func() byte {
		if r.at < len(r.data) {
			return r.data[r.at]
		}
		return 0
	}
	if peek() == '-' {
		r.at++
	}
	first, from := peek(), r.at
	if !digits() || first == '0' && r.at > from+1 {
		r.at = start
		return "", false, r.wrong("a number" + noNaN)
	}
	isInt = true
	if peek() == '.' {
		r.at++
		if isInt = false; !digits() {
			return "", false, r.wrong("a digit")
		}
	}
	if c := peek(); c == 'e' || c == 'E' {
		r.at++
		if c := peek(); c == '+' || c == '-' {
			r.at++
		}
		if isInt = false; !digits() {
			return "", false, r.wrong("a digit")
		}
	}
	return unsafe.String(&r.data[start], r.at-start), isInt, nil
}

// noNaN says what to do about what people miss in JSON.
const noNaN = "; JSON has no NaN and no Infinity, which binary data may have"

// word reads true, false or null.
func (r *jsonReader) word() (string, error) {
	r.next()
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(r.data[r.at:], []byte(word)) {
			r.at += len(word)
			return word, nil
		}
	}
	return "", r.wrong("a value" + noNaN)
}

// deepest is how deep what is not read may be nested.
const deepest = 100

// skip goes over a value and returns it as it is written.
func (r *jsonReader) skip() ([]byte, error) {
	r.next()
	start := r.at
	if err := r.skipValue(0); err != nil {
		return nil, err
	}
	return r.data[start:r.at], nil
}

func (r *jsonReader) skipValue(depth int) (err error) {
	if depth > deepest {
		return fmt.Errorf("the JSON is nested more than %d deep", deepest)
	}
	switch c := r.next(); {
	case c == '{':
		return r.list('{', '}', "an object", func() error {
			if _, err := r.raw(); err != nil {
				return err
			}
			if !r.has(':') {
				return r.wrong("a colon")
			}
			return r.skipValue(depth + 1)
		})
	case c == '[':
		return r.array(func() error { return r.skipValue(depth + 1) })
	case c == '"':
		_, err = r.raw()
	case c == '-' || c-'0' <= 9:
		_, _, err = r.number()
	default:
		_, err = r.word()
	}
	return err
}

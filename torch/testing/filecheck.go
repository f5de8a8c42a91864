package testing

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// FileCheck looks for texts in a text, such as a program or a message, one after the other:
// each behind what was found before.
//
//	err := new(testing.FileCheck).Check("aten::mm").CheckNext("aten::add").CheckNot("aten::relu").Run(text)
//
// The zero value looks for nothing. Methods add to it and return it.
//
// https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/testing/file_check.h
type FileCheck struct{ groups []checkGroup }

// checkGroup is checks that are done together: one, or several of those that may be found in
// any order, or that must not be found.
type checkGroup []fileCheck

// fileCheck is what one method adds.
type fileCheck struct {
	kind, text string
	count      int
	pattern    *regexp.Regexp
}

// The kinds, with libtorch's names.
const (
	check            = "CHECK"
	checkCount       = "CHECK-COUNT"
	checkDAG         = "CHECK-DAG"
	checkHighlighted = "CHECK-SOURCE-HIGHLIGHTED"
	checkNext        = "CHECK-NEXT"
	checkNot         = "CHECK-NOT"
	checkRegex       = "CHECK-REGEX"
	checkSame        = "CHECK-SAME"
)

func (c fileCheck) String() string {
	if c.kind == checkCount {
		return fmt.Sprintf("%s-%d: %s", c.kind, c.count, c.text)
	}
	return c.kind + ": " + c.text
}

func (f *FileCheck) add(c fileCheck) *FileCheck {
	if n := len(f.groups); n > 0 && (c.kind == checkNot || c.kind == checkDAG) && f.groups[n-1][0].kind == c.kind {
		f.groups[n-1] = append(f.groups[n-1], c)
	} else {
		f.groups = append(f.groups, checkGroup{c})
	}
	return f
}

// Check looks for a text behind what was found before.
func (f *FileCheck) Check(text string) *FileCheck { return f.add(fileCheck{kind: check, text: text}) }

// CheckNot looks whether a text is nowhere between what was found before and what is found
// next, or up to the end.
func (f *FileCheck) CheckNot(text string) *FileCheck {
	return f.add(fileCheck{kind: checkNot, text: text})
}

// CheckSame is Check on the line on which the last find ends.
func (f *FileCheck) CheckSame(text string) *FileCheck {
	return f.add(fileCheck{kind: checkSame, text: text})
}

// CheckNext is Check on the line after that.
func (f *FileCheck) CheckNext(text string) *FileCheck {
	return f.add(fileCheck{kind: checkNext, text: text})
}

// CheckCountOptions are the options of [FileCheck.CheckCount].
type CheckCountOptions struct {
	Exactly bool // the text must not be there once more, as with CheckNot
}

// CheckCount looks for a text so many times. It panics with a ValueError if count is below 1,
// but for 0 with Exactly, which is CheckNot.
func (f *FileCheck) CheckCount(text string, count int, options ...CheckCountOptions) *FileCheck {
	exactly := option.First(options).Exactly
	if count < 0 || count == 0 && !exactly {
		panic(torch.Errorf("testing.FileCheck.CheckCount", torch.ValueError, "a count of %d says nothing", count))
	}
	if count > 0 {
		f.add(fileCheck{kind: checkCount, text: text, count: count})
	}
	if exactly {
		f.CheckNot(text)
	}
	return f
}

// CheckDAG is Check, but texts of calls in a row are found in any order, all of them behind what
// was found before. What follows is looked for behind the last one.
func (f *FileCheck) CheckDAG(text string) *FileCheck {
	return f.add(fileCheck{kind: checkDAG, text: text})
}

// CheckSourceHighlighted is Check of a text that is underlined by ~ on the next line, as errors
// of TorchScript do.
func (f *FileCheck) CheckSourceHighlighted(text string) *FileCheck {
	return f.add(fileCheck{kind: checkHighlighted, text: text})
}

// CheckRegex is Check of what a regular expression of package regexp matches. It panics with a
// ValueError where that cannot be compiled.
func (f *FileCheck) CheckRegex(pattern string) *FileCheck {
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		panic(torch.Errorf("testing.FileCheck.CheckRegex", torch.ValueError, "%v", err))
	}
	return f.add(fileCheck{kind: checkRegex, text: pattern, pattern: compiled})
}

// Run does the checks on a text. Its error says in PyTorch's words which one fails, and where in
// the text.
func (f *FileCheck) Run(text string) error {
	s := searched(text)
	found := span{}
	for i := 0; i < len(f.groups); i++ {
		group, after := f.groups[i], span{len(text), len(text)}
		var err error
		if group[0].kind != checkNot {
			if found, err = s.find(group, found); err != nil {
				return err
			}
			continue
		}
		if i++; i < len(f.groups) {
			if after, err = s.find(f.groups[i], found); err != nil {
				return err
			}
		}
		for _, c := range group {
			if err := s.without(c, c.text, span{found.end, after.begin}); err != nil {
				return err
			}
		}
		found = after
	}
	return nil
}

// span is a part of a text.
type span struct{ begin, end int }

// searched is the text that is searched.
type searched string

// find finds a group, which is none of CheckNot, behind a span.
func (s searched) find(group checkGroup, before span) (found span, err error) {
	c := group[0]
	switch c.kind {
	case checkDAG:
		found.begin = len(s)
		for _, c := range group {
			at, err := s.one(c, before.end)
			if err != nil {
				return found, err
			}
			found = span{min(found.begin, at.begin), max(found.end, at.end)}
		}
		return found, nil
	case checkCount:
		found, err = s.one(c, before.end)
		for i := 1; i < c.count && err == nil; i++ {
			var at span
			at, err = s.one(c, found.end)
			found.end = at.end
		}
		return found, err
	case checkSame, checkNext:
		from := before.end
		if c.kind == checkNext {
			line, err := s.one(fileCheck{kind: c.kind, text: "\n"}, from)
			if err != nil {
				return found, err
			}
			from = line.end
		}
		if found, err = s.one(c, from); err == nil {
			err = s.without(c, "\n", span{from, found.begin})
		}
		return found, err
	}
	return s.one(c, before.end)
}

// one finds the text of a check from a place on.
func (s searched) one(c fileCheck, from int) (span, error) {
	rest := string(s[from:])
	switch {
	case c.pattern != nil:
		if at := c.pattern.FindStringIndex(rest); at != nil {
			return span{from + at[0], from + at[1]}, nil
		}
		return span{}, s.failure(c, from, "Expected to find regex \"%s\" but did not find it", c.text)
	case c.kind == checkHighlighted:
		at := from
		for next := strings.Index(rest, c.text); next >= 0; next = strings.Index(string(s[at:]), c.text) {
			if at += next; s.highlighted(at, len(c.text)) {
				return span{at, at + len(c.text)}, nil
			}
			at++
		}
		if at > from {
			return span{}, s.failure(c, at-1, "Expected to find %q highlighted but it is not.", c.text)
		}
	default:
		if at := strings.Index(rest, c.text); at >= 0 {
			return span{from + at, from + at + len(c.text)}, nil
		}
	}
	return span{}, s.failure(c, from, "Expected to find %q but did not find it", c.text)
}

// highlighted reports whether a part of a line is underlined by the next one.
func (s searched) highlighted(at, length int) bool {
	column := at - 1 - strings.LastIndexByte(string(s[:at]), '\n')
	_, next, _ := strings.Cut(string(s[at:]), "\n")
	line, _, _ := strings.Cut(next, "\n")
	return len(line) >= column+length && strings.Trim(line[column:column+length], "~") == ""
}

// without returns an error if a text is in a part.
func (s searched) without(c fileCheck, text string, part span) error {
	if part.end < part.begin {
		return nil
	}
	if at := strings.Index(string(s[part.begin:part.end]), text); at >= 0 {
		return s.failure(c, part.begin+at, "Expected to not find %q but found it", text)
	}
	return nil
}

// failure says what is wrong with the text at a place, which it shows with some lines around.
func (s searched) failure(c fileCheck, at int, format string, args ...any) error {
	const lines = 3
	before, after := strings.SplitAfter(string(s[:at]), "\n"), strings.SplitAfter(string(s[at:]), "\n")
	column := len(before[len(before)-1])
	before = before[max(len(before)-1-lines, 0):]
	shown := strings.Join(before, "") + strings.TrimSuffix(after[0], "\n") + "\n" + strings.Repeat(" ", column) + "~~~ <--- HERE\n" +
		strings.Join(after[1:min(len(after), 1+lines)], "")
	return errors.New(fmt.Sprintf(format, args...) + "\nSearched string:\n" + strings.TrimSuffix(shown, "\n") + "\nFrom " + c.String())
}

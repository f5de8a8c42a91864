package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// Passage is a part of a file.
type Passage struct {
	File string
	Line int // of its first
	Text string
}

// Title returns the first line that says something.
func (p Passage) Title() string {
	for line := range strings.Lines(p.Text) {
		if line = strings.TrimSpace(line); strings.ContainsFunc(line, isWord) {
			return line
		}
	}
	return ""
}

// readPassages splits files: what is between empty lines is a passage, with the lines after
// it that are indented, as a function's. It fails on files that are no text.
func readPassages(paths []string) ([]Passage, error) {
	var list []Passage
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
			return nil, fmt.Errorf("%s is no text in UTF-8", path)
		}
		list = append(list, split(path, string(data))...)
	}
	return list, nil
}

func split(path, text string) []Passage {
	var list []Passage
	var part []string
	start := 0
	end := func() {
		if p := (Passage{path, start, strings.TrimSpace(strings.Join(part, ""))}); p.Title() != "" {
			list = append(list, p)
		}
		part = nil
	}
	number, empty := 0, false
	for line := range strings.Lines(text) {
		number++
		if strings.TrimSpace(line) == "" {
			empty = true
			continue
		}
		begins := !strings.ContainsAny(line[:1], " \t)}]")
		if empty && begins && len(part) > 0 {
			end()
		}
		if len(part) == 0 {
			start = number
		}
		part, empty = append(part, line), false
	}
	end()
	return list
}

func isWord(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80 }

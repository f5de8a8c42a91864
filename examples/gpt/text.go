package main

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\n[ \t\n]*\n`)
)

// specification returns the text of the Go specification that belongs to the
// installed Go.
func specification() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("asking where Go is: %w", err)
	}
	page, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "doc", "go_spec.html"))
	if err != nil {
		return "", fmt.Errorf("this installation of Go has no specification to learn from: %w", err)
	}
	text := html.UnescapeString(tags.ReplaceAllString(string(page), ""))
	return strings.TrimSpace(spaces.ReplaceAllString(text, "\n\n")), nil
}

// Letters are the letters of a text, in order, each once. Their places are their
// numbers.
type Letters []rune

// NewLetters returns the letters of text.
func NewLetters(text string) Letters {
	letters := []rune(text)
	slices.Sort(letters)
	return slices.Compact(letters)
}

// Encode returns the numbers of the letters of text.
func (l Letters) Encode(text string) *torch.Tensor {
	var numbers []int
	for _, letter := range text {
		number, _ := slices.BinarySearch(l, letter)
		numbers = append(numbers, number)
	}
	return torch.FromSlice(numbers)
}

// Decode returns the text that the numbers stand for.
func (l Letters) Decode(numbers *torch.Tensor) string {
	var text strings.Builder
	for _, number := range torch.ToSlice[int](numbers) {
		text.WriteRune(l[number])
	}
	return text.String()
}

package commandline_test

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/commandline"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]struct {
		others, out      string
		status           int
		stdout, mistaken string
	}{
		"-o x a b":    {others: "a b", out: "x"},
		"a -o x b":    {others: "a b", out: "x"},
		"a b -o x":    {others: "a b", out: "x"},
		"a b --o=x":   {others: "a b", out: "x"},
		"a -- -o x":   {others: "a -o x"},
		"-o x -- -a":  {others: "-a", out: "x"},
		"-- a -- b":   {others: "a -- b"},
		"a - b":       {others: "a - b"},
		"":            {status: 2, mistaken: "gotorch try: want something (--help says more)\n"},
		"a -p":        {status: 2, mistaken: "gotorch try: flag provided but not defined: -p (--help says more)\n"},
		"a -o":        {status: 2, mistaken: "gotorch try: flag needs an argument: -o (--help says more)\n"},
		"a --help":    {stdout: "Usage: try\n\n  -o file\n    \tthe file\n"},
		"-h":          {stdout: "Usage: try\n\n  -o file\n    \tthe file\n"},
		"-o x -p y a": {status: 2, mistaken: "gotorch try: flag provided but not defined: -p (--help says more)\n", out: "x"},
	} {
		var stdout, stderr strings.Builder
		flags := flag.NewFlagSet("try", flag.ContinueOnError)
		out := flags.String("o", "", "the `file`")
		l := commandline.Line{Usage: "Usage: try\n", Arguments: strings.Fields(line), Stdout: &stdout, Stderr: &stderr}
		others, status, done := l.Parse(flags, func(others []string) error {
			if len(others) == 0 {
				return errors.New("want something")
			}
			return nil
		})
		assert.Equal(t, want.others, strings.Join(others, " "), line)
		assert.Equal(t, want.out, *out, line)
		assert.Equal(t, want.status, status, line)
		assert.Equal(t, want.stdout+want.mistaken != "", done, line)
		assert.Equal(t, want.stdout, stdout.String(), line)
		assert.Equal(t, want.mistaken, stderr.String(), line)
	}
}

// Flags that say nothing of themselves are in the usage.
func TestHelpOfUsage(t *testing.T) {
	var stdout strings.Builder
	flags := flag.NewFlagSet("try", flag.ContinueOnError)
	flags.String("o", "", "")
	_, status, done := commandline.Line{Usage: "Usage: try -o OUT\n", Arguments: []string{"-help"}, Stdout: &stdout}.Parse(flags, nil)
	assert.Equal(t, 0, status)
	assert.True(t, done)
	assert.Equal(t, "Usage: try -o OUT\n", stdout.String())
}

func TestNone(t *testing.T) {
	assert.NoError(t, commandline.None(nil))
	assert.EqualError(t, commandline.None([]string{"a"}), `it takes no "a"`)
}

func TestOne(t *testing.T) {
	one := commandline.One("want one FILE")
	assert.NoError(t, one([]string{"a"}))
	assert.EqualError(t, one(nil), "want one FILE")
	assert.EqualError(t, one([]string{"a", "b"}), "want one FILE")
}

package commandline_test

import (
	"bytes"
	"errors"
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/commandline"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		arguments      []string
		describe       string
		status         int
		goOn           bool
		stdout, stderr string
	}{
		{nil, "a `file`", 0, true, "", ""},
		{[]string{"-o", "x"}, "", 0, true, "", ""},
		{[]string{"--help"}, "a `file`", 0, false, "Usage: gotorch cut\n\n  -o file\n    \ta file (default \"y\")\n", ""},
		{[]string{"-h"}, "", 0, false, "Usage: gotorch cut\n", ""},
		{[]string{"-x"}, "", 2, false, "", "gotorch cut: flag provided but not defined: -x (--help says more)\n"},
		{[]string{"more"}, "", 2, false, "", "gotorch cut: want no arguments (--help says more)\n"},
	} {
		flags := flag.NewFlagSet("cut", flag.ContinueOnError)
		flags.String("o", "y", c.describe)
		var stdout, stderr bytes.Buffer
		status, goOn := commandline.Parse(flags, "Usage: gotorch cut\n", c.arguments, &stdout, &stderr, func() error {
			if flags.NArg() > 0 {
				return errors.New("want no arguments")
			}
			return nil
		})
		assert.Equal(t, c.status, status, "%v", c.arguments)
		assert.Equal(t, c.goOn, goOn, "%v", c.arguments)
		assert.Equal(t, c.stdout, stdout.String(), "%v", c.arguments)
		assert.Equal(t, c.stderr, stderr.String(), "%v", c.arguments)
	}
}

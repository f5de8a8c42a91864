// Package commandline reads the arguments of gotorch's commands, all in one way.
package commandline

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// A Line is what a command is called with.
type Line struct {
	Usage          string // what --help prints before the flags that say something of themselves
	Arguments      []string
	Stdout, Stderr io.Writer
}

// Parse reads flags, which may come before and after the other arguments up to a "--", and
// returns the others, of which check says whether they and the flags are right. Where the
// command is to end at once, after --help or a mistake, done is true and status its exit status.
func (l Line) Parse(flags *flag.FlagSet, check func(others []string) error) (others []string, status int, done bool) {
	flags.SetOutput(io.Discard)
	others, err := parse(flags, l.Arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(l.Stdout, l.Usage)
		flags.SetOutput(l.Stdout)
		said := false
		flags.VisitAll(func(f *flag.Flag) { said = said || f.Usage != "" })
		if said {
			fmt.Fprintln(l.Stdout)
			flags.PrintDefaults()
		}
		return nil, 0, true
	}
	if err == nil {
		err = check(others)
	}
	if err != nil {
		fmt.Fprintf(l.Stderr, "gotorch %s: %v (--help says more)\n", flags.Name(), err)
		return nil, 2, true
	}
	return others, 0, false
}

// None is the check of a command that takes only flags.
func None(others []string) error {
	if len(others) > 0 {
		return fmt.Errorf("it takes no %q", others[0])
	}
	return nil
}

// One is the check of a command that takes one argument beside its flags; want says which.
func One(want string) func(others []string) error {
	return func(others []string) error {
		if len(others) != 1 {
			return errors.New(want)
		}
		return nil
	}
}

// parse reads flags among other arguments, and returns these.
func parse(flags *flag.FlagSet, arguments []string) (others []string, err error) {
	for {
		if err := flags.Parse(arguments); err != nil {
			return nil, err
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return others, nil
		}
		if read := len(arguments) - len(rest); read > 0 && arguments[read-1] == "--" {
			return append(others, rest...), nil
		}
		others, arguments = append(others, rest[0]), rest[1:]
	}
}

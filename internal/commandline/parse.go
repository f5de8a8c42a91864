// Package commandline is what gotorch's commands have in common where they read their
// arguments.
package commandline

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Parse parses the arguments of a command, and checks what they gave. It returns true if
// the command goes on. Else it has written to stdout the usage, and the flags that have a
// description, for --help, or to stderr what is wrong, and the command ends with the
// status. The flags are named as the command.
func Parse(flags *flag.FlagSet, usage string, arguments []string, stdout, stderr io.Writer, check func() error) (status int, goOn bool) {
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		described := false
		flags.VisitAll(func(f *flag.Flag) { described = described || f.Usage != "" })
		if described {
			fmt.Fprintln(stdout)
			flags.SetOutput(stdout)
			flags.PrintDefaults()
		}
		return 0, false
	}
	if err == nil {
		err = check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch %s: %v (--help says more)\n", flags.Name(), err)
		return 2, false
	}
	return 0, true
}

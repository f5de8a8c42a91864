// Command gotorch installs libtorch for Go programs that use gotorch, says what is
// wrong where they do not run, and looks into files of tensors.
//
//	go run github.com/wangkuiyi/gotorch/cmd/gotorch install
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// exitStatus is the error of a command that has said already what is wrong.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// run carries out a command line and returns the exit status: 1 for a command that
// failed, 2 for a command line that is none.
func run(arguments []string, stdout, stderr io.Writer) int {
	understood := false
	root := &cobra.Command{
		Use:              "gotorch",
		Short:            "PyTorch for Go: install libtorch, mend installations, look into files",
		SilenceErrors:    true,
		SilenceUsage:     true,
		PersistentPreRun: func(*cobra.Command, []string) { understood = true },
	}
	root.AddCommand(installCommand(), doctorCommand(), versionCommand())
	root.SetArgs(arguments)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteC()
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case understood:
		fmt.Fprintf(stderr, "%s: %v\n", command.CommandPath(), err)
		return 1
	default:
		fmt.Fprintf(stderr, "%s: %v (%[1]s --help says more)\n", command.CommandPath(), err)
		return 2
	}
}

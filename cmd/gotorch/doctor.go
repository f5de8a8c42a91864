package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// doctorCommand prints what it finds and fails if something is wrong.
func doctorCommand() *cobra.Command {
	var load bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "say what is installed, what programs will use, and what is wrong",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			out := command.OutOrStdout()
			if load {
				text, err := printLoaded()
				fmt.Fprint(out, text)
				return err
			}
			checks := diagnose(thisMachine())
			printChecks(out, checks)
			if worst(checks) == Wrong {
				fmt.Fprintln(out, "\nSomething is wrong; the lines above say how to mend it.")
				return exitStatus(1)
			}
			fmt.Fprintln(out, "\nEverything that programs need is there.")
			return nil
		},
	}
	command.Flags().BoolVar(&load, "load", false, "only load libtorch in this process and print what it says of itself")
	return command
}

// diagnose carries out all checks.
func diagnose(m machine) []Check {
	checks := []Check{
		checkPlatform(m),
		{Name: "gotorch", Detail: fmt.Sprintf("%s, %s, shim %s", moduleVersion(), runtime.Version(), cgotorch.ShimID())},
		checkCompiler(m),
	}
	used := -1
	for i, candidate := range m.candidates {
		check := Check{Name: fmt.Sprintf("place %d", i+1), State: Note, Detail: candidate.Dir + " (" + candidate.Origin + "): " + candidate.Problem()}
		if candidate.Problem() == "" {
			check.State, check.Detail = OK, candidate.Dir+" ("+candidate.Origin+"): ready"
			if used < 0 {
				used = i
			}
		}
		checks = append(checks, check)
	}
	if used < 0 {
		// What can be told of one that is not ready may explain why.
		for _, candidate := range m.candidates {
			if exists(candidate.Dir) {
				checks = append(checks, checkFiles(m, candidate)...)
				break
			}
		}
		return append(checks, checkNothing(m))
	}
	installation := m.candidates[used]
	checks = append(checks, Check{Name: "used", Detail: fmt.Sprintf("libtorch %s in %s", readManifest(installation.Dir), installation.Dir)})
	checks = append(checks, checkFiles(m, installation)...)
	return append(checks, checkLoading(m, installation)...)
}

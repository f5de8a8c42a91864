package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/commandline"
)

// runDoctor prints what it finds and returns 1 if something is wrong.
func runDoctor(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	load := flags.Bool("load", false, "only load libtorch in this process and print what it says of itself")
	usage := "Usage: gotorch doctor\n\nSays what is installed, what programs will use, and what is wrong.\n"
	if _, status, done := (commandline.Line{Usage: usage, Arguments: arguments, Stdout: stdout, Stderr: stderr}).Parse(flags, commandline.None); done {
		return status
	}
	if *load {
		text, err := printLoaded()
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		fmt.Fprint(stdout, text)
		return 0
	}
	checks := diagnose(thisMachine())
	printChecks(stdout, checks)
	if worst(checks) == Wrong {
		fmt.Fprintln(stdout, "\nSomething is wrong; the lines above say how to mend it.")
		return 1
	}
	fmt.Fprintln(stdout, "\nEverything that programs need is there.")
	return 0
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
			if candidate.Shim != "" && exists(candidate.Dir) {
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

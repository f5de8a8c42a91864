// Command gotorch installs libtorch for Go programs that use gotorch, says what is
// wrong where they do not run, looks into files of tensors, and tries networks.
//
//	go run github.com/wangkuiyi/gotorch/cmd/gotorch install
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// A command is one of gotorch's. It returns the exit status.
type command struct {
	name, summary string
	run           func(arguments []string, stdout, stderr io.Writer) int
}

var commands = []command{
	{"install", "install libtorch and build the shim for it; \"install --help\" lists the options", runInstall},
	{"doctor", "say what is installed, what programs will use, and what is wrong", runDoctor},
	{"version", "print the versions of gotorch and of the libtorch in use", runVersion},
	{"summary", "list the tensors in a file: of torch.save, safetensors, GGUF, NumPy, or a program of torch.export or AOTInductor", runSummary},
	{"convert", "write the tensors of a file to one of another format", runConvert},
	{"compile", "compile a program of torch.export by AOTInductor, where there is a Python with torch", runCompile},
	{"serve", "answer requests over HTTP with a program of torch.export, TorchScript or AOTInductor", runServe},
	{"bundle", "make a folder or an archive of a program with all that it needs, for a bare machine", runBundle},
	{"run", "run a program in several processes that compute together; \"run --help\" lists the options", runJob},
	{"port", "write Go from a program of torch.export", runPort},
	{"vet", "find mistakes in Go programs that use gotorch, which compile; \"vet help\" lists them", runVet},
	{"predict", "say what images show, by a network of torchvision with trained weights", runPredict},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run carries out a command line and returns the exit status.
func run(arguments []string, stdout, stderr io.Writer) int {
	if len(arguments) == 0 {
		usage(stderr)
		return 2
	}
	switch name := arguments[0]; name {
	case "help", "-h", "-help", "--help":
		usage(stdout)
		return 0
	case "completion":
		completion(stdout)
		return 0
	default:
		for _, c := range commands {
			if c.name == name {
				return c.run(arguments[1:], stdout, stderr)
			}
		}
		fmt.Fprintf(stderr, "gotorch: there is no command %q; \"gotorch help\" lists them\n", name)
		return 2
	}
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: gotorch <command> [options]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s  %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-10s  %s\n", "completion", "print the line for ~/.bashrc that completes these words")
}

// completion prints what makes bash complete the commands' names, and zsh after
// its bashcompinit.
func completion(w io.Writer) {
	words := []string{"completion", "help"}
	for _, c := range commands {
		words = append(words, c.name)
	}
	fmt.Fprintf(w, "complete -o default -W %q gotorch\n", strings.Join(words, " "))
}

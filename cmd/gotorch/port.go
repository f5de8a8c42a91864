package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/port"
)

const portUsage = `Usage: gotorch port FILE.py... [options] [-- ARGUMENT...]
       gotorch port MODEL.pt2 [options]

Translates PyTorch programs and models from Python to Go. What it cannot is left as a comment TODO(port) beside a panic,
and listed by line. Of a program of torch.export it writes a module with the model's parameters by their names, a Forward
that gives the same bits, and LoadWeights, which reads the weights from MODEL.pt2. With -verify, both programs are given
what stands behind --.
`

// runPort translates PyTorch programs to Go.
func runPort(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("port", flag.ContinueOnError)
	folder := flags.String("o", ".", "the `folder` to write the Go file to")
	name := flags.String("package", "", "the package's `name`; default: the first file's, and main for a program in Python")
	python := flags.String("python", "python3", "the `Python` that reads the files, and that -verify runs them with")
	verify := flags.Bool("verify", false, "run both on the same seed and inputs, and compare; needs Go, and for files in Python one with torch")
	modules := flags.Bool("modules", false, "with -verify, compare the modules of a program, and not what it prints")
	var given []string
	if i := slices.Index(arguments, "--"); i >= 0 {
		arguments, given = arguments[:i], arguments[i+1:]
	}
	paths, status, done := commandline.Line{Usage: portUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, func(paths []string) error {
		if len(paths) == 0 {
			return errors.New("want files in Python, or one MODEL.pt2")
		}
		if len(given) > 0 && !*verify {
			return errors.New("what stands behind -- is for the programs that -verify runs")
		}
		return nil
	})
	if done {
		return status
	}
	var err error
	same := true
	if filepath.Ext(paths[0]) == ".py" {
		same, err = portFiles(context.Background(), paths, *folder, *verify, port.Options{Python: *python, Package: *name, Modules: *modules, Arguments: given}, stdout, stderr)
	} else {
		err = portProgram(paths, graphPort{folder: *folder, name: *name, verify: *verify}, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch port: %v\n", err)
	}
	if err != nil || !same {
		return 1
	}
	return 0
}

// portProgram translates a program of torch.export.
func portProgram(paths []string, o graphPort, stdout, stderr io.Writer) error {
	if len(paths) != 1 {
		return errors.New("want one MODEL.pt2, or files that end in .py")
	}
	kind, err := filekind.DetectFile(paths[0])
	if err != nil {
		return err
	}
	if kind != filekind.PT2 {
		return fmt.Errorf("%s is %s, want a program of torch.export, or files that end in .py", paths[0], kind.Describe())
	}
	return portGraph(paths[0], o, stdout, stderr)
}

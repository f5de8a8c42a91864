package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/filekind"
)

const portUsage = `Usage: gotorch port [-o FOLDER] [-package NAME] [-verify] MODEL.pt2

Writes the Go of a program of torch.export: a module with the model's parameters by their names, a Forward that gives the
same bits, and LoadWeights, which reads the weights from MODEL.pt2. -verify runs both on random inputs and compares them.
`

// runPort writes Go from PyTorch's programs.
func runPort(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("port", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	folder := flags.String("o", ".", "the `folder` to write the Go file to")
	name := flags.String("package", "", "the package's `name`; default: the file's")
	verify := flags.Bool("verify", false, "run both on random inputs, and compare; needs Go")
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, portUsage, "\n")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return 0
	}
	if err == nil && flags.NArg() != 1 {
		err = errors.New("want one MODEL.pt2")
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch port: %v (--help says more)\n", err)
		return 2
	}
	path := flags.Arg(0)
	kind, err := filekind.DetectFile(path)
	switch {
	case err != nil:
	case kind != filekind.PT2:
		err = fmt.Errorf("%s is %s, want a program of torch.export", path, kind.Describe())
	default:
		err = portGraph(path, graphPort{folder: *folder, name: *name, verify: *verify}, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch port: %v\n", err)
		return 1
	}
	return 0
}

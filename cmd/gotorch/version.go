package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/commandline"
)

const module = "github.com/wangkuiyi/gotorch"

// runVersion prints versions without loading libtorch.
func runVersion(arguments []string, stdout, stderr io.Writer) int {
	usage := "Usage: gotorch version\n\nPrints the versions of gotorch and of the libtorch in use.\n"
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	if _, status, done := (commandline.Line{Usage: usage, Arguments: arguments, Stdout: stdout, Stderr: stderr}).Parse(flags, commandline.None); done {
		return status
	}
	fmt.Fprintf(stdout, "gotorch %s, shim %s, %s %s/%s\n", moduleVersion(), cgotorch.ShimID(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	installation, err := cgotorch.Find()
	if err != nil {
		fmt.Fprintln(stdout, "no libtorch is ready; gotorch doctor says why")
		return 0
	}
	fmt.Fprintf(stdout, "libtorch %s in %s\n", readManifest(installation.Dir), installation.Dir)
	return 0
}

// moduleVersion returns the version of gotorch that this program was built from.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}

package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

const module = "github.com/wangkuiyi/gotorch"

// versionCommand prints versions without loading libtorch.
func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of gotorch and of the libtorch in use",
		Args:  cobra.NoArgs,
		Run:   func(command *cobra.Command, _ []string) { printVersion(command.OutOrStdout()) },
	}
}

func printVersion(w io.Writer) {
	fmt.Fprintf(w, "gotorch %s, shim %s, %s %s/%s\n", moduleVersion(), cgotorch.ShimID(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	installation, err := cgotorch.Find()
	if err != nil {
		fmt.Fprintln(w, "no libtorch is ready; gotorch doctor says why")
		return
	}
	fmt.Fprintf(w, "libtorch %s in %s\n", readManifest(installation.Dir), installation.Dir)
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

package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

const module = "github.com/wangkuiyi/gotorch"

// runVersion prints versions without loading libtorch.
func runVersion(_ []string, stdout, _ io.Writer) int {
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

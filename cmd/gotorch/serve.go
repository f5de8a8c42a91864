package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/wangkuiyi/gotorch/internal/download"
)

// server is a command of its own, since it imports other modules. "go run" of gotorch in a
// module that has not their checksums would fail otherwise.
const server = "gotorch-serve"

// runServe runs gotorch-serve in this process's place, so that signals reach it.
func runServe(arguments []string, _, stderr io.Writer) int {
	path, err := findServer(stderr)
	if err == nil {
		err = syscall.Exec(path, append([]string{server}, arguments...), os.Environ()) //nolint:gosec // it is ours
	}
	fmt.Fprintf(stderr, "gotorch serve: %v\n", err)
	return 1
}

// findServer returns the path of gotorch-serve: that in the PATH, or else one in the cache,
// which go builds of this module's version.
func findServer(stderr io.Writer) (string, error) {
	if path, err := exec.LookPath(server); err == nil {
		return path, nil
	}
	dir, err := download.CacheFolder("$PATH with "+server, "bin")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, server)
	build := exec.Command("go", "build", "-o", path, "github.com/wangkuiyi/gotorch/cmd/"+server) //nolint:gosec // a folder of ours
	build.Stdout, build.Stderr = stderr, stderr
	if err := build.Run(); err != nil {
		return "", errors.Join(fmt.Errorf("there is no %s in $PATH, and go does not build one: %w", server, err),
			errors.New("\"go get -tool github.com/wangkuiyi/gotorch/cmd/"+server+"\" adds what it needs to this folder's module"))
	}
	return path, nil
}

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

// Commands of their own, since they import other modules. "go run" of gotorch in a module
// that has not their checksums would fail otherwise.
const (
	server = "gotorch-serve"
	vetter = "gotorchvet"
)

// runServe runs gotorch-serve in this process's place, so that signals reach it.
func runServe(arguments []string, _, stderr io.Writer) int {
	return become("gotorch serve", server, arguments, stderr)
}

// runVet runs gotorchvet in this process's place.
func runVet(arguments []string, _, stderr io.Writer) int {
	return become("gotorch vet", vetter, arguments, stderr)
}

// become runs a program in this process's place. It returns only where that fails.
func become(command, program string, arguments []string, stderr io.Writer) int {
	path, err := findProgram(program, stderr)
	if err == nil {
		err = syscall.Exec(path, append([]string{program}, arguments...), os.Environ()) //nolint:gosec // it is ours
	}
	fmt.Fprintf(stderr, "%s: %v\n", command, err)
	return 1
}

// findProgram returns the path of one of gotorch's programs: that in the PATH, or else one
// in the cache, which go builds of this module's version.
func findProgram(name string, stderr io.Writer) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	dir, err := download.CacheFolder("$PATH with "+name, "bin")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	build := exec.Command("go", "build", "-o", path, "github.com/wangkuiyi/gotorch/cmd/"+name) //nolint:gosec // a folder of ours
	build.Stdout, build.Stderr = stderr, stderr
	if err := build.Run(); err != nil {
		return "", errors.Join(fmt.Errorf("there is no %s in $PATH, and go does not build one: %w", name, err),
			errors.New("\"go get -tool github.com/wangkuiyi/gotorch/cmd/"+name+"\" adds what it needs to this folder's module"))
	}
	return path, nil
}

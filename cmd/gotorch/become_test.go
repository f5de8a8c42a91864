package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program is that in the PATH, or one that go builds, here a script that does as if.
func TestFindProgram(t *testing.T) {
	for command, program := range map[string]string{"serve": "gotorch-serve", "vet": "gotorchvet"} {
		t.Run(command, func(t *testing.T) {
			t.Setenv("GOTORCH_CACHE", t.TempDir())
			dir := t.TempDir()
			script := func(name, text string) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700)) //nolint:gosec // it is to be run
			}
			t.Setenv("PATH", dir)
			var stderr bytes.Buffer
			assert.Equal(t, 1, run([]string{command, "m.pt2"}, &stderr, &stderr))
			assert.Contains(t, stderr.String(), "gotorch "+command+": there is no "+program+" in $PATH, and go does not build one")
			assert.Contains(t, stderr.String(), "go get -tool github.com/wangkuiyi/gotorch/cmd/"+program)
			script("go", `echo "$@"`)
			path, err := findProgram(program, &stderr)
			require.NoError(t, err)
			assert.Equal(t, filepath.Join(os.Getenv("GOTORCH_CACHE"), "bin", program), path)
			assert.Contains(t, stderr.String(), "build -o "+path+" github.com/wangkuiyi/gotorch/cmd/"+program)
			script(program, `echo "$@"; exit 7`)
			path, err = findProgram(program, &stderr)
			require.NoError(t, err)
			assert.Equal(t, filepath.Join(dir, program), path)
		})
	}
}

// gotorch serve and gotorch vet become the programs: their arguments and their status.
func TestCommandsBecomePrograms(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "gotorch")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for command, program := range map[string]string{"serve": "gotorch-serve", "vet": "gotorchvet"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\necho \"$@\"; exit 7\n"), 0o700)) //nolint:gosec // it is to be run
		run := exec.Command(binary, command, "-name", "x", "m.pt2")
		run.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err = run.Output()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		assert.Equal(t, 7, exit.ExitCode())
		assert.Equal(t, "-name x m.pt2\n", string(out))
	}
}

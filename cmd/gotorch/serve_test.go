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

// The server is that in the PATH, or one that go builds, here a script that does as if.
func TestFindServer(t *testing.T) {
	t.Setenv("GOTORCH_CACHE", t.TempDir())
	dir := t.TempDir()
	script := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700)) //nolint:gosec // it is to be run
	}
	t.Setenv("PATH", dir)
	var stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"serve", "m.pt2"}, &stderr, &stderr))
	assert.Contains(t, stderr.String(), "there is no gotorch-serve in $PATH, and go does not build one")
	assert.Contains(t, stderr.String(), "go get -tool github.com/wangkuiyi/gotorch/cmd/gotorch-serve")
	script("go", `echo "$@"`)
	path, err := findServer(&stderr)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(os.Getenv("GOTORCH_CACHE"), "bin", "gotorch-serve"), path)
	assert.Contains(t, stderr.String(), "build -o "+path+" github.com/wangkuiyi/gotorch/cmd/gotorch-serve")
	script("gotorch-serve", `echo "$@"; exit 7`)
	path, err = findServer(&stderr)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "gotorch-serve"), path)
}

// gotorch serve becomes the server: its arguments and its status.
func TestServeBecomesTheServer(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "gotorch")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "gotorch-serve"), []byte("#!/bin/sh\necho \"$@\"; exit 7\n"), 0o700)) //nolint:gosec // it is to be run
	command := exec.Command(binary, "serve", "-name", "x", "m.pt2")
	command.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err = command.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 7, exit.ExitCode())
	assert.Equal(t, "-name x m.pt2\n", string(out))
}

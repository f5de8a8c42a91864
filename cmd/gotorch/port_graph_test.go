package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gotorch port writes the Go of a program, and says what it is made of.
func TestPortGraph(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made")
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"port", "-o", folder, exported(t, "gru")}, &stdout, &stderr), stderr.String())
	target := filepath.Join(folder, "gru.go")
	assert.Equal(t, target+": 0 layers of package nn, 3 calls of typed functions\n", stdout.String())
	source, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Contains(t, string(source), "// Package gru was written by gotorch port from gru.pt2, ")
	assert.Contains(t, string(source), ":= torch.GRU(x, ")

	stdout.Reset()
	require.Equal(t, 0, run([]string{"port", "-o", folder, "-package", "sums", exported(t, "constants")}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), ", and these operators by their names: aten::lift_fresh_copy\n")
	source, err = os.ReadFile(filepath.Join(folder, "constants.go"))
	require.NoError(t, err)
	assert.Contains(t, string(source), "package sums\n")
}

func TestPortRefuses(t *testing.T) {
	other := filepath.Join(t.TempDir(), "m.pt2")
	require.NoError(t, os.WriteFile(other, nil, 0o600))
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{nil, 2, "gotorch port: want files in Python, or one MODEL.pt2 (--help says more)\n"},
		{[]string{"x.py", "--", "--epochs", "1"}, 2, "gotorch port: what stands behind -- is for the programs that -verify runs (--help says more)\n"},
		{[]string{"-x"}, 2, "flag provided but not defined: -x"},
		{[]string{other}, 1, "m.pt2 is an empty file"},
		{[]string{"nowhere.pt2"}, 1, "no such file"},
		{[]string{exported(t, "cnn"), "-o", t.TempDir(), "-package", "a-b"}, 1, "has no name of Go"},
		{[]string{"-o", t.TempDir(), "-verify", exported(t, "cnn")}, 1, "-o must be a folder in a Go module that requires github.com/wangkuiyi/gotorch"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, c.status, run(append([]string{"port"}, c.arguments...), &stdout, &stderr), "%v", c.arguments)
		assert.Contains(t, stderr.String(), c.want)
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"port", "--help"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "Usage: gotorch port")
}

func TestPackageName(t *testing.T) {
	for base, want := range map[string]string{"gpt": "gpt", "My-Model_2": "mymodel2", "2nd": "nd", "…": "model"} {
		assert.Equal(t, want, packageName(base))
	}
}

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

func TestPort(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3, which reads the sources, is not here")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "double.py")
	require.NoError(t, os.WriteFile(source, []byte("import torch\n\n\ndef double(x: torch.Tensor):\n    eval('1')\n    return x * 2\n"), 0o600))
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"port", "-o", filepath.Join(dir, "out"), "-package", "twice", source}, &stdout, &stderr), stderr.String())
	text, err := os.ReadFile(filepath.Join(dir, "out", "double.go"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "package twice\n")
	assert.Contains(t, string(text), "return x.Mul(2)\n")
	assert.Contains(t, stderr.String(), "double.py:5: a name that is not known: eval('1')\n2 of 3 statements translated, 1 to do\n")

	stderr.Reset()
	assert.Equal(t, 1, run([]string{"port", filepath.Join(dir, "none.py")}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "gotorch port: ")
	assert.Equal(t, 2, run([]string{"port"}, &stdout, &stderr))
	assert.Equal(t, 0, run([]string{"port", "-h"}, &stdout, &stderr))
}

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The command finds the same by itself and as the tool of go vet, and fails then.
func TestBothWays(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "gotorchvet")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	const mistakes = "../../internal/vet/testdata/mistakes"
	for _, command := range [][]string{{binary, mistakes}, {"go", "vet", "-vettool=" + binary, mistakes}} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput() //nolint:gosec // it is ours
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		assert.Positive(t, exit.ExitCode())
		assert.GreaterOrEqual(t, strings.Count(string(out), ".go:"), 60, string(out))
		assert.Contains(t, string(out), "the result of Add is dropped, and it changes no tensor: assign it to a variable, or call AddInplace to change x")
	}
	out, err = exec.Command(binary, "../../internal/vet/testdata/good").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Empty(t, string(out))
}

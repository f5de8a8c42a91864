package main

import (
	"bytes"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// TestOddCalls makes two thousand calls, or as many as ODDCALLS says, each of which
// must return or panic with a *torch.Error.
func TestOddCalls(t *testing.T) {
	require.NoError(t, cgotorch.Load())
	s := sweep{seed: 1, calls: 2000, only: -1, patience: time.Minute, folder: t.TempDir()}
	if n := os.Getenv("ODDCALLS"); n != "" {
		calls, err := strconv.Atoi(n)
		require.NoError(t, err)
		s.calls = calls
	}
	var out bytes.Buffer
	require.NoError(t, s.run(&out))
	t.Log(s.report())
	assert.Empty(t, s.defects, out.String())
	assert.Greater(t, len(s.targets), 2500, "the library has that many functions and methods")
	assert.Greater(t, len(s.called), min(s.calls, len(s.targets))*3/4, "each call is of another, but those that need what cannot be made")
}

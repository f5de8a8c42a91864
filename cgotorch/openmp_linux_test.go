package cgotorch_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// TestSpinning asks OpenMP itself, in a process of its own, how long threads spin.
func TestSpinning(t *testing.T) {
	const child = "GOTORCH_TEST_SPINNING"
	if os.Getenv(child) != "" {
		require.NoError(t, cgotorch.Load())
		_, left := os.LookupEnv("GOMP_SPINCOUNT")
		assert.Equal(t, os.Getenv(child) == "set", left, "the environment is as it was")
		return
	}
	for name, c := range map[string]struct{ set, child, want string }{
		"by itself":                 {"", "unset", "GOMP_SPINCOUNT = '2000'"},
		"as the user has it":        {"GOMP_SPINCOUNT=77", "set", "GOMP_SPINCOUNT = '77'"},
		"as the user's policy says": {"OMP_WAIT_POLICY=PASSIVE", "unset", "GOMP_SPINCOUNT = '0'"},
	} {
		t.Run(name, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestSpinning$")
			command.Env = append(os.Environ(), child+"="+c.child, "OMP_DISPLAY_ENV=VERBOSE", c.set)
			out, err := command.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Contains(t, string(out), c.want)
		})
	}
}

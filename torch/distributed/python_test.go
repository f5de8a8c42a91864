package distributed_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func init() { workers["beside Python"] = checkBesidePython }

const (
	modeVariable  = "GOTORCH_TEST_MODE"
	wordsVariable = "GOTORCH_TEST_WORDS"
)

// TestPythonRanksFail runs jobs of a rank in Go and one in Python that go wrong: the rank in
// Go says why, in time. "make python-check" runs this.
func TestPythonRanksFail(t *testing.T) {
	python := os.Getenv("GOTORCH_PYTHON")
	if python == "" {
		t.Skip("GOTORCH_PYTHON names no Python with torch")
	}
	for mode, words := range map[string]string{
		"dies":               "at the other end: rank RANK (it has not said who it is",
		"hangs":              "did not take part: perhaps rank RANK (it has not said who it is",
		"another collective": "did not take part: perhaps rank RANK (it has not said who it is",
		"shorter timeout":    "at the other end: rank RANK (it has not said who it is",
		"objects":            "what was received is a pickle of a rank in Python",
	} {
		for own := range 2 {
			t.Run(fmt.Sprintf("%s, Go is rank %d", mode, own), func(t *testing.T) {
				t.Parallel()
				words := strings.ReplaceAll(words, "RANK", strconv.Itoa(1-own))
				port := torchtest.FreePort(t)
				command := func(rank int, program string, arguments ...string) *exec.Cmd {
					c := exec.CommandContext(t.Context(), program, arguments...)
					c.Env = append(os.Environ(), "GOTORCH_TEST_WORKER=beside Python", modeVariable+"="+mode, wordsVariable+"="+words, fmt.Sprint("RANK=", rank),
						"WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1")
					return c
				}
				other := command(1-own, python, filepath.Join("testdata", "failing_rank.py"), mode)
				require.NoError(t, other.Start())
				output, err := command(own, os.Args[0], "-test.run=^TestWorker$", "-test.v", "-test.timeout=100s").CombinedOutput()
				assert.NoError(t, err, "%s", output)
				require.NoError(t, other.Process.Kill())
				_ = other.Wait() // it failed, or was killed
			})
		}
	}
}

// checkBesidePython is the rank in Go.
func checkBesidePython(t *testing.T) {
	mode := os.Getenv(modeVariable)
	begin(t, distributed.InitOptions{Timeout: time.Minute})
	must(t)(distributed.Barrier())
	start := time.Now()
	var err error
	switch mode {
	case "shorter timeout":
		time.Sleep(6 * time.Second) // the other one gives up
		fallthrough
	case "dies":
		_, err = distributed.AllReduce(floats(1, 2, 3))
	case "objects":
		_, err = distributed.AllGatherObject("gob")
	default:
		_, err = distributed.AllReduce(floats(1, 2, 3), distributed.ReduceOptions{Timeout: 2 * time.Second})
		isTimeout(t, err)
	}
	assert.ErrorContains(t, err, os.Getenv(wordsVariable))
	assert.Less(t, time.Since(start), 20*time.Second)
}

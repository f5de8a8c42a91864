package torchtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/wangkuiyi/gotorch/internal/freeport"
)

const workerVariable = "GOTORCH_TEST_WORKER"

// Workers are what the processes of a job run, by their names. A package that launches jobs
// has a TestWorker that calls Work.
type Workers map[string]func(t *testing.T)

// Work is one process of a job.
func (w Workers) Work(t *testing.T) {
	work, ok := w[os.Getenv(workerVariable)]
	if !ok {
		t.Skip("Launch runs this in a process of its own")
	}
	work(t)
}

// Outcome is how a process of a job ended.
type Outcome struct {
	Failed bool
	Output string
}

// Launch runs a worker in n processes of this test, with the environment that launchers
// give, and waits for them. Where one fails the others are ended after a while.
func Launch(t *testing.T, n int, worker string) []Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	port := FreePort(t)
	outcomes := make([]Outcome, n)
	var group sync.WaitGroup
	for rank := range n {
		group.Go(func() {
			command := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestWorker$", "-test.v", "-test.timeout=100s")
			command.Env = append(os.Environ(), workerVariable+"="+worker, fmt.Sprint("RANK=", rank), fmt.Sprint("LOCAL_RANK=", rank),
				fmt.Sprint("WORLD_SIZE=", n), "MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1")
			output, err := command.CombinedOutput()
			outcomes[rank] = Outcome{err != nil, string(output)}
			if err != nil {
				time.AfterFunc(10*time.Second, cancel) // the others end by themselves
			}
		})
	}
	group.Wait()
	return outcomes
}

// LaunchWell is Launch of processes that must all end well.
func LaunchWell(t *testing.T, n int, worker string) {
	t.Helper()
	for rank, o := range Launch(t, n, worker) {
		require.False(t, o.Failed, "rank %d:\n%s", rank, o.Output)
	}
}

// FreePort returns a port that nobody listens on.
func FreePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Find()
	require.NoError(t, err)
	return port
}

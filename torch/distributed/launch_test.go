package distributed_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// here reports whether this libtorch has c10d.
func here() bool { return torch.Version() == cgotorch.SchemaVersion }

// workers are what the processes of a job run, by the names that launch takes.
var workers = map[string]func(t *testing.T){}

// TestWorker is one process of a job.
func TestWorker(t *testing.T) {
	work, ok := workers[os.Getenv("GOTORCH_TEST_WORKER")]
	if !ok {
		t.Skip("launch runs this in a process of its own")
	}
	work(t)
}

// outcome is how a process ended.
type outcome struct {
	failed bool
	output string
}

// launch runs a worker in n processes, with the environment of a launcher, and waits for
// them.
func launch(t *testing.T, n int, worker string, env ...string) []outcome {
	t.Helper()
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	port := freePort(t)
	outcomes := make([]outcome, n)
	var group sync.WaitGroup
	for rank := range n {
		group.Go(func() {
			command := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestWorker$", "-test.v")
			command.Env = append(append(os.Environ(), "GOTORCH_TEST_WORKER="+worker, fmt.Sprint("RANK=", rank), fmt.Sprint("LOCAL_RANK=", rank),
				fmt.Sprint("WORLD_SIZE=", n), "MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1"), env...)
			output, err := command.CombinedOutput()
			outcomes[rank] = outcome{err != nil, string(output)}
			if err != nil {
				time.AfterFunc(10*time.Second, cancel) // the others end by themselves
			}
		})
	}
	group.Wait()
	return outcomes
}

// succeed is launch of processes that must all end well.
func succeed(t *testing.T, n int, worker string, env ...string) {
	t.Helper()
	for rank, o := range launch(t, n, worker, env...) {
		require.False(t, o.failed, "rank %d:\n%s", rank, o.output)
	}
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return number
}

// begin joins the job that launch has begun, until the test ends.
func begin(t *testing.T, options ...distributed.InitOptions) (rank, size int) {
	t.Helper()
	require.NoError(t, distributed.InitProcessGroup(options...))
	t.Cleanup(func() { require.NoError(t, distributed.DestroyProcessGroup()) })
	return distributed.GetRank(), distributed.GetWorldSize()
}

// must is for what returns a Work where it is async, which is nil here.
func must(t *testing.T) func(*distributed.Work, error) {
	return func(w *distributed.Work, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Nil(t, w)
	}
}

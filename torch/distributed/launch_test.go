package distributed_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// here reports whether this libtorch has c10d.
func here() bool { return torch.Version() == cgotorch.SchemaVersion }

// workers are what the processes of jobs run.
var workers = torchtest.Workers{}

// TestWorker is one process of a job.
func TestWorker(t *testing.T) { workers.Work(t) }

// launch runs a worker in n processes, where libtorch has what they need.
func launch(t *testing.T, n int, worker string) []torchtest.Outcome {
	t.Helper()
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	return torchtest.Launch(t, n, worker)
}

// succeed is launch of processes that must all end well.
func succeed(t *testing.T, n int, worker string) {
	t.Helper()
	for rank, o := range launch(t, n, worker) {
		require.False(t, o.Failed, "rank %d:\n%s", rank, o.Output)
	}
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

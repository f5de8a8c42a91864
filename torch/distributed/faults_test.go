package distributed_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func init() {
	workers["dies"] = checkDeath
	workers["hangs"] = checkHang
	workers["differ"] = checkDiffer
	workers["late"] = checkTimeout
	workers["again"] = checkAgain
	workers["shapes"] = checkShapes
	workers["absent"] = checkAbsent
	workers["rank twice"] = checkTwice
	workers["world sizes"] = checkWorldSizes
}

// isTimeout asserts that an error says that the time was over.
func isTimeout(t *testing.T, err error) {
	t.Helper()
	var failed *distributed.Error
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Timeout(), "%v", err)
	assert.True(t, os.IsTimeout(failed), "%v", err)
}

// TestRankDies ends one process without a word: the others say which it was.
func TestRankDies(t *testing.T) {
	for rank, o := range launch(t, 2, "dies") {
		assert.Equal(t, rank == 1, o.Failed, "rank %d:\n%s", rank, o.Output)
		assert.NotContains(t, o.Output, "C++", "no stack of libtorch")
		assert.NotContains(t, o.Output, "ProcessGroupGloo")
	}
}

func checkDeath(t *testing.T) {
	begin(t, distributed.InitOptions{Timeout: 20 * time.Second})
	must(t)(distributed.Barrier())
	if distributed.GetRank() == 1 {
		os.Exit(3)
	}
	start := time.Now()
	_, err := distributed.AllReduce(floats(1))
	require.ErrorContains(t, err, fmt.Sprintf("distributed.AllReduce on rank %d of 2: ", distributed.GetRank()))
	assert.Less(t, time.Since(start), 10*time.Second)
	var failed *distributed.Error
	require.ErrorAs(t, err, &failed)
	var inner *torch.Error
	assert.True(t, errors.As(err, &inner))
	t.Log(err)
	assert.Regexp(t, `^rank 1 \(host .+, process \d+\)$`, failed.Peer)
	assert.NotContains(t, err.Error(), "GLHF")
}

// TestTimeouts waits for a process that does something else.
func TestTimeouts(t *testing.T) { succeed(t, 2, "late") }

func checkTimeout(t *testing.T) {
	rank, _ := begin(t, distributed.InitOptions{Timeout: 20 * time.Second})
	store, err := distributed.NewTCPStore("127.0.0.1", mustAtoi(t, os.Getenv("MASTER_PORT")), distributed.TCPStoreOptions{Timeout: 20 * time.Second})
	require.NoError(t, err)
	defer store.Close()
	one, err := distributed.NewGroup(nil)
	require.NoError(t, err)
	if rank == 1 {
		_, err := distributed.NewGroup(nil)
		require.NoError(t, err)
		require.NoError(t, store.Wait([]string{"done"}))
		return
	}
	_, err = distributed.AllReduce(floats(1), distributed.ReduceOptions{Timeout: 100 * time.Millisecond})
	require.ErrorContains(t, err, "distributed.AllReduce on rank 0 of 2: ")
	isTimeout(t, err)
	two, err := distributed.NewGroup(nil)
	require.NoError(t, err)
	require.NoError(t, distributed.SetTimeout(100*time.Millisecond, two))
	_, err = distributed.Barrier(distributed.Options{Group: two})
	isTimeout(t, err)
	assert.ErrorContains(t, distributed.SetTimeout(0), "is not positive")
	_, err = distributed.Recv(floats(1), 1, distributed.MessageOptions{Timeout: 50 * time.Millisecond, Group: one})
	require.ErrorContains(t, err, "distributed.Recv on rank 0 of 2: ")
	isTimeout(t, err)
	require.NoError(t, store.SetTimeout(50*time.Millisecond))
	_, err = store.Get("nothing")
	require.ErrorContains(t, err, "distributed.Store.Get: ")
	isTimeout(t, err)
	require.NoError(t, store.Set("done", nil))
}

// TestGroupsAreMadeAgain ends the groups and makes others, by a file and by a store.
func TestGroupsAreMadeAgain(t *testing.T) { succeed(t, 2, "again") }

func checkAgain(t *testing.T) {
	rank, port := mustAtoi(t, os.Getenv("RANK")), os.Getenv("MASTER_PORT")
	file := filepath.Join(os.TempDir(), "gotorch-test-store-"+port)
	defer os.Remove(file)
	store, err := distributed.NewFileStore(file+"-2", 2)
	require.NoError(t, err)
	defer os.Remove(file + "-2")
	for _, o := range []distributed.InitOptions{
		{InitMethod: "tcp://127.0.0.1:" + port, Rank: new(rank), WorldSize: 2},
		{InitMethod: "file://" + file, Rank: new(rank), WorldSize: 2},
		{Store: store, Rank: new(rank), WorldSize: 2},
	} {
		o.Timeout = 20 * time.Second
		require.NoError(t, distributed.InitProcessGroup(o))
		x := floats(1)
		must(t)(distributed.AllReduce(x))
		assert.Equal(t, []float32{2}, slice(x))
		must(t)(distributed.Barrier())
		require.NoError(t, distributed.DestroyProcessGroup())
		assert.False(t, distributed.IsInitialized())
	}
}

// TestMonitoredBarrierNamesTheRank says who does not come.
func TestMonitoredBarrierNamesTheRank(t *testing.T) { succeed(t, 2, "absent") }

func checkAbsent(t *testing.T) {
	rank, _ := begin(t, distributed.InitOptions{Timeout: 20 * time.Second})
	if rank == 1 {
		time.Sleep(time.Second) // what it does instead
		return
	}
	err := distributed.MonitoredBarrier(distributed.MonitoredBarrierOptions{Options: distributed.Options{Timeout: 500 * time.Millisecond}, WaitAllRanks: true})
	require.Error(t, err)
	if rank == 0 {
		assert.ErrorContains(t, err, "Ranks 1 failed to pass monitoredBarrier in 500 ms")
	}
}

// TestShapesThatDiffer reduces tensors of other shapes.
func TestShapesThatDiffer(t *testing.T) { succeed(t, 2, "shapes") }

func checkShapes(t *testing.T) {
	rank, _ := begin(t, distributed.InitOptions{Timeout: 2 * time.Second})
	_, err := distributed.AllReduce(torch.Ones([]int{100 + 100*rank}))
	require.ErrorContains(t, err, fmt.Sprintf("distributed.AllReduce on rank %d of 2: ", rank))
}

// TestWorldsThatDiffer begins with environments that do not fit together.
func TestWorldsThatDiffer(t *testing.T) {
	succeed(t, 2, "rank twice")
	succeed(t, 2, "world sizes")
}

func checkTwice(t *testing.T) {
	err := distributed.InitProcessGroup(distributed.InitOptions{Rank: new(0), Timeout: 2 * time.Second})
	require.Error(t, err) // one of the two has the port
	t.Log(err)
	assert.ErrorContains(t, err, "distributed.InitProcessGroup")
	assert.False(t, distributed.IsInitialized())
}

func checkWorldSizes(t *testing.T) {
	rank := mustAtoi(t, os.Getenv("RANK"))
	err := distributed.InitProcessGroup(distributed.InitOptions{WorldSize: 2 + rank, Timeout: 2 * time.Second})
	require.Error(t, err)
	t.Log(err)
	assert.ErrorContains(t, err, fmt.Sprintf("distributed.InitProcessGroup on rank %d of %d: ", rank, 2+rank))
	assert.False(t, distributed.IsInitialized())
}

// TestWrongStarts begins alone, with what cannot be.
func TestWrongStarts(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	used := listener.Addr().String()
	silent := fmt.Sprint("tcp://127.0.0.1:", torchtest.FreePort(t))
	for name, c := range map[string]struct {
		options distributed.InitOptions
		env     map[string]string
		words   string
	}{
		"nothing said":      {distributed.InitOptions{}, nil, "is not set: gotorch run and torchrun set"},
		"no master":         {distributed.InitOptions{Rank: new(0), WorldSize: 1}, nil, "the environment variable MASTER_"},
		"rank no number":    {distributed.InitOptions{}, map[string]string{"RANK": "one", "WORLD_SIZE": "1", "MASTER_PORT": "1", "MASTER_ADDR": "a"}, `RANK is "one"`},
		"rank outside":      {distributed.InitOptions{InitMethod: silent, Rank: new(2), WorldSize: 2}, nil, "rank 2 is not within a world of 2 processes"},
		"no rank":           {distributed.InitOptions{InitMethod: silent}, nil, "Rank and WorldSize must be given with tcp://"},
		"no port":           {distributed.InitOptions{InitMethod: "tcp://localhost", Rank: new(0), WorldSize: 1}, nil, "lacks a port"},
		"no path":           {distributed.InitOptions{InitMethod: "file://", Rank: new(0), WorldSize: 1}, nil, "lacks a path"},
		"no scheme":         {distributed.InitOptions{InitMethod: "mpi://x"}, nil, "is none of env://"},
		"backend":           {distributed.InitOptions{Backend: "mpi"}, nil, `there is no backend "mpi"`},
		"nccl":              {distributed.InitOptions{Backend: distributed.NCCL}, nil, "the backend nccl needs libtorch's CUDA variant"},
		"timeout":           {distributed.InitOptions{Timeout: -1}, nil, "is negative"},
		"two ways":          {distributed.InitOptions{InitMethod: silent, Store: &distributed.Store{}}, nil, "two ways to say one thing"},
		"port in use":       {distributed.InitOptions{InitMethod: "tcp://" + used, Rank: new(0), WorldSize: 1, Timeout: time.Second}, nil, "in use"},
		"nobody there":      {distributed.InitOptions{InitMethod: silent, Rank: new(1), WorldSize: 2, Timeout: time.Second}, nil, "127.0.0.1"},
		"another program":   {distributed.InitOptions{InitMethod: "tcp://" + used, Rank: new(1), WorldSize: 2, Timeout: time.Second}, nil, "does not answer as a store does"},
		"missing processes": {distributed.InitOptions{InitMethod: fmt.Sprint("tcp://127.0.0.1:", torchtest.FreePort(t)), Rank: new(0), WorldSize: 2, Timeout: time.Second}, nil, "1/2 clients joined"},
		"a folder, no file": {distributed.InitOptions{InitMethod: "file://" + t.TempDir(), Rank: new(0), WorldSize: 1, Timeout: time.Second}, nil, "directory"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"} {
				t.Setenv(variable, c.env[variable])
				if c.env[variable] == "" {
					os.Unsetenv(variable)
				}
			}
			start := time.Now()
			err := distributed.InitProcessGroup(c.options)
			require.ErrorContains(t, err, c.words)
			assert.ErrorContains(t, err, "distributed.InitProcessGroup")
			assert.Less(t, time.Since(start), 10*time.Second)
			assert.False(t, distributed.IsInitialized())
		})
	}
	_, err = distributed.AllReduce(torch.Ones([]int{1}))
	assert.ErrorContains(t, err, "Default process group has not been initialized")
	assert.Equal(t, -1, distributed.GetRank())
	assert.Equal(t, -1, distributed.GetWorldSize())
	assert.ErrorContains(t, distributed.DestroyProcessGroup(), "has not been initialized")
}

// TestOlderLibtorch has a libtorch without c10d.
func TestOlderLibtorch(t *testing.T) {
	if here() {
		t.Skip("this libtorch has c10d")
	}
	err := distributed.InitProcessGroup(distributed.InitOptions{InitMethod: "tcp://127.0.0.1:1", Rank: new(0), WorldSize: 1})
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.UnsupportedError})
	assert.ErrorContains(t, err, "needs libtorch 2.15 or newer, and this is libtorch")
	_, err = distributed.NewHashStore()
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.UnsupportedError})
}

// TestRankHangs stops one process: the others say which it was when the time is over.
func TestRankHangs(t *testing.T) { succeed(t, 3, "hangs") }

func checkHang(t *testing.T) {
	rank, _ := begin(t, distributed.InitOptions{Timeout: 20 * time.Second})
	must(t)(distributed.Barrier())
	if rank == 2 {
		time.Sleep(2 * time.Second) // what it does instead
		return
	}
	_, err := distributed.AllReduce(floats(1), distributed.ReduceOptions{Timeout: 500 * time.Millisecond})
	require.ErrorContains(t, err, fmt.Sprintf("distributed.AllReduce on rank %d of 3: ", rank))
	var failed *distributed.Error
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Missing, 1, "%v", err)
	assert.Regexp(t, `^rank 2 \(host .+, process \d+\)$`, failed.Missing[0])
	assert.ErrorContains(t, err, "\n  did not take part: rank 2 (host ")
}

// TestRanksDoOtherThings lets processes wait for each other in different collectives.
func TestRanksDoOtherThings(t *testing.T) { succeed(t, 2, "differ") }

func checkDiffer(t *testing.T) {
	rank, _ := begin(t, distributed.InitOptions{Timeout: 20 * time.Second})
	must(t)(distributed.Barrier())
	var err error
	if rank == 0 {
		_, err = distributed.Recv(floats(1), 1, distributed.MessageOptions{Timeout: 500 * time.Millisecond})
		assert.ErrorContains(t, err, "did not take part: rank 1 (host ")
		assert.ErrorContains(t, err, ", which was in AllGather")
		return
	}
	_, err = distributed.AllGather([]*torch.Tensor{floats(1), floats(1)}, floats(1)) // rank 0 ends the connection
	assert.ErrorContains(t, err, ", which was in Recv")
}

package parallel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// TestPythonRanks runs jobs of a rank in Go and one in Python, and the other way round: each
// rank must get what it gets in a job in Python alone, bit for bit. "make python-check" runs
// this.
func TestPythonRanks(t *testing.T) {
	python := torchtest.Python(t)
	want := runRanks(t, python, python)
	require.Greater(t, len(want[0]), 30)
	gotorch := filepath.Join(t.TempDir(), "gotorch")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", gotorch, "../../../cmd/gotorch").CombinedOutput()
	require.NoError(t, err, "%s", output)
	torchrun := []string{python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"}
	for name, got := range map[string][2]noted{"Go is rank 0": runRanks(t, "", python), "Go is rank 1": runRanks(t, python, ""),
		"Go alone": runRanks(t, "", ""), "torchrun": launchRanks(t, python, 0, torchrun...), "gotorch run": launchRanks(t, python, 1, gotorch, "run", "-nproc", "2", "--")} {
		t.Run(name, func(t *testing.T) {
			for rank := range 2 {
				assert.Equal(t, want[rank], got[rank], "rank %d", rank)
			}
		})
	}
}

// noted are the results of a rank by their names.
type noted map[string][]float64

// runRanks runs a job of two ranks, each by a Python or by this test.
func runRanks(t *testing.T, pythons ...string) (results [2]noted) {
	t.Helper()
	port := torchtest.FreePort(t)
	folder := t.TempDir()
	var group sync.WaitGroup
	for rank, python := range pythons {
		command := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "ranks.py"))
		if python == "" {
			command = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorker$", "-test.v", "-test.timeout=60s")
		}
		out := filepath.Join(folder, fmt.Sprint(rank))
		command.Env = append(os.Environ(), "GOTORCH_TEST_WORKER=mixed", "GOTORCH_TEST_OUT="+out, fmt.Sprint("RANK=", rank), "WORLD_SIZE=2",
			"MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1", "ATEN_CPU_CAPABILITY=avx2",
			"ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2")
		group.Go(func() {
			output, err := command.CombinedOutput()
			if !assert.NoError(t, err, "rank %d:\n%s", rank, output) {
				return
			}
			data, err := os.ReadFile(out)
			if assert.NoError(t, err) {
				assert.NoError(t, json.Unmarshal(data, &results[rank]))
			}
		})
	}
	group.Wait()
	require.False(t, t.Failed())
	return results
}

// launchRanks is runRanks by a launcher, with a Go of one rank.
func launchRanks(t *testing.T, python string, goRank int, launcher ...string) (results [2]noted) {
	t.Helper()
	folder := t.TempDir()
	script := fmt.Sprintf(`export GOTORCH_TEST_OUT=%s/$RANK
		if [ $RANK = %d ]; then exec %s -test.run=^TestWorker$ -test.v -test.timeout=60s; else exec %s testdata/ranks.py; fi`, folder, goRank, os.Args[0], python)
	command := exec.CommandContext(t.Context(), launcher[0], append(launcher[1:], "sh", "-c", script)...)
	command.Env = append(os.Environ(), "GOTORCH_TEST_WORKER=mixed", "OMP_NUM_THREADS=1")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for rank := range results {
		data, err := os.ReadFile(filepath.Join(folder, fmt.Sprint(rank)))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &results[rank]))
	}
	return results
}

// checkMixed is a rank in Go: testdata/ranks.py is the same in Python.
func checkMixed(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	rank := distributed.GetRank()
	results := noted{}
	noteCollectives(t, rank, results)
	noteDDP(t, rank, results, "[]", parallel.Options{})
	noteDDP(t, rank, results, "['gradient_as_bucket_view']", parallel.Options{GradientAsBucketView: true})
	noteDDP(t, rank, results, "['find_unused_parameters']", parallel.Options{FindUnusedParameters: true})
	_, err := distributed.Barrier()
	require.NoError(t, err)
	require.NoError(t, distributed.DestroyProcessGroup())
	data, err := json.Marshal(results)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(os.Getenv("GOTORCH_TEST_OUT"), data, 0o600))
}

func (n noted) note(name string, list ...*torch.Tensor) {
	n[name] = []float64{}
	for _, x := range list {
		n[name] = append(n[name], torch.ToSlice[float64](x.Detach().To(torch.Float64).Flatten())...)
	}
}

func noteCollectives(t *testing.T, rank int, results noted) {
	done := func(w *distributed.Work, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Nil(t, w)
	}
	own := func() *torch.Tensor { return torch.FromSlice([]float32{1, 2, 3.5}).Mul(rank + 1) }
	pair := func() []*torch.Tensor { return []*torch.Tensor{own(), own().Add(10)} }
	zeros := func(n int) *torch.Tensor { return torch.Zeros([]int{n}) }

	for _, op := range []distributed.ReduceOp{distributed.Sum, distributed.Avg, distributed.Product, distributed.Min, distributed.Max} {
		x := own()
		done(distributed.AllReduce(x, distributed.ReduceOptions{Op: op}))
		results.note("all_reduce "+string(op), x)
	}
	for _, dtype := range []torch.DType{torch.Float64, torch.Float16, torch.BFloat16, torch.Int64, torch.Uint8} {
		x := own().To(dtype)
		done(distributed.AllReduce(x))
		results.note(fmt.Sprint("all_reduce ", dtype), x)
	}
	x := torch.Complex(own(), own().Neg())
	done(distributed.AllReduce(x))
	results.note("all_reduce complex", torch.ViewAsReal(x))
	list := []*torch.Tensor{own(), own().Narrow(0, 0, 1)}
	done(distributed.AllReduceCoalesced(list))
	results.note("all_reduce_coalesced", list...)
	for root := range 2 {
		x := own()
		done(distributed.Broadcast(x, root))
		results.note(fmt.Sprint("broadcast ", root), x)
		x = own()
		done(distributed.Reduce(x, root))
		var outputs, inputs []*torch.Tensor
		if rank == root {
			outputs, inputs = []*torch.Tensor{zeros(3), zeros(3)}, pair()
		}
		done(distributed.Gather(own(), outputs, root))
		if rank == root {
			results.note(fmt.Sprint("reduce ", root), x)
			results.note(fmt.Sprint("gather ", root), outputs...)
		}
		x = zeros(3)
		done(distributed.Scatter(x, inputs, root))
		results.note(fmt.Sprint("scatter ", root), x)
	}
	outputs := []*torch.Tensor{zeros(3), zeros(3)}
	done(distributed.AllGather(outputs, own()))
	results.note("all_gather", outputs...)
	x = zeros(6)
	done(distributed.AllGatherIntoTensor(x, own()))
	results.note("all_gather_into_tensor", x)
	x = zeros(3)
	done(distributed.ReduceScatter(x, pair()))
	results.note("reduce_scatter", x)
	x = zeros(3)
	done(distributed.ReduceScatterTensor(x, torch.Cat(pair(), 0)))
	results.note("reduce_scatter_tensor", x)
	outputs = []*torch.Tensor{zeros(3), zeros(3)}
	done(distributed.AllToAll(outputs, pair()))
	results.note("all_to_all", outputs...)
	x = zeros(2 * (rank + 1))
	done(distributed.AllToAllSingle(x, own(), distributed.AllToAllSingleOptions{
		OutputSplitSizes: []int{rank + 1, rank + 1}, InputSplitSizes: []int{1, 2}}))
	results.note("all_to_all_single", x)
	x = zeros(3)
	works, err := distributed.BatchIsendIrecv([]distributed.P2POp{
		{Send: true, Tensor: own(), Peer: 1 - rank, Tag: 4}, {Tensor: x, Peer: 1 - rank, Tag: 4}})
	require.NoError(t, err)
	for _, work := range works {
		require.NoError(t, work.Wait())
	}
	results.note("batch_isend_irecv", x)
	if rank == 0 {
		require.NoError(t, distributed.Send(own(), 1))
	} else {
		from, err := distributed.Recv(x, distributed.AnySource)
		require.NoError(t, err)
		results.note("recv", torch.FromSlice([]float32{float32(from)}), x)
	}
	done(distributed.Barrier())
	require.NoError(t, distributed.MonitoredBarrier())
	group, err := distributed.NewGroup([]int{1, 0})
	require.NoError(t, err)
	x = own()
	done(distributed.AllReduce(x, distributed.ReduceOptions{Group: group}))
	results.note("group", x)
}

func noteDDP(t *testing.T, rank int, results noted, name string, options parallel.Options) {
	torch.ManualSeed(0)
	net, err := parallel.NewDistributedDataParallel(nn.NewSequential(nn.NewLinear(8, 16), nn.NewBatchNorm1d(16), nn.NewReLU(),
		nn.NewLinear(16, 4)), options)
	require.NoError(t, err)
	defer net.Close()
	torch.ManualSeed(int64(100 + rank))
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	var losses []*torch.Tensor
	for range 5 {
		x, y := torch.Randn([]int{6, 8}), torch.Randint(0, 4, []int{6})
		optimizer.ZeroGrad()
		loss := functional.CrossEntropy(net.Forward(x), y)
		loss.Backward()
		optimizer.Step()
		losses = append(losses, loss)
	}
	results.note("ddp "+name+" losses", losses...)
	results.note("ddp "+name+" parameters", net.Parameters()...)
}

package checkpoint_test

import (
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
	"github.com/wangkuiyi/gotorch/torch/distributed/checkpoint"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/distributed/tensor/parallel"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// TestPythonStorage lets Python read, whole and divided, what two ranks in Go wrote, and Go
// what two ranks in Python wrote, bit for bit. "make python-check" runs this.
func TestPythonStorage(t *testing.T) {
	python := torchtest.Python(t)
	dir := t.TempDir()
	t.Setenv("GOTORCH_TEST_OUT", dir)
	torchtest.LaunchWell(t, 2, "storage")
	run := func(n int, command, name string) {
		t.Helper()
		port := torchtest.FreePort(t)
		var group sync.WaitGroup
		for rank := range n {
			c := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "storage.py"), command, filepath.Join(dir, name))
			c.Env = append(os.Environ(), fmt.Sprint("RANK=", rank), fmt.Sprint("WORLD_SIZE=", n), "MASTER_ADDR=127.0.0.1",
				fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1")
			group.Go(func() {
				output, err := c.CombinedOutput()
				assert.NoError(t, err, "%s, rank %d:\n%s", command, rank, output)
			})
		}
		group.Wait()
		require.False(t, t.Failed())
	}
	run(1, "read", "go")
	run(2, "read divided", "go")
	run(2, "write", "python")
	state := nn.StateDict{}
	for _, n := range values() {
		state = append(state, nn.NamedTensor{Name: n.Name, Tensor: torch.ZerosLike(n.Tensor)})
	}
	require.NoError(t, checkpoint.Load(state, filepath.Join(dir, "python")))
	equal(t, values(), state)
}

// values are those of testdata/storage.py.
func values() nn.StateDict {
	count := func(n int, dtype torch.DType, shape ...int) *torch.Tensor {
		return torch.Linspace(0, float64(n-1), n).To(dtype).View(shape...)
	}
	return nn.StateDict{
		{Name: "fc.weight", Tensor: count(21, torch.Float32, 7, 3)}, {Name: "fc.bias", Tensor: count(7, torch.BFloat16, 7)},
		{Name: "across", Tensor: count(8, torch.Int64, 2, 4)}, {Name: "whole", Tensor: torch.FromSlice([]float64{1.5, 2.5})},
	}
}

// writeStorage is a rank in Go that writes them, divided along the first dimension, and one
// along the second.
func writeStorage(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	whole := values()
	rows := nn.NewParameterDict()
	rows.Set("weight", nn.NewParameter(whole[0].Tensor))
	_, err := fsdp.FullyShard(rows)
	require.NoError(t, err)
	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{distributed.GetWorldSize()})
	require.NoError(t, err)
	columns := nn.NewSequential(nn.NewLinear(4, 2, nn.LinearOptions{Bias: new(false)}))
	torch.NoGrad(func() { columns.At(0).(*nn.Linear).Weight.CopyInplace(whole[2].Tensor) })
	require.NoError(t, parallel.ParallelizeModule(columns, mesh, parallel.Plan{"0": parallel.RowwiseParallel{}}))
	bias := nn.NewParameterDict()
	bias.Set("bias", nn.NewParameter(whole[1].Tensor))
	_, err = fsdp.FullyShard(bias)
	require.NoError(t, err)

	state := append(rows.StateDict(), append(bias.StateDict(), columns.StateDict()...)...)
	for i, name := range []string{"fc.weight", "fc.bias", "across"} {
		state[i].Name = name
	}
	state = append(state, whole[3])
	require.NoError(t, checkpoint.Save(state, filepath.Join(os.Getenv("GOTORCH_TEST_OUT"), "go")))
}

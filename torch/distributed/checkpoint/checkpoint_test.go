package checkpoint_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/checkpoint"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestWorker(t *testing.T) {
	torchtest.Workers{"three": checkThree, "storage": writeStorage}.Work(t)
}

// newNet returns a network whose sizes three processes cannot share evenly: the last has no
// row of the second layer.
func newNet(seed int64) *nn.Sequential {
	torch.ManualSeed(seed)
	return nn.NewSequential(nn.NewLinear(3, 7), nn.NewBatchNorm1d(7), nn.NewLinear(7, 2))
}

func newAdam(net *nn.Sequential) *optim.Adam {
	return optim.NewAdam(net.Parameters(), optim.AdamOptions{LR: 0.01})
}

func step(net *nn.Sequential, optimizer optim.Optimizer) {
	optimizer.ZeroGrad()
	nn.Call(net, torch.FromSlice([]float32{1, 2, 3, -1, 0, 1}).View(2, 3)).Square().Sum().Backward()
	optimizer.Step()
}

// equal asserts that state dicts are the same, bit for bit.
func equal(t *testing.T, want, got nn.StateDict) {
	t.Helper()
	require.ElementsMatch(t, want.Names(), got.Names())
	for _, n := range want {
		assert.True(t, torch.Equal(n.Tensor, got.Get(n.Name)), n.Name)
	}
}

func withOptimizer(t *testing.T, net *nn.Sequential, optimizer optim.Optimizer) nn.StateDict {
	t.Helper()
	flat, err := checkpoint.GetOptimizerStateDict(net, optimizer)
	require.NoError(t, err)
	return append(net.StateDict(), flat...)
}

// TestResharding saves by one process and loads by three, and the other way round.
func TestResharding(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		t.Skip("this libtorch has no c10d; TestAlone is for one process")
	}
	dir := t.TempDir()
	t.Setenv("GOTORCH_TEST_OUT", dir)
	net := newNet(1)
	optimizer := newAdam(net)
	step(net, optimizer)
	require.NoError(t, checkpoint.Save(withOptimizer(t, net, optimizer), filepath.Join(dir, "one")))
	torchtest.LaunchWell(t, 3, "three")

	step(net, optimizer)
	for _, name := range []string{"three", "async"} {
		other := newNet(2)
		require.NoError(t, checkpoint.Load(other.StateDict(), filepath.Join(dir, name)))
		for _, n := range net.StateDict() {
			assert.InDelta(t, 0, n.Tensor.Sub(other.StateDict().Get(n.Name)).Abs().Sum().Item(), 1e-5, n.Name)
		}
		adam := newAdam(other)
		flat, err := checkpoint.LoadShardedOptimizerStateDict(other, filepath.Join(dir, name))
		require.NoError(t, err)
		require.NoError(t, checkpoint.SetOptimizerStateDict(other, adam, flat))
		assert.Equal(t, 2.0, adam.StateDict().State[0]["step"].(*torch.Tensor).Item())
		assert.Equal(t, 0.005, adam.ParamGroups[0].Options.LR)
	}
	names, err := filepath.Glob(filepath.Join(dir, "three", "*"))
	require.NoError(t, err)
	assert.Len(t, names, 4)
	f, err := safetensors.Open(names[1])
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, "1.0", f.Metadata()["DCP_VERSION"])
	assert.Contains(t, f.Metadata()["DCP_SHARDING_INFO"], `"0.weight":{"saved_offsets":[0,0]}`)
}

func checkThree(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	dir, rank := os.Getenv("GOTORCH_TEST_OUT"), distributed.GetRank()
	one := filepath.Join(dir, "one")
	whole := newNet(1)
	require.NoError(t, checkpoint.Load(whole.StateDict(), one))
	want, err := checkpoint.LoadShardedOptimizerStateDict(whole, one)
	require.NoError(t, err)
	assert.True(t, torch.Equal(torch.Full([]int{}, 0.01, torch.TensorOptions{DType: torch.Float64}), want.Get("param_groups.0.bias.lr")))

	net := newNet(3)
	_, err = fsdp.FullyShard(net)
	require.NoError(t, err)
	require.NoError(t, checkpoint.Load(net.StateDict(), one))
	equal(t, whole.StateDict(), checkpoint.GetModelStateDict(net, checkpoint.StateDictOptions{FullStateDict: true}))
	adam := newAdam(net)
	flat, err := checkpoint.LoadShardedOptimizerStateDict(net, one)
	require.NoError(t, err)
	require.NoError(t, checkpoint.SetOptimizerStateDict(net, adam, flat))
	got, err := checkpoint.GetOptimizerStateDict(net, adam, checkpoint.StateDictOptions{FullStateDict: true, CPUOffload: true})
	require.NoError(t, err)
	equal(t, want, got)

	// Another step, by which the whole ones are the same again.
	step(net, adam)
	adam.ParamGroups[0].SetLearningRate(0.005)
	require.NoError(t, checkpoint.Save(withOptimizer(t, net, adam), filepath.Join(dir, "three")))
	saving, err := checkpoint.AsyncSave(withOptimizer(t, net, adam), filepath.Join(dir, "async"))
	require.NoError(t, err)
	torch.NoGrad(func() { net.At(0).(*nn.Linear).Weight.ZeroInplace() }) // it has copies
	_, err = distributed.Barrier()                                       // goes on meanwhile
	require.NoError(t, err)
	require.NoError(t, saving.Wait())
	assert.True(t, saving.IsDone())

	other := newNet(4)
	_, err = fsdp.FullyShard(other)
	require.NoError(t, err)
	require.NoError(t, checkpoint.SetModelStateDict(other, whole.StateDict()))
	equal(t, whole.StateDict(), checkpoint.GetModelStateDict(other, checkpoint.StateDictOptions{FullStateDict: true}))

	// What fails on one process is an error of all.
	state := nn.StateDict{{Name: "x", Tensor: torch.Ones([]int{2 + rank/2})}}
	assert.ErrorContains(t, checkpoint.Save(state, filepath.Join(dir, "differ")), `tensor "x" is`)
	state = nn.StateDict{{Name: "x", Tensor: torch.Ones([]int{2})}}
	if rank == 1 {
		state[0].Tensor = nil
	}
	assert.ErrorContains(t, checkpoint.Save(state, filepath.Join(dir, "nil")), `tensor "x" is nil`)
}

// TestAlone saves and loads in one process, and what others wrote.
func TestAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]")
	net := newNet(1)
	for range 2 { // the second replaces the first
		require.NoError(t, checkpoint.Save(net.StateDict(), dir, checkpoint.SaveOptions{Sync: true}))
	}
	other := newNet(2)
	require.NoError(t, checkpoint.Load(other.StateDict(), dir))
	equal(t, net.StateDict(), other.StateDict())
	left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{dir}, left, "no temporary folders")

	// A program that was killed between two renames.
	require.NoError(t, os.Rename(dir, dir+".former"))
	require.NoError(t, checkpoint.Load(other.StateDict(), dir))
	require.NoError(t, checkpoint.Save(net.StateDict(), dir))
	require.NoError(t, checkpoint.Save(net.StateDict(), dir))
	assert.NoDirExists(t, dir+".former")

	extra := append(other.StateDict(), nn.NamedTensor{Name: "extra", Tensor: torch.Ones([]int{1})})
	assert.ErrorContains(t, checkpoint.Load(extra, dir), "Missing key in checkpoint state_dict: extra.")
	require.NoError(t, checkpoint.Load(extra, dir, checkpoint.LoadOptions{AllowPartialLoad: true}))
	wrong := nn.StateDict{{Name: "0.bias", Tensor: torch.Ones([]int{8})}}
	assert.ErrorContains(t, checkpoint.Load(wrong, dir), "size mismatch between saved [7] and current [8]")
	half := nn.StateDict{{Name: "0.bias", Tensor: torch.Ones([]int{7}, torch.TensorOptions{DType: torch.Float64})}}
	require.NoError(t, checkpoint.Load(half, dir))
	assert.True(t, torch.Equal(half[0].Tensor.To(torch.Float32), net.At(0).(*nn.Linear).Bias.Detach()))

	for _, name := range []string{"", ".", "/", "a/.."} {
		assert.ErrorContains(t, checkpoint.Save(net.StateDict(), name), "must have a name")
	}
	closed := torch.Ones([]int{1})
	closed.Close()
	assert.ErrorContains(t, checkpoint.Save(nn.StateDict{{Name: "x", Tensor: closed}}, dir), "the tensor is closed")
	assert.ErrorContains(t, new(checkpoint.Saving).Wait(), "AsyncSave did not make it")

	shard := filepath.Join(dir, "shard-00001-model-00001-of-00001.safetensors")
	require.NoError(t, os.Truncate(shard, 100))
	assert.ErrorContains(t, checkpoint.Load(other.StateDict(), dir), "has 100 bytes, of")
	require.NoError(t, os.Remove(shard))
	assert.ErrorContains(t, checkpoint.Load(other.StateDict(), dir), "is not complete")
	assert.ErrorIs(t, checkpoint.Load(other.StateDict(), dir+"x"), os.ErrNotExist)
}

// TestHostile loads files whose metadata is wrong.
func TestHostile(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                 "unexpected end of JSON",
		`{}`:                                "does not say where",
		`{"x":{"saved_offsets":[0]}}`:       "does not say where",
		`{"x":{"saved_offsets":[-1,0]}}`:    "does not say where",
		`{"x":{"saved_offsets":[1,0]}}`:     "size mismatch",
		`{"x":{"saved_offsets":[0,0]}}`:     "two parts have the elements",
		`{"x":{"saved_offsets":["a",0]}}`:   "cannot unmarshal",
		`{"x":{"saved_offsets": [0, "0"]}}`: "cannot unmarshal",
	} {
		t.Run(text, func(t *testing.T) {
			dir := t.TempDir()
			x := nn.StateDict{{Name: "x", Tensor: torch.Ones([]int{2, 2})}}
			require.NoError(t, safetensors.Save(x, filepath.Join(dir, "a.safetensors"), safetensors.SaveOptions{Metadata: map[string]string{"DCP_SHARDING_INFO": text}}))
			require.NoError(t, safetensors.Save(x, filepath.Join(dir, "b.safetensors")))
			assert.ErrorContains(t, checkpoint.Load(x, dir), want)
		})
	}
}

// Without a module or an optimizer there is an error, not a panic.
func TestNothingToLoadInto(t *testing.T) {
	assert.ErrorContains(t, checkpoint.SetModelStateDict(nil, nil), "the module must not be nil")
	assert.ErrorContains(t, checkpoint.SetOptimizerStateDict(nil, nil, nil), "the optimizer must not be nil")
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// sharedFolder names the variable with the folder that the processes of a job share.
const sharedFolder = "GOTORCH_TEST_OUT"

func TestWorker(t *testing.T) {
	torchtest.Workers{"toy": trainToy, "curve": trainCurve}.Work(t)
}

// joined is options of a process that has joined the job of its environment, until the
// test ends.
func joined(t *testing.T, o options) options {
	t.Helper()
	joined, err := team.Join(time.Minute)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, distributed.DestroyProcessGroup()) })
	o.Team = joined
	return o
}

func distributedOptions(dir string) options {
	o := toyOptions(dir)
	o.model, o.amp = "mlp", false // without dropout, whose random numbers each process draws for its own images
	return o
}

// Two processes print and save what one does, but for the order in which samples are
// added up: the parameters differ by 1e-5 at most, the losses by 1e-5.
func TestDistributed(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		_, err := team.Join(time.Second)
		assert.ErrorContains(t, err, "needs libtorch 2.15 or newer")
		return
	}
	dir := t.TempDir()
	t.Setenv(sharedFolder, dir)
	alone := filepath.Join(dir, "alone")
	require.NoError(t, train(t.Context(), distributedOptions(alone), toySets(), t.Output(), t.Output()))
	torchtest.LaunchWell(t, 2, "toy")
	want, got := readCheckpoint(t, alone), readCheckpoint(t, filepath.Join(dir, "whole"))
	assert.Equal(t, want.Options, got.Options)
	require.Equal(t, want.Model.Names(), got.Model.Names())
	for i := range want.Model {
		assert.InDelta(t, 0, want.Model[i].Tensor.Sub(got.Model[i].Tensor).Abs().Max().Item(), 1e-5, want.Model[i].Name)
	}
	require.Len(t, got.Place.History, 3)
	for i, want := range want.Place.History {
		got := got.Place.History[i]
		assert.InDelta(t, want.TrainLoss, got.TrainLoss, 1e-5)
		assert.InDelta(t, want.Loss, got.Loss, 1e-5)
		assert.InDelta(t, want.TrainAccuracy, got.TrainAccuracy, 0.02)
	}
	assertSame(t, got, readCheckpoint(t, filepath.Join(dir, "parts")))
}

// trainToy trains at one go, and with a break after an epoch.
func trainToy(t *testing.T) {
	dir := os.Getenv(sharedFolder)
	o := joined(t, distributedOptions(filepath.Join(dir, "whole")))
	sets := toySets()
	var out bytes.Buffer
	require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))
	assert.Equal(t, o.Leads(), bytes.Contains(out.Bytes(), []byte("Accuracy of the network on the 30 test images")))
	o.out, o.epochs = filepath.Join(dir, "parts"), 1
	require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))
	_, err := distributed.Barrier()
	require.NoError(t, err)
	o.epochs, o.resume = 3, true
	require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))

	o.batch = 15
	assert.ErrorContains(t, train(t.Context(), o, sets, &out, t.Output()), "made with -batch 16")
	o.out = ""
	assert.ErrorContains(t, train(t.Context(), o, sets, &out, t.Output()), "-batch is 15, which 2 processes cannot share evenly")
	s := newSession(distributedOptions(""))
	s.Team, s.Images = o.Team, 16*o.Rank
	_, err = s.unite()
	assert.ErrorContains(t, err, "rank 1 would go on after 0 epochs and 16 images, rank 0 after 0 and 0")
}

// TestPythonDDP trains under torchrun in Go, and in Python by train.py: losses and
// accuracies are equal bit for bit. "make python-check" runs this.
func TestPythonDDP(t *testing.T) {
	python := torchtest.Python(t)
	torchrun := func(program ...string) (curve [][4]float64) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "curve")
		command := exec.CommandContext(t.Context(), python, append([]string{"-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"}, program...)...)
		command.Env = append(os.Environ(), "GOTORCH_TEST_WORKER=curve", sharedFolder+"="+file, "OMP_NUM_THREADS=1")
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		text, err := os.ReadFile(file)
		require.NoError(t, err, "%s", output)
		require.NoError(t, json.Unmarshal(text, &curve))
		return curve
	}
	folder, err := download.CacheFolder("", "data", "mnist")
	require.NoError(t, err)
	want := torchrun(filepath.Join("testdata", "ddp.py"), folder)
	require.Len(t, want, 2)
	assert.Equal(t, want, torchrun("--no-python", os.Args[0], "-test.run=^TestWorker$", "-test.v", "-test.timeout=60s"))
}

func trainCurve(t *testing.T) {
	out := t.TempDir()
	o, err := parse([]string{"-epochs", "2", "-optimizer", "adam", "-out", out}, nil)
	require.NoError(t, err)
	o = joined(t, o)
	s := realSets(t, o)
	s.train = data.Sample{Data: s.train.Data.Narrow(0, 0, 6000), Target: s.train.Target.Narrow(0, 0, 6000)}
	require.NoError(t, train(t.Context(), o, s, t.Output(), t.Output()))
	if !o.Leads() {
		return
	}
	var curve [][4]float64
	for _, r := range readCheckpoint(t, out).Place.History {
		curve = append(curve, [4]float64{r.TrainLoss, r.TrainAccuracy, r.Loss, r.Accuracy})
	}
	text, err := json.Marshal(curve)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(os.Getenv(sharedFolder), text, 0o600))
}

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// sharedFolder names the variable with the folder that the processes of a job share.
const sharedFolder = "GOTORCH_TEST_OUT"

const play = "to be, or not to be: that is the question. "

func TestWorker(t *testing.T) { torchtest.Workers{"gpt": trainTogether}.Work(t) }

// losses returns the losses that a training printed.
func losses(t *testing.T, output string) (list []float64) {
	t.Helper()
	for _, found := range regexp.MustCompile(`loss (\S+)`).FindAllStringSubmatch(output, -1) {
		loss, err := strconv.ParseFloat(found[1], 64)
		require.NoError(t, err)
		list = append(list, loss)
	}
	return list
}

// Two processes have the losses of one within 1e-4, relatively: samples are added up in
// another order.
func TestDistributed(t *testing.T) {
	o := options{steps: 4, every: 1, sample: 5}
	if torch.Version() != cgotorch.SchemaVersion {
		assert.ErrorContains(t, run([]string{"-distributed"}, new(bytes.Buffer)), "WORLD_SIZE is not set")
		return
	}
	dir := t.TempDir()
	t.Setenv(sharedFolder, dir)
	var alone bytes.Buffer
	require.NoError(t, train(strings.Repeat(play, 20), o, &alone, func() {}))
	torchtest.LaunchWell(t, 2, "gpt")
	printed, err := os.ReadFile(filepath.Join(dir, "printed"))
	require.NoError(t, err)
	want, got := losses(t, alone.String()), losses(t, string(printed))
	require.Len(t, want, 4)
	assert.InEpsilonSlice(t, want, got, 1e-4)
}

// trainTogether trains at one go, and again from a snapshot in the middle.
func trainTogether(t *testing.T) {
	dir, text := os.Getenv(sharedFolder), strings.Repeat(play, 20)
	joined, err := team.Join(time.Minute)
	require.NoError(t, err)
	defer func() { require.NoError(t, joined.Leave()) }()
	o := options{steps: 4, every: 1, sample: 5, Team: joined}
	var whole, parts bytes.Buffer
	require.NoError(t, train(text, o, &whole, func() {}))
	if o.Leads() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "printed"), whole.Bytes(), 0o600))
	}
	o.steps, o.snapshot = 2, filepath.Join(dir, "snapshot.pt")
	require.NoError(t, train(text, o, &parts, func() {}))
	_, err = distributed.Barrier() // the file is there
	require.NoError(t, err)
	o.steps = 4
	require.NoError(t, train(text, o, &parts, func() {}))
	assert.Equal(t, losses(t, whole.String()), losses(t, parts.String()))

	o.seed = 1
	assert.ErrorContains(t, train(text, o, &parts, func() {}), "was made with -seed 0, not 1")
	o.snapshot = "/nowhere/file"
	model := NewGPT(5)
	p := place{options: o, step: o.Rank, model: model, optimizer: optim.NewSGD(model.Parameters())}
	assert.ErrorContains(t, p.load(), "is of step 1 for rank 1, but of step 0 for rank 0")
}

// TestPythonDDP trains under torchrun in Go, and in Python by train.py: both print the
// same, bit for bit. "make python-check" runs this.
func TestPythonDDP(t *testing.T) {
	python := torchtest.Python(t)
	program := filepath.Join(t.TempDir(), "gpt")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	torchrun := func(program ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), python, append([]string{"-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"}, program...)...)
		command.Env = append(os.Environ(), "OMP_NUM_THREADS=1")
		var out, log bytes.Buffer
		command.Stdout, command.Stderr = &out, &log
		require.NoError(t, command.Run(), "%s", &log)
		return out.String()
	}
	want := torchrun("train.py", "--distributed", "--steps", "10", "--every", "1", "--sample", "40")
	assert.Len(t, losses(t, want), 10)
	assert.Equal(t, want, torchrun("--no-python", program, "-distributed", "-steps", "10", "-every", "1", "-sample", "40"))
}

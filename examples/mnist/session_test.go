package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// toySets are images of three classes, each with its own bright third, in noise.
func toySets() sets {
	generator := torch.NewGenerator().ManualSeed(1)
	part := func(n int) data.Sample {
		images := torch.Rand([]int{n, 1, 28, 28}, torch.TensorOptions{Generator: generator})
		labels := torch.Randint(0, 3, []int{n}, torch.TensorOptions{Generator: generator})
		for i, class := range torch.ToSlice[int](labels) {
			images.Select(0, i).Narrow(2, 2+8*class, 8).AddInplace(1)
		}
		return data.Sample{Data: images.Sub(0.5), Target: labels}
	}
	return sets{train: part(100), validation: part(30), test: part(30), classes: []string{"left", "middle", "right"}}
}

// toyOptions are those of a training that does all that there is: dropout, an
// optimizer with a state, mixed precision.
func toyOptions(dir string) options {
	return options{data: "mnist", model: "cnn", optimizer: "adam", lr: 0.003, device: torch.CPU,
		epochs: 3, batch: 16, amp: true, seed: 5, out: dir}
}

// checkpoint is a session's state as a file has it.
type checkpoint struct {
	Options    map[string]any
	Place      place
	Model      nn.StateDict
	Optimizer  optim.StateDict
	Scaler     map[string]any
	Generators []*torch.Tensor
}

func readCheckpoint(t *testing.T, dir string) checkpoint {
	c, err := torch.LoadAs[checkpoint](filepath.Join(dir, "checkpoint.pt"))
	require.NoError(t, err)
	return c
}

// assertSame checks that two checkpoints are equal, bit for bit.
func assertSame(t *testing.T, want, got checkpoint) {
	t.Helper()
	assert.Equal(t, want.Options, got.Options)
	assert.Equal(t, want.Place, got.Place)
	require.Equal(t, want.Model.Names(), got.Model.Names())
	for i := range want.Model {
		assert.True(t, want.Model[i].Tensor.Equal(got.Model[i].Tensor), want.Model[i].Name)
	}
	require.Len(t, got.Optimizer.State, len(want.Optimizer.State))
	for i, state := range want.Optimizer.State {
		for name, value := range state {
			assert.True(t, value.(*torch.Tensor).Equal(got.Optimizer.State[i][name].(*torch.Tensor)), "%d %s", i, name)
		}
	}
	assert.Equal(t, want.Optimizer.ParamGroups, got.Optimizer.ParamGroups)
	for i := range want.Generators {
		assert.True(t, want.Generators[i].Equal(got.Generators[i]), "random state %d", i)
	}
}

// stopping is a network that cancels a context when it is called for the last time.
type stopping struct {
	*digits.CNN
	left   int
	cancel func()
}

func (s *stopping) Forward(x *torch.Tensor) *torch.Tensor {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.CNN.Forward(x)
}

// A training that was interrupted, and goes on from its checkpoint, ends as one
// that was not, wherever that was.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	sets := toySets()
	var whole bytes.Buffer
	require.NoError(t, train(t.Context(), toyOptions(dir), sets, &whole, t.Output()))
	want := readCheckpoint(t, dir)
	assert.Equal(t, 3, want.Place.Epoch)
	assert.Len(t, want.Place.History, 3)

	for _, calls := range []int{1, 3, 7, 8, 9, 15} { // an epoch has 7 minibatches and one of validation
		dir := t.TempDir()
		o := toyOptions(dir)
		ctx, cancel := context.WithCancel(t.Context())
		networks["stopping"] = func() network { return &stopping{digits.NewCNN(), calls, cancel} }
		defer delete(networks, "stopping")
		o.model = "stopping"
		var out, log bytes.Buffer
		err := train(ctx, o, sets, &out, &log)
		require.ErrorContains(t, err, "interrupted in epoch", "%d calls", calls)
		assert.ErrorContains(t, err, "it is saved in "+dir)

		networks["stopping"] = func() network { return digits.NewCNN() }
		o.resume = true
		require.NoError(t, train(t.Context(), o, sets, &out, &log))
		assert.Contains(t, log.String(), "Resumed after ")
		got := readCheckpoint(t, dir)
		got.Options["model"] = "cnn"
		assertSame(t, want, got)
	}
}

func TestResumeRefuses(t *testing.T) {
	sets := toySets()
	dir := t.TempDir()
	o := toyOptions(dir)
	o.epochs, o.model = 1, "mlp"
	var log bytes.Buffer
	o.resume = true
	require.NoError(t, train(t.Context(), o, sets, t.Output(), &log))
	assert.Contains(t, log.String(), "No checkpoint in "+dir+": starting anew")

	o.lr = 1
	assert.ErrorContains(t, train(t.Context(), o, sets, t.Output(), t.Output()), "was made with -lr 0.003, not 1")
	o.resume = false
	assert.ErrorContains(t, train(t.Context(), o, sets, t.Output(), t.Output()), "-resume goes on from it; remove it to start anew")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkpoint.pt"), []byte("PK"), 0o644))
	o.resume = true
	assert.ErrorContains(t, train(t.Context(), o, sets, t.Output(), t.Output()), dir)

	o.out = filepath.Join(dir, "checkpoint.pt")
	assert.ErrorContains(t, train(t.Context(), o, sets, t.Output(), t.Output()), "not a directory")
}

// Without -out nothing is written, and nothing is kept of an interrupted training.
func TestInterruptedWithoutOut(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := toyOptions("")
	err := train(ctx, o, toySets(), t.Output(), t.Output())
	assert.EqualError(t, err, "interrupted in epoch 1, after 16 of 100 images; without -out nothing is saved")
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A training writes pictures and event files, and predict reads its network.
func TestResultsAndPredict(t *testing.T) {
	dir := t.TempDir()
	sets := toySets()
	o := toyOptions(dir)
	o.model, o.epochs = "mlp", 10
	var out bytes.Buffer
	require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))
	assert.True(t, strings.HasSuffix(out.String(), "Accuracy of the network on the 30 test images: 100.00 %\n"), out.String())
	for _, pattern := range []string{"events.out.tfevents.*", "hparams/events.out.tfevents.*", "curves.png", "confusion.png", "wrong.png", "explanation.png"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		assert.Len(t, paths, 1, pattern)
	}

	var files []string
	for i := range 3 {
		name := string(rune('a'+i)) + ".png"
		require.NoError(t, writePNG(dir, name, grayscale(pixels(sets.test.Data.Select(0, i)))))
		files = append(files, filepath.Join(dir, name))
	}
	out.Reset()
	explained := filepath.Join(dir, "explained.png")
	require.NoError(t, run(t.Context(), append([]string{"predict", "-out", dir, "-explain", explained}, files...), &out, t.Output()))
	labels := torch.ToSlice[int](sets.test.Target)
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		assert.True(t, strings.HasPrefix(line, files[i]+": "+figures[labels[i]]+" ("), line)
	}
	assert.FileExists(t, explained)
}

func TestPredictRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.png")
	require.NoError(t, os.WriteFile(text, []byte("no image"), 0o644))
	_, err := digits.ReadImage(text)
	assert.ErrorContains(t, err, "text.png: image: unknown format")
	for args, want := range map[string]string{
		"predict":                "want -out FOLDER and files of images",
		"predict -out " + dir:    "want -out FOLDER and files of images",
		"predict -frobnicate":    "flag provided but not defined: -frobnicate",
		"predict -out nowhere x": "nowhere",
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(args), &out, &out)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, out.String())
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"predict", "-h"}, &out, &out))
	assert.Contains(t, out.String(), "mnist predict -out FOLDER FILE...")
}

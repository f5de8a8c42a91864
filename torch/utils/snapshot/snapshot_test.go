package snapshot_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
	"github.com/wangkuiyi/gotorch/torch/utils/snapshot"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func Example() {
	dir, err := os.MkdirTemp("", "snapshot")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "checkpoint.pt")
	train := func() {
		net := nn.NewLinear(2, 1)
		optimizer := optim.NewAdam(net.Parameters())
		epoch := 0
		state := snapshot.State{"model": net, "optimizer": optimizer, "rng": torch.DefaultGenerator(), "epoch": snapshot.Value(&epoch)}
		if err := snapshot.Load(state, path); errors.Is(err, os.ErrNotExist) {
			fmt.Println("a new training")
		} else if err != nil {
			panic(err)
		}
		for range 2 {
			net.Forward(torch.Rand([]int{4, 2})).Sum().Backward()
			optimizer.Step()
			epoch++
		}
		fmt.Println(epoch, "epochs", snapshot.Save(state, path))
	}
	train()
	train()
	// Output:
	// a new training
	// 2 epochs <nil>
	// 4 epochs <nil>
}

// training has all kinds of parts.
type training struct {
	net       *nn.Sequential
	optimizer optim.Optimizer
	scheduler lrscheduler.Scheduler
	scaler    *amp.GradScaler
	noise     *torch.Generator
	steps     int
	losses    []float64
	counter   counter
}

// counter says itself what it is in a file.
type counter struct{ n int }

func (c *counter) SaveValue() any { return []any{"counter", c.n} }

func (c *counter) LoadValue(value any) error {
	list, err := torch.As[[]any](value)
	if err != nil || len(list) != 2 || list[0] != "counter" {
		return errors.New("not a counter")
	}
	c.n, err = torch.As[int](list[1])
	return err
}

func newTraining() *training {
	t := &training{net: nn.NewSequential(nn.NewLinear(3, 4), nn.NewBatchNorm1d(4), nn.NewDropout(), nn.NewLinear(4, 1))}
	t.optimizer = optim.NewAdam(t.net.Parameters())
	t.scheduler = lrscheduler.NewStepLR(t.optimizer, 2)
	t.scaler = amp.NewGradScaler(amp.GradScalerOptions{Device: torch.CPU})
	t.noise = torch.NewGenerator().ManualSeed(5)
	return t
}

func (t *training) state() snapshot.State {
	return snapshot.State{
		"model": t.net, "optimizer": t.optimizer, "scheduler": t.scheduler, "scaler": t.scaler,
		"rng":      snapshot.State{"noise": t.noise, "others": []*torch.Generator{torch.DefaultGenerator()}},
		"progress": snapshot.State{"steps": snapshot.Value(&t.steps), "losses": snapshot.Value(&t.losses)},
		"counter":  &t.counter,
	}
}

func (t *training) step() {
	x := torch.Rand([]int{5, 3}, torch.TensorOptions{Generator: t.noise})
	t.optimizer.ZeroGrad()
	loss := t.net.Forward(x).Pow(2).Mean()
	t.scaler.Scale(loss).Backward()
	t.scaler.Step(t.optimizer)
	t.scaler.Update()
	t.scheduler.Step()
	t.losses = append(t.losses, loss.Item())
	t.steps++
	t.counter.n += 2
}

// A training that was saved after any step ends as one that was not.
func TestGoesOn(t *testing.T) {
	if torchtest.Old() {
		t.Skipf("libtorch %s scales gradients on CUDA only", torch.Version())
	}
	torch.ManualSeed(1)
	whole := newTraining()
	path := filepath.Join(t.TempDir(), "checkpoint.pt")
	for i := range 6 {
		if i == 3 {
			require.NoError(t, snapshot.Save(whole.state(), path))
		}
		whole.step()
	}
	again := newTraining()
	require.NoError(t, snapshot.Load(again.state(), path))
	for range 3 {
		again.step()
	}
	assert.Equal(t, whole.losses, again.losses)
	assert.Equal(t, whole.steps, again.steps)
	assert.Equal(t, whole.counter, again.counter)
	assert.Equal(t, whole.scheduler.GetLastLR(), again.scheduler.GetLastLR())
	for i, n := range whole.net.StateDict() {
		assert.True(t, n.Tensor.Equal(again.net.StateDict()[i].Tensor), n.Name)
	}
}

// What is restored is what users wrote by hand before.
func TestLoadsWhatOthersSaved(t *testing.T) {
	saved := newTraining()
	path := filepath.Join(t.TempDir(), "checkpoint.pt")
	require.NoError(t, torch.Save(struct {
		Model nn.StateDict
		Epoch int
	}{saved.net.StateDict(), 7}, path))
	net, epoch := newTraining().net, 0
	require.NoError(t, snapshot.Load(snapshot.State{"model": net, "epoch": snapshot.Value(&epoch)}, path, torch.LoadOptions{MapLocation: torch.CPU}))
	assert.Equal(t, 7, epoch)
	assert.True(t, net.At(0).(*nn.Linear).Weight.Equal(saved.net.At(0).(*nn.Linear).Weight))
	read, err := torch.LoadAs[struct{ Epoch int }](path)
	require.NoError(t, err)
	assert.Equal(t, 7, read.Epoch)
}

func TestLoadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pt")
	net := nn.NewLinear(1, 1)
	epoch := 3
	state := snapshot.State{"model": net, "epoch": snapshot.Value(&epoch), "rng": torch.NewGenerator()}
	rng := torch.NewGenerator().State()
	for want, saved := range map[string]any{
		"it lacks epoch, rng: leave that out of the State to go on without; it has lr, too, which would be lost": map[string]any{"model": net.StateDict(), "lr": 1},
		"a list cannot be":                               []int{1},
		"epoch: torch.As: the string many cannot be":     map[string]any{"model": net.StateDict(), "epoch": "many", "rng": rng},
		"model: torch.As: a float64 is not a state dict": map[string]any{"model": 0.5, "epoch": 4, "rng": rng},
		"rng: it is None, not the state of a generator":  map[string]any{"model": net.StateDict(), "epoch": 4, "rng": nil},
		"size mismatch for weight":                       map[string]any{"model": nn.NewLinear(2, 1).StateDict(), "epoch": 4, "rng": rng},
		"rng: torch.Generator.SetState: RNG state mus":   map[string]any{"model": net.StateDict(), "epoch": 4, "rng": torch.Ones([]int{2})},
	} {
		require.NoError(t, torch.Save(saved, path))
		epoch = 3
		err := snapshot.Load(state, path)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "snapshot.Load: "+path+": ")
	}
	require.NoError(t, torch.Save(map[string]any{"rngs": []any{rng}}, path))
	two := []*torch.Generator{torch.NewGenerator(), torch.NewGenerator()}
	assert.ErrorContains(t, snapshot.Load(snapshot.State{"rngs": two}, path), "rngs: it has 1 random states, want 2")
	assert.ErrorIs(t, snapshot.Load(state, path+"x"), os.ErrNotExist)
	for want, value := range map[string]any{
		"x: it is nil: leave it out of the State":                       nil,
		"x: it is nil: leave it out":                                    (*nn.Linear)(nil),
		"x: a int is no part of a State: a variable is one by snapshot": 3,
		"x: a *int is no part of a State":                               &epoch,
		"x: y: a string is no part of a State":                          snapshot.State{"y": ""},
		"x: a nn.StateDict is no part of a State":                       net.StateDict(),
	} {
		assert.ErrorContains(t, snapshot.Load(snapshot.State{"x": value}, path), "snapshot.Load: "+want)
		assert.ErrorContains(t, snapshot.Save(snapshot.State{"x": value}, path), "snapshot.Save: "+want)
	}
	assert.Error(t, torch.Try(func() { snapshot.Value[int](nil) }))
	assert.ErrorContains(t, snapshot.Save(snapshot.State{"x": &torch.Generator{}}, path), "snapshot.Save: torch.Generator.State: the generator is nil")
	assert.ErrorContains(t, snapshot.Save(snapshot.State{"x": []*torch.Generator{nil}}, path), "the generator is nil")
	assert.ErrorContains(t, snapshot.Save(snapshot.State{"x": &nn.Linear{}}, path), "snapshot.Save: nn.Module: the module was not initialized")
}

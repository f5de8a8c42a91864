package amp_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

type scalerCase struct {
	Options map[string]float64
	Finite  []int // 0 stands for an infinite gradient, -1 for a NaN
	Update  *float64

	Scales   []float64
	Trackers []int
	State    map[string]any
	Params   torchtest.Tensor
}

// needsKernels skips a test where libtorch scales gradients on CUDA only.
func needsKernels(t *testing.T) {
	t.Helper()
	s, optimizer, p := small()
	s.Scale(p.Sum()).Backward()
	err := torch.Try(func() { s.Step(optimizer) })
	if errors.Is(err, &torch.Error{Kind: torch.NotImplementedError}) {
		t.Skip("libtorch scales no gradients on the CPU: ", err)
	}
	require.NoError(t, err)
}

// small returns a scaler for the CPU and an optimizer of one parameter.
func small() (*amp.GradScaler, *optim.SGD, *torch.Tensor) {
	p := nn.NewParameter(torch.FromSlice([]float32{1, -2, 3}))
	optimizer := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	return amp.NewGradScaler(amp.GradScalerOptions{Device: torch.CPU}), optimizer, p
}

func TestGradScaler(t *testing.T) {
	needsKernels(t)
	g, header := load(t)
	require.NotEmpty(t, g.Scalers)
	for _, c := range g.Scalers {
		_, optimizer, p := small()
		s := amp.NewGradScaler(amp.GradScalerOptions{
			Device: torch.CPU, InitScale: c.Options["init_scale"], GrowthFactor: c.Options["growth_factor"],
			BackoffFactor: c.Options["backoff_factor"], GrowthInterval: int(c.Options["growth_interval"]),
		})
		for i, finite := range c.Finite {
			torch.Scope(func() {
				optimizer.ZeroGrad()
				s.Scale(p.Mul(p).Sum()).Backward()
				switch finite {
				case 0:
					p.Grad().Select(0, 1).FillInplace(math.Inf(1))
				case -1:
					p.Grad().Select(0, 1).FillInplace(math.NaN())
				}
				before := p.Clone()
				assert.Equal(t, finite == 1, s.Step(optimizer))
				assert.Equal(t, finite != 1, s.FoundInf(optimizer))
				assert.Equal(t, finite != 1, torch.Equal(before, p), "a step only with finite gradients")
				if c.Update != nil && i == 3 {
					s.Update(*c.Update)
				} else {
					s.Update()
				}
			})
			assert.Equal(t, c.Scales[i], s.GetScale(), "iteration %d", i)
			assert.Equal(t, c.Trackers[i], s.StateDict()["_growth_tracker"], "iteration %d", i)
		}
		c.Params.Check(t, p, header.Exact(), 1e-6, "parameters")
		for name, want := range c.State {
			assert.EqualValues(t, want, s.StateDict()[name], name)
		}
	}
}

func TestUnscale(t *testing.T) {
	needsKernels(t)
	s, optimizer, p := small()
	s.Scale(p.Sum()).Backward()
	assert.Equal(t, []float32{65536, 65536, 65536}, torch.ToSlice[float32](p.Grad()))
	s.Unscale(optimizer)
	assert.Equal(t, []float32{1, 1, 1}, torch.ToSlice[float32](p.Grad()))
	err := torch.Try(func() { s.Unscale(optimizer) })
	assert.ErrorContains(t, err, "unscale_() has already been called on this optimizer since the last update().")
	assert.True(t, s.Step(optimizer))
	assert.Equal(t, []float32{1, 1, 1}, torch.ToSlice[float32](p.Grad()), "not a second time")
	err = torch.Try(func() { s.Unscale(optimizer) })
	assert.ErrorContains(t, err, "unscale_() is being called after step().")
	err = torch.Try(func() { s.Step(optimizer) })
	assert.ErrorContains(t, err, "step() has already been called since the last update().")
	s.Update()
	assert.False(t, s.FoundInf(optimizer))
}

// TestTwoOptimizers has one with an infinite gradient: the other takes its step,
// and the scale goes down once.
func TestTwoOptimizers(t *testing.T) {
	needsKernels(t)
	s, good, p := small()
	_, bad, q := small()
	scaled := s.ScaleAll(p.Sum(), q.Div(0).Sum())
	autograd.Backward(scaled, nil)
	assert.True(t, s.Step(good))
	assert.False(t, s.Step(bad))
	s.Update()
	assert.Equal(t, 32768.0, s.GetScale())
}

func TestSparseGradients(t *testing.T) {
	needsKernels(t)
	s, _, _ := small()
	table := nn.NewParameter(torch.Ones([]int{3, 2}))
	optimizer := optim.NewSparseAdam([]*torch.Tensor{table}, optim.SparseAdamOptions{})
	rows := torch.FromSlice([]int64{0, 2, 2})
	s.Scale(F.Embedding(rows, table, F.EmbeddingOptions{Sparse: true}).Sum()).Backward()
	s.Unscale(optimizer)
	assert.Equal(t, []float32{1, 1, 0, 0, 2, 2}, torch.ToSlice[float32](table.Grad().ToDense()))
	assert.True(t, s.Step(optimizer))
}

// TestAllOptimizers takes a step with each: the same as without a scaler.
func TestAllOptimizers(t *testing.T) {
	needsKernels(t)
	type params = []*torch.Tensor
	for name, make := range map[string]func(p params) optim.Optimizer{
		"Adadelta":  func(p params) optim.Optimizer { return optim.NewAdadelta(p, optim.AdadeltaOptions{}) },
		"Adafactor": func(p params) optim.Optimizer { return optim.NewAdafactor(p, optim.AdafactorOptions{}) },
		"Adagrad":   func(p params) optim.Optimizer { return optim.NewAdagrad(p, optim.AdagradOptions{}) },
		"Adam":      func(p params) optim.Optimizer { return optim.NewAdam(p, optim.AdamOptions{}) },
		"Adam, fused": func(p params) optim.Optimizer {
			return optim.NewAdam(p, optim.AdamOptions{Fused: new(true)})
		},
		"AdamW":   func(p params) optim.Optimizer { return optim.NewAdamW(p, optim.AdamWOptions{}) },
		"Adamax":  func(p params) optim.Optimizer { return optim.NewAdamax(p, optim.AdamaxOptions{}) },
		"ASGD":    func(p params) optim.Optimizer { return optim.NewASGD(p, optim.ASGDOptions{}) },
		"Muon":    func(p params) optim.Optimizer { return optim.NewMuon(p, optim.MuonOptions{}) },
		"NAdam":   func(p params) optim.Optimizer { return optim.NewNAdam(p, optim.NAdamOptions{}) },
		"RAdam":   func(p params) optim.Optimizer { return optim.NewRAdam(p, optim.RAdamOptions{}) },
		"RMSprop": func(p params) optim.Optimizer { return optim.NewRMSprop(p, optim.RMSpropOptions{}) },
		"Rprop":   func(p params) optim.Optimizer { return optim.NewRprop(p, optim.RpropOptions{}) },
		"SGD":     func(p params) optim.Optimizer { return optim.NewSGD(p, optim.SGDOptions{}) },
	} {
		step := func(scaler *amp.GradScaler, loss func(p *torch.Tensor) *torch.Tensor) *torch.Tensor {
			p := nn.NewParameter(torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2))
			optimizer := make(params{p})
			scaler.Scale(loss(p)).Backward()
			scaler.Step(optimizer)
			scaler.Update()
			return p
		}
		square := func(p *torch.Tensor) *torch.Tensor { return p.Mul(p).Sum() }
		off := amp.NewGradScaler(amp.GradScalerOptions{Device: torch.CPU, Enabled: new(false)})
		want := step(off, square)
		scaler, _, _ := small()
		assert.True(t, torch.Equal(want, step(scaler, square)), name)
		scaler, _, _ = small()
		same := step(scaler, func(p *torch.Tensor) *torch.Tensor { return p.Div(0).Sum() })
		assert.Equal(t, []float32{1, 2, 3, 4}, torch.ToSlice[float32](same), name)
		assert.Equal(t, 32768.0, scaler.GetScale(), name)
	}
}

func TestDisabledScaler(t *testing.T) {
	s := amp.NewGradScaler(amp.GradScalerOptions{Enabled: new(false)})
	_, optimizer, p := small()
	loss := p.Sum()
	assert.Same(t, loss, s.Scale(loss))
	loss.Backward()
	s.Unscale(optimizer)
	assert.True(t, s.Step(optimizer))
	s.Update()
	assert.Equal(t, []float32{0.9, -2.1, 2.9}, torch.ToSlice[float32](p))
	assert.Equal(t, 1.0, s.GetScale())
	assert.Empty(t, s.StateDict())
	require.NoError(t, s.LoadStateDict(nil))
	assert.Equal(t, cuda.IsAvailable(), amp.NewGradScaler().IsEnabled(), "the default is CUDA")
}

func TestScalerState(t *testing.T) {
	s, _, p := small()
	s.SetGrowthFactor(3)
	s.SetBackoffFactor(0.25)
	s.SetGrowthInterval(7)
	dict := s.StateDict()
	want := map[string]any{"scale": 65536.0, "growth_factor": 3.0, "backoff_factor": 0.25, "growth_interval": 7, "_growth_tracker": 0}
	assert.Equal(t, want, dict)
	dict["scale"], dict["_growth_tracker"] = 8.0, 5
	other, _, _ := small()
	other.Scale(p.Sum())
	for _, to := range []*amp.GradScaler{s, other} {
		require.NoError(t, to.LoadStateDict(dict))
		assert.Equal(t, dict, to.StateDict())
		assert.Equal(t, 8.0, to.Scale(torch.Ones([]int{})).Item())
		assert.Equal(t, 3.0, to.GrowthFactor())
		assert.Equal(t, 0.25, to.BackoffFactor())
		assert.Equal(t, 7, to.GrowthInterval())
		assert.Equal(t, dict, to.StateDict())
	}
	assert.ErrorContains(t, s.LoadStateDict(nil), "The source state dict is empty")
	delete(dict, "growth_factor")
	dict["scale"] = 4.0
	assert.ErrorContains(t, s.LoadStateDict(dict), "growth_factor cannot be <nil>")
	assert.Equal(t, 8.0, s.GetScale(), "as before")
}

func TestScalerErrors(t *testing.T) {
	s, optimizer, p := small()
	for name, c := range map[string]struct {
		f       func()
		message string
	}{
		"growth":   {func() { amp.NewGradScaler(amp.GradScalerOptions{Device: torch.CPU, GrowthFactor: 1}) }, "The growth factor must be > 1.0."},
		"backoff":  {func() { amp.NewGradScaler(amp.GradScalerOptions{Device: torch.CPU, BackoffFactor: 1}) }, "The backoff factor must be < 1.0."},
		"unscaled": {func() { s.Unscale(optimizer) }, "Attempted Unscale but _scale is None."},
		"step":     {func() { s.Step(optimizer) }, "Attempted Step but _scale is None."},
		"update":   {func() { s.Update() }, "Attempted Update but _scale is None."},
	} {
		assert.ErrorContains(t, torch.Try(c.f), c.message, name)
	}
	s.Scale(p.Sum())
	assert.ErrorContains(t, torch.Try(func() { s.Step(optimizer) }), "No inf checks were recorded for this optimizer.")
	assert.ErrorContains(t, torch.Try(func() { s.Update() }), "No inf checks were recorded prior to update.")
	half := nn.NewParameter(torch.Ones([]int{2}, torch.TensorOptions{DType: torch.Float16}))
	half.SetGrad(torch.OnesLike(half))
	err := torch.Try(func() { s.Unscale(optim.NewSGD([]*torch.Tensor{half}, optim.SGDOptions{})) })
	assert.ErrorContains(t, err, "Attempting to unscale FP16 gradients.")
}

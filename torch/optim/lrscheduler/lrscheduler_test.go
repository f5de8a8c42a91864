package lrscheduler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// cases is testdata/lrscheduler.json, which scripts/golden/lrscheduler.py makes and
// describes.
type cases struct {
	Runs map[string]struct {
		LRs     torchtest.Tensor
		Momenta *torchtest.Tensor
		State   map[string]any
		Groups  []map[string]any
	}
	WarmRestarts struct {
		Epochs []float64
		LRs    [][][]float64
	} `json:"warm_restarts"`
	Errors map[string]string
}

func golden(t *testing.T) (c cases, exact bool) {
	exact = torchtest.Golden(t, "testdata/lrscheduler.json", &c).Exact()
	return c, exact
}

// assertSame compares numbers, lists and maps. C's library may round the last bit
// of a power or a cosine otherwise on another CPU.
func assertSame(t *testing.T, exact bool, want, got any, what ...any) {
	t.Helper()
	if exact {
		assert.Equal(t, want, got, what...)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		other, _ := got.(map[string]any)
		assert.Len(t, other, len(want), what...)
		for name, v := range want {
			assertSame(t, exact, v, other[name], name)
		}
	case []any:
		other, _ := got.([]any)
		require.Len(t, other, len(want), what...)
		for i, v := range want {
			assertSame(t, exact, v, other[i], what...)
		}
	case []float64:
		assert.InDeltaSlice(t, want, got, 1e-12, what...)
	case float64:
		assert.InDelta(t, want, got, 1e-12, what...)
	default:
		assert.Equal(t, want, got, what...)
	}
}

func parameter() []*torch.Tensor {
	return []*torch.Tensor{nn.NewParameter(torch.Ones([]int{1}))}
}

// dictOptimizer is what the tests need of an optimizer.
type dictOptimizer interface {
	optim.Grouped
	StateDict() optim.StateDict
	LoadStateDict(optim.StateDict) error
}

func sgd() dictOptimizer {
	return optim.NewSGDGroups(
		optim.SGDGroup{Params: parameter(), Options: optim.SGDOptions{LR: 0.1, Momentum: 0.5}},
		optim.SGDGroup{Params: parameter(), Options: optim.SGDOptions{LR: 0.37, Momentum: 0.5}},
	)
}

func adam() dictOptimizer {
	return optim.NewAdamGroups(
		optim.AdamGroup{Params: parameter(), Options: optim.AdamOptions{LR: 0.1}},
		optim.AdamGroup{Params: parameter(), Options: optim.AdamOptions{LR: 0.37}},
	)
}

// stepper is a scheduler, whether it takes a metric or not.
type stepper interface {
	GetLastLR() []float64
	StateDict() map[string]any
	LoadStateDict(map[string]any) error
}

func power(base float64) func(int) float64 {
	return func(epoch int) float64 { return libm.Pow(base, float64(epoch)) }
}

func inverse(epoch int) float64 { return 1 / float64(1+epoch) }

func metric(step int) float64 {
	if step < 120 {
		return 1 / float64(1+step%23)
	}
	return 0.05 + float64(step*7%11)/100
}

// makers has the names of schedulers() in scripts/golden/lrscheduler.py.
var makers = map[string]func(o optim.Grouped) stepper{
	"LambdaLR": func(o optim.Grouped) stepper { return lrscheduler.NewLambdaLR(o, power(0.95)) },
	"LambdaLR lists": func(o optim.Grouped) stepper {
		return lrscheduler.NewLambdaLR(o, nil, lrscheduler.LambdaOptions{Lambdas: []func(int) float64{power(0.95), inverse}})
	},
	"MultiplicativeLR": func(o optim.Grouped) stepper {
		return lrscheduler.NewMultiplicativeLR(o, func(e int) float64 { return 0.99 + float64(e)/1e5 })
	},
	"StepLR": func(o optim.Grouped) stepper { return lrscheduler.NewStepLR(o, 7) },
	"StepLR gamma": func(o optim.Grouped) stepper {
		return lrscheduler.NewStepLR(o, 30, lrscheduler.StepOptions{Gamma: new(0.7)})
	},
	"MultiStepLR": func(o optim.Grouped) stepper {
		return lrscheduler.NewMultiStepLR(o, []int{3, 50, 50, 170}, lrscheduler.StepOptions{Gamma: new(0.3)})
	},
	"ConstantLR": func(o optim.Grouped) stepper { return lrscheduler.NewConstantLR(o) },
	"ConstantLR options": func(o optim.Grouped) stepper {
		return lrscheduler.NewConstantLR(o, lrscheduler.ConstantLROptions{Factor: new(0.7), TotalIters: new(40)})
	},
	"LinearLR": func(o optim.Grouped) stepper { return lrscheduler.NewLinearLR(o) },
	"LinearLR options": func(o optim.Grouped) stepper {
		return lrscheduler.NewLinearLR(o, lrscheduler.LinearLROptions{StartFactor: new(0.9), EndFactor: new(0.0), TotalIters: new(150)})
	},
	"ExponentialLR": func(o optim.Grouped) stepper { return lrscheduler.NewExponentialLR(o, 0.97) },
	"PolynomialLR":  func(o optim.Grouped) stepper { return lrscheduler.NewPolynomialLR(o) },
	"PolynomialLR options": func(o optim.Grouped) stepper {
		return lrscheduler.NewPolynomialLR(o, lrscheduler.PolynomialLROptions{TotalIters: new(120), Power: new(1.7)})
	},
	"CosineAnnealingLR": func(o optim.Grouped) stepper { return lrscheduler.NewCosineAnnealingLR(o, 33) },
	"CosineAnnealingLR eta_min": func(o optim.Grouped) stepper {
		return lrscheduler.NewCosineAnnealingLR(o, 200, lrscheduler.CosineAnnealingLROptions{EtaMin: 0.01})
	},
	"CosineAnnealingWarmRestarts": func(o optim.Grouped) stepper { return lrscheduler.NewCosineAnnealingWarmRestarts(o, 15) },
	"CosineAnnealingWarmRestarts options": func(o optim.Grouped) stepper {
		return lrscheduler.NewCosineAnnealingWarmRestarts(o, 10, lrscheduler.CosineAnnealingWarmRestartsOptions{TMult: new(2), EtaMin: 0.02})
	},
	"CyclicLR": func(o optim.Grouped) stepper {
		return lrscheduler.NewCyclicLR(o, 0.01, 0.2, lrscheduler.CyclicLROptions{StepSizeUp: new(20)})
	},
	"CyclicLR triangular2": func(o optim.Grouped) stepper {
		return lrscheduler.NewCyclicLR(o, 0.01, 0.2, lrscheduler.CyclicLROptions{
			StepSizeUp: new(15), StepSizeDown: new(22), Mode: "triangular2", BaseMomentum: new(0.7), MaxMomentum: new(0.95),
		})
	},
	"CyclicLR exp_range": func(o optim.Grouped) stepper {
		return lrscheduler.NewCyclicLR(o, 0, 0, lrscheduler.CyclicLROptions{
			BaseLRs: []float64{0.01, 0.02}, MaxLRs: []float64{0.2, 0.3}, StepSizeUp: new(15), Mode: "exp_range", Gamma: new(0.99),
			CycleMomentum: new(false),
		})
	},
	"CyclicLR scale_fn": func(o optim.Grouped) stepper {
		return lrscheduler.NewCyclicLR(o, 0.01, 0.2, lrscheduler.CyclicLROptions{
			StepSizeUp: new(15), ScaleFn: func(x float64) float64 { return 1 / x },
		})
	},
	"OneCycleLR": func(o optim.Grouped) stepper {
		return lrscheduler.NewOneCycleLR(o, 0.5, lrscheduler.OneCycleLROptions{TotalSteps: new(201)})
	},
	"OneCycleLR three phases": func(o optim.Grouped) stepper {
		return lrscheduler.NewOneCycleLR(o, 0, lrscheduler.OneCycleLROptions{
			MaxLRs: []float64{0.5, 0.3}, Epochs: new(21), StepsPerEpoch: new(10), ThreePhase: true, PctStart: new(0.4),
			BaseMomentum: new(0.6), MaxMomentum: new(0.9),
		})
	},
	"OneCycleLR linear": func(o optim.Grouped) stepper {
		return lrscheduler.NewOneCycleLR(o, 0.5, lrscheduler.OneCycleLROptions{
			TotalSteps: new(250), AnnealStrategy: "linear", DivFactor: new(10.0), FinalDivFactor: new(50.0), CycleMomentum: new(false),
		})
	},
	"ReduceLROnPlateau": func(o optim.Grouped) stepper { return lrscheduler.NewReduceLROnPlateau(o) },
	"ReduceLROnPlateau options": func(o optim.Grouped) stepper {
		return lrscheduler.NewReduceLROnPlateau(o, lrscheduler.ReduceLROnPlateauOptions{
			Mode: "max", Factor: new(0.6), Patience: new(3), Threshold: new(0.01), ThresholdMode: "abs", Cooldown: 2,
			MinLRs: []float64{0.001, 0.01},
		})
	},
	"ReduceLROnPlateau abs": func(o optim.Grouped) stepper {
		return lrscheduler.NewReduceLROnPlateau(o, lrscheduler.ReduceLROnPlateauOptions{
			ThresholdMode: "abs", Patience: new(0), Eps: new(0.0), MinLR: 0.0005,
		})
	},
	"ReduceLROnPlateau max": func(o optim.Grouped) stepper {
		return lrscheduler.NewReduceLROnPlateau(o, lrscheduler.ReduceLROnPlateauOptions{Mode: "max", Patience: new(5)})
	},
	"SequentialLR": func(o optim.Grouped) stepper {
		return lrscheduler.NewSequentialLR(o, []lrscheduler.Scheduler{
			lrscheduler.NewConstantLR(o, lrscheduler.ConstantLROptions{Factor: new(0.1), TotalIters: new(20)}),
			lrscheduler.NewExponentialLR(o, 0.95),
			lrscheduler.NewCosineAnnealingLR(o, 50),
		}, []int{20, 90})
	},
	"SequentialLR all": func(o optim.Grouped) stepper {
		return lrscheduler.NewSequentialLR(o, []lrscheduler.Scheduler{
			lrscheduler.NewLinearLR(o),
			lrscheduler.NewStepLR(o, 3),
			lrscheduler.NewPolynomialLR(o, lrscheduler.PolynomialLROptions{TotalIters: new(15)}),
			lrscheduler.NewMultiStepLR(o, []int{0, 4}),
			lrscheduler.NewLambdaLR(o, power(0.9)),
			lrscheduler.NewCosineAnnealingWarmRestarts(o, 9),
			lrscheduler.NewLinearLR(o),
		}, []int{5, 15, 30, 45, 60, 75})
	},
	"SequentialLR nested": func(o optim.Grouped) stepper {
		return lrscheduler.NewSequentialLR(o, []lrscheduler.Scheduler{
			lrscheduler.NewChainedScheduler(lrscheduler.NewLinearLR(o), lrscheduler.NewExponentialLR(o, 0.99)),
			lrscheduler.NewStepLR(o, 10),
		}, []int{50})
	},
	"ChainedScheduler": func(o optim.Grouped) stepper {
		return lrscheduler.NewChainedScheduler(
			lrscheduler.NewConstantLR(o, lrscheduler.ConstantLROptions{Factor: new(0.1), TotalIters: new(20)}),
			lrscheduler.NewExponentialLR(o, 0.98),
			lrscheduler.NewCosineAnnealingLR(o, 60),
		)
	},
	"SWALR": func(o optim.Grouped) stepper { return lrscheduler.NewSWALR(o, 0.05) },
	"SWALR options": func(o optim.Grouped) stepper {
		return lrscheduler.NewSWALR(o, 0, lrscheduler.SWALROptions{
			SWALRs: []float64{0.01, 0.9}, AnnealEpochs: new(150), AnnealStrategy: "linear",
		})
	},
	"SWALR at once": func(o optim.Grouped) stepper {
		return lrscheduler.NewSWALR(o, 0.05, lrscheduler.SWALROptions{AnnealEpochs: new(0)})
	},
	"resumed": func(o optim.Grouped) stepper {
		for _, g := range o.Groups() {
			if _, known := g.Number("initial_lr"); !known {
				g.SetNumber("initial_lr", g.LearningRate()*3)
			}
		}
		return lrscheduler.NewCosineAnnealingLR(o, 70, lrscheduler.CosineAnnealingLROptions{LastEpoch: new(30)})
	},
}

// optimizerOf returns the optimizer of a run.
func optimizerOf(name string) dictOptimizer {
	if name == "CyclicLR triangular2" || name == "OneCycleLR three phases" {
		return adam()
	}
	return sgd()
}

func take(t *testing.T, s stepper, step int) {
	switch s := s.(type) {
	case lrscheduler.Scheduler:
		s.Step()
	case *lrscheduler.ReduceLROnPlateau:
		s.Step(metric(step))
	default:
		require.Fail(t, "not a scheduler")
	}
}

func momentaOf(o optim.Grouped) (list []float64) {
	for _, g := range o.Groups() {
		m, ok := g.Momentum()
		if !ok {
			m = math.NaN()
		}
		list = append(list, m)
	}
	return list
}

// normal returns v as JSON has it, infinities as strings.
func normal(t *testing.T, v any) any {
	var plain func(v any) any
	plain = func(v any) any {
		switch v := v.(type) {
		case float64:
			if math.IsInf(v, 1) {
				return "inf"
			}
			if math.IsInf(v, -1) {
				return "-inf"
			}
		case map[string]any:
			m := map[string]any{}
			for k, x := range v {
				m[k] = plain(x)
			}
			return m
		case torch.Counter:
			m := map[string]any{}
			for k, n := range v {
				m[fmt.Sprint(k)] = n
			}
			return m
		case []any:
			list := make([]any, len(v))
			for i, x := range v {
				list[i] = plain(x)
			}
			return list
		}
		return v
	}
	data, err := json.Marshal(plain(v))
	require.NoError(t, err)
	var result any
	require.NoError(t, json.Unmarshal(data, &result))
	return result
}

func TestSchedulersAreAsPythons(t *testing.T) {
	c, exact := golden(t)
	assert.Len(t, makers, len(c.Runs))
	for name, want := range c.Runs {
		for _, resumed := range []bool{false, true} {
			t.Run(name+map[bool]string{true: "/resumed"}[resumed], func(t *testing.T) {
				optimizer := optimizerOf(name)
				s := makers[name](optimizer)
				lrs := torch.ToSlice[float64](want.LRs.Make(t))
				var momenta []float64
				if want.Momenta != nil {
					momenta = torch.ToSlice[float64](want.Momenta.Make(t))
				}
				for step := range len(lrs) / 2 {
					if step > 0 {
						take(t, s, step)
					}
					assertSame(t, exact, lrs[2*step:2*step+2], s.GetLastLR(), "step %d", step)
					for i, g := range optimizer.Groups() {
						assert.Equal(t, s.GetLastLR()[i], g.LearningRate())
					}
					if momenta != nil {
						assertSame(t, exact, momenta[2*step:2*step+2], momentaOf(optimizer), "step %d", step)
					}
					if resumed && step == 77 {
						other := optimizerOf(name)
						fresh := makers[name](other)
						require.NoError(t, other.LoadStateDict(optimizer.StateDict()))
						require.NoError(t, fresh.LoadStateDict(s.StateDict()))
						optimizer, s = other, fresh
					}
				}
				assertSame(t, exact, want.State, normal(t, s.StateDict()))
				for i, g := range optimizer.Groups() {
					for name, v := range want.Groups[i] {
						got, ok := g.Number(name)
						assert.True(t, ok, name)
						assertSame(t, exact, v, got, name)
					}
				}
			})
		}
	}
}

func TestWarmRestartsStepTo(t *testing.T) {
	c, exact := golden(t)
	for i, mult := range []int{1, 2} {
		s := lrscheduler.NewCosineAnnealingWarmRestarts(sgd(), 10,
			lrscheduler.CosineAnnealingWarmRestartsOptions{TMult: new(mult), EtaMin: 0.001})
		for j, epoch := range c.WarmRestarts.Epochs {
			s.StepTo(epoch)
			assertSame(t, exact, c.WarmRestarts.LRs[i][j], s.GetLastLR(), "epoch %v", epoch)
		}
	}
}

func TestErrorsArePythons(t *testing.T) {
	c, _ := golden(t)
	o := sgd()
	one := func(int) float64 { return 1 }
	plain := optim.NewAdagrad(parameter(), optim.AdagradOptions{})
	oneCycle := func(o optim.Grouped, options lrscheduler.OneCycleLROptions) func() {
		return func() { lrscheduler.NewOneCycleLR(o, 0.1, options) }
	}
	plateau := func(options lrscheduler.ReduceLROnPlateauOptions) func() {
		return func() { lrscheduler.NewReduceLROnPlateau(o, options) }
	}
	calls := map[string]func(){
		"lambdas": func() {
			lrscheduler.NewLambdaLR(o, nil, lrscheduler.LambdaOptions{Lambdas: []func(int) float64{one}})
		},
		"multiplicative lambdas": func() {
			lrscheduler.NewMultiplicativeLR(o, nil, lrscheduler.LambdaOptions{Lambdas: []func(int) float64{one}})
		},
		"constant factor": func() { lrscheduler.NewConstantLR(o, lrscheduler.ConstantLROptions{Factor: new(1.5)}) },
		"start factor":    func() { lrscheduler.NewLinearLR(o, lrscheduler.LinearLROptions{StartFactor: new(1.5)}) },
		"end factor":      func() { lrscheduler.NewLinearLR(o, lrscheduler.LinearLROptions{EndFactor: new(1.5)}) },
		"resume":          func() { lrscheduler.NewStepLR(sgd(), 3, lrscheduler.StepOptions{LastEpoch: new(5)}) },
		"T_0":             func() { lrscheduler.NewCosineAnnealingWarmRestarts(o, 0) },
		"T_mult": func() {
			lrscheduler.NewCosineAnnealingWarmRestarts(o, 3, lrscheduler.CosineAnnealingWarmRestartsOptions{TMult: new(-1)})
		},
		"epoch":       func() { lrscheduler.NewCosineAnnealingWarmRestarts(o, 3).StepTo(-2) },
		"cyclic mode": func() { lrscheduler.NewCyclicLR(o, 0.1, 0.2, lrscheduler.CyclicLROptions{Mode: "square"}) },
		"cyclic rates": func() {
			lrscheduler.NewCyclicLR(o, 0.1, 0, lrscheduler.CyclicLROptions{MaxLRs: []float64{0.2, 0.3, 0.4}})
		},
		"cyclic momentum":           func() { lrscheduler.NewCyclicLR(plain, 0.1, 0.2) },
		"one cycle steps":           oneCycle(o, lrscheduler.OneCycleLROptions{}),
		"one cycle total":           oneCycle(o, lrscheduler.OneCycleLROptions{TotalSteps: new(-3)}),
		"one cycle epochs":          oneCycle(o, lrscheduler.OneCycleLROptions{Epochs: new(-3), StepsPerEpoch: new(2)}),
		"one cycle steps per epoch": oneCycle(o, lrscheduler.OneCycleLROptions{Epochs: new(3), StepsPerEpoch: new(-2)}),
		"one cycle start":           oneCycle(o, lrscheduler.OneCycleLROptions{TotalSteps: new(3), PctStart: new(1.5)}),
		"one cycle strategy":        oneCycle(o, lrscheduler.OneCycleLROptions{TotalSteps: new(3), AnnealStrategy: "sine"}),
		"one cycle momentum":        oneCycle(plain, lrscheduler.OneCycleLROptions{TotalSteps: new(3)}),
		"one cycle overrun": func() {
			s := lrscheduler.NewOneCycleLR(sgd(), 0.1, lrscheduler.OneCycleLROptions{TotalSteps: new(2)})
			for range 3 {
				s.Step()
			}
		},
		"plateau factor":         plateau(lrscheduler.ReduceLROnPlateauOptions{Factor: new(1.0)}),
		"plateau mode":           plateau(lrscheduler.ReduceLROnPlateauOptions{Mode: "mean"}),
		"plateau threshold mode": plateau(lrscheduler.ReduceLROnPlateauOptions{ThresholdMode: "mean"}),
		"plateau min_lr":         plateau(lrscheduler.ReduceLROnPlateauOptions{MinLRs: []float64{0.1}}),
		"plateau groups": func() {
			o := optim.NewSGDGroups(optim.SGDGroup{Params: parameter()}, optim.SGDGroup{Params: parameter()})
			s := lrscheduler.NewReduceLROnPlateau(o, lrscheduler.ReduceLROnPlateauOptions{
				Patience: new(0), MinLRs: []float64{0.1, 0.1},
			})
			o.AddParamGroup(optim.SGDGroup{Params: parameter()})
			s.Step(1)
			s.Step(1)
		},
		"sequential none": func() { lrscheduler.NewSequentialLR(o, nil, nil) },
		"sequential milestones": func() {
			lrscheduler.NewSequentialLR(o, []lrscheduler.Scheduler{lrscheduler.NewLinearLR(o)}, []int{3})
		},
		"chained none": func() { lrscheduler.NewChainedScheduler() },
		"swa strategy": func() { lrscheduler.NewSWALR(o, 0.1, lrscheduler.SWALROptions{AnnealStrategy: "sine"}) },
		"swa epochs":   func() { lrscheduler.NewSWALR(o, 0.1, lrscheduler.SWALROptions{AnnealEpochs: new(-1)}) },
		"swa rates":    func() { lrscheduler.NewSWALR(o, 0, lrscheduler.SWALROptions{SWALRs: []float64{0.1}}) },
	}
	assert.Len(t, calls, len(c.Errors))
	for name, want := range c.Errors {
		var e *torch.Error
		require.True(t, errors.As(torch.Try(calls[name]), &e), name)
		assert.Equal(t, want, e.Message, name)
	}
}

func TestSchedulersOfAnotherOptimizer(t *testing.T) {
	a, b := sgd(), sgd()
	var e *torch.Error
	for _, f := range []func(){
		func() { lrscheduler.NewChainedScheduler(lrscheduler.NewLinearLR(a), lrscheduler.NewLinearLR(b)) },
		func() { lrscheduler.NewSequentialLR(a, []lrscheduler.Scheduler{lrscheduler.NewLinearLR(b)}, nil) },
	} {
		require.True(t, errors.As(torch.Try(f), &e))
		assert.Contains(t, e.Message, "expects all schedulers to belong to the same optimizer, but got scheduler LinearLR at index")
	}
}

// TestMultiStepLRGoesOnFromPythons reads what scripts/golden/saved.py wrote.
func TestMultiStepLRGoesOnFromPythons(t *testing.T) {
	saved, err := torch.LoadAs[struct {
		Scheduler map[string]any
		Optimizer optim.StateDict
		Rates     []float64
	}]("../../testdata/saved/multistep.pt")
	require.NoError(t, err)
	net := nn.NewSequential(nn.NewLinear(3, 2), nn.NewBatchNorm1d(2), nn.NewLinear(2, 1))
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.25})
	s := lrscheduler.NewMultiStepLR(optimizer, []int{1, 2})
	require.NoError(t, s.LoadStateDict(saved.Scheduler))
	require.NoError(t, optimizer.LoadStateDict(saved.Optimizer))
	assert.Equal(t, torch.Counter{3: 1, 7: 2, 9: 1}, s.StateDict()["milestones"])
	assert.Equal(t, saved.Scheduler, s.StateDict())
	var rates []float64
	for range 5 {
		s.Step()
		rates = append(rates, s.GetLastLR()...)
	}
	assert.Equal(t, saved.Rates, rates)
}

func TestStateDictsOfAnotherKind(t *testing.T) {
	o := sgd()
	for _, milestones := range []any{3, []any{3}, map[string]any{"three": 1}, torch.Counter{0.5: 1}, map[any]any{3: "once"}} {
		err := lrscheduler.NewMultiStepLR(o, nil).LoadStateDict(map[string]any{"milestones": milestones})
		assert.ErrorContains(t, err, "milestones cannot be", "%v", milestones)
	}
	assert.NoError(t, lrscheduler.NewMultiStepLR(o, nil).LoadStateDict(map[string]any{"milestones": map[any]any{3: 1}}))
	assert.Error(t, lrscheduler.NewStepLR(o, 3).LoadStateDict(map[string]any{"gamma": "fast"}))
	s := lrscheduler.NewChainedScheduler(lrscheduler.NewStepLR(o, 3))
	assert.Error(t, s.LoadStateDict(map[string]any{}))
	assert.Error(t, s.LoadStateDict(map[string]any{"_schedulers": []any{1}}))
	assert.Error(t, s.LoadStateDict(map[string]any{"_schedulers": []any{map[string]any{"gamma": "fast"}}}))
}

func TestARateChangedByHandLasts(t *testing.T) {
	o := optim.NewSGD(parameter(), optim.SGDOptions{LR: 1})
	s := lrscheduler.NewExponentialLR(o, 0.5)
	s.Step()
	o.ParamGroups[0].Options.LR = 8
	s.Step()
	assert.Equal(t, []float64{4}, s.GetLastLR())
	assert.Equal(t, 2, s.LastEpoch())
}

func TestGroupsThatASchedulerDoesNotKnow(t *testing.T) {
	o := optim.NewSGD(parameter(), optim.SGDOptions{LR: 1})
	linear := lrscheduler.NewLambdaLR(o, inverse)
	step := lrscheduler.NewStepLR(o, 1)
	o.AddParamGroup(optim.SGDGroup{Params: parameter(), Options: optim.SGDOptions{LR: 4}})
	step.Step() // needs no initial learning rate
	assert.Equal(t, []float64{0.1, 0.4}, step.GetLastLR())
	var e *torch.Error
	require.True(t, errors.As(torch.Try(linear.Step), &e))
	assert.Equal(t, "the optimizer has 2 parameter groups, but had 1 when the scheduler was made", e.Message)
}

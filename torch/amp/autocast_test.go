package amp_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// wide is a tensor of a golden file, which has no dtypes of 16 bits.
type wide struct {
	DType  string
	Values torchtest.Tensor
}

func (w wide) check(t *testing.T, got *torch.Tensor, exact bool, what string) {
	t.Helper()
	assert.Equal(t, "torch."+w.DType, got.DType().String(), what)
	tolerance := 0.02 // of numbers with 8 bits
	w.Values.Check(t, got.To(torch.Float32), exact, tolerance, what)
}

type golden struct {
	DTypes []struct {
		Operator string
		Inputs   [2]string
		Autocast string
		Result   string
	}
	Nets []struct {
		DType           string
		Cache, Disabled bool
		Hidden          wide
		Out             wide
		Loss            wide
		Grads           []wide
	}
	Functions []functionCase
	Scalers   []scalerCase
}

func load(t *testing.T) (golden, torchtest.Header) {
	var g golden
	header := torchtest.Golden(t, "testdata/amp.json.gz", &g)
	return g, header
}

var dtypes = map[string]torch.DType{
	"float32": torch.Float32, "float64": torch.Float64, "float16": torch.Float16, "bfloat16": torch.BFloat16,
}

var operators = map[string]func(x, y *torch.Tensor) *torch.Tensor{
	"matmul": (*torch.Tensor).Matmul,
	"mm":     func(x, y *torch.Tensor) *torch.Tensor { return x.Mm(y) },
	"bmm":    func(x, y *torch.Tensor) *torch.Tensor { return x.Unsqueeze(0).Bmm(y.Unsqueeze(0)) },
	"addmm":  func(x, y *torch.Tensor) *torch.Tensor { return x.Addmm(x, y) },
	"linear": func(x, y *torch.Tensor) *torch.Tensor { return F.Linear(x, y, nil) },
	"conv1d": func(x, y *torch.Tensor) *torch.Tensor { return torch.Conv1d(x.Unsqueeze(0), y.Unsqueeze(-1)) },
	"conv2d": func(x, y *torch.Tensor) *torch.Tensor {
		return torch.Conv2d(x.Unsqueeze(1).Unsqueeze(0), y.Unsqueeze(-1).Unsqueeze(-1))
	},
	"sdpa": func(x, y *torch.Tensor) *torch.Tensor {
		return F.ScaledDotProductAttention(x.Unsqueeze(0), y.Unsqueeze(0), x.Unsqueeze(0))
	},
	"add":                              func(x, y *torch.Tensor) *torch.Tensor { return x.Add(y) },
	"mul":                              func(x, y *torch.Tensor) *torch.Tensor { return x.Mul(y) },
	"cat":                              func(x, y *torch.Tensor) *torch.Tensor { return torch.Cat([]*torch.Tensor{x, y}, 0) },
	"stack":                            func(x, y *torch.Tensor) *torch.Tensor { return torch.Stack([]*torch.Tensor{x, y}, 0) },
	"relu":                             func(x, _ *torch.Tensor) *torch.Tensor { return x.ReLU() },
	"softmax":                          func(x, _ *torch.Tensor) *torch.Tensor { return x.Softmax(1) },
	"log_softmax":                      func(x, _ *torch.Tensor) *torch.Tensor { return x.LogSoftmax(1) },
	"layer_norm":                       func(x, _ *torch.Tensor) *torch.Tensor { return F.LayerNorm(x, []int{4}) },
	"gelu":                             func(x, _ *torch.Tensor) *torch.Tensor { return F.GELU(x) },
	"sum":                              func(x, _ *torch.Tensor) *torch.Tensor { return x.Sum() },
	"exp":                              func(x, _ *torch.Tensor) *torch.Tensor { return x.Exp() },
	"mse_loss":                         func(x, y *torch.Tensor) *torch.Tensor { return F.MSELoss(x, y) },
	"l1_loss":                          func(x, y *torch.Tensor) *torch.Tensor { return F.L1Loss(x, y) },
	"smooth_l1_loss":                   func(x, y *torch.Tensor) *torch.Tensor { return F.SmoothL1Loss(x, y) },
	"binary_cross_entropy_with_logits": func(x, y *torch.Tensor) *torch.Tensor { return F.BinaryCrossEntropyWithLogits(x, y) },
	"cosine_similarity":                func(x, y *torch.Tensor) *torch.Tensor { return F.CosineSimilarity(x, y) },
	"cdist":                            func(x, y *torch.Tensor) *torch.Tensor { return torch.Cdist(x, y) },
	"trace":                            func(x, _ *torch.Tensor) *torch.Tensor { return x.Trace() },
	"inverse":                          func(x, _ *torch.Tensor) *torch.Tensor { return x.Inverse() },
	"avg_pool2d":                       func(x, _ *torch.Tensor) *torch.Tensor { return F.AvgPool2d(x.Unsqueeze(0), []int{2}) },
	"interpolate": func(x, _ *torch.Tensor) *torch.Tensor {
		return F.Interpolate(x.Unsqueeze(0), F.InterpolateOptions{ScaleFactor: []float64{2}, Mode: "linear"})
	},
}

// TestDTypes checks which dtype each operator has within autocast. The lists of
// operators are not the same in all versions.
func TestDTypes(t *testing.T) {
	g, header := load(t)
	require.NotEmpty(t, g.DTypes)
	if header.Torch != torch.Version() {
		t.Skipf("the dtypes are those of libtorch %s", header.Torch)
	}
	base := torch.Eye(4).Add(0.1)
	for _, c := range g.DTypes {
		x, y := base.To(dtypes[c.Inputs[0]]), base.To(dtypes[c.Inputs[1]])
		got := ""
		err := torch.Try(func() {
			amp.Autocast(torch.CPU, func() {
				got = strings.TrimPrefix(operators[c.Operator](x, y).DType().String(), "torch.")
			}, amp.AutocastOptions{DType: dtypes[c.Autocast]})
		})
		assert.Equal(t, c.Result, got, "%s of %v within autocast to %s: %v", c.Operator, c.Inputs, c.Autocast, err)
	}
}

func TestNets(t *testing.T) {
	g, header := load(t)
	require.NotEmpty(t, g.Nets)
	for _, c := range g.Nets {
		torch.ManualSeed(0)
		first, second := nn.NewLinear(5, 8), nn.NewLinear(8, 3)
		x := torch.Randn([]int{16, 5})
		y := torch.Randint(0, 3, []int{16})
		var hidden, out, loss *torch.Tensor
		run := func() {
			amp.Autocast(torch.CPU, func() {
				hidden = first.Forward(x).ReLU()
				if c.Disabled {
					amp.Autocast(torch.CPU, func() { out = second.Forward(hidden.To(torch.Float32)) },
						amp.AutocastOptions{Enabled: new(false)})
				} else {
					out = second.Forward(F.GELU(first.Forward(x)).Add(hidden))
				}
				loss = F.CrossEntropy(out, y)
			}, amp.AutocastOptions{DType: dtypes[c.DType], CacheEnabled: &c.Cache})
			loss.Backward()
		}
		if err := torch.Try(run); err != nil && !header.Exact() {
			t.Logf("%s: %v", c.DType, err) // older ones have no half precision on the CPU
			continue
		}
		what := c.DType
		c.Hidden.check(t, hidden, header.Exact(), what+" hidden")
		c.Out.check(t, out, header.Exact(), what+" out")
		c.Loss.check(t, loss, header.Exact(), what+" loss")
		for i, p := range append(first.Parameters(), second.Parameters()...) {
			c.Grads[i].check(t, p.Grad(), header.Exact(), what+" gradient")
		}
	}
}

func TestNestedRegions(t *testing.T) {
	x := torch.Ones([]int{2, 2})
	product := func() torch.DType { return x.Matmul(x).DType() }
	assert.Equal(t, torch.Float32, product())
	assert.Equal(t, torch.BFloat16, torch.AutocastDType(torch.CPU))
	assert.Equal(t, torch.Float16, torch.AutocastDType(torch.CUDA(0)))
	amp.Autocast(torch.CPU, func() {
		assert.True(t, torch.IsAutocastEnabled(torch.CPU))
		assert.False(t, torch.IsAutocastEnabled(torch.CUDA(0)))
		assert.True(t, torch.IsAutocastCacheEnabled())
		assert.Equal(t, torch.BFloat16, product())
		amp.Autocast(torch.CPU, func() {
			assert.False(t, torch.IsAutocastEnabled(torch.CPU))
			assert.False(t, torch.IsAutocastCacheEnabled())
			assert.Equal(t, torch.Float32, product())
		}, amp.AutocastOptions{Enabled: new(false), CacheEnabled: new(false)})
		amp.Autocast(torch.CUDA(0), func() {
			assert.Equal(t, torch.BFloat16, torch.AutocastDType(torch.CUDA(0)))
		}, amp.AutocastOptions{DType: torch.BFloat16})
		assert.Equal(t, torch.Float16, torch.AutocastDType(torch.CUDA(0)))
		assert.Equal(t, torch.BFloat16, product())
		assert.True(t, torch.IsAutocastCacheEnabled())
	})
	assert.False(t, torch.IsAutocastEnabled(torch.CPU))
	assert.Equal(t, torch.Float32, product())
}

func TestRegionEndsWithAPanic(t *testing.T) {
	assert.PanicsWithValue(t, "within", func() { amp.Autocast(torch.CPU, func() { panic("within") }) })
	assert.False(t, torch.IsAutocastEnabled(torch.CPU))
}

func TestRegionForCUDA(t *testing.T) {
	_, err := torch.ParseDevice("cuda")
	amp.Autocast(torch.CUDA(0), func() {
		assert.Equal(t, err == nil, torch.IsAutocastEnabled(torch.CUDA(0)), "only where CUDA can be used")
		assert.False(t, torch.IsAutocastEnabled(torch.CPU))
	})
}

func TestAutocastErrors(t *testing.T) {
	assert.False(t, amp.IsAutocastAvailable(torch.Meta))
	assert.False(t, torch.IsAutocastEnabled(torch.Meta))
	called := func() { assert.Fail(t, "must not be called") }
	err := torch.Try(func() { amp.Autocast(torch.Meta, called) })
	assert.ErrorContains(t, err, "User specified an unsupported autocast device_type 'meta'")
	err = torch.Try(func() { amp.Autocast(torch.CPU, called, amp.AutocastOptions{DType: torch.Float64}) })
	assert.ErrorContains(t, err, "the target dtype torch.float64 is not supported")
	err = torch.Try(func() { torch.AutocastDType(torch.Meta) })
	assert.ErrorContains(t, err, "unsupported scalarType")
	assert.False(t, torch.IsAutocastEnabled(torch.CPU))
}

// TestCachedWeights changes a weight within a region: its cast stays until the
// cache is cleared.
func TestCachedWeights(t *testing.T) {
	x, weight := torch.Ones([]int{1, 1}), nn.NewParameter(torch.Ones([]int{1, 1}))
	grow := func() { torch.NoGrad(func() { weight.FillInplace(weight.Item() + 1) }) }
	product := func() float64 { return x.Matmul(weight).Item() }
	amp.Autocast(torch.CPU, func() {
		assert.Equal(t, 1.0, product())
		grow()
		assert.Equal(t, 1.0, product(), "of the cache")
		torch.ClearAutocastCache()
		assert.Equal(t, 2.0, product())
		grow()
	})
	amp.Autocast(torch.CPU, func() { assert.Equal(t, 3.0, product(), "the outermost end clears it") })
	amp.Autocast(torch.CPU, func() {
		assert.Equal(t, 3.0, product())
		grow()
		assert.Equal(t, 4.0, product())
	}, amp.AutocastOptions{CacheEnabled: new(false)})
}

// TestRegionsStayInTheirGoroutine has goroutines with and without autocast train
// on the same weight. Without the locked thread some would get another's dtype.
func TestRegionsStayInTheirGoroutine(t *testing.T) {
	x, weight := torch.Ones([]int{2, 2}), nn.NewParameter(torch.Eye(2))
	want := []torch.DType{torch.BFloat16, torch.Float32, torch.Float32, torch.BFloat16}
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			own := nn.NewParameter(weight)
			check := func() {
				runtime.Gosched()
				y := x.Matmul(weight).Matmul(own)
				assert.Equal(t, want[i%4], y.DType())
				y.Sum().Backward(torch.BackwardOptions{Inputs: []*torch.Tensor{own}})
			}
			for range 50 {
				switch i % 4 {
				case 0:
					amp.Autocast(torch.CPU, check)
				case 1:
					check()
				case 2:
					amp.Autocast(torch.CPU, func() { amp.Autocast(torch.CPU, check, amp.AutocastOptions{Enabled: new(false)}) })
				case 3:
					amp.Autocast(torch.CPU, check, amp.AutocastOptions{CacheEnabled: new(false)})
				}
			}
			assert.Equal(t, []float32{100, 100, 100, 100}, torch.ToSlice[float32](own.Grad()))
		})
	}
	wait.Wait()
}

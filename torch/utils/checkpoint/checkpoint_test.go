package checkpoint_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// net is a row of blocks that draw random numbers.
func net() *nn.Sequential {
	torch.ManualSeed(1)
	s := nn.NewSequential()
	for range 4 {
		s.Append(nn.NewLinear(6, 6), nn.NewReLU(), nn.NewDropout(), nn.NewLayerNorm([]int{6}))
	}
	return s
}

// gradients runs f and gives the gradients of all parameters, of x and the result.
func gradients(t *testing.T, s *nn.Sequential, f func(x *torch.Tensor) *torch.Tensor) (all [][]float32) {
	t.Helper()
	s.ZeroGrad()
	torch.ManualSeed(2)
	x := torch.Randn([]int{3, 6}, torch.TensorOptions{RequiresGrad: true})
	y := f(x)
	y.Pow(2).Sum().Backward()
	all = append(all, torch.ToSlice[float32](y), torch.ToSlice[float32](x.Grad()), torch.ToSlice[float32](torch.Rand([]int{2})))
	for _, p := range s.Parameters() {
		all = append(all, torch.ToSlice[float32](p.Grad()))
	}
	return all
}

func TestGradientsAreThoseOfTheFunction(t *testing.T) {
	s := net()
	want := gradients(t, s, s.Forward)
	layers := make([]nn.Layer, s.Len())
	for i := range layers {
		layers[i] = s.At(i)
	}
	for name, f := range map[string]func(x *torch.Tensor) *torch.Tensor{
		"whole":     checkpoint.Checkpoint(s.Forward),
		"late stop": checkpoint.Checkpoint(s.Forward, checkpoint.Options{EarlyStop: new(false)}),
		"segments":  func(x *torch.Tensor) *torch.Tensor { return checkpoint.Sequential(layers, 3, x) },
		"nested": checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor {
			return checkpoint.Sequential(layers, 4, x)
		}),
		"debug":     checkpoint.Checkpoint(s.Forward, checkpoint.Options{Debug: true}),
		"selective": checkpoint.Checkpoint(s.Forward, checkpoint.Options{Policy: checkpoint.Save("aten::addmm", "aten::relu")}),
		"nearly all kept": checkpoint.Checkpoint(s.Forward, checkpoint.Options{Policy: func(call *torch.DispatchCall, _ []any) checkpoint.Decision {
			if slices.Contains([]string{"aten::empty_like", "aten::bernoulli_.float", "aten::div_.Scalar"}, call.Op.Name()) { // a Dropout's mask, changed in place
				return checkpoint.PreferRecompute
			}
			return checkpoint.PreferSave
		}}),
		"in a scope": func(x *torch.Tensor) (y *torch.Tensor) {
			torch.Scope(func() { y = checkpoint.Checkpoint(s.Forward)(x).Keep() })
			return y
		},
	} {
		assert.Equal(t, want, gradients(t, s, f), name)
	}
}

func TestFormsOfFunctions(t *testing.T) {
	x, y := torch.NewTensor([]float64{2.0, 3}).SetRequiresGrad(true), torch.NewTensor([]float64{4.0, 5}).SetRequiresGrad(true)
	two := checkpoint.Checkpoint(func(x, y *torch.Tensor) *torch.Tensor { return x.Mul(y).Exp() })(x, y)
	any1 := checkpoint.Checkpoint(func(x ...*torch.Tensor) *torch.Tensor { return x[0].Mul(x[2]).Exp() })(x, nil, y)
	list := checkpoint.Checkpoint(func(x ...*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{x[0].Exp(), x[1].Exp()} })(x, y)
	for _, out := range []*torch.Tensor{two, any1} {
		g := autograd.Grad([]*torch.Tensor{out.Sum()}, []*torch.Tensor{x, y})
		assert.Equal(t, torch.ToSlice[float64](out.Mul(y)), torch.ToSlice[float64](g[0]))
		assert.Equal(t, torch.ToSlice[float64](out.Mul(x)), torch.ToSlice[float64](g[1]))
	}
	g := autograd.Grad([]*torch.Tensor{list[0].Sum(), list[1].Sum()}, []*torch.Tensor{x, y})
	assert.Equal(t, torch.ToSlice[float64](x.Exp()), torch.ToSlice[float64](g[0]))
	assert.Equal(t, torch.ToSlice[float64](y.Exp()), torch.ToSlice[float64](g[1]))
}

// counting is a function that says how often it ran.
func counting(n *int) func(x *torch.Tensor) *torch.Tensor {
	return func(x *torch.Tensor) *torch.Tensor {
		*n++
		return x.Exp().Sin()
	}
}

func TestRunsOncePerBackward(t *testing.T) {
	n := 0
	f := checkpoint.Checkpoint(counting(&n))
	x := torch.NewTensor([]float64{0.5}).SetRequiresGrad(true)
	y := f(x)
	assert.Equal(t, 1, n)
	y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
	assert.Equal(t, 2, n)
	y.Backward()
	assert.Equal(t, 3, n, "a second backward pass of the graph that was retained")
	assert.Panics(t, func() { y.Backward() })
	torch.NoGrad(func() { f(x) })
	assert.Equal(t, 4, n)
}

func TestClosedInputs(t *testing.T) {
	n := 0
	x := torch.NewTensor([]float64{0.5}).SetRequiresGrad(true)
	mid := x.Mul(2)
	y := checkpoint.Checkpoint(counting(&n))(mid)
	mid.Close()
	y.Backward()
	assert.Equal(t, 2, n)
	want := torch.NewTensor([]float64{1.0}).Exp().Mul(torch.NewTensor([]float64{1.0}).Exp().Cos()).Mul(2)
	assert.Equal(t, want.Item(), x.Grad().Item())
}

func TestStateIsThatOfTheCall(t *testing.T) {
	lin := nn.NewLinear(4, 4)
	x := torch.Randn([]int{2, 4}, torch.TensorOptions{RequiresGrad: true})
	seen := []torch.DType{}
	f := checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor {
		y := lin.Forward(x)
		seen = append(seen, y.DType())
		return y.Exp()
	}, checkpoint.Options{EarlyStop: new(false)})
	var y *torch.Tensor
	torch.Autocast(torch.CPU, func() { y = f(x) })
	y.Sum().Backward()
	assert.Equal(t, []torch.DType{torch.BFloat16, torch.BFloat16}, seen)
}

func TestAFunctionThatDoesNotDoTheSame(t *testing.T) {
	x := torch.NewTensor([]float64{1.0, 2}).SetRequiresGrad(true)
	n := 0
	changing := func(second func(x *torch.Tensor) *torch.Tensor) func(x *torch.Tensor) *torch.Tensor {
		n = 0
		return func(x *torch.Tensor) *torch.Tensor {
			if n++; n == 1 {
				return x.Exp().Sin()
			}
			return second(x)
		}
	}
	message := func(o checkpoint.Options, second func(x *torch.Tensor) *torch.Tensor) string {
		err := torch.Try(func() { checkpoint.Checkpoint(changing(second), o)(x).Sum().Backward() })
		require.Error(t, err)
		return err.Error()
	}
	fewer := func(x *torch.Tensor) *torch.Tensor { return x.Exp() }
	more := func(x *torch.Tensor) *torch.Tensor { return x.Exp().Sin().Exp() }
	other := func(x *torch.Tensor) *torch.Tensor { return torch.Cat([]*torch.Tensor{x, x}, 0).Exp().Sin() }
	assert.Contains(t, message(checkpoint.Options{}, fewer), "A different number of tensors was saved")
	assert.Contains(t, message(checkpoint.Options{EarlyStop: new(false)}, more), "trying to save more tensors")
	assert.Contains(t, message(checkpoint.Options{}, other),
		"tensor at position 0:\nsaved metadata: shape [2], dtype torch.float64, device cpu\nrecomputed metadata: shape [4], dtype torch.float64, device cpu\n")
	debug := message(checkpoint.Options{Debug: true}, fewer)
	assert.Contains(t, debug, "during the original forward:\naten::exp(torch.float64[2])\naten::sin(torch.float64[2])\n")
	assert.Contains(t, debug, "during recomputation:\naten::exp(torch.float64[2])")
	policy := checkpoint.Options{Policy: checkpoint.Save("aten::exp"), EarlyStop: new(false)}
	assert.Contains(t, message(policy, func(x *torch.Tensor) *torch.Tensor { return x.Exp().Cos() }), "was not in the first")
}

func TestKeptResults(t *testing.T) {
	var ops []string
	policy := func(call *torch.DispatchCall, results []any) checkpoint.Decision {
		ops = append(ops, call.Op.Name())
		if call.Op.Name() == "aten::exp" {
			return checkpoint.MustSave
		}
		return checkpoint.MustRecompute
	}
	runs := 0
	f := checkpoint.Checkpoint(counting(&runs), checkpoint.Options{Policy: policy})
	x := torch.NewTensor([]float64{0.5}).SetRequiresGrad(true)
	y := f(x)
	assert.Equal(t, []string{"aten::exp", "aten::sin"}, ops)
	assert.Panics(t, func() {
		y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
		y.Backward()
	}, "a second time")
	assert.Equal(t, []string{"aten::exp", "aten::sin"}, ops, "the policy sees the first run only")

	changes := checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor {
		y := x.Exp()
		y.AddInplace(1)
		return y.Sin()
	}, checkpoint.Options{Policy: policy})
	err := torch.Try(func() { changes(x).Backward() })
	assert.ErrorContains(t, err, "has been mutated")
}

// Each block has 4 MB that only its own backward pass needs.
func TestMemory(t *testing.T) {
	const blocks, mb = 8, 1 << 20
	var block []func(x *torch.Tensor) *torch.Tensor
	start, most := cgotorch.LiveBytes(), int64(0)
	for range blocks {
		up, down := nn.NewLinear(64, 1024), nn.NewLinear(1024, 64)
		block = append(block, checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor {
			y := down.Forward(F.ReLU(up.Forward(x)).Exp())
			most = max(most, cgotorch.LiveBytes()-start)
			return y
		}, checkpoint.Options{EarlyStop: new(false)}))
	}
	torch.Scope(func() {
		x := torch.Randn([]int{512, 64})
		for _, f := range block {
			x = f(x)
		}
		x.Sum().Backward()
	})
	parameters := int64(2 * blocks * 2 * 64 * 1024 * 4) // and gradients
	assert.Less(t, most, parameters+10*mb, "of at least %d MB if nothing was let go", blocks*4)
}

func TestNothingIsKeptAlive(t *testing.T) {
	lin := nn.NewLinear(64, 64)
	live := torchtest.LiveTensors()
	torch.Scope(func() {
		x := torch.Randn([]int{8, 64}, torch.TensorOptions{RequiresGrad: true})
		f := checkpoint.Checkpoint(func(x *torch.Tensor) *torch.Tensor { return F.ReLU(lin.Forward(F.ReLU(lin.Forward(x)))) })
		f(f(x)).Sum().Backward()
	})
	assert.LessOrEqual(t, torchtest.LiveTensors(), live+8, "tokens and states of two calls, until they are collected")
}

func TestOddCalls(t *testing.T) {
	assert.Panics(t, func() { checkpoint.Checkpoint[func(x *torch.Tensor) *torch.Tensor](nil) })
	assert.Panics(t, func() { checkpoint.Sequential(nil, 1, torch.Ones([]int{1})) })
	assert.Panics(t, func() { checkpoint.Sequential([]nn.Layer{nn.NewReLU()}, 0, torch.Ones([]int{1})) })
}

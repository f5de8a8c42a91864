package debugmode_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/debugmode"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// Net is a network of two layers.
type Net struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

func newNet() *Net { return nn.Init(&Net{FC1: nn.NewLinear(3, 4), FC2: nn.NewLinear(4, 2)}) }

func (n *Net) Forward(x *torch.Tensor) *torch.Tensor {
	return n.Run(x, func(x *torch.Tensor) *torch.Tensor { return n.FC2.Forward(n.FC1.Forward(x).ReLU()) })
}

func ExampleLog() {
	net, x := newNet(), torch.Ones([]int{5, 3})
	_ = debugmode.Log(os.Stdout, func() { net.Forward(x).Sum(1) }, debugmode.LogOptions{Modules: []nn.AnyModule{net}})
	// Output:
	// Net
	//   Net.fc1
	//     aten::t(f32[4, 3]) -> f32[3, 4]
	//     aten::addmm(f32[4], f32[5, 3], f32[3, 4]) -> f32[5, 4]
	//   aten::relu(f32[5, 4]) -> f32[5, 4]
	//   Net.fc2
	//     aten::t(f32[2, 4]) -> f32[4, 2]
	//     aten::addmm(f32[2], f32[5, 4], f32[4, 2]) -> f32[5, 2]
	// aten::sum.dim_IntList(f32[5, 2], [1]) -> f32[5]
}

// log returns the lines of f.
func log(t *testing.T, f func(), modules ...nn.AnyModule) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, debugmode.Log(&b, f, debugmode.LogOptions{Modules: modules}))
	return b.String()
}

func TestLogValues(t *testing.T) {
	x, y := torch.Ones([]int{2, 3}), torch.Ones([]int{3})
	same := x.Clone()
	for want, f := range map[string]func(){
		"aten::add.Tensor(f32[2, 3], f32[3]) -> f32[2, 3]":                    func() { x.Add(y) },
		"aten::add.Tensor(f32[2, 3], f32[3], alpha=2) -> f32[2, 3]":           func() { x.Add(y, torch.AddOptions{Alpha: 2}) },
		"aten::mul.Tensor(f32[2, 3], 2.5) -> f32[2, 3]":                       func() { x.Mul(2.5) },
		"aten::max.dim(f32[2, 3], 1) -> (f32[2], i64[2])":                     func() { torch.MaxDim(x, 1) },
		"aten::cat([f32[2, 3], f32[2, 3]]) -> f32[4, 3]":                      func() { torch.Cat([]*torch.Tensor{x, x}, 0) },
		"aten::cat([f32[2, 3], f32[2, 3]], 1) -> f32[2, 6]":                   func() { torch.Cat([]*torch.Tensor{x, x}, 1) },
		"aten::split.Tensor(f32[2, 3], 1) -> [f32[1, 3], f32[1, 3]]":          func() { x.Split(1, 0) },
		"aten::sum.dim_IntList(f32[2, 3], [0], True) -> f32[1, 3]":            func() { x.SumWith(torch.ReduceOptions{Dim: []int{0}, Keepdim: true}) },
		"aten::_local_scalar_dense(f32[]) -> 1":                               func() { torch.NewTensor(float32(1)).Item() },
		"aten::equal(f32[2, 3], f32[2, 3]) -> True":                           func() { x.Equal(same) },
		"aten::zero_(f32[3]) -> f32[3]":                                       func() { y.ZeroInplace() },
		"aten::rand.generator([2], generator=None) -> f32[2]":                 func() { torch.Rand([]int{2}) },
		"aten::gt.Scalar(f32[2, 3], 1) -> b8[2, 3]":                           func() { x.Gt(1) },
		"aten::div.Tensor_mode(f32[3], 2, rounding_mode=\"floor\") -> f32[3]": func() { y.Div(2, torch.DivOptions{RoundingMode: torch.RoundFloor}) },
	} {
		assert.Equal(t, want+"\n", log(t, f))
	}
}

// A backward pass is told from the forward one, module by module.
func TestLogBackward(t *testing.T) {
	net, x := newNet(), torch.Ones([]int{5, 3})
	o := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
	text := log(t, func() {
		net.Forward(x).Sum().Backward()
		o.Step()
	}, net)
	for _, want := range []string{
		"\naten::sum(f32[5, 2]) -> f32[]\naten::ones_like(f32[], memory_format=torch.preserve_format) -> f32[]\n",
		"\nNet backward\n  Net.fc2 backward\n    aten::t(f32[4, 2]) -> f32[2, 4]\n    aten::mm(f32[5, 2], f32[2, 4]) -> f32[5, 4]\n",
		"\n  aten::threshold_backward(f32[5, 4], f32[5, 4], 0) -> f32[5, 4]\n",
		"\n  Net.fc1 backward\n",
		"\naten::_foreach_add_.List([f32[4, 3], f32[4], f32[2, 4], f32[2]], [f32[4, 3], f32[4], f32[2, 4], f32[2]], alpha=-0.1)\n",
	} {
		if torchtest.Old() && strings.Contains(want, "_foreach") {
			continue // its optimizers take other operators
		}
		assert.Contains(t, text, want)
	}
}

type brokenWriter struct{ lines int }

var errBroken = errors.New("broken")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.lines++; w.lines > 1 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestLogErrors(t *testing.T) {
	w := new(brokenWriter)
	assert.ErrorIs(t, debugmode.Log(w, func() { torch.Ones([]int{2}).Exp().Exp().Exp() }), errBroken)
	assert.Equal(t, 2, w.lines, "no more after an error")
	assert.ErrorContains(t, debugmode.Log(nil, func() {}), "debugmode.Log: the writer must not be nil")
	assert.ErrorContains(t, debugmode.Log(w, nil), "debugmode.Log: the function must not be nil")
	assert.ErrorContains(t, torch.Try(func() { debugmode.FindNaN(nil) }), "debugmode.FindNaN: the function must not be nil")
}

// place is where a line of this file is said to be.
var place = regexp.MustCompile(`\(called at (.*):(\d+)\)`)

// Each operator that makes a NaN is found, and nothing else.
func TestFindNaN(t *testing.T) {
	x := torch.NewTensor([]float32{-1, 2})
	nan := torch.NewTensor([]float32{float32(math.NaN()), 1})
	find := func(f func(), options ...debugmode.NaNOptions) string {
		err := torch.Try(func() { debugmode.FindNaN(f, options...) })
		if err == nil {
			return ""
		}
		text := err.Error()
		at := place.FindStringSubmatch(text)
		require.Len(t, at, 3, text)
		assert.Equal(t, "debugmode_test.go", filepath.Base(at[1]))
		return place.ReplaceAllString(text, "HERE")
	}
	assert.Equal(t, "aten::log: result 0 has NaN, but no argument had HERE\n  arguments: f32[2]", find(func() { x.Exp(); x.Log(); x.Sqrt() }))
	assert.Equal(t, "aten::log_: result 0 has NaN, but no argument had HERE\n  arguments: f32[2]", find(func() { x.Clone().LogInplace() }))
	assert.Empty(t, find(func() { nan.Log(); nan.Mul(x); nan.Clone().MulInplace(2); x.Mul(math.NaN()) }), "they got one")
	assert.Empty(t, find(func() { x.Div(0) }))
	inf := debugmode.NaNOptions{Inf: true}
	assert.Contains(t, find(func() { x.Div(0) }, inf), "aten::div.Tensor: result 0 has NaN or Inf, but no argument had")
	assert.Empty(t, find(func() { x.MaskedFill(x.Lt(0), math.Inf(-1)) }, inf), "it was asked for")
	assert.Empty(t, find(func() { torch.Empty([]int{1000}); torch.Zeros([]int{0, 3}).Log(); torch.NewTensor([]int{0}) }))
	assert.Contains(t, find(func() {
		op, err := torch.Op("aten::_foreach_sqrt_")
		require.NoError(t, err)
		_, err = op.Call([]any{[]*torch.Tensor{torch.Ones([]int{1}), x.Clone()}}, nil)
		if err != nil {
			panic(err)
		}
	}), "aten::_foreach_sqrt_: argument 0 has NaN, but no argument had")

	z := torch.NewTensor([]float32{0}, torch.TensorOptions{RequiresGrad: true})
	assert.Contains(t, find(func() { z.Sqrt().Mul(0).Sum().Backward() }), "but no argument had, in the backward pass HERE")
}

// Poison is a module whose logarithm of negative numbers is a NaN.
type Poison struct {
	nn.Module
	FC *nn.Linear
}

func (p *Poison) Forward(x *torch.Tensor) *torch.Tensor {
	return p.Run(x, func(x *torch.Tensor) *torch.Tensor { return p.FC.Forward(x).Square().Neg().Log() })
}

func TestFindNaNModule(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(2, 2), nn.Init(&Poison{FC: nn.NewLinear(2, 2)}))
	e := torchtest.Fails(t, func() {
		debugmode.FindNaN(func() { net.Forward(torch.Ones([]int{1, 2})) }, debugmode.NaNOptions{Modules: []nn.AnyModule{net}})
	})
	assert.Equal(t, "Sequential.1", e.Module)
	assert.Equal(t, "aten::log", e.Op)
}

func ExampleFindNaN() {
	x := torch.NewTensor([]float64{1, -1})
	err := torch.Try(func() { debugmode.FindNaN(func() { x.Mul(2).Sqrt().Sum() }) })
	fmt.Println(regexp.MustCompile(` \(called .*`).ReplaceAllString(err.Error(), ""))
	// Output:
	// aten::sqrt: result 0 has NaN, but no argument had
	//   arguments: f64[2]
}

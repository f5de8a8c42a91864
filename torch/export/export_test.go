package export_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

const exported = "testdata/exported/" // scripts/golden/exported.py makes it

// unpacked returns the path of a file of the folder, unpacked.
func unpacked(t testing.TB, name string) string {
	t.Helper()
	return torchtest.Unpack(t, exported+name+".gz")
}

// load loads a program.
func load(t testing.TB, name string) *export.Program {
	t.Helper()
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	if name == "custom" {
		defineCustom(t)
	}
	p, err := export.Load(unpacked(t, name+".pt2"))
	require.NoError(t, err)
	return p
}

// golden is what Python gave for a program.
type golden struct {
	Runs []struct {
		Args, After []any
		Kwargs      map[string]any
		Want        any
		Flops       int
	}
	Buffers map[string]*torch.Tensor
	Errors  []struct {
		Args []any
		Says string
	}
	Losses  []float64 // of three steps of SGD
	Learned map[string]*torch.Tensor
}

// exact reports whether results have Python's bits here.
func exact(t *testing.T) bool {
	var h torchtest.Header
	require.NoError(t, json.Unmarshal(torchtest.ReadFile(t, exported+"header.json"), &h))
	return h.Exact()
}

// Each program gives what Python's does, bit for bit where the same kernels run, and changes
// what that changes. It refuses what that refuses, with its words.
func TestPrograms(t *testing.T) {
	programs(t, func(t *testing.T, name string) {
		p := load(t, name)
		defer p.Close()
		asGolden(t, name, p)
	})
}

// programs calls test for each of Python's programs.
func programs(t *testing.T, test func(t *testing.T, name string)) {
	t.Helper()
	files, err := filepath.Glob(exported + "*.pt2.gz")
	require.NoError(t, err)
	require.Len(t, files, 35)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pt2.gz")
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

// asGolden checks that a program gives what Python's of the name does.
func asGolden(t *testing.T, name string, p *export.Program) {
	t.Helper()
	exact := exact(t)
	want, err := torch.LoadAs[golden](unpacked(t, name+".pt"))
	require.NoError(t, err)
	for i, run := range want.Runs {
		var got any
		torch.NoGrad(func() { got, err = p.RunNamed(run.Args, run.Kwargs) })
		require.NoError(t, err)
		equal(t, run.Want, got, exact, fmt.Sprintf("run %d", i))
		symbols, err := p.Symbols(run.Args, run.Kwargs)
		require.NoError(t, err)
		if count, err := p.Graph.FLOPs(symbols); run.Flops >= 0 && assert.NoError(t, err) {
			assert.Equal(t, run.Flops, count.Total, count.String())
		}
		equal(t, run.After, run.Args, exact, fmt.Sprintf("arguments of run %d", i))
	}
	for _, b := range p.Buffers {
		if x := want.Buffers[b.Name]; x != nil {
			equal(t, x, b.Tensor, exact, "buffer "+b.Name)
		}
	}
	for _, refused := range want.Errors {
		_, err := p.Run(refused.Args...)
		assert.ErrorContains(t, err, refused.Says)
	}
}

// equal compares values and the tensors in them. Other kernels round otherwise, those of
// bfloat16 most.
func equal(t *testing.T, want, got any, exact bool, at string) {
	t.Helper()
	switch w := want.(type) {
	case *torch.Tensor:
		g, ok := got.(*torch.Tensor)
		require.True(t, ok, "%s is a %T", at, got)
		assert.Equal(t, w.DType(), g.DType(), at)
		assert.Equal(t, w.Shape(), g.Shape(), at)
		if exact || !w.IsFloatingPoint() {
			assert.True(t, w.Equal(g), "%s: want %v, got %v", at, w, g)
		} else {
			assert.True(t, w.AllClose(g, torch.AllCloseOptions{Rtol: new(2e-2), Atol: new(1e-3)}), "%s: want %v, got %v", at, w, g)
		}
	case torch.OrderedDict:
		g, ok := got.(torch.OrderedDict)
		require.True(t, ok, "%s is a %T", at, got)
		require.Len(t, g, len(w), at)
		for i := range w {
			assert.Equal(t, w[i].Key, g[i].Key, at)
			equal(t, w[i].Value, g[i].Value, exact, fmt.Sprintf("%s[%v]", at, w[i].Key))
		}
	case map[any]any:
		g, ok := got.(map[any]any)
		require.True(t, ok, "%s is a %T", at, got)
		require.Len(t, g, len(w), at)
		for key := range w {
			equal(t, w[key], g[key], exact, fmt.Sprintf("%s[%v]", at, key))
		}
	case map[string]any:
		g, ok := got.(map[string]any)
		require.True(t, ok, "%s is a %T", at, got)
		require.Len(t, g, len(w), at)
		for key := range w {
			equal(t, w[key], g[key], exact, at+"."+key)
		}
	case torch.Tuple:
		g, ok := got.(torch.Tuple)
		require.True(t, ok, "%s is a %T", at, got)
		equal(t, []any(w), []any(g), exact, at)
	case []any:
		g, ok := got.([]any)
		require.True(t, ok, "%s is a %T", at, got)
		require.Len(t, g, len(w), at)
		for i := range w {
			equal(t, w[i], g[i], exact, fmt.Sprintf("%s[%d]", at, i))
		}
	default:
		assert.Equal(t, want, got, at)
	}
}

// Sizes that a program was not exported for are errors, with PyTorch's words.
func TestGuards(t *testing.T) {
	p := load(t, "mlp")
	defer p.Close()
	rows := func(n, columns int) *torch.Tensor { return torch.Ones([]int{n, columns}) }
	for want, args := range map[string][]any{
		"Guard failed: x.size()[0] <= 64, got 65":                                     {rows(65, 4), map[string]any{"k": rows(65, 3)}},
		"Guard failed: x.size()[1] == 4, got 5":                                       {rows(5, 5), map[string]any{"k": rows(5, 3)}},
		"Guard failed: more['k'].size()[0] == x.size()[0], got 6":                     {rows(5, 4), map[string]any{"k": rows(6, 3)}},
		"input at x.shape (expected torch.Size([s75, 4]), got torch.Size([5, 4, 1]))": {torch.Ones([]int{5, 4, 1}), map[string]any{"k": rows(5, 3)}},
		"Guard failed: x.dtype == torch.float32, got torch.float64":                   {rows(5, 4).To(torch.Float64), map[string]any{"k": rows(5, 3)}},
		"x is a int, want a *torch.Tensor":                                            {3, map[string]any{"k": rows(5, 3)}},
		"more lacks the key k":                                                        {rows(5, 4), map[string]any{"q": rows(5, 3)}},
		"more is a *torch.Tensor, want a map with the keys [k]":                       {rows(5, 4), rows(5, 3)},
		"more is a map[string]interface {}, want a map with the key":                  {rows(5, 4), map[string]any{}},
		"the program takes 2 arguments, and 1 were given":                             {rows(5, 4)},
	} {
		_, err := p.Run(args...)
		assert.ErrorContains(t, err, want)
	}
	_, err := p.RunNamed([]any{rows(5, 4), map[string]any{"k": rows(5, 3)}}, map[string]any{"z": 1})
	assert.ErrorContains(t, err, "Ran into a kwarg keyword mismatch: Got the following keywords ['z'] but expected []")
	nested := load(t, "nested")
	defer nested.Close()
	pair := []any{torch.Tuple{rows(2, 3), []any{rows(1, 1)}}}
	for _, kwargs := range []map[string]any{nil, {"scale": 1, "power": 2, "shape": 3}} {
		_, err = nested.RunNamed(pair, kwargs)
		assert.ErrorContains(t, err, "but expected ['scale', 'table', 'power']")
	}
	for _, n := range []int{1, 2, 64} {
		got, err := p.Run(rows(n, 4), map[string]any{"k": rows(n, 3)})
		require.NoError(t, err, "a batch of %d", n)
		assert.Equal(t, n+1, got.(map[string]any)["rest"].(torch.Tuple)[1])
	}
}

// Sizes may be expressions of a symbol that no size is alone: 2*s, 4*s + 1 and s + 1.
func TestDerivedSizes(t *testing.T) {
	p := load(t, "derived")
	defer p.Close()
	for want, sizes := range map[string][3]int{
		"":                         {8, 17, 5},
		"input x.size()[0] = 7 to": {7, 15, 4},
		"Guard failed: y.size()[0] == 4 * s44 + 1, got 16 where s44 is 4": {8, 16, 5},
		"Guard failed: z.size()[0] == s44 + 1, got 4 where s44 is 4":      {8, 17, 4},
		"Guard failed: x.size()[0] >= 4, got 2":                           {2, 5, 2},
	} {
		_, err := p.Run(torch.Ones([]int{sizes[0]}), torch.Ones([]int{sizes[1]}), torch.Ones([]int{sizes[2]}))
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

// Gradients flow to the parameters.
func TestTraining(t *testing.T) {
	p := load(t, "mlp")
	defer p.Close()
	require.Len(t, p.Parameters, 4)
	x := map[string]any{"k": torch.Ones([]int{5, 3})}
	loss := func() *torch.Tensor {
		got, err := p.Run(torch.Ones([]int{5, 4}), x)
		require.NoError(t, err)
		return got.(map[string]any)["rest"].(torch.Tuple)[0].(*torch.Tensor).Square()
	}
	before := loss()
	before.Backward()
	torch.NoGrad(func() {
		for _, n := range p.Parameters {
			n.Tensor.SubInplace(n.Tensor.Grad().Mul(1e-5))
		}
	})
	assert.Less(t, loss().Item(), before.Item())
}

// A program is a module, which an optimizer trains as Python's.
func TestModule(t *testing.T) {
	exact := exact(t)
	for name, classes := range map[string]int{"cnn_train": 5, "resnet18_train": 5} {
		t.Run(name, func(t *testing.T) {
			p := load(t, name)
			defer p.Close()
			m := p.Module()
			want, err := torch.LoadAs[golden](unpacked(t, name+".pt"))
			require.NoError(t, err)
			optimizer := optim.NewSGD(m.Parameters(), optim.SGDOptions{LR: 0.1})
			for i, loss := range want.Losses {
				optimizer.ZeroGrad()
				y := m.Forward(want.Runs[0].Args[0].(*torch.Tensor))
				assert.Equal(t, classes, y.Size(1))
				got := y.Select(1, 0).Mean().Neg()
				got.Backward()
				optimizer.Step()
				switch {
				case exact:
					assert.Equal(t, loss, got.Item(), "step %d", i)
				case name == "resnet18_train" && i > 0:
					// Eighteen layers with batch normalization multiply what was rounded otherwise.
					assert.InDelta(t, loss, got.Item(), 0.1, "step %d", i)
				default:
					assert.InDelta(t, loss, got.Item(), 1e-3, "step %d", i)
				}
			}
			if name == "resnet18_train" && !exact {
				return
			}
			state := m.StateDict()
			require.Len(t, state, len(want.Learned))
			for _, n := range state {
				equal(t, want.Learned[n.Name], n.Tensor, exact, n.Name)
			}
		})
	}
	p := load(t, "cnn_train")
	defer p.Close()
	var names []string
	for _, n := range p.Module().StateDict() {
		names = append(names, n.Name)
	}
	assert.Equal(t, []string{"conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
		"norm.num_batches_tracked", "head.weight", "head.bias"}, names)
	err := torch.Try(func() { load(t, "mlp").Module().Forward(torch.Ones([]int{5, 4})) })
	assert.ErrorContains(t, err, "the program takes 2 arguments, and 1 were given")
}

// An error of an operator names the node and where it is in the Python source.
func TestErrorsNameTheNode(t *testing.T) {
	p := load(t, "data_dependent")
	defer p.Close()
	_, err := p.Run(torch.FromSlice([]int{-5, 0, 0}))
	assert.ErrorContains(t, err, "export: node ")
	assert.ErrorContains(t, err, "exported.py:")

	planned := load(t, "gpt")
	defer planned.Close()
	torch.NoGrad(func() {
		for range 4 {
			_, err = planned.Run(torch.Zeros([]int{2, 5}, torch.TensorOptions{DType: torch.Int64}))
			require.NoError(t, err)
		}
		_, err = planned.Run(torch.Full([]int{2, 5}, 1_000_000, torch.TensorOptions{DType: torch.Int64}))
	})
	assert.ErrorContains(t, err, "export: node embedding (torch/nn/modules/sparse.py:")
	assert.ErrorContains(t, err, "index out of range in self")
}

// through is a dispatch mode that changes nothing: within it a program runs without a plan.
type through struct{}

func (through) Dispatch(call *torch.DispatchCall) []any { return call.Run() }

// A plan gives what the program gives without it, for inputs of any size in turn, and
// changes the same buffers and arguments.
func TestPlans(t *testing.T) {
	programs(t, func(t *testing.T, name string) {
		p, q := load(t, name), load(t, name)
		defer p.Close()
		defer q.Close()
		for turn := range 3 {
			mine, err := torch.LoadAs[golden](unpacked(t, name+".pt"))
			require.NoError(t, err)
			others, err := torch.LoadAs[golden](unpacked(t, name+".pt"))
			require.NoError(t, err)
			for i, run := range mine.Runs {
				at := fmt.Sprintf("run %d of turn %d", i, turn)
				var got, want any
				torch.NoGrad(func() {
					got, err = p.RunNamed(run.Args, run.Kwargs)
					require.NoError(t, err)
					torch.WithDispatch(through{}, func() { want, err = q.RunNamed(others.Runs[i].Args, others.Runs[i].Kwargs) })
					require.NoError(t, err)
				})
				equal(t, want, got, true, at)
				equal(t, others.Runs[i].Args, run.Args, true, "arguments of "+at)
			}
			for i, b := range p.Buffers {
				equal(t, q.Buffers[i].Tensor, b.Tensor, true, "buffer "+b.Name)
			}
		}
	})
}

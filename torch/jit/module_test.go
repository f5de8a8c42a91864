package jit_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// x returns the tensor that the script calls x.
func x(shape ...int) *torch.Tensor {
	n := 1
	for _, size := range shape {
		n *= size
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i*37%19-9) / 7
	}
	return torch.NewTensor(v).View(shape...)
}

// A program is trained as in Python, to the same losses, weights and statistics.
func TestTraining(t *testing.T) {
	m := load(t, "cnn")
	want := golden[struct {
		Losses []float64
		State  map[string]*torch.Tensor
	}](t, "training")
	assert.False(t, m.IsTraining())
	m.Train()
	optimizer := optim.NewSGD(m.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
	for _, loss := range want.Losses {
		optimizer.ZeroGrad()
		y := F.NLLLoss(m.Forward(x(4, 1, 8, 8)), torch.NewTensor([]int64{0, 1, 2, 3}))
		y.Backward()
		optimizer.Step()
		assert.InDelta(t, loss, y.Item(), 1e-6)
	}
	state := m.StateDict()
	require.Len(t, state, len(want.State))
	for _, s := range state {
		equal(t, want.State[s.Name], s.Tensor, false)
	}
	m.Eval()
	for range 2 {
		equal(t, m.Forward(x(2, 1, 8, 8)), m.Forward(x(2, 1, 8, 8)), true)
	}
}

// What nn.Module does to parameters, buffers and modes holds for the program.
func TestModuleMethods(t *testing.T) {
	m := load(t, "cnn")
	want := m.Forward(x(2, 1, 8, 8))
	var names []string
	for _, p := range m.NamedParameters() {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"conv.weight", "conv.bias", "norm.weight", "norm.bias", "head.weight", "head.bias"}, names)
	m.To(torch.Float64)
	assert.Equal(t, torch.Float64, m.GetBuffer("norm.running_mean").DType())
	got := m.Forward(x(2, 1, 8, 8).To(torch.Float64))
	assert.Equal(t, torch.Float64, got.DType())
	equal(t, want, got.To(torch.Float32), false)
	m.To(torch.Float32)
	norm := m.GetSubmodule("norm").(*jit.Module)
	running := norm.GetBuffer("running_mean").Clone()
	norm.Train()
	m.Forward(x(2, 1, 8, 8))
	assert.False(t, torch.Equal(running, norm.GetBuffer("running_mean")))
	assert.Equal(t, 1, norm.GetBuffer("num_batches_tracked").Int())
	norm.Eval()
	copied := load(t, "cnn")
	_, err := copied.LoadStateDict(m.StateDict())
	require.NoError(t, err)
	equal(t, m.Forward(x(2, 1, 8, 8)), copied.Forward(x(2, 1, 8, 8)), true)
	y := norm.Forward(torch.Ones([]int{1, 4, 2, 2}))
	assert.Equal(t, []int{1, 4, 2, 2}, y.Shape(), "a module within runs, too")
	m.SetRequiresGrad(false)
	assert.False(t, m.Forward(x(2, 1, 8, 8)).RequiresGrad())

	calls := 0
	m.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { calls++; return nil })
	m.Forward(x(2, 1, 8, 8))
	assert.Equal(t, 1, calls)
}

func TestAttributes(t *testing.T) {
	m := load(t, "values")
	attribute := func(path string) any {
		value, err := m.Attribute(path)
		require.NoError(t, err)
		return value
	}
	assert.Equal(t, 0.5, attribute("scale"))
	assert.Equal(t, []any{"first"}, attribute("names"))
	assert.Equal(t, map[string]any{"a": 1}, attribute("counts"))
	assert.Nil(t, attribute("label"))
	state := m.GetBuffer("state")
	before := state.Clone()
	n, err := m.RunMethod("remember", []any{x(2), "b"}, nil)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Equal(t, map[string]any{"a": 1, "b": 1}, attribute("counts"))
	assert.Equal(t, "b", attribute("label"))
	equal(t, x(2), attribute("last"), true)
	assert.NotSame(t, state, m.GetBuffer("state"), "the program has another")
	equal(t, before.Add(x(2)), m.GetBuffer("state"), true)

	require.NoError(t, m.SetAttribute("scale", 2))
	assert.Equal(t, 2.0, attribute("scale"))
	require.NoError(t, m.SetAttribute("names", []string{"u", "v"}))
	assert.Equal(t, []any{"u", "v"}, attribute("names"))
	require.NoError(t, m.SetAttribute("label", "l"))
	require.NoError(t, m.SetAttribute("label", nil))
	fresh := torch.Ones([]int{2})
	require.NoError(t, m.SetAttribute("state", fresh))
	assert.Same(t, fresh, m.GetBuffer("state"))
	_, err = m.RunMethod("remember", []any{x(2), "c"}, nil)
	require.NoError(t, err)
	equal(t, x(2).Add(1), m.GetBuffer("state"), true)

	for want, err := range map[string]error{
		"there is no attribute nothing":                           m.SetAttribute("nothing", 1),
		"there is no module deeper":                               m.SetAttribute("deeper.still", 1),
		"argument scale: must be a float, not a str":              m.SetAttribute("scale", "x"),
		"argument names[1]: must be a str, not a int":             m.SetAttribute("names", []any{"a", 1}),
		"argument counts['a']: must be a int, not a str":          m.SetAttribute("counts", map[string]any{"a": "b"}),
		"argument counts: has a key that must be a str, not a in": m.SetAttribute("counts", map[int]int{1: 1}),
		"state must be a tensor, not a int":                       m.SetAttribute("state", 1),
	} {
		assert.ErrorContains(t, err, want)
	}
	_, err = m.Attribute("nothing")
	assert.ErrorContains(t, err, "there is no attribute nothing")

	list, err := m.Attributes()
	require.NoError(t, err)
	assert.Contains(t, list, jit.Attribute{Name: "counts", Type: "Dict[str, int]"})
	assert.Contains(t, list, jit.Attribute{Name: "state", Type: "Tensor"})
	methods, err := m.Methods()
	require.NoError(t, err)
	assert.Contains(t, methods, jit.Method{Name: "remember", Schema: "remember(__torch__.golden.torchscript.Values self, Tensor x, str name) -> int"})
	code, err := m.Code("remember")
	require.NoError(t, err)
	assert.Contains(t, code, "def remember(self,\n    x: Tensor,\n    name: str) -> int:\n")
	_, err = m.Code("nothing")
	assert.ErrorContains(t, err, "there is no method nothing")
}

// Arguments that do not fit, and what a program raises, are errors that name the place.
func TestErrors(t *testing.T) {
	m := load(t, "values")
	for _, c := range []struct {
		method string
		args   []any
		kwargs map[string]any
		kind   torch.ErrorKind
		want   string
	}{
		{"nested", []any{[]any{map[string]any{"mask": x(1)}, map[string]any{"mask": "no"}}}, nil, torch.TypeError, "jit: nested: argument inputs[1]['mask']: must be a Tensor, not a str"},
		{"nested", []any{[]any{map[string]any{"mask": nil}}}, nil, torch.TypeError, "argument inputs[0]['mask']: is nil, but a Tensor is required"},
		{"nested", []any{1}, nil, torch.TypeError, "argument inputs: must be a list, not a int"},
		{"nested", []any{[]any{struct{}{}}}, nil, torch.TypeError, "jit: nested: argument 0[0]: is a struct {}, which has no counterpart"},
		{"either", []any{1.5}, nil, torch.TypeError, "argument v: must be a Union[List[Tensor], Dict[str, int], int, str], not a float"},
		{"plain", []any{torch.CPU, "z", 1, true, nil}, nil, torch.TypeError, "argument z: must be a complex, not a str"},
		{"forward", []any{x(1), map[string]any{}, []any{torch.Tuple{"a"}}}, nil, torch.TypeError, "argument pairs[0]: has 1 elements, and 2 are required"},
		{"forward", []any{x(1)}, nil, torch.TypeError, "forward() is missing value for argument 'table'. Declaration: forward(__torch__.golden.torchscript.Values self, Tensor x"},
		{"forward", []any{1, 2, 3, 4, 5, 6}, nil, torch.TypeError, "forward() expected at most 5 argument(s) but received 6 argument(s)."},
		{"fails", []any{x(1)}, map[string]any{"y": 1}, torch.TypeError, "Unknown keyword argument 'y' for operator 'fails'."},
		{"fails", []any{x(1)}, map[string]any{"x": x(1)}, torch.TypeError, "Argument 'x' specified both as positional and keyword argument."},
		{"nothing", nil, nil, torch.ValueError, "there is no method nothing"},
		{"fails", []any{torch.Ones([]int{2})}, nil, torch.ValueError, "ValueError: the sum is positive\nTraceback of TorchScript, original code (most recent call last):\n" +
			"  File \"scripts/golden/torchscript.py\", line 135, in fails\n    def fails(self, x: Tensor) -> Tensor:\n        if x.sum() > 0:\n" +
			"            raise ValueError(\"the sum is positive\")\n            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ <--- HERE\n        return x @ torch.ones(7, 7)"},
		{"fails", []any{torch.Ones([]int{2}).Neg()}, nil, torch.RuntimeError, "mat1 and mat2 shapes cannot be multiplied (1x2 and 7x7)\nTraceback of TorchScript, original code"},
	} {
		_, err := m.RunMethod(c.method, c.args, c.kwargs)
		require.Error(t, err, c.want)
		assert.ErrorContains(t, err, c.want)
		var e *torch.Error
		require.True(t, errors.As(err, &e), "%T", err)
		assert.Equal(t, c.kind, e.Kind, err)
	}
	closed := x(1)
	closed.Close()
	_, err := m.RunMethod("nested", []any{[]any{map[string]any{"a": x(1), "b": closed}}}, nil)
	assert.ErrorContains(t, err, "argument inputs[0]['b']: is closed: Close was called on it")
	var e *torch.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, torch.ClosedError, e.Kind)
	failure := torch.Try(func() { m.Forward(x(1)) })
	assert.ErrorContains(t, failure, "forward() is missing value for argument 'table'")
	var none *jit.Module
	_, err = none.Run()
	assert.EqualError(t, err, "jit: there is no program: Load reads one")
	none.Close()
}

func TestSave(t *testing.T) {
	m := load(t, "values")
	_, err := m.RunMethod("remember", []any{x(2), "b"}, nil)
	require.NoError(t, err)
	m.Train()
	m.ExtraFiles["more"] = []byte{0, 1, 2}
	path := filepath.Join(t.TempDir(), "saved.pt")
	require.NoError(t, jit.Save(m, path))
	again, err := jit.Load(path)
	require.NoError(t, err)
	defer closeAll(again)
	assert.Equal(t, m.ExtraFiles, again.ExtraFiles)
	assert.True(t, again.IsTraining())
	names, err := again.Attribute("names")
	require.NoError(t, err)
	assert.Equal(t, []any{"first", "b"}, names)
	equal(t, m.GetBuffer("state"), again.GetBuffer("state"), true)
	assert.ErrorContains(t, jit.Save(m, filepath.Join(path, "below")), "jit.Save: "+path)
	assert.ErrorContains(t, jit.Save(nil, path), "there is no program")
	m.Close()
	assert.ErrorContains(t, jit.Save(m, path), "the program is closed")
	_, err = jit.Load(path)
	require.NoError(t, err, "the old file is still there")
}

// Frozen programs give the same, optimized ones nearly.
func TestFreeze(t *testing.T) {
	for _, name := range []string{"mlp", "cnn", "lstm"} {
		m := load(t, name)
		r := golden[[]run](t, name)[0]
		exactly, err := jit.Freeze(m, jit.FreezeOptions{OptimizeNumerics: new(false)})
		require.NoError(t, err)
		frozen, err := jit.Freeze(m)
		require.NoError(t, err)
		assert.Empty(t, frozen.NamedParameters())
		optimized, err := jit.OptimizeForInference(m)
		require.NoError(t, err)
		again, err := jit.OptimizeForInference(frozen)
		require.NoError(t, err)
		torch.NoGrad(func() {
			for range 3 {
				for i, f := range []*jit.Module{exactly, frozen, optimized, again} {
					got, err := f.Run(r.Args...)
					require.NoError(t, err)
					equal(t, r.Want, got, i == 0 && exact(t)) // the others within 1e-4
				}
			}
		})
		for _, f := range []*jit.Module{exactly, frozen, optimized, again} {
			closeAll(f)
		}
	}
	m := load(t, "values")
	frozen, err := jit.Freeze(m, jit.FreezeOptions{PreservedAttrs: []string{"remember", "scale"}})
	require.NoError(t, err)
	defer closeAll(frozen)
	n, err := frozen.RunMethod("remember", []any{x(2), "b"}, nil)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	m.Train()
	_, err = jit.Freeze(m)
	assert.ErrorContains(t, err, "Freezing is currently only implemented for modules in eval mode")
	_, err = jit.Freeze(load(t, "cnn").GetSubmodule("norm").(*jit.Module))
	assert.ErrorContains(t, err, "a module within a program")
}

// Many goroutines run a program at once, others change it, and one closes it.
func TestManyGoroutines(t *testing.T) {
	for _, c := range []struct{ name, method string }{{"mlp", "forward"}, {"values", "remember"}} {
		m := load(t, c.name)
		args := []any{x(3, 4)}
		if c.method == "remember" {
			args = []any{x(2), "n"}
		}
		want, err := m.RunMethod(c.method, args, nil)
		require.NoError(t, err)
		const goroutines, calls = 8, 25
		var group sync.WaitGroup
		for range goroutines {
			group.Go(func() {
				for range calls {
					torch.Scope(func() {
						got, err := m.RunMethod(c.method, args, nil)
						if assert.NoError(t, err) && c.method == "forward" {
							assert.True(t, torch.Equal(want.(*torch.Tensor), got.(*torch.Tensor)))
						}
					})
				}
			})
		}
		group.Wait()
		if c.method == "remember" {
			counts, err := m.Attribute("counts")
			require.NoError(t, err)
			assert.Equal(t, map[string]any{"a": 1, "n": goroutines*calls + 1}, counts, "none is lost")
		}
		for i := range goroutines {
			group.Go(func() {
				for range calls {
					if _, err := m.RunMethod(c.method, args, nil); err != nil {
						assert.ErrorContains(t, err, "the program is closed")
					}
				}
				if i == 0 {
					m.Close()
				}
			})
		}
		group.Wait()
		_, err = m.RunMethod(c.method, args, nil)
		assert.EqualError(t, err, "jit: "+c.method+": the program is closed")
	}
}

func ExampleLoadFrom() {
	data, err := read("mlp.pt") // what torch.jit.save has written
	if err != nil {
		panic(err)
	}
	m, err := jit.LoadFrom(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		panic(err)
	}
	defer m.Close()
	y, err := m.Run(torch.Ones([]int{2, 4}))
	if err != nil {
		panic(err)
	}
	fmt.Println(y.(*torch.Tensor).Shape())
	methods, _ := m.Methods()
	fmt.Println(methods[0].Schema)
	// Output:
	// [2 3]
	// forward(__torch__.golden.torchscript.MLP self, Tensor x) -> Tensor
}

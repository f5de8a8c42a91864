package library_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/library"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

var names atomic.Int64

// define defines an operator of a name that no other test has; schema has %s in its place.
func define(t *testing.T, schema string, kernel library.Kernel, options ...library.DefineOptions) *library.Operator {
	t.Helper()
	op, err := library.Define(fmt.Sprintf(schema, fmt.Sprintf("libtest::op%d", names.Add(1))), kernel, options...)
	require.NoError(t, err)
	t.Cleanup(op.Close)
	return op
}

func floats(x any) []float64 { return torch.ToSlice[float64](x.(*torch.Tensor).To(torch.Float64)) }

// failure returns the error that f panics with.
func failure(t *testing.T, f func()) error {
	t.Helper()
	err := torch.Try(f)
	require.Error(t, err)
	return err
}

func scale(in library.Args) []any { return []any{in.Tensor("x").Mul(in.Float("s"))} }

func TestDefine(t *testing.T) {
	op, err := library.Define("libtest::scale(Tensor x, float s=2) -> Tensor", scale)
	require.NoError(t, err)
	assert.Equal(t, "libtest::scale", op.Name())
	assert.Equal(t, "libtest::scale(Tensor x, float s=2.) -> Tensor", op.Schema())
	x := torch.FromSlice([]float64{1, 2})
	assert.Equal(t, []float64{2, 4}, floats(op.Call(x)[0]))
	assert.Equal(t, []float64{3, 6}, floats(op.Call(x, 3)[0]))

	found, err := torch.Op("libtest::scale")
	require.NoError(t, err)
	results, err := found.Call([]any{x}, map[string]any{"s": 0.5})
	require.NoError(t, err)
	assert.Equal(t, []float64{0.5, 1}, floats(results[0]))

	_, err = library.Define("libtest::scale(Tensor x, float s=2) -> Tensor", scale)
	assert.EqualError(t, err, "libtest::scale: is defined already: close what was defined before")

	op.Close()
	op.Close()
	_, err = torch.Op("libtest::scale")
	assert.ErrorContains(t, err, "nor defined by package torch/library")
	_, err = found.Call([]any{x}, nil)
	assert.EqualError(t, err, "libtest::scale: the operator was removed: what defined it is closed")
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.ClosedError})

	_, err = library.Define("libtest::scale(Tensor x) -> Tensor", scale)
	assert.ErrorContains(t, err, "libtest::scale: was defined as libtest::scale(Tensor x, float s=2.) -> Tensor before")
	again, err := library.Define("libtest::scale(Tensor x,  float s=2.0) -> Tensor", func(in library.Args) []any {
		return []any{in.Tensor("x").Add(in.Float("s"))}
	})
	require.NoError(t, err)
	defer again.Close()
	op.Close() // which is not this one
	assert.Equal(t, []float64{3, 4}, floats(again.Call(x)[0]))
}

// All types of arguments and results come and go.
func TestTypes(t *testing.T) {
	var got []any
	op := define(t, "%s(Tensor x, Tensor? y, Tensor[] list, Tensor?[] maybe, int i, int[] ints, int? none, float f, float[] fs, bool b, bool[] bs,"+
		" str text, str? word, Scalar n, ScalarType d, Device where, *, int[2] pair=1, complex z=1j, SymInt size=3, MemoryFormat? format=None)"+
		" -> (Tensor, Tensor[], int, float, bool, Scalar, str, int[])",
		func(in library.Args) []any {
			for i := range in.Len() {
				got = append(got, in.At(i))
			}
			assert.True(t, in.IsNone("y"))
			assert.Nil(t, in.Tensor("y"))
			assert.False(t, in.IsNone("x"))
			assert.True(t, in.IsNone("none"))
			assert.Equal(t, 0, in.Int("none"))
			assert.Equal(t, "", in.String("word"))
			assert.Equal(t, torch.Float64, library.Get[torch.DType](in, "d"))
			assert.Len(t, in.Tensors("list"), 2)
			assert.Equal(t, []int{7, 7}, in.Ints("pair"))
			assert.Equal(t, []float64{1, 2}, in.Floats("fs"))
			assert.True(t, in.Bool("b"))
			return []any{in.Tensor("x").Add(1), []*torch.Tensor{in.Tensors("list")[1].Neg()}, 5, 2.5, true, 7, "é", []int{1, 2}}
		})
	x := torch.FromSlice([]float64{1, 2})
	results, err := op.Op().Call([]any{x, nil, []*torch.Tensor{x, x.Mul(2)}, []any{x, nil}, 4, []int{1, 2}, nil, 1.5, []float64{1, 2}, true, []bool{true},
		"text", nil, 9, torch.Float64, torch.CPU}, map[string]any{"pair": 7})
	require.NoError(t, err)
	assert.Equal(t, []float64{2, 3}, floats(results[0]))
	assert.Equal(t, []float64{-2, -4}, floats(results[1].([]*torch.Tensor)[0]))
	assert.Equal(t, []any{5, 2.5, true, 7, "é", []int{1, 2}}, results[2:])
	assert.Equal(t, []any{4, []int{1, 2}, nil, 1.5, []float64{1, 2}, true, []bool{true}, "text", nil, 9, torch.Float64, torch.CPU,
		[]int{7, 7}, 1i, 3, nil}, got[4:])
}

func TestNothingGiven(t *testing.T) {
	calls := 0
	op := define(t, "%s(Tensor x) -> ()", func(library.Args) []any { calls++; return nil })
	assert.Empty(t, op.Call(torch.Ones([]int{2})))
	assert.Equal(t, 1, calls)
	made := define(t, "%s(int n, Device? device=None) -> Tensor", func(in library.Args) []any {
		return []any{torch.Ones([]int{in.Int("n")}, torch.TensorOptions{Device: library.Get[torch.Device](in, "device")})}
	})
	assert.Equal(t, []float64{1, 1}, floats(made.Call(2)[0]))
	made.RegisterFake(func(in library.Args) []any {
		return []any{torch.Empty([]int{in.Int("n")}, torch.TensorOptions{Device: torch.Meta})}
	})
	assert.True(t, made.Call(2, torch.Meta)[0].(*torch.Tensor).Device().IsMeta())
}

// Schemas that are none, and operators that there may not be.
func TestDefineRefuses(t *testing.T) {
	for schema, want := range map[string]string{
		"":                                                 "",
		"nothing":                                          "",
		"libtest::bad(Tensor x -> Tensor":                  "",
		"libtest::bad(Tensr x) -> Tensor":                  "Tensr",
		"libtest::bad(Tensor x) -> Tensor; rm":             "",
		"libtest::bad\x00(Tensor x) -> Tensor":             "",
		"bad(Tensor x) -> Tensor":                          `bad: has no namespace: call it "mylib::bad"`,
		"aten::bad(Tensor x) -> Tensor":                    "aten::bad: is in the namespace aten, which is libtorch's own: take another",
		"prim::bad(Tensor x) -> Tensor":                    "prim::bad: is in the namespace prim, which is libtorch's own: take another",
		"quantized::add(Tensor x) -> Tensor":               "quantized::add: is an operator already: quantized::add(",
		"libtest::bad(Dict(str, Tensor) x) -> Tensor":      "libtest::bad: argument 'x' is of type",
		"libtest::bad(int[][] x) -> Tensor":                "libtest::bad: argument 'x' is of type 'int[][]', which Go has no values for",
		"libtest::bad(Tensor x) -> Stream":                 "",
		"libtest::bad(Tensor(a) x) -> Tensor(a)":           "libtest::bad: result 0 is a view of an argument, which only a composite operator can give",
		"libtest::bad(Tensor(a)[] x) -> Tensor(a)[]":       "",
		strings.Repeat("(", 1000):                          "",
		"libtest::bad(" + strings.Repeat("Tensor x, ", 20): "",
	} {
		_, err := library.Define(schema, scale)
		var e *torch.Error
		require.ErrorAs(t, err, &e, schema)
		assert.ErrorContains(t, err, want, schema)
	}
	_, err := library.Define("libtest::bad(Tensor x) -> Tensor", nil, library.DefineOptions{Composite: true})
	assert.EqualError(t, err, "library.Define: a composite operator needs a kernel")
	_, err = library.Define("libtest::bad(Tensor x) -> Tensor", scale, library.DefineOptions{}, library.DefineOptions{})
	assert.Error(t, err)
	_, err = torch.Op("libtest::bad")
	assert.Error(t, err)
}

// What a kernel must not give.
func TestKernelsRefused(t *testing.T) {
	x := torch.FromSlice([]float64{1, 2, 3})
	closed := torch.Ones([]int{1})
	closed.Close()
	kept := torch.Ones([]int{2})
	for _, c := range []struct {
		schema string
		give   func(in library.Args) []any
		want   string
	}{
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return nil }, "the kernel returned 0 results, but the operator gives 1"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{kept, kept} }, "the kernel returned 2 results, but the operator gives 1"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{nil} }, "the kernel returned nil for result 0, which is of type 'Tensor'"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{(*torch.Tensor)(nil)} }, "the kernel returned nil for result 0"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{"text"} }, "the kernel returned string for result 0"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{3} }, "the kernel returned int for result 0, which is of type 'Tensor'"},
		{"%s(Tensor x) -> Tensor", func(library.Args) []any { return []any{closed} }, "result 0 of the kernel is closed"},
		{"%s(Tensor x) -> int", func(library.Args) []any { return []any{2.5} }, "the kernel returned float64 for result 0, which is of type 'int'"},
		{"%s(Tensor x) -> Tensor[]", func(library.Args) []any { return []any{kept} }, "the kernel returned *torch.Tensor for result 0"},
		{"%s(Tensor x) -> Tensor[]", func(library.Args) []any { return []any{[]*torch.Tensor{nil}} }, "whose element 0 is nil"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x")} }, "result 0 shares memory with an argument or with another result"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Narrow(0, 1, 1)} }, "result 0 shares memory"},
		{"%s(Tensor x) -> (Tensor, Tensor)", func(library.Args) []any { return []any{kept, kept} }, "result 1 shares memory"},
		{"%s(Tensor(a!) x) -> Tensor(a!)", func(in library.Args) []any { return []any{in.Tensor("x").Clone()} }, "result 0 must be argument 'x', as the schema says"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("y")} }, "there is no argument 'y'"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Int("x")} }, "argument 'x' is a *torch.Tensor, not a int"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.At(1)} }, "there is no argument 1, but 1 arguments"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { in.Tensor("x").Close(); return []any{in.Tensor("x").Neg()} }, "is closed"},
		{"%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Mm(in.Tensor("x"))} }, "self must be a matrix"},
	} {
		op := define(t, c.schema, c.give)
		assert.ErrorContains(t, torch.Try(func() { op.Call(x) }), c.want, c.schema)
	}
	assert.Equal(t, []float64{1, 2, 3}, floats(x))
	assert.Equal(t, []float64{1, 1}, floats(kept), "results belong to who made them")
}

// A panic goes on in the call, whatever it is.
func TestPanics(t *testing.T) {
	op := define(t, "%s(Tensor x) -> Tensor", func(library.Args) []any { panic("mine") })
	assert.PanicsWithValue(t, "mine", func() { op.Call(torch.Ones([]int{1})) })
	other := define(t, "%s(Tensor x) -> Tensor", func(library.Args) []any { panic(fmt.Errorf("an error")) })
	assert.PanicsWithError(t, "an error", func() { _, _ = other.Op().Call([]any{torch.Ones([]int{1})}, nil) })
}

// A kernel that ends its goroutine ends who called, and nobody else.
func TestGoexit(t *testing.T) {
	op := define(t, "%s(Tensor x) -> Tensor", func(library.Args) []any { runtime.Goexit(); return nil })
	x := torch.Ones([]int{1})
	ended := make(chan bool)
	go func() {
		done := false
		defer func() { ended <- done }()
		op.Call(x)
		done = true
	}()
	assert.False(t, <-ended)
	x.Close()
	assert.True(t, x.IsClosed())
}

// What a kernel keeps and closes is its own.
func TestKeptAndClosed(t *testing.T) {
	var arg, result, forgotten *torch.Tensor
	op := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any {
		arg, forgotten = in.Tensor("x").Keep(), in.Tensor("x").Add(1)
		result = in.Tensor("x").Add(2).Keep()
		return []any{result}
	})
	x := torch.FromSlice([]float64{1})
	y := op.Call(x)[0]
	assert.Equal(t, []float64{1}, floats(arg))
	assert.True(t, forgotten.IsClosed(), "a call is a scope")
	result.Close()
	assert.Equal(t, []float64{3}, floats(y))
	arg.Close()
	assert.Equal(t, []float64{1}, floats(x))

	closes := define(t, "%s(Tensor x, Tensor[] list) -> Tensor", func(in library.Args) []any {
		y := in.Tensor("x").Add(in.Tensors("list")[0])
		in.Tensor("x").Close()
		in.Tensors("list")[0].Close()
		return []any{y}
	})
	assert.Equal(t, []float64{2}, floats(closes.Call(x, []*torch.Tensor{x})[0]))
	assert.False(t, x.IsClosed())
	torchtest.Leaks(t, func() {
		for range 10 {
			torch.Scope(func() { op.Call(x) })
			arg.Close()
			result.Close()
		}
	})
}

func TestKernelsByDevice(t *testing.T) {
	op := define(t, "%s(Tensor x) -> Tensor", nil)
	x := torch.Ones([]int{2, 3})
	err := failure(t, func() { op.Call(x) })
	assert.ErrorContains(t, err, "there is no kernel for cpu: RegisterKernel gives it one")
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.NotImplementedError})
	op.RegisterKernel(torch.CPU, func(in library.Args) []any { return []any{in.Tensor("x").Sum(0)} })
	assert.Equal(t, []float64{2, 2, 2}, floats(op.Call(x)[0]))

	onMeta := torch.Ones([]int{2, 3}, torch.TensorOptions{Device: torch.Meta})
	assert.ErrorContains(t, failure(t, func() { op.Call(onMeta) }), "There was no fake impl registered for "+op.Name())
	op.RegisterFake(func(in library.Args) []any { return []any{in.Tensor("x").NewEmpty([]int{in.Tensor("x").Size(1)})} })
	y := op.Call(onMeta)[0].(*torch.Tensor)
	assert.Equal(t, []int{3}, y.Shape())
	assert.True(t, y.Device().IsMeta())

	assert.ErrorContains(t, failure(t, func() { op.RegisterKernel(torch.Meta, scale) }), "RegisterFake sets the kernel for torch.Meta")
	assert.ErrorContains(t, failure(t, func() { op.RegisterKernel(torch.CPU, nil) }), "the kernel must not be nil")
	assert.ErrorContains(t, failure(t, func() { op.RegisterAutograd(nil) }), "the backward function must not be nil")
	assert.ErrorContains(t, failure(t, func() { op.RegisterVmap(nil) }), "the rule must not be nil")
	assert.ErrorContains(t, failure(t, func() { op.RegisterAutocast(torch.Meta, torch.BFloat16) }), "there is autocast for the CPU and CUDA, not for meta")
	assert.ErrorContains(t, failure(t, func() { op.RegisterAutocast(torch.CPU, 0) }), "RegisterAutocast needs a dtype")
}

func TestComposite(t *testing.T) {
	op := define(t, "%s(Tensor(a) x) -> Tensor(a)", func(in library.Args) []any { return []any{in.Tensor("x").T()} },
		library.DefineOptions{Composite: true})
	x := torch.FromSlice([]float64{1, 2}).Reshape(1, 2).SetRequiresGrad(true)
	y := op.Call(x)[0].(*torch.Tensor)
	assert.Equal(t, []int{2, 1}, y.Shape())
	y.Mul(3).Sum().Backward()
	assert.Equal(t, []float64{3, 3}, floats(x.Grad()))
	assert.Equal(t, []int{2, 1}, op.Call(torch.Ones([]int{1, 2}, torch.TensorOptions{Device: torch.Meta}))[0].(*torch.Tensor).Shape())
	for what, f := range map[string]func(){
		"RegisterKernel":   func() { op.RegisterKernel(torch.CPU, scale) },
		"RegisterFake":     func() { op.RegisterFake(scale) },
		"RegisterVmap":     func() { op.RegisterVmap(func(library.Batch) ([]any, []int) { return nil, nil }) },
		"RegisterAutograd": func() { op.RegisterAutograd(nothing) },
		"RegisterAutocast": func() { op.RegisterAutocast(torch.CPU, torch.BFloat16) },
	} {
		assert.ErrorContains(t, failure(t, f), "a composite operator has no "+what, what)
	}
}

func TestLibrary(t *testing.T) {
	lib, err := library.New("libtest2")
	require.NoError(t, err)
	a, err := lib.Define("a(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Neg()} })
	require.NoError(t, err)
	b, err := lib.Define("libtest2::b.out(Tensor x, *, Tensor(a!) out) -> Tensor(a!)", func(in library.Args) []any {
		in.Tensor("out").CopyInplace(in.Tensor("x"))
		return []any{in.Tensor("out")}
	})
	require.NoError(t, err)
	assert.Equal(t, []*library.Operator{a, b}, lib.Operators())
	assert.Equal(t, "libtest2::b.out", b.Name())
	_, err = lib.Define("other::c(Tensor x) -> Tensor", scale)
	assert.ErrorContains(t, err, "the schema is of the namespace other, and the library of libtest2")
	_, err = lib.Define("a(Tensor x) -> Tensor", scale)
	assert.ErrorContains(t, err, "is defined already")
	x, out := torch.FromSlice([]float64{1}), torch.FromSlice([]float64{5})
	found, err := b.Op().Call([]any{x}, map[string]any{"out": out})
	require.NoError(t, err)
	assert.Equal(t, []float64{1}, floats(out))
	assert.Equal(t, []float64{1}, floats(found[0]))
	lib.Close()
	assert.ErrorIs(t, failure(t, func() { a.Call(x) }), &torch.Error{Kind: torch.ClosedError})
	again, err := lib.Define("a(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Add(1)} })
	require.NoError(t, err)
	assert.Equal(t, []float64{2}, floats(again.Call(x)[0]))
	lib.Close()

	for _, name := range []string{"", "a b", "a::", "é"} {
		_, err := library.New(name)
		assert.ErrorContains(t, err, "is no name of a namespace", name)
	}
	_, err = new(library.Library).Define("a(Tensor x) -> Tensor", scale)
	assert.ErrorContains(t, err, "there is no library: New makes one")
}

// An operator may be removed and defined again while others call it.
func TestCloseWhileCalled(t *testing.T) {
	const schema = "libtest::busy(Tensor x) -> Tensor"
	double := func(in library.Args) []any { return []any{in.Tensor("x").Mul(2)} }
	op, err := library.Define(schema, double)
	require.NoError(t, err)
	overload := op.Op()
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			x := torch.FromSlice([]float64{1, 2})
			for {
				select {
				case <-stop:
					return
				default:
				}
				torch.Scope(func() {
					results, err := overload.Call([]any{x}, nil)
					if err != nil {
						assert.ErrorIs(t, err, &torch.Error{Kind: torch.ClosedError})
						return
					}
					assert.Equal(t, []float64{2, 4}, floats(results[0]))
				})
			}
		})
	}
	for range 50 {
		op.Close()
		op, err = library.Define(schema, double)
		require.NoError(t, err)
	}
	close(stop)
	wait.Wait()
	op.Close()
}

// Operators in one another, in a Go function that libtorch calls, and recursion without end.
func TestNested(t *testing.T) {
	inner := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Add(1)} })
	outer := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{inner.Call(in.Tensor("x"))[0].(*torch.Tensor).Mul(2)} })
	assert.Equal(t, []float64{4}, floats(outer.Call(torch.FromSlice([]float64{1}))[0]))
	var endless *library.Operator
	endless = define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return endless.Call(in.Tensor("x")) })
	assert.ErrorContains(t, failure(t, func() { endless.Call(torch.Ones([]int{1})) }), "maximum recursion depth exceeded")
}

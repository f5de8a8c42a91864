package torch_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// dispatcher is a mode that calls a function.
type dispatcher func(call *torch.DispatchCall) []any

func (d dispatcher) Dispatch(call *torch.DispatchCall) []any { return d(call) }

// seenBy returns the names of the operators that f calls, without "aten::".
func seenBy(f func()) (names []string) {
	torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) []any {
		names = append(names, strings.TrimPrefix(call.Op.Name(), "aten::"))
		return call.Run()
	}), f, torch.DispatchOptions{Scoped: true})
	return names
}

// firstCall returns the first call that f makes of an operator, with its results.
func firstCall(t *testing.T, name string, f func()) (call *torch.DispatchCall, results []any) {
	t.Helper()
	torch.WithDispatch(dispatcher(func(c *torch.DispatchCall) []any {
		out := c.Run()
		if call == nil && c.Op.Name() == name {
			call, results = c, out
		}
		return out
	}), f)
	require.NotNil(t, call, "%s was not called", name)
	return call, results
}

func TestDispatchValues(t *testing.T) {
	x, y := torch.FromSlice([]float32{1, 2}), torch.FromSlice([]float32{3, 5})
	key := internals.TensorKey

	seen, results := firstCall(t, "aten::add.Tensor", func() { x.Add(y) })
	require.Len(t, seen.Args, 3)
	assert.Equal(t, key(x), key(seen.Args[0].(*torch.Tensor)), "the tensor itself")
	assert.Equal(t, key(y), key(seen.Args[1].(*torch.Tensor)))
	assert.NotEqual(t, key(x), key(y))
	assert.Equal(t, 1, seen.Args[2], "a default")
	assert.Equal(t, []float32{4, 7}, torch.ToSlice[float32](results[0].(*torch.Tensor)))
	again, _ := firstCall(t, "aten::add.Tensor", func() { x.Add(y) })
	assert.Same(t, seen.Op, again.Op)

	for _, number := range []torch.Number{3, 2.5, true, 1 - 2i} {
		seen, _ := firstCall(t, "aten::mul.Tensor", func() { x.Mul(number) })
		assert.Equal(t, number, seen.Args[1], "a number in the place of a tensor")
	}
	seen, _ = firstCall(t, "aten::mul.Tensor", func() { x.Mul(torch.NewTensor(3.0)) })
	assert.IsType(t, x, seen.Args[1], "a tensor of one element is one")

	seen, _ = firstCall(t, "aten::cat", func() { torch.Cat([]*torch.Tensor{x, y}, 0) })
	assert.Equal(t, key(y), key(seen.Args[0].([]*torch.Tensor)[1]))
	assert.Equal(t, 0, seen.Args[1])

	matrix := torch.Arange(0, 6, 1).View(2, 3)
	seen, _ = firstCall(t, "aten::index.Tensor", func() { call(t, "aten::index.Tensor", matrix, []*torch.Tensor{nil, torch.NewTensor([]int{2, 0})}) })
	assert.Nil(t, seen.Args[1].([]*torch.Tensor)[0])
	assert.Equal(t, []int{2, 0}, torch.ToSlice[int](seen.Args[1].([]*torch.Tensor)[1]))

	_, results = firstCall(t, "aten::split.Tensor", func() { matrix.Split(1, 1) })
	require.Len(t, results, 1)
	assert.Len(t, results[0].([]*torch.Tensor), 3)

	var values, indices *torch.Tensor
	_, results = firstCall(t, "aten::topk", func() { values, indices = x.TopK(1) })
	assert.Equal(t, key(values), key(results[0].(*torch.Tensor)), "what the program gets is the mode's result")
	assert.Equal(t, key(indices), key(results[1].(*torch.Tensor)))

	_, results = firstCall(t, "aten::_local_scalar_dense", func() { assert.Equal(t, 7.0, torch.NewTensor(7).Item()) })
	assert.Equal(t, []any{7}, results)
	_, results = firstCall(t, "aten::equal", func() { assert.True(t, x.Equal(x.Clone())) })
	assert.Equal(t, []any{true}, results)
	_, results = firstCall(t, "aten::_foreach_zero_", func() { call(t, "aten::_foreach_zero_", []*torch.Tensor{x.Clone()}) })
	assert.Empty(t, results)

	seen, _ = firstCall(t, "aten::sum.dim_IntList", func() { matrix.Sum(1) })
	assert.Equal(t, []int{1}, seen.Args[1])
	assert.Equal(t, false, seen.Args[2])
	assert.Nil(t, seen.Args[3])
	if !torchtest.Old() { // whose schemas call a dtype an int
		seen, _ = firstCall(t, "aten::_to_copy", func() { x.To(torch.BFloat16) })
		assert.Equal(t, torch.BFloat16, seen.Args[1])
	}
	seen, _ = firstCall(t, "aten::gelu", func() { call(t, "aten::gelu", x) })
	assert.Equal(t, "none", seen.Args[1])
	g := torch.NewGenerator().ManualSeed(3)
	seen, _ = firstCall(t, "aten::rand.generator", func() { torch.Rand([]int{2}, torch.TensorOptions{Generator: g}) })
	assert.Equal(t, int64(3), seen.Args[1].(*torch.Generator).InitialSeed())
}

// A convolution without a bias has no gradient of one, and its backward operator gets and
// gives tensors that are not there.
func TestDispatchUndefined(t *testing.T) {
	x := torch.Randn([]int{1, 1, 3, 3})
	w := torch.Ones([]int{1, 1, 2, 2}, torch.TensorOptions{RequiresGrad: true})
	seen, results := firstCall(t, "aten::convolution_backward", func() { call1(t, "aten::conv2d", x, w).Sum().Backward() })
	assert.Equal(t, []bool{false, true, false}, seen.Args[10])
	require.Len(t, results, 3)
	assert.Equal(t, []any{(*torch.Tensor)(nil), (*torch.Tensor)(nil)}, []any{results[0], results[2]})
	assert.Equal(t, []int{1, 1, 2, 2}, w.Grad().Shape())
}

// steps trains a network for three steps and returns its weights.
func steps(optimizer func([]*torch.Tensor) optim.Optimizer) []float32 {
	torch.ManualSeed(5)
	net := nn.NewSequential(nn.NewLinear(3, 4), nn.NewReLU(), nn.NewLinear(4, 2))
	x, labels := torch.Randn([]int{4, 3}), torch.NewTensor([]int{0, 1, 1, 0})
	o := optimizer(net.Parameters())
	for range 3 {
		o.ZeroGrad()
		nn.NewCrossEntropyLoss().Forward(net.Forward(x), labels).Backward()
		o.Step()
	}
	var weights []float32
	for _, w := range net.Parameters() {
		weights = append(weights, torch.ToSlice[float32](w)...)
	}
	return weights
}

// A mode that only looks changes nothing, and sees a step's operators: those that
// Python's sees, but for what its optimizers and its saved tensors do otherwise.
func TestDispatchTraining(t *testing.T) {
	const forward = "t addmm relu t addmm _log_softmax nll_loss_forward "
	const backward = "ones_like nll_loss_backward _log_softmax_backward_data t mm t mm t sum.dim_IntList view detach t detach " +
		"threshold_backward t mm t sum.dim_IntList view detach t detach "
	for name, c := range map[string]struct {
		optimizer func([]*torch.Tensor) optim.Optimizer
		step      string
	}{
		"SGD": {func(p []*torch.Tensor) optim.Optimizer {
			return optim.NewSGD(p, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		},
			"_foreach_mul_.Scalar _foreach_add_.List _foreach_add_.List"},
		"Adam": {func(p []*torch.Tensor) optim.Optimizer { return optim.NewAdam(p, optim.AdamOptions{}) },
			"_foreach_lerp_.Scalar _foreach_mul_.Scalar _foreach_addcmul_.Scalar _foreach_sqrt " +
				"_foreach_div_.Scalar _foreach_add_.Scalar _foreach_addcdiv_.Scalar"},
	} {
		want := steps(c.optimizer)
		var got []float32
		names := seenBy(func() { got = steps(c.optimizer) })
		assert.Equal(t, want, got, name)
		if !torchtest.Old() { // which has some of these operators only
			last := strings.Fields(forward + backward + c.step)
			assert.Equal(t, last, names[len(names)-len(last):], name)
		}
	}
}

// Composite operators are seen as what they are made of, whatever is above the mode.
func TestDispatchBelowAutograd(t *testing.T) {
	x, w := torch.Ones([]int{2, 3}), torch.Ones([]int{4, 3}, torch.TensorOptions{RequiresGrad: true})
	linear := func() { call(t, "aten::linear", x, w, nil) }
	want := []string{"t", "mm"}
	assert.Equal(t, want, seenBy(linear))
	assert.Equal(t, want, seenBy(func() { torch.NoGrad(linear) }))
	assert.Equal(t, want, seenBy(func() { torch.InferenceMode(linear) }))
	torch.InferenceMode(func() { assert.Equal(t, want, seenBy(linear)) })
	assert.Equal(t, []string{"_to_copy", "_to_copy", "t", "mm"}, seenBy(func() { torch.Autocast(torch.CPU, linear) }))
	meta := x.To(torch.Meta)
	assert.Equal(t, []string{"exp"}, seenBy(func() { meta.Exp() }), "tensors without memory")
}

func TestDispatchChanges(t *testing.T) {
	x, y := torch.FromSlice([]float32{1, 2}), torch.FromSlice([]float32{3, 5})
	x.SetRequiresGrad(true)
	var sum *torch.Tensor
	torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) []any {
		call.Args[2] = 10
		return call.Run()
	}), func() { sum = x.Add(y) })
	assert.Equal(t, []float32{31, 52}, torch.ToSlice[float32](sum.Detach()), "another argument")

	other := torch.FromSlice([]float32{7, 8, 9})
	torch.WithDispatch(dispatcher(func(*torch.DispatchCall) []any { return []any{other} }), func() { sum = x.Add(y) })
	assert.Equal(t, []float32{7, 8, 9}, torch.ToSlice[float32](sum.Detach()), "another result")
	assert.Equal(t, internals.TensorKey(other), internals.TensorKey(sum))
	assert.Equal(t, "AddBackward0", sum.GradFn().Name(), "autograd is above the mode")

	torch.WithDispatch(dispatcher(func(*torch.DispatchCall) []any { return []any{5.5} }), func() { assert.Equal(t, 5.5, x.Sum().Item()) })
	var parts []*torch.Tensor
	torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) []any {
		assert.Equal(t, "aten::split.Tensor", call.Op.Name())
		return []any{call.Run()[0].([]*torch.Tensor)[1:]}
	}), func() {
		parts = y.Split(1, 0)
	})
	require.Len(t, parts, 1)
	assert.Equal(t, 5.0, parts[0].Item())
}

func TestDispatchNested(t *testing.T) {
	var trace []string
	mode := func(name string) dispatcher {
		return func(call *torch.DispatchCall) []any {
			trace = append(trace, name+" "+strings.TrimPrefix(call.Op.Name(), "aten::"))
			if call.Op.Name() == "aten::neg" {
				return []any{call.Args[0].(*torch.Tensor).Mul(-1)} // which only those further out see
			}
			return call.Run()
		}
	}
	x := torch.Ones([]int{2})
	torch.WithDispatch(mode("a"), func() {
		torch.WithDispatch(mode("b"), func() {
			x.Exp()
			trace = append(trace, "-")
			assert.Equal(t, []float32{-1, -1}, torch.ToSlice[float32](x.Neg()))
		})
		trace = append(trace, "-")
		x.Exp()
	})
	x.Exp()
	assert.Equal(t, []string{"b exp", "a exp", "-", "b neg", "a mul.Tensor", "-", "a exp"}, trace)

	trace = nil
	torch.WithDispatch(mode("a"), func() {
		torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) (results []any) {
			torch.WithDispatch(mode("c"), func() { results = call.Run() }) // in the place of this one
			return results
		}), func() { x.Exp() })
	})
	assert.Equal(t, []string{"c exp", "a exp"}, trace)
}

func TestDispatchErrors(t *testing.T) {
	x := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	for want, results := range map[string][]any{
		"aten::exp: the dispatch mode torch_test.dispatcher returned 0 results, but the operator gives 1":                     nil,
		"aten::exp: the dispatch mode torch_test.dispatcher returned 2 results, but the operator gives 1":                     {x, x},
		"aten::exp: the dispatch mode torch_test.dispatcher returned string for result 0, which is of type 'Tensor'":          {"x"},
		"aten::exp: the dispatch mode torch_test.dispatcher returned []*torch.Tensor for result 0, which is of type 'Tensor'": {[]*torch.Tensor{x}},
		"aten::exp: result 0 of a dispatch mode is closed":                                                                    {new(torch.Tensor)},
	} {
		err := torch.Try(func() {
			torch.WithDispatch(dispatcher(func(*torch.DispatchCall) []any { return results }), func() { x.Exp() })
		})
		assert.ErrorContains(t, err, want)
	}
	run := func(args ...any) error {
		return torch.Try(func() {
			torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) []any {
				call.Args = args
				return call.Run()
			}), func() { x.Exp() })
		})
	}
	assert.ErrorContains(t, run(), "aten::exp: expected 1 arguments, but a dispatch mode gave 0")
	assert.ErrorContains(t, run("x"), "aten::exp: expected a value of type 'Tensor' for argument 'self', but got string")
	assert.ErrorContains(t, torch.Try(func() { torch.WithDispatch(nil, func() {}) }), "torch.WithDispatch: the mode is nil")
	assert.ErrorContains(t, torch.Try(func() { torch.WithDispatch(dispatcher(nil), nil) }), "torch.WithDispatch: the function is nil")
	assert.ErrorContains(t, torch.Try(func() { seenBy(func() { torch.Ones([]int{2}).Matmul(torch.Ones([]int{3})) }) }), "inconsistent tensor size")
	assert.Empty(t, seenBy(func() {}), "and all of them are out of force")
	assert.Equal(t, []string{"exp"}, seenBy(func() { x.Exp() }))
}

// A panic of a mode goes on in the function that called the operator, whatever it is.
func TestDispatchPanics(t *testing.T) {
	x := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	failing := func(name string, v any) torch.DispatchMode {
		return dispatcher(func(call *torch.DispatchCall) []any {
			if call.Op.Name() == name {
				panic(v)
			}
			return call.Run()
		})
	}
	assert.PanicsWithValue(t, "no exp", func() { torch.WithDispatch(failing("aten::exp", "no exp"), func() { x.Exp() }) })
	assert.PanicsWithValue(t, 5, func() { torch.WithDispatch(failing("aten::ones_like", 5), func() { x.Exp().Sum().Backward() }) })
	want := torch.Errorf("mode", torch.ValueError, "no mul")
	torch.WithDispatch(failing("aten::mul.Tensor", want), func() {
		assert.Same(t, want, torch.Try(func() { x.Exp().Sum().Backward() }))
		x.Exp()
	})
	x.Exp().Sum().Backward()
	assert.Len(t, torch.ToSlice[float32](x.Grad()), 2)
}

// Only the goroutine that is in a mode is seen, and nothing is left of modes.
func TestDispatchGoroutines(t *testing.T) {
	before := cgotorch.Funcs()
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			x := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
			defer x.Close()
			for range 20 {
				if i%2 == 0 {
					x.Exp().Sum().Close()
					continue
				}
				var names []string
				torch.Scope(func() {
					names = seenBy(func() {
						done := make(chan bool)
						go func() {
							x.Sin().Close()
							close(done)
						}()
						<-done
						x.Exp().Sum().Backward()
					})
				})
				assert.Equal(t, []string{"exp", "sum", "ones_like", "expand", "mul.Tensor"}, names[:5])
			}
		})
	}
	wait.Wait()
	assert.Equal(t, before, cgotorch.Funcs())
	assert.False(t, cgotorch.Dispatching())
}

// The goroutine may end in a mode, also where libtorch holds a node's lock.
func TestDispatchGoexit(t *testing.T) {
	before := cgotorch.Funcs()
	x := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	y := x.Exp().Sum()
	for _, name := range []string{"aten::sin", "aten::mul.Tensor", "aten::ones_like"} {
		if name == "aten::mul.Tensor" && torchtest.Old() {
			continue // it does not say which node's lock is held
		}
		for _, inner := range []bool{false, true} {
			done := make(chan bool)
			quit := dispatcher(func(call *torch.DispatchCall) []any {
				if call.Op.Name() == name {
					runtime.Goexit()
				}
				return call.Run()
			})
			look := dispatcher(func(call *torch.DispatchCall) []any { return call.Run() })
			go func() {
				defer close(done)
				torch.WithDispatch(quit, func() {
					f := func() {
						y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
						x.Sin()
					}
					if inner {
						torch.WithDispatch(look, f)
					} else {
						f()
					}
				})
				t.Error("it returned")
			}()
			<-done
			y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
		}
	}
	assert.False(t, cgotorch.Dispatching())
	assert.LessOrEqual(t, cgotorch.Funcs()-before, 12, "those in frames that were left behind")
}

// reader is a mode that notes what reads tensors.
type reader struct {
	dispatcher
	reads  []string
	refuse string
}

func (r *reader) ReadHost(what string, x *torch.Tensor) {
	r.reads = append(r.reads, fmt.Sprintf("%s %v", what, x.Shape()))
	if what == r.refuse {
		panic(torch.Errorf(what, torch.RuntimeError, "no reading"))
	}
	_ = torch.ToSlice[int](x) // which this mode does not see
}

func TestDispatchHostReader(t *testing.T) {
	look := func(call *torch.DispatchCall) []any { return call.Run() }
	inner, outer := &reader{dispatcher: look}, &reader{dispatcher: look}
	x := torch.FromSlice([]int{1, 2, 3})
	torch.WithDispatch(outer, func() {
		torch.WithDispatch(inner, func() {
			torch.ToSlice[int](x)
			torch.CopyToSlice(make([]int, 3), x)
			assert.Equal(t, "tensor([1, 2, 3])", x.String())
			require.NoError(t, torch.SaveTo(x, new(bytes.Buffer)))
			internals.Memory(x)
			_ = x.Shape()
			done := make(chan bool)
			go func() { torch.ToSlice[int](x); close(done) }()
			<-done
		})
	})
	torch.ToSlice[int](x)
	want := []string{"torch.ToSlice [3]", "torch.CopyToSlice [3]", "torch.Tensor.String [3]", "torch.Save [3]", "torch.Memory [3]"}
	assert.Equal(t, want, inner.reads)
	assert.Subset(t, outer.reads, want)

	inner.refuse = "torch.ToSlice"
	err := torch.Try(func() { torch.WithDispatch(inner, func() { torch.ToSlice[int](x) }) })
	assert.EqualError(t, err, "torch.ToSlice: no reading")
	assert.Equal(t, []int{1, 2, 3}, torch.ToSlice[int](x))
}

// Functions of the seam that run operators but may not call Go are not seen, and work.
func TestDispatchQuietCalls(t *testing.T) {
	large := make([]float64, 1<<18)
	large[7] = 3
	names := seenBy(func() {
		x := torch.FromSlice(large, 512, 512)
		assert.Equal(t, 3.0, torch.ToSlice[float64](x.T())[7*512])
	})
	assert.Equal(t, []string{"t"}, names)
}

// The tensors of a scoped mode's calls are closed, but for those that were kept.
func TestDispatchScoped(t *testing.T) {
	var kept, closed *torch.Tensor
	x := torch.Ones([]int{2})
	torchtest.Leaks(t, func() {
		torch.Scope(func() {
			torch.WithDispatch(dispatcher(func(call *torch.DispatchCall) []any {
				kept, closed = call.Args[0].(*torch.Tensor).Keep(), call.Args[0].(*torch.Tensor).Exp()
				return call.Run()
			}), func() {
				assert.Equal(t, []float32{-1, -1}, torch.ToSlice[float32](x.Neg()))
			}, torch.DispatchOptions{Scoped: true})
		})
		assert.True(t, closed.IsClosed())
		assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](kept))
		kept.Close()
	})
}

// printer is a mode that prints operators.
type printer struct{}

func (printer) Dispatch(call *torch.DispatchCall) []any {
	results := call.Run()
	fmt.Println(call.Op.Name(), results[0].(*torch.Tensor).Shape())
	return results
}

func ExampleWithDispatch() {
	x := torch.Ones([]int{2, 3}, torch.TensorOptions{RequiresGrad: true})
	torch.WithDispatch(printer{}, func() { x.Exp().Sum().Backward() }, torch.DispatchOptions{Scoped: true})
	// Output:
	// aten::exp [2 3]
	// aten::sum []
	// aten::ones_like []
	// aten::expand [2 3]
	// aten::mul.Tensor [2 3]
	// aten::detach [2 3]
}

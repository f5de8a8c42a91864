package robust

import (
	"math"
	"runtime"
	"testing"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func init() {
	children["failed allocation"] = failedAllocation
	children["size beyond memory"] = sizeBeyondMemory
	children["kept context"] = keptContext
	children["hook's number"] = hooksNumber
	children["unpack nil"] = unpackNil
	children["bools"] = bools
	children["nodes"] = nodes
	children["zero values"] = zeroValues
	children["enumerations"] = enumerations
	children["recursion"] = recursion
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// failedAllocation calls operators that write to an argument and cannot get memory
// for it. A second call would find the size right that the first one had set.
func failedAllocation() {
	huge := 1 << 40
	for name, args := range map[string][]any{
		"aten::zeros.out":           {[]int{huge}},
		"aten::ones.out":            {[]int{huge}},
		"aten::full.out":            {[]int{huge}, 1},
		"aten::eye.out":             {huge},
		"aten::linspace.out":        {0, 1, huge},
		"aten::arange.out":          {huge},
		"aten::randint.out":         {10, []int{huge}},
		"aten::empty.out":           {[]int{huge}},
		"aten::rand.out":            {[]int{huge}},
		"aten::repeat.out":          {torch.Ones([]int{1}), []int{huge}},
		"aten::expand_copy.out":     {torch.Ones([]int{1}), []int{huge}},
		"aten::new_zeros.out":       {torch.Ones([]int{1}), []int{huge}},
		"aten::constant_pad_nd":     {torch.Ones([]int{1}), []int{0, huge}},
		"aten::tril_indices.out":    {1 << 30, 1 << 10},
		"aten::hann_window.out":     {huge},
		"aten::randperm.out":        {huge},
		"aten::logspace.out":        {0, 1, huge},
		"aten::bartlett_window":     {huge},
		"aten::constant_pad_nd.out": {torch.Ones([]int{1}), []int{0, huge}},
	} {
		op, err := torch.Op(name)
		if err != nil {
			continue // an older libtorch
		}
		kwargs := map[string]any{}
		out := torch.Arange(0, 3, 1, torch.TensorOptions{DType: torch.Float32})
		if name[len(name)-4:] == ".out" {
			kwargs["out"] = out
		}
		_, err = op.Call(args, kwargs)
		if err == nil {
			panic(name + " says nil")
		}
	}
	x := torch.Arange(0, 3, 1)
	_, err := must(torch.Op("aten::resize_")).Call([]any{x, []int{huge}}, nil)
	expect("resize_", err != nil, true)
	expectError(torch.OutOfMemoryError, "allocate", func() { torch.Zeros([]int{huge}) })
}

func TestFailedAllocationIsNotRepeated(t *testing.T) { survives(t, "failed allocation") }

// sizeBeyondMemory asks for sizes around 2^63 bytes and above.
func sizeBeyondMemory() {
	for _, size := range [][]int{{math.MaxInt}, {math.MaxInt, 2}, {1 << 62}, {1 << 61, 3}, {1 << 32, 1 << 31}, {1 << 32, 1 << 32}} {
		for _, dtype := range []torch.DType{torch.QInt8, torch.Uint8, torch.Float32, torch.Complex128} {
			expect("an error", torch.Try(func() { torch.Empty(size, torch.TensorOptions{DType: dtype}) }) != nil, true)
			expect("an error", torch.Try(func() { torch.Ones(size, torch.TensorOptions{DType: dtype}) }) != nil, true)
		}
	}
}

func TestSizeBeyondMemory(t *testing.T) { survives(t, "size beyond memory") }

// keeper keeps the context of Backward.
type keeper struct {
	kept   *autograd.Context
	inside []float32
}

func (k *keeper) Forward(ctx *autograd.Context, in ...*torch.Tensor) []*torch.Tensor {
	ctx.SaveForBackward(in[0])
	return []*torch.Tensor{in[0].Mul(2)}
}

func (k *keeper) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	k.kept = ctx
	done := make(chan []float32)
	go func() { done <- torch.ToSlice[float32](ctx.SavedTensors()[0]) }()
	k.inside = <-done
	return []*torch.Tensor{grads[0].Mul(2)}
}

func keptContext() {
	for _, retain := range []bool{false, true} {
		x := torch.FromSlice([]float32{1, 2, 3}).SetRequiresGrad(true)
		k := &keeper{}
		y := autograd.Apply1(k, x)
		s := y.Sum()
		s.Backward(torch.BackwardOptions{RetainGraph: &retain})
		expect("saved, in another goroutine", k.inside, []float32{1, 2, 3})
		if retain {
			expect("saved", torch.ToSlice[float32](k.kept.SavedTensors()[0]), []float32{1, 2, 3})
		}
		s.Close()
		y.Close()
		x.Close()
		torchtest.Settled()
		for range 1000 {
			torch.Ones([]int{3})
		}
		expectError(torch.RuntimeError, "Trying to backward through the graph a second time", func() { k.kept.SavedTensors() })
	}
}

func TestContextKeptAfterBackward(t *testing.T) { survives(t, "kept context") }

// graphs are small graphs whose last node's derivative reads what it is given.
var graphs = map[string]func(x *torch.Tensor) *torch.Tensor{
	"BatchNorm": func(x *torch.Tensor) *torch.Tensor {
		return F.BatchNorm(x, nil, nil, F.BatchNormOptions{Training: true})
	},
	"LayerNorm": func(x *torch.Tensor) *torch.Tensor { return F.LayerNorm(x, []int{3}) },
	"Cat":       func(x *torch.Tensor) *torch.Tensor { return torch.Cat([]*torch.Tensor{x, x}, 0) },
	"Stack":     func(x *torch.Tensor) *torch.Tensor { return torch.Stack([]*torch.Tensor{x, x}, 0) },
	"Mul":       func(x *torch.Tensor) *torch.Tensor { return x.Mul(x) },
	"MaxDim":    func(x *torch.Tensor) *torch.Tensor { values, _ := torch.MaxDim(x, 1); return values },
	"Mm":        func(x *torch.Tensor) *torch.Tensor { return x.Mm(x.T()) },
	"Softmax":   func(x *torch.Tensor) *torch.Tensor { return x.Softmax(1) },
}

func hooksNumber() {
	one := func(shape ...int) *torch.Tensor { return torch.Ones(shape) }
	for name, graph := range graphs {
		_ = name
		for _, given := range []struct {
			words string
			list  func(old []*torch.Tensor) []*torch.Tensor
		}{
			{"incorrect number of values (got 0", func([]*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{} }},
			{"incorrect number of values (got 50", func([]*torch.Tensor) []*torch.Tensor {
				list := make([]*torch.Tensor, 50)
				for i := range list {
					list[i] = one(4, 3)
				}
				return list
			}},
			{"has changed the size of value", func(old []*torch.Tensor) []*torch.Tensor { return replace(old, one(0)) }},
			{"has changed the size of value", func(old []*torch.Tensor) []*torch.Tensor { return replace(old, one(1)) }},
			{"has changed the type of value", func(old []*torch.Tensor) []*torch.Tensor {
				return replace(old, torch.ZerosLike(old[0], torch.TensorOptions{DType: torch.Int64}))
			}},
			{"has changed the type of value", func(old []*torch.Tensor) []*torch.Tensor {
				return replace(old, torch.ZerosLike(old[0], torch.TensorOptions{Device: torch.Meta}))
			}},
		} {
			fresh := func() *torch.Tensor { return graph(torch.Rand([]int{4, 3}).SetRequiresGrad(true)) }
			y := fresh()
			y.GradFn().RegisterPrehook(given.list)
			expectError(torch.RuntimeError, given.words, func() { y.Sum().Backward() })
			y = fresh()
			y.GradFn().RegisterHook(func(in, _ []*torch.Tensor) []*torch.Tensor { return given.list(in) })
			expectError(torch.RuntimeError, given.words, func() { y.Sum().Backward() })
		}
	}
	x := torch.Rand([]int{4, 3}).SetRequiresGrad(true)
	y := x.Mul(2)
	y.GradFn().NextFunctions()[0].Node.RegisterHook(func(_, out []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{out[0], out[0]}
	})
	expectError(torch.RuntimeError, "incorrect number of values (got 2, but expected 0)", func() { y.Sum().Backward() })

	// What fits is taken, and nil is no gradient.
	x = torch.Ones([]int{2}).SetRequiresGrad(true)
	y = x.Mul(3)
	y.GradFn().RegisterPrehook(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{in[0].Mul(10)} })
	y.Sum().Backward()
	expect("the gradient", torch.ToSlice[float32](x.Grad()), []float32{30, 30})
}

// replace returns the list with another first tensor.
func replace(old []*torch.Tensor, first *torch.Tensor) []*torch.Tensor {
	return append([]*torch.Tensor{first}, old[1:]...)
}

func TestHooksGradientsAreChecked(t *testing.T) { survives(t, "hook's number") }

func unpackNil() {
	for nth := range 4 {
		for _, bad := range []struct {
			words string
			kind  torch.ErrorKind
			give  func(x *torch.Tensor) *torch.Tensor
		}{
			{"unpack_hook expected to be a Tensor", torch.TypeError, func(*torch.Tensor) *torch.Tensor { return nil }},
			{"unpack_hook must have the size", torch.RuntimeError, func(*torch.Tensor) *torch.Tensor { return torch.Ones([]int{0}) }},
			{"unpack_hook must have the size", torch.RuntimeError, func(x *torch.Tensor) *torch.Tensor { return x.To(torch.Int8) }},
		} {
			x := torch.Rand([]int{4, 3}).SetRequiresGrad(true)
			count := 0
			var y *torch.Tensor
			autograd.SavedTensorsHooks(
				func(x *torch.Tensor) *torch.Tensor { return x },
				func(x *torch.Tensor) *torch.Tensor {
					if count++; count == nth+1 {
						return bad.give(x)
					}
					return x
				},
				func() { y = F.BatchNorm(x, nil, nil, F.BatchNormOptions{Training: true}).Sum() })
			if err := torch.Try(func() { y.Backward() }); count > nth {
				expectError(bad.kind, bad.words, func() { panic(err) })
			}
		}
	}
}

func TestUnpackHookIsChecked(t *testing.T) { survives(t, "unpack nil") }

// bools reads bools whose bytes are neither 0 nor 1.
func bools() {
	raw := make([]byte, 16)
	for i := range raw {
		raw[i] = byte(i)
	}
	x := torch.FromSlice(raw).ViewDType(torch.Bool)
	want := make([]bool, 16)
	for i := range want {
		want[i] = i != 0
	}
	into := make([]bool, 16)
	torch.CopyToSlice(into, x)
	for _, got := range [][]bool{torch.ToSlice[bool](x), into, torch.ToSlice[bool](x.Reshape(4, 4).T().T())} {
		expect("bools", got, want)
		seen := map[bool]int{}
		for _, b := range got {
			seen[b]++
		}
		expect("keys", seen, map[bool]int{false: 1, true: 15})
	}
	expect("an element", x.Narrow(0, 7, 1).Bool(), true)
	expect("an element", x.Narrow(0, 7, 1).Int(), 1)
}

func TestBoolsAreZeroOrOne(t *testing.T) { survives(t, "bools") }

// nodes asks for nodes of graphs beside small objects that stay.
func nodes() {
	var kept []*int64
	x := torch.Ones([]int{1 << 18}).SetRequiresGrad(true)
	before := cgotorch.LiveBytes()
	for range 200 {
		y := x.Exp()
		y.GradFn().Name()
		kept = append(kept, new(int64))
	}
	torchtest.Settled()
	if left := cgotorch.LiveBytes() - before; left > 20<<20 {
		expect("bytes left", left, 0)
	}
	runtime.KeepAlive(kept)
}

func TestNodesAreCollected(t *testing.T) { survives(t, "nodes") }

// zeroValues uses zero values before anything has loaded libtorch.
func zeroValues() {
	var z torch.Tensor
	for _, f := range []func(){
		func() { z.Shape() }, func() { z.Dim() }, func() { z.DType() }, func() { z.Size(0) }, func() { z.Grad() },
		func() { z.SetGrad(nil) }, func() { z.GradFn() }, func() { torch.ToSlice[float32](&z) },
		func() { z.RegisterHook(nil) }, func() { z.Layout() }, func() { _ = z.IsLeaf() },
	} {
		expectError(torch.ClosedError, "the tensor is closed", f)
	}
	expect("closed", z.IsClosed(), true)
	z.Close()
	var g torch.Generator
	for _, f := range []func(){
		func() { g.State() }, func() { g.ManualSeed(1) }, func() { g.InitialSeed() }, func() { g.SetState(&z) },
	} {
		expectError(torch.TypeError, "the generator is nil", f)
	}
	var n torch.Node
	for range 2 {
		for _, f := range []func(){
			func() { n.Name() }, func() { n.NextFunctions() }, func() { n.RegisterHook(nil) }, func() { n.Key() },
		} {
			expectError(torch.TypeError, "the node is nil", f)
		}
		torch.Ones([]int{1}) // loads libtorch
	}
	expectError(torch.ClosedError, "argument 'self' is closed", func() { z.Add(1) })
	expectError(torch.TypeError, "the tensor is nil", func() { (*torch.Tensor)(nil).Grad() })
	expectError(torch.TypeError, "the tensor is nil", func() { (*torch.Tensor)(nil).SetGrad(nil) })
	expectError(torch.TypeError, "the tensor is nil", func() { (*torch.Tensor)(nil).IsClosed() })
}

func TestZeroValues(t *testing.T) { survives(t, "zero values") }

// enumerations passes numbers that no dtype, layout or memory format has.
func enumerations() {
	x := torch.Ones([]int{2})
	for d := range 256 {
		_ = torch.Try(func() { torch.PromoteTypes(torch.DType(d), torch.Float32) })
		_ = torch.Try(func() { torch.Empty([]int{1}, torch.TensorOptions{DType: torch.DType(d)}) })
		_ = torch.Try(func() { torch.Empty([]int{1}, torch.TensorOptions{Layout: torch.Layout(d)}) })
		_ = torch.Try(func() { x.To(torch.DType(d)) })
		for _, name := range []string{"aten::clone", "aten::empty_like", "aten::contiguous"} {
			_, _ = must(torch.Op(name)).Call([]any{x}, map[string]any{"memory_format": torch.MemoryFormat(d)})
		}
	}
	expectError(torch.TypeError, "is no dtype", func() { torch.PromoteTypes(torch.DType(200), torch.Float32) })
	expectError(torch.TypeError, "is no dtype", func() { torch.Empty([]int{1}, torch.TensorOptions{DType: torch.DType(200)}) })
	expectError(torch.TypeError, "is no dtype", func() { x.ViewDType(torch.DType(48)) })
	expect("promoted", torch.PromoteTypes(torch.Int8, torch.Float32), torch.Float32)

	size := torch.NewOperator("aten::size.int(Tensor self, int dim) -> int")
	expectError(torch.TypeError, "does not give one tensor", func() {
		var c torch.Call
		c.Tensor(x)
		c.Int(0)
		c.One(size)
	})
	split := torch.NewOperator("aten::unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]")
	expectError(torch.TypeError, "does not give one tensor", func() {
		var c torch.Call
		c.Tensor(x)
		c.One(split)
	})
	expectError(torch.TypeError, "another type", func() {
		var c torch.Call
		c.Tensor(x)
		c.Int(0)
		r := c.Results(size)
		r.Tensor()
	})
	for _, index := range []int{256, 300, 128, -2, math.MinInt} {
		expectError(torch.RuntimeError, "Device index", func() { torch.CUDA(index) })
	}
	for _, threads := range []int{0, -1, 1<<32 + 2, 1 << 31, 100000} {
		expectError(torch.ValueError, "threads", func() { torch.SetNumThreads(threads) })
		expectError(torch.ValueError, "threads", func() { torch.WithNumThreads(threads, func() {}) })
	}
}

func TestMadeUpNumbers(t *testing.T) { survives(t, "enumerations") }

// recursion calls recorded operators within their own hooks.
func recursion() {
	x := torch.Ones([]int{1}).SetRequiresGrad(true)
	depth, deepest := 0, 0
	pack := func(saved *torch.Tensor) *torch.Tensor {
		depth++
		deepest = max(deepest, depth)
		torch.EnableGrad(func() { x.Exp() })
		depth--
		return saved
	}
	expectError(torch.RuntimeError, "maximum recursion depth exceeded", func() {
		autograd.SavedTensorsHooks(pack, func(x *torch.Tensor) *torch.Tensor { return x }, func() { x.Exp() })
	})
	expect("depth", deepest, 1000)
	expect("an operator afterwards", x.Add(1).Item(), 2.0)
}

func TestRecursionIsBounded(t *testing.T) { survives(t, "recursion") }

package cgotorch_test

import (
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// vector makes a tensor that the test frees.
func vector(t *testing.T, values ...float32) cgotorch.Handle {
	t.Helper()
	h, scope, err := cgotorch.FromData(unsafe.Pointer(unsafe.SliceData(values)), 4*len(values), []int{len(values)}, 6)
	require.Nil(t, err)
	assert.Zero(t, scope)
	return keep(t, h)
}

func keep(t *testing.T, h cgotorch.Handle) cgotorch.Handle {
	t.Cleanup(func() { cgotorch.Free([]cgotorch.Handle{h}) })
	return h
}

// values reads a tensor of floats.
func values(t *testing.T, h cgotorch.Handle) []float32 {
	t.Helper()
	elements, data, n, err := cgotorch.Elements(h, 6)
	require.Nil(t, err)
	defer cgotorch.Free([]cgotorch.Handle{elements})
	return append([]float32{}, unsafe.Slice((*float32)(data), n)...)
}

// call makes a call that gives one tensor.
func call(t *testing.T, schema string, arguments func(a *cgotorch.Args)) cgotorch.Handle {
	t.Helper()
	var a cgotorch.Args
	arguments(&a)
	h, _, err := cgotorch.NewOp(schema).Call1(&a, 0)
	require.Nil(t, err, "%v", err)
	return keep(t, h)
}

func TestArgumentsByName(t *testing.T) {
	x, y := vector(t, 5, 7), vector(t, 1, 2)
	swapped := call(t, "aten::sub.Tensor(Tensor other, Tensor self) -> Tensor", func(a *cgotorch.Args) {
		a.Tensor(y)
		a.Tensor(x)
	})
	assert.Equal(t, []float32{4, 5}, values(t, swapped), "by name, whatever the order")
}

// TestArgumentsOfAnotherVersion calls an operator with a parameter that this
// libtorch lacks: it works at the default value and names the parameter else.
func TestArgumentsOfAnotherVersion(t *testing.T) {
	x := vector(t, -1, 1)
	op := cgotorch.NewOp("aten::relu(Tensor self, *, int[2] stride=[1, 1], float scale=0.5, str? mode=None, bool fast=False, int extra=3) -> Tensor")
	for name, c := range map[string]struct {
		arguments func(a *cgotorch.Args)
		lacks     string
	}{
		"left out":       {func(*cgotorch.Args) {}, ""},
		"defaults":       {func(a *cgotorch.Args) { a.Default(); a.Default(); a.None() }, ""},
		"equal defaults": {func(a *cgotorch.Args) { a.Ints([]int{1, 1}); a.Float(0.5); a.None(); a.Bool(false); a.Int(3) }, ""},
		"an int":         {func(a *cgotorch.Args) { a.Default(); a.Default(); a.Default(); a.Default(); a.Int(4) }, "extra"},
		"a float":        {func(a *cgotorch.Args) { a.Default(); a.Float(0.25) }, "scale"},
		"a bool":         {func(a *cgotorch.Args) { a.Default(); a.Default(); a.Default(); a.Bool(true) }, "fast"},
		"a list":         {func(a *cgotorch.Args) { a.Ints([]int{1, 2}) }, "stride"},
		"a string":       {func(a *cgotorch.Args) { a.Default(); a.Default(); a.String("x") }, "mode"},
	} {
		t.Run(name, func(t *testing.T) {
			var a cgotorch.Args
			a.Tensor(x)
			c.arguments(&a)
			h, _, err := op.Call1(&a, 0)
			if c.lacks == "" {
				require.Nil(t, err, "%v", err)
				assert.Equal(t, []float32{0, 1}, values(t, keep(t, h)))
				return
			}
			require.NotNil(t, err)
			assert.Equal(t, cgotorch.KindUnsupported, err.Kind)
			assert.Contains(t, err.Message, "argument '"+c.lacks+"' of aten::relu is not in libtorch "+cgotorch.Version())
		})
	}
}

func TestUnknownOperator(t *testing.T) {
	op := cgotorch.NewOp("aten::no_such_op(Tensor self) -> Tensor")
	assert.False(t, op.Supported())
	assert.Equal(t, "aten::no_such_op", op.Name())
	var a cgotorch.Args
	_, _, err := op.Call1(&a, 0)
	require.NotNil(t, err)
	assert.Contains(t, err.Error(), "aten::no_such_op is not in libtorch "+cgotorch.Version())
	for _, bad := range []string{"", "aten::relu", "aten::relu(Tensor self"} {
		_, err := cgotorch.NewOp(bad).Call(&a, 0)
		require.NotNil(t, err)
		assert.Contains(t, err.Message, "not an operator schema")
	}
	assert.True(t, cgotorch.NewOp("aten::relu(Tensor self) -> Tensor").Supported())
}

func TestRefusedArguments(t *testing.T) {
	x := vector(t, 1)
	op := cgotorch.NewOp("aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor")
	for words, arguments := range map[string]func(a *cgotorch.Args){
		"argument 'self' is missing":                       func(*cgotorch.Args) {},
		"argument 'dim' is missing":                        func(a *cgotorch.Args) { a.Tensor(x) },
		"argument 'dim' must be a int, not a str":          func(a *cgotorch.Args) { a.Tensor(x); a.String("0") },
		"argument 'dim' must be a int, not a float":        func(a *cgotorch.Args) { a.Tensor(x); a.Float(0) },
		"argument 'self' must be a Tensor, not a str":      func(a *cgotorch.Args) { a.String("x") },
		"argument 'self' is closed":                        func(a *cgotorch.Args) { a.Tensor(0); a.Int(0) },
		"argument 'dim' must be a int, not a dict":         func(a *cgotorch.Args) { a.Tensor(x); a.Dict(1); a.String("k"); a.Tuple(1); a.None() },
		"argument 'dim' must be a int, not a tuple":        func(a *cgotorch.Args) { a.Tensor(x); a.Tuple(0) },
		"too many arguments":                               func(a *cgotorch.Args) { a.Tensor(x); a.Int(0); a.None(); a.Int(1) },
		"argument 'dtype' must be a int, not a list":       func(a *cgotorch.Args) { a.Tensor(x); a.Int(0); a.List(0) },
		"argument 'self' is nil, but a Tensor is required": func(a *cgotorch.Args) { a.None() },
	} {
		var a cgotorch.Args
		arguments(&a)
		_, _, err := op.Call1(&a, 0)
		if assert.NotNil(t, err, words) {
			assert.Contains(t, err.Message, words)
		}
	}
}

func TestEveryArgumentKind(t *testing.T) {
	x := vector(t, 1, 2, 3)
	t.Run("str and Tensor[]", func(t *testing.T) {
		h := call(t, "aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor", func(a *cgotorch.Args) {
			a.String("i,j->ij") // more than a word
			a.List(2)
			a.Tensor(x)
			a.Tensor(x)
		})
		assert.Equal(t, []float32{1, 2, 3, 2, 4, 6, 3, 6, 9}, values(t, h))
	})
	t.Run("Tensor?[]", func(t *testing.T) {
		m := call(t, "aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)", func(a *cgotorch.Args) { a.Tensor(x); a.Ints([]int{1, 3}) })
		index := call(t, "aten::full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None) -> Tensor", func(a *cgotorch.Args) { a.Ints([]int{1}); a.Int(2) })
		h := call(t, "aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", func(a *cgotorch.Args) {
			a.Tensor(m)
			a.List(2)
			a.None()
			a.Tensor(index)
		})
		assert.Equal(t, []float32{3}, values(t, h))
	})
	t.Run("complex, dtype and device", func(t *testing.T) {
		h := call(t, "aten::full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
			func(a *cgotorch.Args) {
				a.Ints([]int{1})
				a.Complex(2 - 1i)
				a.Int(10)
				a.Int(0)
				a.Device(0, -1)
				a.Bool(false)
			})
		var info cgotorch.Info
		require.Nil(t, cgotorch.TensorInfo(h, &info))
		assert.Equal(t, int32(10), info.DType())
		elements, data, n, err := cgotorch.Elements(h, 10)
		require.Nil(t, err)
		keep(t, elements)
		require.Equal(t, 1, n)
		assert.Equal(t, 2-1i, *(*complex128)(data))
	})
	t.Run("float[] and one int for int[2]", func(t *testing.T) {
		image := call(t, "aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)", func(a *cgotorch.Args) { a.Tensor(x); a.Ints([]int{1, 1, 1, 3}) })
		h := call(t, "aten::upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
			func(a *cgotorch.Args) { a.Tensor(image); a.None(); a.Floats([]float64{1, 2}) })
		assert.Equal(t, []float32{1, 1, 2, 2, 3, 3}, values(t, h))
		pooled := call(t, "aten::avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0) -> Tensor",
			func(a *cgotorch.Args) { a.Tensor(image); a.Int(1); a.Int(2) })
		assert.Equal(t, []float32{1, 3}, values(t, pooled))
	})
	t.Run("Scalar[]", func(t *testing.T) {
		var a cgotorch.Args
		a.List(2)
		a.Tensor(x)
		a.Tensor(x)
		a.List(2)
		a.Int(1)
		a.Float(0.5)
		r, err := cgotorch.NewOp("aten::_foreach_add.ScalarList(Tensor[] self, Scalar[] scalars) -> Tensor[]").Call(&a, 0)
		require.Nil(t, err, "%v", err)
		require.Equal(t, 2, r.TakeList())
		assert.Equal(t, []float32{2, 3, 4}, values(t, keep(t, r.TakeTensor())))
		assert.Equal(t, []float32{1.5, 2.5, 3.5}, values(t, keep(t, r.TakeTensor())))
		assert.True(t, r.Done())
	})
	t.Run("storage", func(t *testing.T) {
		storage, err := cgotorch.StorageOf(x)
		require.Nil(t, err)
		defer cgotorch.FreeStorage(storage)
		empty := vector(t)
		h := call(t, "aten::set_.source_Storage_storage_offset(Tensor(a!) self, Storage source, SymInt storage_offset, SymInt[] size, SymInt[] stride=[]) -> Tensor(a!)",
			func(a *cgotorch.Args) { a.Tensor(empty); a.Storage(storage); a.Int(1); a.Ints([]int{2}) })
		assert.Equal(t, []float32{2, 3}, values(t, h), "the same memory")
	})
	t.Run("generator", func(t *testing.T) {
		draw := func() []float32 {
			g, err := cgotorch.NewGenerator(0, -1)
			require.Nil(t, err)
			defer cgotorch.FreeGenerator(g)
			require.Nil(t, cgotorch.SetSeed(g, 1))
			return values(t, call(t, "aten::rand.generator(SymInt[] size, *, Generator? generator) -> Tensor",
				func(a *cgotorch.Args) { a.Ints([]int{3}); a.Generator(g) }))
		}
		assert.Equal(t, draw(), draw())
	})
	t.Run("a number for a Tensor", func(t *testing.T) {
		h := call(t, "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
			func(a *cgotorch.Args) { a.Tensor(x); a.Float(0.5) })
		assert.Equal(t, []float32{1.5, 2.5, 3.5}, values(t, h))
	})
}

func TestEveryResultKind(t *testing.T) {
	x := vector(t, 1, 2, 3)
	ask := func(schema string, arguments func(a *cgotorch.Args)) cgotorch.Results {
		var a cgotorch.Args
		arguments(&a)
		r, err := cgotorch.NewOp(schema).Call(&a, 0)
		require.Nil(t, err, "%v", err)
		return r
	}
	r := ask("aten::equal(Tensor self, Tensor other) -> bool", func(a *cgotorch.Args) { a.Tensor(x); a.Tensor(x) })
	assert.True(t, r.TakeBool())
	r = ask("aten::size.int(Tensor self, int dim) -> int", func(a *cgotorch.Args) { a.Tensor(x); a.Int(0) })
	assert.Equal(t, int64(3), r.TakeInt())
	r = ask("aten::item(Tensor self) -> Scalar", func(a *cgotorch.Args) { a.Tensor(vector(t, 2.5)) })
	assert.Equal(t, 2.5, r.TakeFloat())
	r = ask("aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", func(a *cgotorch.Args) { a.Tensor(x); a.Int(0) })
	assert.Equal(t, []float32{3}, values(t, keep(t, r.TakeTensor())))
	assert.Equal(t, []float32{2}, values(t, keep(t, r.TakeTensor())))
	assert.True(t, r.Done())

	var a cgotorch.Args
	a.Tensor(x)
	none, err := cgotorch.NewOp("aten::relu_(Tensor(a!) self) -> Tensor(a!)").Call(&a, cgotorch.Discard)
	require.Nil(t, err)
	assert.True(t, none.Done(), "discarded")
}

func TestWords(t *testing.T) {
	long := "more than eight bytes, and Ünïcode"
	var a cgotorch.Args
	for range 30 { // past what the array holds
		a.Int(-1)
	}
	a.String(long)
	a.String("")
	a.Float(math.Inf(-1))
	r := cgotorch.ResultsOf(&a)
	for range 30 {
		assert.Equal(t, int64(-1), r.TakeInt())
	}
	assert.Equal(t, long, r.TakeString())
	assert.Equal(t, "", r.TakeString())
	assert.Equal(t, math.Inf(-1), r.TakeFloat())
	assert.True(t, r.Done())

	var b cgotorch.Args
	b.Device(1, 3)
	b.Complex(1 - 2i)
	b.List(1)
	b.None()
	r = cgotorch.ResultsOf(&b)
	kind, index := r.TakeDevice()
	assert.Equal(t, []int32{1, 3}, []int32{kind, index})
	assert.Equal(t, 1-2i, r.TakeComplex())
	assert.Equal(t, 1, r.TakeList())
	assert.Zero(t, r.TakeTensor())
	assert.Panics(t, func() {
		wrong := cgotorch.ResultsOf(&b)
		wrong.TakeInt()
	})
}

func TestFreesAreBatched(t *testing.T) {
	before := cgotorch.LiveBytes()
	const size = 2 << 20
	make2MB := func() cgotorch.Handle {
		h, _, err := cgotorch.FromData(unsafe.Pointer(unsafe.SliceData(make([]byte, size))), size, []int{size}, 0)
		require.Nil(t, err)
		return h
	}
	for range cgotorch.FreeBatch - 1 {
		cgotorch.FreeLater(make2MB())
		if cgotorch.LiveBytes() < before+size {
			break // the timer was first
		}
	}
	cgotorch.Flush()
	assert.Equal(t, before, cgotorch.LiveBytes())
	for range cgotorch.FreeBatch {
		cgotorch.FreeLater(make2MB())
	}
	assert.Eventually(t, func() bool { return cgotorch.LiveBytes() == before }, 10e9, 1e6)
	assert.GreaterOrEqual(t, cgotorch.PeakBytes(), int64(size))
}

func TestFreeSomeDropsABatch(t *testing.T) {
	cgotorch.Flush()
	const size = 1 << 10
	for range 1000 {
		before := cgotorch.LiveBytes()
		for range 2 * cgotorch.FreeBatch {
			h, _, err := cgotorch.FromData(unsafe.Pointer(unsafe.SliceData(make([]byte, size))), size, []int{size}, 0)
			require.Nil(t, err)
			cgotorch.FreeLater(h)
		}
		queued := cgotorch.LiveBytes() - before
		cgotorch.FreeSome()
		left := cgotorch.LiveBytes() - before
		cgotorch.FreeSome()
		assert.Equal(t, before, cgotorch.LiveBytes())
		cgotorch.FreeSome() // of none
		if queued == 2*cgotorch.FreeBatch*size {
			assert.Contains(t, []int64{0, cgotorch.FreeBatch * size}, left)
		}
		if left == cgotorch.FreeBatch*size {
			return
		} // else the timer was first
	}
	assert.Fail(t, "no batch was dropped alone")
}

func TestCopy(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 3<<20 + 5} {
		from, to := make([]byte, n), make([]byte, n)
		for i := range from {
			from[i] = byte(i * 7)
		}
		cgotorch.Copy(unsafe.Pointer(unsafe.SliceData(to)), unsafe.Pointer(unsafe.SliceData(from)), n)
		assert.Equal(t, from, to)
	}
}

func TestSchemas(t *testing.T) {
	list, err := cgotorch.Schemas()
	require.NoError(t, err)
	assert.Greater(t, len(list), 2000)
	assert.Contains(t, list, "aten::relu(Tensor self) -> Tensor")
}

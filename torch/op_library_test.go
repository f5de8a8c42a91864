package torch_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// onlyCUDA is the function in testdata/library that only CUDA's libraries have, of
// which the libtorch in use has none.
const onlyCUDA = "gotorch_only_cuda_has_it"

// A library that is linked to libtorch.so, and to CUDA's, as CMake and cpp_extension
// make it, loads where libtorch has none of these.
func TestLoadLibrary(t *testing.T) {
	dir := t.TempDir()
	object, path := filepath.Join(dir, "library.o"), filepath.Join(dir, "liboperators.so")
	flags := []string{"-c", filepath.Join("testdata", "library", "library.cc")}
	link := []string{"-shared", object, "-Wl,-z,lazy,--no-as-needed", "-ltorch_cpu", "-lc10", "-ltorch"}
	if _, err := os.Stat(filepath.Join(torchtest.Installation(t), "stubs", "libtorch_cuda.so")); err == nil {
		torchtest.Compile(t, object, append(flags, "-DONLY_CUDA_HAS_IT="+onlyCUDA)...)
		torchtest.Compile(t, path, link...)
		require.ErrorContains(t, torch.LoadLibrary(path), "undefined symbol: "+onlyCUDA, "it does not say that it is CUDA's")
		link = append(link, "-lc10_cuda", "-ltorch_cuda")
	} else {
		torchtest.Compile(t, object, flags...)
	}
	torchtest.Compile(t, path, link...)
	_, err := torch.Op("gotorch_test::cube")
	require.ErrorContains(t, err, "gotorch_test::cube: is not an operator of libtorch")
	require.NoError(t, torch.LoadLibrary(path))
	require.NoError(t, torch.LoadLibrary(path), "again")
	checkLibtorch(t)

	t.Run("of CUDA, too", func(t *testing.T) {
		y := call(t, "gotorch_test::twice", torch.NewTensor([]float32{1, -2, 3}))[0].(*torch.Tensor)
		assert.Equal(t, []float32{2, -4, 6}, torch.ToSlice[float32](y))
	})
	t.Run("autograd", func(t *testing.T) {
		x := torch.NewTensor([]float32{1, -2, 3}, torch.TensorOptions{RequiresGrad: true})
		y := call(t, "gotorch_test::cube", x)[0].(*torch.Tensor)
		assert.Equal(t, []float32{1, -8, 27}, torch.ToSlice[float32](y))
		assert.Contains(t, y.GradFn().Name(), "Cube")
		y.Backward(torch.BackwardOptions{Gradient: torch.NewTensor([]float32{1, 10, 100})})
		assert.Equal(t, []float32{3, 120, 2700}, torch.ToSlice[float32](x.Grad()))
	})
	t.Run("its error", func(t *testing.T) {
		op, err := torch.Op("gotorch_test::positive")
		require.NoError(t, err)
		_, err = op.Call([]any{torch.Ones([]int{2, 3})}, nil)
		var e *torch.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, torch.ValueError, e.Kind)
		assert.Equal(t, "positive wants one dimension, not 2", e.Message)
		assert.Equal(t, "gotorch_test::positive", e.Op)
		assert.Equal(t, "x Tensor[2, 3] Float cpu", e.Arguments)
	})
	t.Run("types", testEveryType)
	t.Run("types that a dispatch mode sees", func(t *testing.T) {
		names := seenBy(func() { testEveryType(t) })
		assert.Contains(t, names, "gotorch_test::echo.tensors")
		assert.Contains(t, names, "gotorch_test::echo.memory")
	})
	t.Run("a type that no dispatch mode can see", func(t *testing.T) {
		x := torch.NewTensor([]int{1, 2})
		outs := call(t, "gotorch_test::future", x)
		assert.Equal(t, []int{1, 2}, torch.ToSlice[int](outs[0].(*torch.Tensor)))
		op, err := torch.Op("gotorch_test::future")
		require.NoError(t, err)
		seenBy(func() { _, err = op.Call([]any{x}, nil) })
		assert.ErrorContains(t, err, "gotorch_test::echo.anything: argument 'a': a value of type Future cannot be given to Go, "+
			"so no dispatch mode can see the operator")
	})
}

// testEveryType passes values of every type and gets them back.
func testEveryType(t *testing.T) {
	x, y := torch.NewTensor([]int{1, 2}), torch.NewTensor([]int{3})
	outs := call(t, "gotorch_test::echo.tensors", x, nil, []*torch.Tensor{x, y}, []*torch.Tensor{nil, y}, [][]*torch.Tensor{{x}, {}, {y, y}})
	require.Len(t, outs, 5)
	assert.Equal(t, []int{1, 2}, torch.ToSlice[int](outs[0].(*torch.Tensor)))
	assert.Nil(t, outs[1].(*torch.Tensor))
	assert.Len(t, outs[2].([]*torch.Tensor), 2)
	assert.Nil(t, outs[3].([]*torch.Tensor)[0])
	assert.Equal(t, 3, outs[3].([]*torch.Tensor)[1].Int())
	nested := outs[4].([]any)
	require.Len(t, nested, 3)
	assert.Equal(t, []int{1, 2}, torch.ToSlice[int](nested[0].([]*torch.Tensor)[0]))
	assert.Empty(t, nested[1])
	assert.Len(t, nested[2], 2)

	const z = 1 - 2i
	assert.Equal(t, []any{1, nil, 2.5, nil, z, 7, nil, true},
		call(t, "gotorch_test::echo.numbers", 1, nil, 2.5, nil, z, 7, nil, true))
	assert.Equal(t, []any{-1, 3, 2.0, 0.5, complex(4, 0), z, false, false},
		call(t, "gotorch_test::echo.numbers", int8(-1), uint16(3), 2, float32(0.5), 4, complex64(z), false, false))

	assert.Equal(t, []any{[]int{1, 2}, []int{3, 4}, nil, []any{5, nil}, []float64{0.5, 2}, []bool{true}, []any{z}, []any{1, 0.5}, []any{nil, true}},
		call(t, "gotorch_test::echo.lists", []int{1, 2}, []int64{3, 4}, nil, []any{5, nil}, []any{0.5, 2}, []bool{true},
			[]complex128{z}, []any{1, 0.5}, []any{nil, true}))
	assert.Equal(t, []any{[]int{}, []int{6, 6}, []int{7}, []any{}, []float64{}, []bool{}, []any{}, []any{}, []any{}},
		call(t, "gotorch_test::echo.lists", []int{}, 6, []int{7}, []int{}, []float64{}, []bool{}, []any{}, []any{}, []any{}))

	long := "more than eight bytes, and Ünïcode"
	assert.Equal(t, []any{long, nil, []string{"a", ""}, []any{[]string{"b"}, []string{}}, `, ("`, "x=y"},
		call(t, "gotorch_test::echo.words", long, nil, []string{"a", ""}, [][]string{{"b"}, {}}))
	op, err := torch.Op("gotorch_test::echo.words")
	require.NoError(t, err)
	outs, err = op.Call([]any{"", "b", []string{}, [][]string{}}, map[string]any{"f": "F", "e": ")"})
	require.NoError(t, err)
	assert.Equal(t, []any{"", "b", []string{}, []any{}, ")", "F"}, outs)

	assert.Equal(t, []any{torch.BFloat16, nil, torch.SparseCOO, torch.ChannelsLast, torch.CPU, []any{torch.CPU}, nil},
		call(t, "gotorch_test::echo.kinds", torch.BFloat16, nil, torch.SparseCOO, torch.ChannelsLast, torch.CPU, []torch.Device{torch.CPU}))

	op, err = torch.Op("gotorch_test::echo.random")
	require.NoError(t, err)
	outs, err = op.Call([]any{torch.NewGenerator().ManualSeed(7)}, nil)
	require.NoError(t, err)
	assert.Equal(t, int64(7), outs[0].(*torch.Generator).InitialSeed())
	assert.Equal(t, torch.CPU, outs[0].(*torch.Generator).Device())

	outs = call(t, "gotorch_test::echo.memory", x.UntypedStorage())
	assert.Equal(t, 16, outs[0].(*torch.Storage).NBytes())
	assert.Equal(t, internals.StorageID(x), internals.StorageID(outs[0].(*torch.Storage).Tensor()))

	anything := map[string]any{"pair": torch.Tuple{1, nil}, "list": []any{2.5, 0.5, "s", torch.Tuple{}}, "ints": []any{1, 2}, "none": []any{},
		"numbers": map[any]any{1: true, 2: false}, "place": torch.CPU, "complex": z, "empty": map[string]any{}}
	assert.Equal(t, []any{anything}, call(t, "gotorch_test::echo.anything", anything))
	outs = call(t, "gotorch_test::echo.anything", torch.OrderedDict{{Key: 1, Value: []*torch.Tensor{x, y}}})
	assert.Equal(t, []int{1, 2}, torch.ToSlice[int](outs[0].(map[any]any)[1].([]any)[0].(*torch.Tensor)))
	assert.Equal(t, []any{nil}, call(t, "gotorch_test::echo.anything", nil))
	op, err = torch.Op("gotorch_test::echo.anything")
	require.NoError(t, err)
	itself := []any{0}
	itself[0] = itself
	deep := any(1)
	for range 101 {
		deep = torch.Tuple{deep}
	}
	for wrong, v := range map[string]any{
		"but got []interface {} that at [1]['k'] is a struct {}, which has no counterpart": []any{1, map[string]any{"k": struct{}{}}},
		"is nested more than 100 deep":                                       itself,
		"is nested more than 100 dee":                                        deep,
		"is a dict whose keys have several types, which TorchScript has not": map[any]any{1: 2, "a": 3},
		"at [1] is a int of 64 bits, which cannot be passed here":            []any{1, uint64(math.MaxUint64)},
	} {
		_, err = op.Call([]any{v}, nil)
		assert.ErrorContains(t, err, wrong)
	}

	_, err = torch.Op("gotorch_test::echo")
	assert.EqualError(t, err, "gotorch_test::echo: is no operator, but these are: gotorch_test::echo.anything, gotorch_test::echo.kinds, gotorch_test::echo.lists, "+
		"gotorch_test::echo.memory, gotorch_test::echo.numbers, gotorch_test::echo.random, gotorch_test::echo.tensors, gotorch_test::echo.words")
}

// checkLibtorch checks that the system's loader took no libtorch.so of another libtorch.
func checkLibtorch(t *testing.T) {
	t.Helper()
	provided, err := filepath.EvalSymlinks(filepath.Join(torchtest.Installation(t), "lib", "libtorch.so"))
	if err != nil {
		provided = filepath.Join(torchtest.Installation(t), "stubs", "libtorch.so")
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return // another system
	}
	for line := range strings.Lines(string(maps)) {
		path := strings.TrimSpace(line[strings.LastIndex(line, " ")+1:])
		if strings.HasPrefix(filepath.Base(path), "libtorch.so") {
			require.Equal(t, provided, path)
		}
	}
}

// torchvision's operators load and run without Python.
func TestLoadLibraryTorchvision(t *testing.T) {
	path := os.Getenv("GOTORCH_TORCHVISION")
	if path == "" {
		t.Skip("$GOTORCH_TORCHVISION names no library of torchvision; \"make torchvision\" does")
	}
	require.NoError(t, torch.LoadLibrary(path))
	boxes := torch.FromSlice([]float32{0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30, 21, 21, 31, 31, 0, 0, 9, 10}, 5, 4)
	scores := torch.NewTensor([]float32{0.5, 0.9, 0.4, 0.3, 0.8})
	for threshold, want := range map[float64][]int{0.5: {1, 2}, 0.65: {1, 4, 2}, 0.95: {1, 4, 0, 2, 3}} {
		kept := call(t, "torchvision::nms", boxes, scores, threshold)[0].(*torch.Tensor)
		assert.Equal(t, want, torch.ToSlice[int](kept), threshold)
	}
}

func TestLoadLibraryErrors(t *testing.T) {
	dir := t.TempDir()
	err := torch.LoadLibrary(filepath.Join(dir, "absent.so"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "torch.LoadLibrary: ")
	assert.ErrorContains(t, err, "absent.so")
	assert.ErrorIs(t, torch.LoadLibrary("libm.so.6"), fs.ErrNotExist, "no other folder is looked at")

	libtorch, err := cgotorch.Find()
	require.NoError(t, err)
	whole, err := os.ReadFile(libtorch.Shim)
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut.so")
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)/2], 0o755))
	assert.ErrorContains(t, torch.LoadLibrary(cut), fmt.Sprintf("cut.so is cut off: %d bytes of ", len(whole)/2))

	text := filepath.Join(dir, "text.so")
	require.NoError(t, os.WriteFile(text, []byte("no library, but longer than the header of one would be: "+long64), 0o644))
	err = torch.LoadLibrary(text)
	var e *torch.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, "torch.LoadLibrary", e.Op)
	assert.Contains(t, e.Message, "text.so: invalid ELF header")
}

const long64 = "0123456789012345678901234567890123456789012345678901234567890123"

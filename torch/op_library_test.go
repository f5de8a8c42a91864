package torch_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// buildLibrary compiles testdata/library against the libtorch in use.
func buildLibrary(t *testing.T) (path string) {
	t.Helper()
	compiler, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("g++ is not installed")
	}
	libtorch, err := cgotorch.Find()
	require.NoError(t, err)
	include := filepath.Join(libtorch.Dir, "include")
	if _, err := os.Stat(include); err != nil {
		t.Skip("this libtorch has no headers")
	}
	var about struct {
		CXX11ABI bool `json:"cxx11_abi"`
	}
	data, err := os.ReadFile(filepath.Join(libtorch.Dir, "libtorch.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &about))
	abi := "-D_GLIBCXX_USE_CXX11_ABI=0"
	if about.CXX11ABI {
		abi = "-D_GLIBCXX_USE_CXX11_ABI=1"
	}
	path = filepath.Join(t.TempDir(), "liboperators.so")
	out, err := exec.Command(compiler, "-std=c++20", "-shared", "-fPIC", abi, "-I"+include,
		"-I"+filepath.Join(include, "torch", "csrc", "api", "include"),
		filepath.Join("testdata", "library", "library.cc"), "-o", path,
		"-L"+filepath.Join(libtorch.Dir, "lib"), "-ltorch_cpu", "-lc10").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func TestLoadLibrary(t *testing.T) {
	path := buildLibrary(t)
	_, err := torch.Op("gotorch_test::cube")
	require.ErrorContains(t, err, "gotorch_test::cube: is not an operator of libtorch")
	require.NoError(t, torch.LoadLibrary(path))
	require.NoError(t, torch.LoadLibrary(path), "again")

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
	_, err = op.Call([]any{torch.NewGenerator()}, nil)
	assert.ErrorContains(t, err, "a result of type Generator cannot be given to Go")

	_, err = torch.Op("gotorch_test::echo")
	assert.EqualError(t, err, "gotorch_test::echo: is no operator, but these are: gotorch_test::echo.kinds, gotorch_test::echo.lists, "+
		"gotorch_test::echo.numbers, gotorch_test::echo.random, gotorch_test::echo.tensors, gotorch_test::echo.words")
}

func TestLoadLibraryErrors(t *testing.T) {
	dir := t.TempDir()
	err := torch.LoadLibrary(filepath.Join(dir, "absent.so"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "torch.LoadLibrary: ")
	assert.ErrorContains(t, err, "absent.so")

	text := filepath.Join(dir, "text.so")
	require.NoError(t, os.WriteFile(text, []byte("no library, but longer than the header of one would be: "+long64), 0o644))
	err = torch.LoadLibrary(text)
	var e *torch.Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, "torch.LoadLibrary", e.Op)
	assert.Contains(t, e.Message, "text.so: invalid ELF header")
}

const long64 = "0123456789012345678901234567890123456789012345678901234567890123"

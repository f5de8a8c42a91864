package gguf_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// open opens a golden file.
func open(t *testing.T, name string) *gguf.File {
	t.Helper()
	f, err := gguf.Open("testdata/files/" + name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// elements returns the elements of a tensor of a file.
func elements(t *testing.T, source interface {
	Tensor(name string) (*torch.Tensor, error)
}, name string) []float32 {
	t.Helper()
	x, err := source.Tensor(name)
	require.NoError(t, err)
	defer x.Close()
	return torch.ToSlice[float32](x)
}

// Each kind of blocks has scales that are negative, subnormal, zero, infinite and NaN.
func TestQuantizedEqualPython(t *testing.T) {
	f := open(t, "kinds.gguf")
	kinds := 0
	for _, name := range f.Names() {
		stored, found := strings.CutSuffix(name, ".want")
		if !found {
			continue
		}
		kinds++
		got, want := elements(t, f, stored), elements(t, f, name)
		require.Len(t, got, len(want))
		numbers := 0
		for i := range want {
			if math.IsNaN(float64(want[i])) {
				require.True(t, math.IsNaN(float64(got[i])), "%s[%d] is %v", stored, i, got[i])
				continue
			}
			numbers++
			require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]), "%s[%d] is %v, want %v", stored, i, got[i], want[i])
		}
		assert.Greater(t, numbers, len(want)/2, stored)
		info, err := f.Info(stored)
		require.NoError(t, err)
		wanted, err := f.Info(name)
		require.NoError(t, err)
		assert.Equal(t, gguf.Info{Format: stored, DType: torch.Float32, Shape: wanted.Shape, Bytes: info.Bytes}, info)
	}
	assert.Equal(t, 10, kinds)
}

func TestPlainTensorsAreTheFiles(t *testing.T) {
	f := open(t, "kinds.gguf")
	for name, dtype := range map[string]torch.DType{
		"float16": torch.Float16, "float32": torch.Float32, "float64": torch.Float64, "bfloat16": torch.BFloat16,
		"int8": torch.Int8, "int16": torch.Int16, "int32": torch.Int32, "int64": torch.Int64,
	} {
		x, err := f.Tensor(name)
		require.NoError(t, err)
		assert.Equal(t, []float32{0, 1, 2, 3, 4, 5}, torch.ToSlice[float32](x), name)
		info, err := f.Info(name)
		require.NoError(t, err)
		assert.Equal(t, []int{2, 3}, x.Shape(), name)
		assert.Equal(t, []int{2, 3}, info.Shape, name)
		assert.Equal(t, dtype, x.DType(), name)
		assert.Equal(t, dtype, info.DType, name)
		assert.Equal(t, 6*dtype.ItemSize(), info.Bytes, name)
		described, shape, err := f.Describe(name)
		require.NoError(t, err)
		assert.Equal(t, info.DType, described, name)
		assert.Equal(t, info.Shape, shape, name)
		x.AddInplace(1)
		assert.Equal(t, float32(1), elements(t, f, name)[0], "%s: one memory", name)
		x.Close()
	}
}

func TestMetadata(t *testing.T) {
	m := open(t, "kinds.gguf").Metadata
	for key, want := range map[string]any{
		"general.architecture": "llama", "test.string": "größer", "test.bool": true, "test.float32": float32(0.1), "test.float64": 0.1,
		"test.uint8": uint8(math.MaxUint8), "test.int8": int8(math.MaxInt8 - 1), "test.uint16": uint16(math.MaxUint16 - 2),
		"test.int16": int16(math.MaxInt16 - 3), "test.uint32": uint32(math.MaxUint32 - 4), "test.int32": int32(math.MaxInt32 - 5),
		"test.uint64": uint64(math.MaxUint64 - 6), "test.int64": int64(math.MaxInt64 - 7),
		"test.ints": []int32{1, -2, 3}, "test.floats": []float32{0.5, -0.25}, "test.bools": []bool{true, false},
		"test.strings": []string{"a", "", "Ġb"}, "test.nested": []any{[]int32{1, 2}, []int32{3, 4}},
	} {
		assert.Equal(t, want, m[key], key)
	}
	for key, want := range map[string]int{
		"test.uint8": 255, "test.int8": 126, "test.uint16": 65533, "test.int16": 32764, "test.uint32": 1<<32 - 5, "test.int32": 1<<31 - 6, "test.int64": math.MaxInt64 - 7,
	} {
		n, err := m.Int(key)
		require.NoError(t, err)
		assert.Equal(t, want, n, key)
	}
	for key, want := range map[string]float64{"test.float32": float64(float32(0.1)), "test.float64": 0.1, "test.uint8": 255} {
		x, err := m.Float(key)
		require.NoError(t, err)
		assert.Equal(t, want, x, key)
	}
	text, err := m.Text("test.string")
	require.NoError(t, err)
	assert.Equal(t, "größer", text)

	_, err = m.Int("test.uint64")
	assert.EqualError(t, err, `gguf: "test.uint64" of the metadata is 18446744073709551609, want an int`)
	_, err = m.Int("test.string")
	assert.EqualError(t, err, `gguf: "test.string" of the metadata is "größer", want an int`)
	_, err = m.Float("test.ints")
	assert.EqualError(t, err, `gguf: "test.ints" of the metadata is a []int32, want a number`)
	_, err = m.Text("test.none")
	assert.EqualError(t, err, `gguf: the metadata have no "test.none"`)
}

func TestVersions(t *testing.T) {
	for name, version := range map[string]int{"little.gguf": 3, "version2.gguf": 2} {
		f := open(t, name)
		assert.Equal(t, version, f.Version)
		assert.Equal(t, []string{"x", "y"}, f.Names())
		assert.Equal(t, []float32{1, 2}, elements(t, f, "x"))
		assert.Equal(t, []float32{3}, elements(t, f, "y"), "the alignment is 64")
	}
	_, err := gguf.Open("testdata/files/big.gguf")
	assert.EqualError(t, err, "gguf: testdata/files/big.gguf: it is in big-endian order, which is not read; convert the model again without --bigendian")
}

func TestTensorsThatCannotBeRead(t *testing.T) {
	f := open(t, "kinds.gguf")
	_, err := f.Tensor("none")
	assert.EqualError(t, err, `gguf: testdata/files/kinds.gguf has no tensor "none"`)
	_, err = f.Info("none")
	assert.ErrorContains(t, err, `no tensor "none"`)
	info, err := f.Info("IQ4_NL")
	require.NoError(t, err)
	assert.Equal(t, "IQ4_NL", info.Format)
	_, err = f.Tensor("IQ4_NL")
	assert.ErrorContains(t, err, `the tensor "IQ4_NL": its quantization, IQ4_NL, cannot be read here; llama.cpp's llama-quantize --allow-requantize makes a file of Q8_0 or F16`)
	_, err = gguf.Open(t.TempDir())
	assert.ErrorContains(t, err, "gguf: map ")
	_, err = gguf.Open("testdata/none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestClose(t *testing.T) {
	f := open(t, "kinds.gguf")
	plain, err := f.Tensor("float32")
	require.NoError(t, err)
	defer plain.Close()
	require.NoError(t, f.Close())
	assert.ErrorIs(t, f.Close(), os.ErrClosed)
	assert.Equal(t, 15.0, plain.Sum().Item(), "it lives on")
	for _, name := range []string{"float32", "Q4_1"} {
		_, err = f.Tensor(name)
		assert.ErrorIs(t, err, os.ErrClosed)
		_, err = f.Info(name)
		assert.NoError(t, err)
	}
}

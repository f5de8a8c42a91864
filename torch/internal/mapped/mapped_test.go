package mapped_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func TestTensorsOfAFile(t *testing.T) {
	path := write(t, []byte{0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0})
	f, err := mapped.Open(path)
	require.NoError(t, err)
	assert.Equal(t, 12, len(f.Bytes()))
	aligned, err := f.Tensor(4, torch.Int16, []int{2, 2})
	require.NoError(t, err)
	defer aligned.Close()
	unaligned, err := f.Tensor(5, torch.Int16, []int{3})
	require.NoError(t, err)
	defer unaligned.Close()
	again, err := f.Tensor(6, torch.Int16, []int{1})
	require.NoError(t, err)
	defer again.Close()
	f.Close()
	assert.Equal(t, []int16{1, 2, 3, 4}, torch.ToSlice[int16](aligned), "it lives on")
	assert.Equal(t, []int16{512, 768, 1024}, torch.ToSlice[int16](unaligned), "a copy")
	aligned.MulInplace(10)
	assert.Equal(t, []int16{20}, torch.ToSlice[int16](again), "one memory")
	assert.Equal(t, 0, aligned.StorageOffset())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, byte(1), data[4], "the file stays as it is")
}

func TestRefused(t *testing.T) {
	f, err := mapped.Open(write(t, make([]byte, 8)))
	require.NoError(t, err)
	defer f.Close()
	for name, c := range map[string]struct {
		offset int
		shape  []int
	}{
		"after the end":  {8, []int{1}},
		"too long":       {4, []int{2}},
		"before":         {-4, []int{1}},
		"negative":       {0, []int{-1}},
		"too many":       {0, []int{math.MaxInt, math.MaxInt}},
		"far":            {math.MaxInt, []int{1}},
		"a huge nothing": {9, []int{0, math.MaxInt}},
	} {
		_, err := f.Tensor(c.offset, torch.Float32, c.shape)
		assert.Error(t, err, name)
	}
	empty, err := f.Tensor(8, torch.Float32, []int{3, 0})
	require.NoError(t, err)
	assert.Equal(t, []int{3, 0}, empty.Shape())
	empty.Close()
	_, err = f.Tensor(0, torch.DType(99), []int{1})
	assert.ErrorContains(t, err, "no dtype")
	_, err = mapped.Open(t.TempDir())
	assert.ErrorContains(t, err, "not a regular file")
	_, err = mapped.Open(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	nothing, err := mapped.Open(write(t, nil))
	require.NoError(t, err)
	assert.Empty(t, nothing.Bytes())
	_, err = nothing.Tensor(0, torch.Float32, []int{1})
	assert.Error(t, err)
	nothing.Close()
}

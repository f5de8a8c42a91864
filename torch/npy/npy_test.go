package npy_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/npy"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

const python = "testdata/python/" // scripts/golden/numpy_files.py makes it

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(python + name)
	require.NoError(t, err)
	return data
}

// array is what most of Python's files hold.
func array(dtype torch.DType) *torch.Tensor {
	return torch.NewTensor([][]float32{{0, 1, 2}, {3, 4, 1}}).To(dtype)
}

// arrays are Python's files, and what they hold.
func arrays() map[string]*torch.Tensor {
	all := map[string]*torch.Tensor{
		"scalar": torch.NewTensor(float32(2.5)), "empty": torch.Empty([]int{2, 0, 3}, torch.TensorOptions{DType: torch.Int16}),
		"vector": torch.NewTensor([]float64{0, 1, 2}),
		// The last index runs last.
		"fortran": torch.Arange(0, 24, 1, torch.TensorOptions{DType: torch.Int32}).View(2, 3, 4).Permute(2, 1, 0).Contiguous().Permute(2, 1, 0),
		"long":    torch.Empty([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 0}, torch.TensorOptions{DType: torch.Uint8}),
	}
	dtypes := []torch.DType{torch.Bool, torch.Int8, torch.Int16, torch.Int32, torch.Int64, torch.Uint8, torch.Float16, torch.Float32, torch.Float64,
		torch.Complex64, torch.Complex128}
	if !torchtest.Old() { // libtorch 1.13.1 lacks them
		dtypes = append(dtypes, torch.Uint16, torch.Uint32, torch.Uint64)
	}
	for _, dtype := range dtypes {
		all[dtype.String()[len("torch."):]] = array(dtype)
	}
	return all
}

// same compares tensors, element by element and stride by stride.
func same(t *testing.T, want, got *torch.Tensor, name string) {
	t.Helper()
	assert.Equal(t, want.DType(), got.DType(), name)
	assert.Equal(t, want.Shape(), got.Shape(), name)
	if want.Numel() > 0 {
		assert.Equal(t, want.Stride(), got.Stride(), name)
		memory := torch.Internal.Export(nil).Memory
		assert.Equal(t, memory(want), memory(got), name)
	}
}

func TestPythonsBytes(t *testing.T) {
	torch.Scope(func() {
		for name, x := range arrays() {
			var b bytes.Buffer
			require.NoError(t, npy.SaveTo(x, &b), name)
			want := read(t, name+".npy")
			assert.Equal(t, string(want), b.String(), name)
			path := filepath.Join(t.TempDir(), "x.npy")
			require.NoError(t, npy.Save(x, path), name)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got), name)
		}
	})
}

func TestLoad(t *testing.T) {
	torch.Scope(func() {
		all := arrays()
		for name, of := range map[string]string{"version2": "float32", "version3": "float32", "big_int16": "int16", "big_float64": "float64", "big_complex64": "complex64"} {
			all[name] = all[of]
		}
		for name, want := range all {
			got, err := npy.Load(python + name + ".npy")
			require.NoError(t, err, name)
			same(t, want, got, name)
			data := read(t, name+".npy")
			got, err = npy.LoadFrom(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err, name)
			same(t, want, got, name)
			info, err := npy.ReadInfo(python + name + ".npy")
			require.NoError(t, err, name)
			assert.Equal(t, want.DType(), info.DType, name)
			assert.Equal(t, want.Shape(), info.Shape, name)
			assert.Equal(t, name == "fortran", info.Fortran, name)
			assert.Equal(t, want.Numel()*want.ElementSize(), info.Bytes, name)
		}
		info, err := npy.ReadInfo(python + "big_float64.npy")
		require.NoError(t, err)
		assert.Equal(t, ">f8", info.Format)
	})
}

// Views are written as what they show: in C's order, if in none.
func TestSaveViews(t *testing.T) {
	torch.Scope(func() {
		x := torch.Arange(0, 12, 1).View(3, 4)
		z := torch.NewTensor([]complex64{1 + 2i, 3 - 4i})
		for name, x := range map[string]*torch.Tensor{"column": x.Select(1, 2), "part": x.Narrow(1, 1, 2), "row": x.Select(0, 1), "transposed": x.T(),
			"expanded": torch.Ones([]int{1, 2}).Expand(3, 2), "conj": z.Conj(), "gradient": torch.Ones([]int{2}).SetRequiresGrad(true)} {
			var b bytes.Buffer
			require.NoError(t, npy.SaveTo(x, &b), name)
			got, err := npy.LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
			require.NoError(t, err, name)
			assert.True(t, x.Equal(got), name)
			assert.False(t, got.RequiresGrad())
		}
		assert.Equal(t, []int{3, 4}, x.Shape(), "it is still there")
	})
}

func TestSaveRefuses(t *testing.T) {
	torch.Scope(func() {
		x := torch.Ones([]int{2, 2})
		for want, x := range map[string]*torch.Tensor{
			"the tensor is nil":                         nil,
			"NumPy has no dtype for torch.bfloat16":     x.To(torch.BFloat16),
			"a tensor of layout torch.sparse_coo":       x.ToSparse(),
			"a tensor on meta has no elements to save":  x.To(torch.Meta),
			"a nested tensor cannot be saved: save tho": torch.NestedTensor([]*torch.Tensor{x}),
		} {
			path := filepath.Join(t.TempDir(), "x")
			assert.ErrorContains(t, npy.Save(x, path), want)
			assert.ErrorContains(t, npy.SaveArchive(nn.StateDict{{Name: "a", Tensor: x}}, path), `tensor "a": `+want)
			assert.ErrorContains(t, npy.SaveTo(x, io.Discard), want)
			assert.NoFileExists(t, path)
		}
		assert.EqualError(t, npy.SaveTo(x, nil), "npy.SaveTo: the writer is nil")
		_, err := npy.LoadFrom(nil, 1)
		assert.EqualError(t, err, "npy.LoadFrom: the reader is nil")
		assert.ErrorContains(t, npy.SaveArchive(nn.StateDict{{Name: "a", Tensor: x}, {Name: "a", Tensor: x}}, "never"), "twice")
	})
}

var _ nn.TensorSource = (*npy.Archive)(nil)

func TestArchive(t *testing.T) {
	torch.Scope(func() {
		want := nn.StateDict{
			{Name: "weight", Tensor: array(torch.Float32)},
			{Name: "größer/bias", Tensor: torch.NewTensor([]float64{1.5, -2})},
			{Name: "scalar", Tensor: torch.NewTensor(7)},
			{Name: "fortran", Tensor: array(torch.Complex64).T().Contiguous().T()},
		}
		ours := filepath.Join(t.TempDir(), "plain.npz")
		require.NoError(t, npy.SaveArchive(want, ours))
		small := filepath.Join(t.TempDir(), "compressed.npz")
		require.NoError(t, npy.SaveArchive(want, small, npy.SaveArchiveOptions{Compress: true}))
		for _, path := range []string{python + "plain.npz", python + "compressed.npz", ours, small} {
			a, err := npy.OpenArchive(path)
			require.NoError(t, err)
			assert.Equal(t, want.Names(), a.Names())
			for _, n := range want {
				info, err := a.Info(n.Name)
				require.NoError(t, err)
				assert.Equal(t, []any{n.Tensor.DType(), n.Tensor.Shape(), n.Name == "fortran"}, []any{info.DType, info.Shape, info.Fortran})
				dtype, shape, err := a.Describe(n.Name)
				require.NoError(t, err)
				assert.Equal(t, []any{info.DType, info.Shape}, []any{dtype, shape})
				x, err := a.Tensor(n.Name)
				require.NoError(t, err)
				same(t, n.Tensor, x, n.Name)
			}
			_, err = a.Tensor("weight.npy")
			assert.EqualError(t, err, "npy: "+path+`: there is no array "weight.npy"`)
			require.NoError(t, a.Close())
			assert.ErrorIs(t, a.Close(), os.ErrClosed)
			_, err = a.Tensor("weight")
			assert.ErrorIs(t, err, os.ErrClosed)
		}
		// The arrays in it are, byte for byte, those of NumPy.
		for i, data := range members(t, ours) {
			assert.Equal(t, members(t, python+"plain.npz")[i], data)
		}
		stat, err := os.Stat(small)
		require.NoError(t, err)
		assert.Less(t, int(stat.Size()), len(read(t, "plain.npz")))
	})
}

func members(t *testing.T, path string) (list []string) {
	r, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer r.Close()
	for _, f := range r.File {
		w, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(w)
		require.NoError(t, err)
		list = append(list, f.Name+"\n"+string(data))
	}
	return list
}

package torch_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// formats are the prefixes of the names of files in the format of today and in the one
// before PyTorch 1.6.
var formats = []string{"", "legacy_"}

func TestLoadContainers(t *testing.T) {
	for _, format := range formats {
		got := load[map[string]any](t, format+"containers.pt")
		assert.ElementsMatch(t, torch.Set{1, "a", torch.Tuple{2, 3}}, got["set"])
		assert.Equal(t, torch.Set{}, got["empty"])
		assert.Equal(t, torch.ByteArray{'a', 'b', 0xff}, got["bytearray"])
		assert.Equal(t, []any{torch.Strided, torch.SparseCSR}, got["layouts"])
		assert.Equal(t, []any{torch.PerTensorAffine, torch.PerChannelAffine}, got["schemes"])
		assert.Equal(t, map[any]any{[2]any{1, "a"}: 1, [2]any{1, [2]any{"b", nil}}: 2, 3.5: 3, torch.Float16: 4, torch.CPU: 5, nil: 6}, got["keys"])
		ordered := got["ordered keys"].(torch.OrderedDict)
		assert.Equal(t, torch.OrderedDict{{Key: torch.Tuple{1, 2}, Value: "x"}}, ordered)
		assert.Equal(t, "x", ordered.Get(torch.Tuple{1, 2}))
		assert.Nil(t, ordered.Get(torch.Tuple{1, 3}))
		itself := got["itself"].([]any)
		assert.Equal(t, 1, itself[0])
		assert.Same(t, &itself[0], &itself[1].([]any)[0])
		around := got["around"].(map[string]any)
		around["b"] = 2
		assert.Equal(t, 2, around["around"].(map[string]any)["b"])

		typed := got["typed"].(*torch.Storage)
		assert.Equal(t, "torch.TypedStorage(dtype=torch.float32, device=cpu) of size 3", typed.String())
		assert.Equal(t, []float32{0, 1, 2}, torch.ToSlice[float32](typed.Tensor()))
		if format != "" {
			continue
		}
		untyped := got["untyped"].(*torch.Storage)
		assert.Equal(t, "torch.UntypedStorage(device=cpu) of size 4", untyped.String())
		got["x"].(*torch.Tensor).FillInplace(7)
		assert.Equal(t, []uint8{7, 7, 7, 7}, torch.ToSlice[uint8](untyped.Tensor()), "one memory")
	}
}

// What holds Python's containers may be of Go's own types.
func TestLoadContainersAs(t *testing.T) {
	got := load[struct {
		Set       []any
		ByteArray []byte `torch:"bytearray"`
		Layouts   [2]torch.Layout
		Itself    []any
	}](t, "containers.pt")
	assert.ElementsMatch(t, []any{1, "a", torch.Tuple{2, 3}}, got.Set)
	assert.Equal(t, []byte{'a', 'b', 0xff}, got.ByteArray)
	assert.Equal(t, [2]torch.Layout{torch.Strided, torch.SparseCSR}, got.Layouts)
	_, err := torch.LoadAs[struct{ Layouts [3]torch.Layout }](saved + "containers.pt")
	assert.ErrorContains(t, err, "layouts: 2 items cannot be a [3]torch.Layout")
	_, err = torch.LoadAs[struct{ Itself [][]int }](saved + "containers.pt")
	assert.ErrorContains(t, err, "itself: [0]: the int 1 cannot be a []int")
	size, err := torch.LoadAs[struct{ Size torch.Size }](saved + "values.pt")
	require.NoError(t, err)
	assert.Equal(t, torch.Size{2, 3}, size.Size)
}

// Dtypes that little can be computed with come and go.
func TestLoadBytesOfDTypes(t *testing.T) {
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks the dtypes", torch.Version())
	}
	got := load[map[string]*torch.Tensor](t, "bytes_of_dtypes.pt")
	require.Len(t, got, 2)
	for name, x := range got {
		assert.Equal(t, "torch."+name, x.DType().String())
		assert.Equal(t, []uint8{127, 128, 126, 0}, torch.ToSlice[uint8](x.ViewDType(torch.Uint8)))
	}
	assert.Equal(t, []float32{1, 2, 0.5}, torch.ToSlice[float32](got["float8_e8m0fnu"])[:3])
}

func TestLoadLayouts(t *testing.T) {
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks some of the layouts", torch.Version())
	}
	dense := []float32{0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 4, 5}
	for _, format := range formats {
		got := load[map[string]*torch.Tensor](t, format+"layouts.pt")
		for name, layout := range map[string]torch.Layout{"coo": torch.SparseCOO, "csr": torch.SparseCSR, "csc": torch.SparseCSC,
			"bsr": torch.SparseBSR, "bsc": torch.SparseBSC} {
			assert.Equal(t, layout, got[name].Layout(), name)
			assert.Equal(t, dense, torch.ToSlice[float32](got[name].ToDense()), name)
		}
		assert.True(t, got["coo"].IsCoalesced())
		assert.False(t, got["twice"].IsCoalesced())
		assert.Equal(t, []float32{3, 0, 3, 0}, torch.ToSlice[float32](got["twice"].ToDense()))
		assert.Equal(t, []float32{1, 2, 0, 0, 3, 4}, torch.ToSlice[float32](got["hybrid"].ToDense()))
		assert.Equal(t, torch.Int32, got["int32"].CrowIndices().DType())
		for name, dtype := range map[string]torch.DType{"qint8": torch.QInt8, "quint8": torch.QUint8, "qint32": torch.QInt32} {
			assert.Equal(t, dtype, got[name].DType(), name)
			assert.Equal(t, torch.PerTensorAffine, got[name].QScheme(), name)
			assert.Equal(t, dense, torch.ToSlice[float32](got[name].Dequantize()), name)
		}
		assert.Equal(t, 0.25, got["quint8"].QScale())
		assert.Equal(t, 3, got["quint8"].QZeroPoint())
		assert.Equal(t, []int{3, 4}, got["transposed"].Shape())
		assert.Equal(t, []float32{1, 0, 0, 0}, torch.ToSlice[float32](got["transposed"].Dequantize())[:4])
		if format != "" {
			continue
		}
		x := got["per_channel"]
		assert.Equal(t, torch.PerChannelAffine, x.QScheme())
		assert.Equal(t, 0, x.QPerChannelAxis())
		assert.Equal(t, []int{0, 1, 2, 3}, torch.ToSlice[int](x.QPerChannelZeroPoints()))
		assert.InDelta(t, 3, x.Dequantize().Index(2, 0).Item(), 1e-6)
	}
	_, err := torch.Load(saved+"layouts.pt", torch.LoadOptions{MapLocation: torch.Meta})
	assert.ErrorContains(t, err, "a quantized tensor cannot be on the device meta")
}

func TestLoadAttributes(t *testing.T) {
	for _, format := range formats {
		got := load[struct {
			Buffer, Parameter *torch.Tensor
			State             torch.Attributed
		}](t, format+"attributes.pt")
		assert.False(t, got.Buffer.RequiresGrad())
		assert.True(t, got.Parameter.RequiresGrad())
		state := got.State.Dict.(torch.OrderedDict)
		assert.Equal(t, "0.weight", state[0].Key)
		versions := got.State.Attributes["_metadata"].(torch.OrderedDict)
		assert.Equal(t, map[string]any{"version": 2}, versions.Get("1"))
		var file bytes.Buffer
		require.NoError(t, torch.SaveTo(got.State, &file))
		again, err := torch.LoadFrom(bytes.NewReader(file.Bytes()), int64(file.Len()))
		require.NoError(t, err)
		assert.Len(t, again, len(state), "without the attributes")
	}
	_, err := torch.LoadAs[torch.Attributed](saved + "values.pt")
	assert.ErrorContains(t, err, "a dict cannot be a torch.Attributed: it is no OrderedDict")
}

// The format before PyTorch 1.6 holds what today's does.
func TestLoadLegacy(t *testing.T) {
	values, err := torch.Load(saved + "legacy_values.pt")
	require.NoError(t, err)
	want, err := torch.Load(saved + "values.pt")
	require.NoError(t, err)
	assert.Equal(t, want, values)
	views := load[map[string]*torch.Tensor](t, "legacy_views.pt")
	for name, want := range load[map[string]*torch.Tensor](t, "views.pt") {
		assert.Equal(t, want.Shape(), views[name].Shape(), name)
		assert.Equal(t, want.Stride(), views[name].Stride(), name)
		assert.Equal(t, torch.ToSlice[complex128](want), torch.ToSlice[complex128](views[name]), name)
	}
	views["row"].FillInplace(50)
	assert.Equal(t, []float64{50, 50, 50}, torch.ToSlice[float64](views["tail"])[:3], "memory is shared")
	part := load[map[string]*torch.Tensor](t, "part.pt")
	assert.Equal(t, []float32{2, 3}, torch.ToSlice[float32](part["part"]))
	assert.Equal(t, []float32{0, 1}, torch.ToSlice[float32](part["root"]))
	meta, err := torch.Load(saved+"legacy_views.pt", torch.LoadOptions{MapLocation: torch.Meta})
	require.NoError(t, err)
	assert.True(t, meta.(map[string]any)["base"].(*torch.Tensor).IsMeta())
}

func TestLoadBigEndian(t *testing.T) {
	got := load[[]*torch.Tensor](t, "big_endian.pt")
	for i, want := range [][]complex128{{1, 2}, {1, -2}, {.5, -2}, {.5, -2}, {1 + 2i, -3 - .5i}} {
		assert.Equal(t, want, torch.ToSlice[complex128](got[i]), i)
	}
}

// A legacy file that is cut off or has a number changed is an error, and no tensor is left.
func TestLoadLegacyFails(t *testing.T) {
	whole, err := os.ReadFile(saved + "legacy_checkpoint.pt")
	require.NoError(t, err)
	before := torchtest.Settled()
	for n := 0; n < len(whole); n += 13 {
		_, err := torch.LoadFrom(bytes.NewReader(whole[:n]), int64(n))
		require.Error(t, err, "%d bytes", n)
	}
	_, err = torch.LoadFrom(bytes.NewReader(whole), int64(len(whole)), torch.LoadOptions{MMap: true})
	assert.ErrorContains(t, err, "in the format of PyTorch before 1.6, which cannot be mapped: load it without MMap")
	assert.Equal(t, before, torchtest.LiveTensors())
}

func TestLoadMMap(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mapped.pt")
	x := torch.Arange(0, 10000, 1)
	half := x.Narrow(0, 5000, 5000)
	require.NoError(t, torch.Save(map[string]*torch.Tensor{"x": x, "half": half, "y": torch.Ones([]int{3})}, path))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	o := torch.LoadOptions{MMap: true}
	got, err := torch.LoadAs[map[string]*torch.Tensor](path, o)
	require.NoError(t, err)
	assert.Equal(t, torch.ToSlice[int](x), torch.ToSlice[int](got["x"]))
	got["half"].FillInplace(7)
	assert.Equal(t, 7.0, got["x"].Index(9999).Item(), "one memory")
	assert.Equal(t, []float32{1, 1, 1}, torch.ToSlice[float32](got["y"]))
	var again bytes.Buffer
	require.NoError(t, torch.SaveTo(got["y"], &again))
	assert.Less(t, again.Len(), 3000, "each storage is one of its own")
	for _, x := range got {
		x.Close()
	}
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, now, "changes stay in memory")
	meta, err := torch.LoadAs[map[string]*torch.Tensor](path, torch.LoadOptions{MMap: true, MapLocation: torch.Meta})
	require.NoError(t, err)
	assert.True(t, meta["x"].IsMeta())
	_, err = torch.LoadFrom(bytes.NewReader(content), int64(len(content)), o)
	assert.ErrorContains(t, err, "only a file can be mapped")
}

func TestLoadSafetensors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	x, y := torch.Arange(0, 6, 1).View(2, 3), torch.Ones([]int{3}, torch.TensorOptions{DType: torch.BFloat16})
	require.NoError(t, safetensors.Save(nn.StateDict{{Name: "x", Tensor: x}, {Name: "y", Tensor: y}}, path))
	for _, o := range []torch.LoadOptions{{}, {MMap: true}} {
		got, err := torch.LoadAs[map[string]*torch.Tensor](path, o)
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.True(t, got["x"].Equal(x))
		assert.True(t, got["y"].Equal(y))
	}
	meta, err := torch.Load(path, torch.LoadOptions{MapLocation: torch.Meta})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, meta.(map[string]any)["x"].(*torch.Tensor).Shape())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = torch.LoadFrom(bytes.NewReader(content[:len(content)-1]), int64(len(content)-1))
	assert.ErrorContains(t, err, "it is cut off")
}

// What a file is that Load cannot read, and what to do with it.
func TestLoadOtherKinds(t *testing.T) {
	for content, want := range map[string]string{
		"":                      "not a file of torch.save, but an empty file: it was not written, or not downloaded: get it again",
		"<!DOCTYPE html><html>": "not a file of torch.save, but a web page",
		"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": "not a file of torch.save, but a pointer of Git LFS, not the file itself",
		"GGUF\x03\x00\x00\x00":       "not a file of torch.save, but a GGUF file: package gguf reads it",
		"\x93NUMPY\x01\x00":          "not a file of torch.save, but a .npy file of NumPy: npy.Load reads it",
		"\x80\x04N.":                 "not a file of torch.save, but a Python pickle that torch.save did not write",
		"PK\x03\x04and then it ends": "not a file of torch.save, but a zip archive without its end",
	} {
		_, err := torch.LoadFrom(strings.NewReader(content), int64(len(content)))
		assert.ErrorContains(t, err, want)
	}
}

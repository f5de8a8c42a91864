package safetensors_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

const python = "testdata/python/" // scripts/golden/safetensors_files.py makes it

// closeAll closes a state dict's tensors.
func closeAll(dict nn.StateDict) {
	for _, n := range dict {
		n.Tensor.Close()
	}
}

// skipOld skips what libtorch 1.13.1 lacks the dtypes for.
func skipOld(t *testing.T) {
	t.Helper()
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks the dtypes")
	}
}

// dtypes are in the order of a file.
var dtypes = []struct {
	format string
	dtype  torch.DType
}{
	{"U64", torch.Uint64}, {"I64", torch.Int64}, {"F64", torch.Float64}, {"C64", torch.Complex64}, {"F32", torch.Float32},
	{"U32", torch.Uint32}, {"I32", torch.Int32}, {"BF16", torch.BFloat16}, {"F16", torch.Float16}, {"U16", torch.Uint16},
	{"I16", torch.Int16}, {"F8_E5M2FNUZ", torch.Float8E5M2FNUZ}, {"F8_E4M3FNUZ", torch.Float8E4M3FNUZ},
	{"F8_E4M3", torch.Float8E4M3FN}, {"F8_E5M2", torch.Float8E5M2}, {"I8", torch.Int8}, {"U8", torch.Uint8}, {"BOOL", torch.Bool},
}

// pythonDTypes is what Python wrote to dtypes.safetensors.
func pythonDTypes() nn.StateDict {
	var dict nn.StateDict
	for _, d := range dtypes {
		x := torch.NewTensor([][]float32{{0, 1, 2}, {3, 4, 1}}).To(d.dtype)
		dict.Set(d.dtype.String()[len("torch."):], x)
	}
	return dict
}

// odd is what Python wrote to odd.safetensors, in its order there.
func odd() nn.StateDict {
	return nn.StateDict{
		{Name: "", Tensor: torch.NewTensor([]float32{1})},
		{Name: "B", Tensor: torch.NewTensor([]float32{2})},
		{Name: "a", Tensor: torch.NewTensor([]float32{3})},
		{Name: "empty", Tensor: torch.Empty([]int{2, 0, 3})},
		{Name: "scalar", Tensor: torch.NewTensor(float32(2.5))},
		{Name: "byte", Tensor: torch.NewTensor([]uint8{7})},
		{Name: "size\t\"\\/\n\x01\x7fgrößer<&>\u2028\U0001f600", Tensor: torch.NewTensor([]bool{true})},
	}
}

// same compares state dicts, byte by byte.
func same(t *testing.T, want, got nn.StateDict) {
	t.Helper()
	require.Equal(t, want.Names(), got.Names())
	for _, n := range want {
		x := got.Get(n.Name)
		assert.Equal(t, n.Tensor.DType(), x.DType(), n.Name)
		assert.Equal(t, n.Tensor.Shape(), x.Shape(), n.Name)
		if n.Tensor.Numel() > 0 {
			memory := torch.Internal.Export(nil).Memory
			assert.Equal(t, memory(n.Tensor), memory(x), n.Name)
		}
	}
}

func TestPythonsBytes(t *testing.T) {
	skipOld(t)
	for name, c := range map[string]struct {
		tensors nn.StateDict
		options []safetensors.SaveOptions
	}{
		"dtypes.safetensors": {pythonDTypes(), nil},
		"odd.safetensors":    {odd(), []safetensors.SaveOptions{{Metadata: map[string]string{"format\n": `pt"`}}}},
		"empty.safetensors":  {nil, nil},
	} {
		want, err := os.ReadFile(python + name)
		require.NoError(t, err)
		var got bytes.Buffer
		require.NoError(t, safetensors.SaveTo(c.tensors, &got, c.options...), name)
		assert.Equal(t, string(want), got.String(), name)
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, safetensors.Save(c.tensors, path, c.options...), name)
		again, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(again), name)
		closeAll(c.tensors)
	}
}

func TestLoad(t *testing.T) {
	skipOld(t)
	for name, make := range map[string]func() nn.StateDict{
		"dtypes.safetensors": pythonDTypes,
		"odd.safetensors":    odd,
		"empty.safetensors":  func() nn.StateDict { return nn.StateDict{} },
	} {
		want := make()
		got, err := safetensors.Load(python + name)
		require.NoError(t, err, name)
		same(t, want, got)
		data, err := os.ReadFile(python + name)
		require.NoError(t, err)
		read, err := safetensors.LoadFrom(bytes.NewReader(data), int64(len(data)), safetensors.LoadOptions{Device: torch.CPU})
		require.NoError(t, err, name)
		same(t, want, read)
		closeAll(want)
		closeAll(got)
		closeAll(read)
	}
	meta, err := safetensors.Load(python+"odd.safetensors", safetensors.LoadOptions{Device: torch.Meta})
	require.NoError(t, err)
	assert.True(t, meta.Get("a").IsMeta())
	closeAll(meta)
}

var (
	_ nn.TensorSource = (*safetensors.File)(nil)
	_ nn.TensorSource = (*safetensors.Sharded)(nil)
)

func TestOpen(t *testing.T) {
	f, err := safetensors.Open(python + "dtypes.safetensors")
	require.NoError(t, err)
	assert.Nil(t, f.Metadata())
	var names []string
	for _, d := range dtypes {
		name := d.dtype.String()[len("torch."):]
		names = append(names, name)
		info, err := f.Info(name)
		require.NoError(t, err)
		assert.Equal(t, []any{d.format, d.dtype, []int{2, 3}, 6 * d.dtype.ItemSize()}, []any{info.Format, info.DType, info.Shape, info.Bytes})
	}
	assert.Equal(t, names, f.Names())
	dtype, shape, err := f.Describe("int32")
	require.NoError(t, err)
	assert.Equal(t, []any{torch.Int32, []int{2, 3}}, []any{dtype, shape})
	x, err := f.Tensor("int32")
	require.NoError(t, err)
	defer x.Close()
	_, err = f.Tensor("int33")
	assert.EqualError(t, err, `safetensors: testdata/python/dtypes.safetensors: there is no tensor "int33"`)
	_, err = f.Info("int33")
	assert.Error(t, err)
	require.NoError(t, f.Close())
	assert.ErrorIs(t, f.Close(), os.ErrClosed)
	_, err = f.Tensor("int32")
	assert.ErrorIs(t, err, os.ErrClosed)
	assert.Equal(t, []int32{0, 1, 2, 3, 4, 1}, torch.ToSlice[int32](x), "it lives on")

	f, err = safetensors.Open(python + "odd.safetensors")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"format\n": `pt"`}, f.Metadata())
	require.NoError(t, f.Close())
}

// What torch has no dtype for can be listed; what else is in the file can be read.
func TestWithoutDType(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	require.NoError(t, os.WriteFile(path, file("{"+entry("x", "F32", "[1]", 0, 4)+","+entry("six", "F6_E2M3", "[4]", 4, 7)+"}", 7), 0o600))
	f, err := safetensors.Open(path)
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, []string{"x", "six"}, f.Names())
	info, err := f.Info("six")
	require.NoError(t, err)
	assert.Equal(t, []any{"F6_E2M3", torch.DType(0), []int{4}, 3}, []any{info.Format, info.DType, info.Shape, info.Bytes})
	_, err = f.Tensor("six")
	const want = `tensor "six": torch has no dtype for F6_E2M3`
	assert.ErrorContains(t, err, want)
	_, err = safetensors.Load(path)
	assert.ErrorContains(t, err, want)
	x, err := f.Tensor("x")
	require.NoError(t, err)
	assert.Equal(t, []float32{0}, torch.ToSlice[float32](x))
	x.Close()
}

// Two numbers of four bits are one element; the file counts the numbers.
func TestSmall(t *testing.T) {
	skipOld(t)
	dict, err := safetensors.Load(python + "small.safetensors")
	require.NoError(t, err)
	defer closeAll(dict)
	assert.Equal(t, []string{"scale", "blocks"}, dict.Names())
	assert.Equal(t, []any{torch.Float8E8M0FNU, torch.Float4E2M1FNX2}, []any{dict.Get("scale").DType(), dict.Get("blocks").DType()})
	assert.Equal(t, []int{1, 3}, dict.Get("blocks").Shape())
	memory := torch.Internal.Export(nil).Memory
	assert.Equal(t, []byte{0x21, 0x43, 0x65}, memory(dict.Get("blocks"))[:3])
	assert.Equal(t, []byte{127, 128}, memory(dict.Get("scale"))[:2])
	var b bytes.Buffer
	require.NoError(t, safetensors.SaveTo(dict, &b))
	want, err := os.ReadFile(python + "small.safetensors")
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

// A module's state goes through a file, and a file that is open while another takes its
// place stays what it was.
func TestSaveOverOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	torch.Scope(func() {
		net := nn.NewLinear(3, 2)
		require.NoError(t, safetensors.Save(net.StateDict(), path))
		dict, err := safetensors.Load(path)
		require.NoError(t, err)
		other := nn.NewLinear(3, 2)
		_, err = other.LoadStateDict(dict)
		require.NoError(t, err)
		assert.True(t, net.Weight.Equal(other.Weight))
		torch.NoGrad(func() { net.Weight.ZeroInplace() })
		require.NoError(t, safetensors.Save(net.StateDict(), path))
		assert.True(t, other.Weight.Equal(dict.Get("weight")))
		require.NoError(t, safetensors.Save(dict, path), "into the file that it is of")
		again, err := safetensors.Load(path)
		require.NoError(t, err)
		assert.True(t, other.Weight.Equal(again.Get("weight")))
	})
}

// Conjugated and negated views are written as what they show.
func TestSaveViews(t *testing.T) {
	torch.Scope(func() {
		x := torch.NewTensor([]complex64{1 + 2i, 3 - 4i})
		var b bytes.Buffer
		require.NoError(t, safetensors.SaveTo(nn.StateDict{{Name: "x", Tensor: x.Conj()}}, &b))
		dict, err := safetensors.LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
		require.NoError(t, err)
		assert.Equal(t, []complex64{1 - 2i, 3 + 4i}, torch.ToSlice[complex64](dict.Get("x")))
		// Parts of one storage that do not touch are no sharing.
		whole := torch.NewTensor([]float32{1, 2, 3, 4})
		b.Reset()
		require.NoError(t, safetensors.SaveTo(nn.StateDict{{Name: "b", Tensor: whole.Narrow(0, 2, 2)}, {Name: "a", Tensor: whole.Narrow(0, 0, 2)}}, &b))
		dict, err = safetensors.LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
		require.NoError(t, err)
		assert.Equal(t, []float32{3, 4}, torch.ToSlice[float32](dict.Get("b")))
	})
}

func TestSaveRefuses(t *testing.T) {
	torch.Scope(func() {
		x := torch.NewTensor([][]float32{{1, 2}, {3, 4}})
		for want, dict := range map[string]nn.StateDict{
			`the tensors "a", "c" share memory`:                  {{Name: "a", Tensor: x}, {Name: "b", Tensor: torch.Ones([]int{1})}, {Name: "c", Tensor: x.Detach()}},
			`the tensors "a", "b", "c" share memory`:             {{Name: "a", Tensor: x}, {Name: "b", Tensor: x.Select(0, 0)}, {Name: "c", Tensor: x.Select(0, 1)}},
			`tensor "t": it is not contiguous`:                   {{Name: "t", Tensor: x.T()}},
			`tensor "s": a tensor of layout torch.sparse_coo`:    {{Name: "s", Tensor: x.ToSparse()}},
			`tensor "m": a tensor on meta has no elements`:       {{Name: "m", Tensor: x.To(torch.Meta)}},
			`tensor "c": safetensors has no dtype for torch.com`: {{Name: "c", Tensor: x.To(torch.Complex128)}},
			`tensor "n": it is nil`:                              {{Name: "n"}},
			`tensor "x": the name is there twice`:                {{Name: "x", Tensor: torch.Ones([]int{1})}, {Name: "x", Tensor: torch.Ones([]int{1})}},
			`tensor "__metadata__": the name is that of`:         {{Name: "__metadata__", Tensor: x}},
			`tensor "\xff": the name is not UTF-8`:               {{Name: "\xff", Tensor: x}},
		} {
			path := filepath.Join(t.TempDir(), "x")
			assert.ErrorContains(t, safetensors.Save(dict, path), want)
			assert.NoFileExists(t, path)
			assert.ErrorContains(t, safetensors.SaveSharded(dict, filepath.Dir(path)), want)
		}
		closed := torch.Ones([]int{1})
		closed.Close()
		assert.ErrorContains(t, safetensors.Save(nn.StateDict{{Name: "gone", Tensor: closed}}, "never"), `tensor "gone": `)
		assert.ErrorContains(t, safetensors.Save(nil, "never", safetensors.SaveOptions{Metadata: map[string]string{"a": "\xff"}}), "not UTF-8")
		assert.EqualError(t, safetensors.SaveTo(nil, nil), "safetensors.SaveTo: the writer is nil")
		_, err := safetensors.LoadFrom(nil, 0)
		assert.EqualError(t, err, "safetensors.LoadFrom: the reader is nil")
		_, err = safetensors.Load(python+"odd.safetensors", safetensors.LoadOptions{}, safetensors.LoadOptions{})
		assert.Error(t, err)
	})
}

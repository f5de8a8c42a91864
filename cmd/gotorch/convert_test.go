package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/npy"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// convert runs the command, which succeeds.
func convert(t *testing.T, arguments ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(append([]string{"convert"}, arguments...), &stdout, &stderr), stderr.String())
	assert.Empty(t, stdout.String())
	assert.Empty(t, stderr.String())
}

// From format to format and back, the tensors stay what they are.
func TestConvert(t *testing.T) {
	torch.Scope(func() {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		net := nn.NewLinear(3, 2)
		want := net.StateDict()
		want.Set("turned", torch.Arange(0, 6, 1).View(2, 3).T())
		require.NoError(t, torch.Save(want, at("a.pt")))
		convert(t, at("a.pt"), at("b.safetensors"))
		convert(t, at("b.safetensors"), at("c.npz"))
		convert(t, at("c.npz"), at("d.PTH"))
		convert(t, at("d.PTH"), at("e.npz"))
		convert(t, at("e.npz"), at("f.safetensors"))
		check := func(path string, got nn.StateDict, err error) {
			t.Helper()
			require.NoError(t, err)
			assert.ElementsMatch(t, want.Names(), got.Names(), path)
			for _, n := range want {
				assert.True(t, n.Tensor.Equal(got.Get(n.Name)), "%s %s", path, n.Name)
				assert.Equal(t, n.Tensor.DType(), got.Get(n.Name).DType())
			}
		}
		for _, name := range []string{"b.safetensors", "f.safetensors"} {
			dict, err := safetensors.Load(at(name))
			check(name, dict, err)
		}
		dict, err := torch.LoadAs[nn.StateDict](at("d.PTH"))
		check("d.PTH", dict, err)
		f, err := safetensors.Open(at("b.safetensors"))
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"format": "pt"}, f.Metadata())
		require.NoError(t, f.Close())
	})
}

func TestConvertOthers(t *testing.T) {
	torch.Scope(func() {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		convert(t, files+"safetensors/testdata/python", at("whole.safetensors"))
		dict, err := safetensors.Load(at("whole.safetensors"))
		require.NoError(t, err)
		assert.Equal(t, []string{"a.bias", "a.weight", "b.weight", "c.weight"}, dict.Names())
		convert(t, files+"npy/testdata/python/fortran.npy", at("fortran.pt"))
		got, err := torch.LoadAs[nn.StateDict](at("fortran.pt"))
		require.NoError(t, err)
		array, err := npy.Load(files + "npy/testdata/python/fortran.npy")
		require.NoError(t, err)
		assert.True(t, array.Equal(got.Get("fortran")))
		convert(t, "-drop-others", files+"gguf/testdata/files/llama.gguf", at("llama.npz"))
		from, err := gguf.Open(files + "gguf/testdata/files/llama.gguf")
		require.NoError(t, err)
		defer from.Close()
		to, err := npy.OpenArchive(at("llama.npz"))
		require.NoError(t, err)
		defer to.Close()
		assert.Equal(t, from.Names(), to.Names())

		// A part of a checkpoint, and tensors that are one.
		x := torch.Ones([]int{2})
		require.NoError(t, torch.Save(map[string]any{"epoch": 3, "a.b": map[string]any{"net": torch.OrderedDict{{Key: "x", Value: x}, {Key: "y", Value: x}}}}, at("checkpoint.pt")))
		convert(t, "-part", "a.b.net", "-copy-shared", at("checkpoint.pt"), at("part.safetensors"))
		dict, err = safetensors.Load(at("part.safetensors"))
		require.NoError(t, err)
		assert.Equal(t, []string{"x", "y"}, dict.Names())
	})
}

func TestConvertRefuses(t *testing.T) {
	torch.Scope(func() {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		x := torch.Ones([]int{2})
		require.NoError(t, torch.Save(map[string]any{"x": x, "same": x, "epoch": 3, "net": map[string]any{"w": x}}, at("checkpoint.pt")))
		require.NoError(t, torch.Save([]any{x}, at("list.pt")))
		require.NoError(t, torch.Save(map[string]any{"half": x.To(torch.BFloat16), "sparse": x.ToSparse()}, at("odd.pt")))
		require.NoError(t, os.WriteFile(at("page.pt"), []byte("<!doctype html>"), 0o600))
		for _, c := range []struct {
			arguments []string
			status    int
			want      string
		}{
			{[]string{at("checkpoint.pt")}, 2, "want two files, IN and OUT"},
			{[]string{at("checkpoint.pt"), "x.onnx"}, 2, "x.onnx: the name does not say a format that can be written"},
			{[]string{"-x", "a", "b"}, 2, "flag provided but not defined"},
			{[]string{"nowhere.pt", "x.npz"}, 1, "no such file"},
			{[]string{at("page.pt"), "x.npz"}, 1, "a web page: a download got it"},
			{[]string{at("checkpoint.pt"), "x.npz"}, 1, "these are no tensors, and would be lost: epoch, 3; net, a dict, which -part takes; -drop-others leaves them out"},
			{[]string{"-drop-others", at("checkpoint.pt"), at("x.safetensors")}, 1, `the tensors "same", "x" share memory`},
			{[]string{"-part", "net.w.x", at("checkpoint.pt"), "x.npz"}, 1, `there is no part "net.w.x"`},
			{[]string{"-part", "x", at("checkpoint.pt"), "x.npz"}, 1, "no dict of tensors"},
			{[]string{at("list.pt"), "x.npz"}, 1, "no dict of tensors"},
			{[]string{at("odd.pt"), at("x.npz")}, 1, `tensor "half": NumPy has no dtype for torch.bfloat16`},
			{[]string{at("odd.pt"), at("x.safetensors")}, 1, `tensor "sparse": a tensor of layout torch.sparse_coo`},
			{[]string{files + "gguf/testdata/files/llama.gguf", at("x.npz")}, 1, "the metadata general.architecture; "},
			{[]string{"-part", "x", files + "npy/testdata/python/plain.npz", at("x.pt")}, 1, "only files of torch.save have parts"},
		} {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, c.status, run(append([]string{"convert"}, c.arguments...), &stdout, &stderr), c.arguments)
			assert.Contains(t, stderr.String(), c.want)
			assert.NoFileExists(t, at("x.npz"))
			assert.NoFileExists(t, at("x.safetensors"))
		}
	})
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"convert", "--help"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "Usage: gotorch convert")
}

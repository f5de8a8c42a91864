package aoti

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(loadForever); path != "" {
		keepLoading(path)
	}
	torchtest.Main(m)
}

const compiledDir = "testdata/compiled/" // scripts/golden/aoti.py makes it

// example is a call that Python made.
type example struct {
	Args    []any          `torch:"args"`
	Kwargs  map[string]any `torch:"kwargs"`
	Results map[string]any `torch:"results"`
}

func examples(t *testing.T) []example {
	t.Helper()
	list, err := torch.LoadAs[[]example](compiledDir + "examples.pt")
	require.NoError(t, err)
	require.Len(t, list, 3)
	return list
}

// run runs a model as Python did.
func (e example) run(m *Model) (any, error) { return m.RunNamed(e.Args, e.Kwargs) }

// library returns the path of the golden model's library: it is compiled once and kept in
// the cache. Without its like, for a libtorch that runs no such models, it is another one.
func library(t *testing.T) string {
	t.Helper()
	i, err := cgotorch.Find()
	require.NoError(t, err)
	if old(t) {
		return i.Shim
	}
	sources := []string{"wrapper.cpp", "kernel.cpp", "weights.bin"}
	digest := sha256.New()
	fmt.Fprint(digest, torch.Version(), compilerFlags)
	for _, name := range sources {
		digest.Write(torchtest.ReadFile(t, compiledDir+name))
	}
	cache, err := cgotorch.CacheDir()
	require.NoError(t, err)
	path := filepath.Join(cache, "tests", fmt.Sprintf("aoti-%x.so", digest.Sum(nil)[:8]))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	dir := t.TempDir()
	weights, err := filepath.Abs(compiledDir + "weights.bin")
	require.NoError(t, err)
	assembly := fmt.Sprintf(".section .lrodata, \"a\"\n.balign 64\n.globl _binary_constants_bin_start\n_binary_constants_bin_start:\n"+
		".incbin %q\n.globl _binary_constants_bin_end\n_binary_constants_bin_end:\n.section .note.GNU-stack, \"\", @progbits\n", weights)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "weights.s"), []byte(assembly), 0o600))
	made := filepath.Join(dir, "made.so")
	args := append(strings.Fields(compilerFlags), "-I"+i.Dir+"/include", "-I"+i.Dir+"/include/torch/csrc/api/include",
		compiledDir+"wrapper.cpp", compiledDir+"kernel.cpp", filepath.Join(dir, "weights.s"), "-L"+i.Dir+"/lib", "-ltorch_cpu", "-L"+i.Dir+"/stubs", "-Wl,--no-as-needed", "-ltorch", "-o", made)
	compile(t, args...)
	file, err := os.ReadFile(made)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".new", file, 0o755))
	require.NoError(t, os.Rename(path+".new", path))
	return path
}

// compilerFlags are for any processor; that there are no fused products and sums keeps bits.
const compilerFlags = "-std=c++20 -O1 -fPIC -shared -ffp-contract=off -w"

// compile runs the compiler that has built the shim.
func compile(t *testing.T, args ...string) {
	t.Helper()
	compiler := []string{"g++"}
	if fields := strings.Fields(os.Getenv("CXX")); len(fields) > 0 {
		compiler = fields
	}
	out, err := exec.Command(compiler[0], append(compiler[1:], args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// old reports whether this libtorch runs no compiled models.
func old(t *testing.T) bool {
	t.Helper()
	var major, minor int
	_, err := fmt.Sscanf(torch.Version(), "%d.%d", &major, &minor)
	require.NoError(t, err)
	return major < 2 || major == 2 && minor < 15
}

// parts returns the files of a package with the golden model, by their names below the
// folder in which all are.
func parts(t *testing.T) map[string][]byte {
	t.Helper()
	code, err := os.ReadFile(library(t))
	require.NoError(t, err)
	const stem = "data/aotinductor/model/abc.wrapper"
	return map[string][]byte{
		"archive_format": []byte("pt2"), "archive_version": []byte("0"), "byteorder": []byte("little"),
		stem + ".cpp": torchtest.ReadFile(t, compiledDir+"wrapper.cpp"), stem + ".so": code,
		stem + "_metadata.json": torchtest.ReadFile(t, compiledDir+"wrapper_metadata.json"),
	}
}

// pack writes a package of files.
func pack(t *testing.T, parts map[string][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.pt2")
	var buffer bytes.Buffer
	w := ptzip.NewWriterOf(&buffer)
	for name, data := range parts {
		require.NoError(t, w.Write(name, data))
	}
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(path, buffer.Bytes(), 0o600))
	return path
}

// spread writes the folder that a package is unpacked to.
func spread(t *testing.T, parts map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range parts {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
	return dir
}

// loadHere loads a package, where this libtorch can.
func loadHere(t *testing.T, path string, options ...LoadOptions) *Model {
	t.Helper()
	m, err := Load(path, options...)
	if old(t) {
		var e *torch.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, torch.UnsupportedError, e.Kind)
		t.Skipf("libtorch %s runs no models of AOTInductor, and Load says so: %v", torch.Version(), err)
	}
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

// equal compares values and the tensors in them.
func equal(t *testing.T, want, got any, exact bool) {
	t.Helper()
	switch w := want.(type) {
	case *torch.Tensor:
		g, ok := got.(*torch.Tensor)
		require.True(t, ok, "a %T", got)
		assert.Equal(t, w.DType(), g.DType())
		if exact {
			assert.True(t, w.Equal(g), "want %v, got %v", w, g)
		} else {
			assert.True(t, w.AllClose(g), "want %v, got %v", w, g)
		}
	case map[string]any:
		g, ok := got.(map[string]any)
		require.True(t, ok, "a %T", got)
		require.Len(t, g, len(w))
		for key := range w {
			equal(t, w[key], g[key], exact)
		}
	case torch.Tuple:
		g, ok := got.(torch.Tuple)
		require.True(t, ok, "a %T", got)
		require.Len(t, g, len(w))
		for i := range w {
			equal(t, w[i], g[i], exact)
		}
	case []any:
		g, ok := got.([]any)
		require.True(t, ok, "a %T", got)
		require.Len(t, g, len(w))
		for i := range w {
			equal(t, w[i], g[i], exact)
		}
	default:
		assert.Equal(t, want, got)
	}
}

// exact reports whether results have Python's bits here.
func exact(t *testing.T) bool {
	var h torchtest.Header
	require.NoError(t, json.Unmarshal(torchtest.ReadFile(t, compiledDir+"header.json"), &h))
	return h.Exact()
}

// alter returns a copy of parts with one file changed, or without it.
func alter(all map[string][]byte, end string, change func([]byte) []byte) map[string][]byte {
	changed := map[string][]byte{}
	for name, data := range all {
		if strings.HasSuffix(name, end) {
			if data = change(bytes.Clone(data)); data == nil {
				continue
			}
		}
		changed[name] = data
	}
	return changed
}

package jit_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

const scripts = "testdata/scripts/" // scripts/golden/torchscript.py makes it

// read returns a file of the folder, unpacked.
func read(name string) ([]byte, error) {
	f, err := os.Open(scripts + name + ".gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func unpacked(t testing.TB, name string) []byte {
	t.Helper()
	data, err := read(name)
	require.NoError(t, err)
	return data
}

// load loads a program, and closes it after the test.
func load(t testing.TB, name string) *jit.Module {
	t.Helper()
	data := unpacked(t, name+".pt")
	m, err := jit.LoadFrom(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	t.Cleanup(func() { closeAll(m) })
	return m
}

func closeAll(m *jit.Module) {
	m.Close()
	for _, x := range m.NamedTensors() {
		x.Tensor.Close()
	}
}

// run is a call of a method, and what Python's gives.
type run struct {
	Method string
	Args   []any
	Kwargs map[string]any
	Want   any
}

func golden[T any](t testing.TB, name string) T {
	t.Helper()
	data := unpacked(t, "golden.pt")
	all, err := torch.LoadFrom(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	value, err := torch.As[T](all.(map[string]any)[name])
	require.NoError(t, err)
	return value
}

// exact reports whether results have Python's bits here.
func exact(t *testing.T) bool {
	var h torchtest.Header
	require.NoError(t, json.Unmarshal(torchtest.ReadFile(t, scripts+"header.json"), &h))
	return h.Exact()
}

// equal compares a value with Python's: tensors bit for bit if exact, else within a tolerance.
func equal(t testing.TB, want, got any, exact bool) {
	t.Helper()
	switch w := want.(type) {
	case *torch.Tensor:
		g, ok := got.(*torch.Tensor)
		require.True(t, ok, "%T", got)
		if exact {
			assert.True(t, torch.Equal(w, g), "%v\n%v", w, g)
			return
		}
		assert.True(t, torch.AllClose(w, g, torch.AllCloseOptions{Rtol: new(1e-4), Atol: new(1e-5)}), "%v\n%v", w, g)
	case torch.Tuple:
		require.IsType(t, want, got)
		equalLists(t, w, got.(torch.Tuple), exact)
	case []any:
		require.IsType(t, want, got)
		equalLists(t, w, got.([]any), exact)
	case map[string]any:
		require.IsType(t, want, got)
		require.Len(t, got, len(w))
		for key, v := range w {
			equal(t, v, got.(map[string]any)[key], exact)
		}
	default:
		assert.Equal(t, want, got)
	}
}

func equalLists(t testing.TB, want, got []any, exact bool) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		equal(t, want[i], got[i], exact)
	}
}

// Programs give what Python's do, bit for bit where the same kernels run, also when
// libtorch has optimized them after some calls.
func TestPrograms(t *testing.T) {
	for _, name := range []string{"mlp", "cnn", "cnn_traced", "lstm", "transformer", "values"} {
		t.Run(name, func(t *testing.T) {
			if name == "transformer" && torchtest.Old() {
				data := unpacked(t, name+".pt")
				_, err := jit.LoadFrom(bytes.NewReader(data), int64(len(data)))
				require.Error(t, err, "it has operators that came later")
				return
			}
			m := load(t, name)
			assert.Equal(t, map[string][]byte{"note.txt": []byte("made by Python")}, m.ExtraFiles)
			for _, r := range golden[[]run](t, name) {
				for range 3 {
					torch.Scope(func() {
						torch.NoGrad(func() {
							got, err := m.RunMethod(r.Method, r.Args, r.Kwargs)
							require.NoError(t, err, "%s %v", r.Method, r.Args)
							equal(t, r.Want, got, exact(t))
						})
					})
				}
			}
		})
	}
}

func TestLoadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.pt")
	require.NoError(t, os.WriteFile(path, unpacked(t, "mlp.pt"), 0o600))
	m, err := jit.Load(path, jit.LoadOptions{MapLocation: torch.CPU})
	require.NoError(t, err)
	defer closeAll(m)
	require.NoError(t, os.Remove(path))
	x := torch.Ones([]int{2, 4})
	want := load(t, "mlp").Forward(x)
	equal(t, want, m.Forward(x), true)
}

package portgraph_test

import (
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/portgraph"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// load returns one of the programs that package export is tested with, and its file.
func load(t *testing.T, name string) (*export.Program, string) {
	t.Helper()
	if strings.HasPrefix(torch.Version(), "1.") {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	f, err := os.Open("../../torch/export/testdata/exported/" + name + ".pt2.gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name+".pt2")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	p, err := export.Load(path)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, path
}

// equal are the programs whose Go gives the same bits.
var equal = strings.Fields(os.Getenv("PORT_ALL") + " mlp cnn lstm gpt")

// The Go that is written from programs is compiled, runs, and gives the same bits as the
// programs.
func TestSourceGivesTheSameBits(t *testing.T) {
	folder, err := os.MkdirTemp("testdata", "run")
	require.NoError(t, err)
	defer os.RemoveAll(folder)
	var checks []portgraph.Check
	for _, name := range equal {
		p, path := load(t, name)
		r, err := portgraph.Source(p, portgraph.Options{Package: "model", File: name + ".pt2"})
		if os.Getenv("PORT_ALL") != "" && err != nil {
			t.Log(name, err)
			continue
		}
		require.NoError(t, err)
		t.Log(name, r.Layers, r.Typed, r.Untyped)
		require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name, "model.go"), r.Source, 0o600))
		checks = append(checks, portgraph.Check{Program: p, File: path, Import: "github.com/wangkuiyi/gotorch/internal/portgraph/" + filepath.ToSlash(folder) + "/" + name})
	}
	source, err := portgraph.Verification(checks...)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), source, 0o600))
	out, err := exec.Command("go", "run", "./"+folder).CombinedOutput() //nolint:gosec // it is ours
	t.Log(string(out))
	require.NoError(t, err, string(out))
	assert.Equal(t, 8, strings.Count(string(out), ", equal\n"), string(out))
	assert.NotContains(t, string(out), "DIFFERENT")
}

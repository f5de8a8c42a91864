package export_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// programs calls test for each of Python's programs.
func programs(t *testing.T, test func(t *testing.T, name string)) {
	files, err := filepath.Glob(exported + "*.pt2.gz")
	require.NoError(t, err)
	require.Len(t, files, 16)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pt2.gz")
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

// A program that is saved and loaded is the same, and gives the same.
func TestSave(t *testing.T) {
	exact := exact(t)
	programs(t, func(t *testing.T, name string) {
		p := load(t, name)
		defer p.Close()
		path := filepath.Join(t.TempDir(), "again.pt2")
		require.NoError(t, export.Save(p, path))
		again, err := export.Load(path)
		require.NoError(t, err)
		defer again.Close()
		assert.Equal(t, p.Graph.String(), again.Graph.String())
		assert.Equal(t, p.Version, again.Version)
		require.Len(t, again.Parameters, len(p.Parameters))
		for i, n := range p.Graph.Nodes {
			assert.Equal(t, n.Where, again.Graph.Nodes[i].Where)
			assert.Equal(t, n.Module, again.Graph.Nodes[i].Module)
		}
		want, err := torch.LoadAs[golden](unpacked(t, name+".pt"))
		require.NoError(t, err)
		for i, run := range want.Runs {
			got, err := again.Run(run.Args...)
			require.NoError(t, err)
			equal(t, run.Want, got, exact, fmt.Sprintf("run %d", i))
			equal(t, run.After, run.Args, exact, fmt.Sprintf("arguments of run %d", i))
		}
		for _, b := range again.Buffers {
			if x := want.Buffers[b.Name]; x != nil {
				equal(t, x, b.Tensor, exact, "buffer "+b.Name)
			}
		}
	})
}

package aoti

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Packages that Python has compiled on this machine give its bits, and change what they change.
func TestPythonPackages(t *testing.T) {
	program := torchtest.Python(t)
	dir := t.TempDir()
	out, err := exec.Command(program, filepath.Join("testdata", "compile.py"), dir).CombinedOutput()
	require.NoError(t, err, string(out))
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"mlp", "cnn", "lstm", "transformer", "decompositions", "moves"} {
		m, err := Load(at(name + ".pt2"))
		require.NoError(t, err)
		calls, err := torch.LoadAs[[]struct {
			Args    []any          `torch:"args"`
			After   []any          `torch:"after"`
			Results map[string]any `torch:"results"`
		}](at(name + ".pt"))
		require.NoError(t, err)
		for _, call := range calls {
			got, err := m.Run(call.Args...)
			require.NoError(t, err, name)
			equal(t, call.Results["all"], got, true)
			equal(t, call.After, call.Args, true)
		}
		m.Close()
	}

	_, err = Load(at("two.pt2"))
	assert.ErrorContains(t, err, `it has the models ["first" "second"]: LoadOptions.Model says which`)
	second, err := Load(at("two.pt2"), LoadOptions{Model: "second"})
	require.NoError(t, err)
	defer second.Close()
	y, err := second.Run(torch.Ones([]int{2, 16}))
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, y.(*torch.Tensor).Shape())

	empty, err := Load(at("empty.pt2"))
	require.NoError(t, err)
	defer empty.Close()
	x := torch.Ones([]int{4, 4})
	_, err = empty.Run(x)
	assert.ErrorContains(t, err, "the package has no constant ")
	weights, err := torch.LoadAs[nn.StateDict](at("mlp_weights.pt"))
	require.NoError(t, err)
	require.NoError(t, empty.UpdateConstants(weights))
	filled, err := empty.Run(x)
	require.NoError(t, err)
	mlp, err := Load(at("mlp.pt2"))
	require.NoError(t, err)
	defer mlp.Close()
	whole, err := mlp.Run(x)
	require.NoError(t, err)
	equal(t, whole, filled, true)
}

package torchtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Compile runs g++ for a shared library or an object against the libtorch in use.
func Compile(t *testing.T, path string, arguments ...string) {
	t.Helper()
	compiler, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("g++ is not installed")
	}
	libtorch := Installation(t)
	include := filepath.Join(libtorch, "include")
	if _, err := os.Stat(include); err != nil {
		t.Skip("this libtorch has no headers")
	}
	var about struct {
		CXX11ABI bool `json:"cxx11_abi"`
	}
	data, err := os.ReadFile(filepath.Join(libtorch, "libtorch.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &about))
	abi := "-D_GLIBCXX_USE_CXX11_ABI=0"
	if about.CXX11ABI {
		abi = "-D_GLIBCXX_USE_CXX11_ABI=1"
	}
	command := exec.Command(compiler, append([]string{"-o", path, "-std=c++20", "-fPIC", abi, "-I" + include,
		"-I" + filepath.Join(include, "torch", "csrc", "api", "include"),
		"-L" + filepath.Join(libtorch, "lib"), "-L" + filepath.Join(libtorch, "stubs")}, arguments...)...)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}

// Installation returns the folder of the libtorch in use.
func Installation(t *testing.T) string {
	libtorch, err := cgotorch.Find()
	require.NoError(t, err)
	return libtorch.Dir
}

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		arguments      []string
		status         int
		stdout, stderr string
	}{
		{nil, 2, "", "Usage: gotorch <command>"},
		{[]string{"help"}, 0, "doctor", ""},
		{[]string{"frobnicate"}, 2, "", `there is no command "frobnicate"`},
		{[]string{"completion"}, 0, `complete -o default -W "completion help install doctor version summary convert compile serve bundle run port vet predict" gotorch`, ""},
		{[]string{"doctor", "-frobnicate"}, 2, "", "flag provided but not defined: -frobnicate"},
		{[]string{"version"}, 0, "shim " + cgotorch.ShimID(), ""},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, test.status, run(test.arguments, &stdout, &stderr), test.arguments)
		assert.Contains(t, stdout.String(), test.stdout)
		assert.Contains(t, stderr.String(), test.stderr)
	}
}

func TestVersionWithoutLibtorch(t *testing.T) {
	t.Setenv(cgotorch.EnvLibtorch, t.TempDir())
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"version"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "no libtorch is ready; gotorch doctor says why")
}

func TestInstallRunsTheScriptItCarries(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	cache := t.TempDir()
	t.Setenv(cgotorch.EnvCache, cache)
	t.Setenv("LIBTORCH", "")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"install", "--print", "--cpu", "--version", "2.11.0", "--no-verify"}, &stdout, &stderr), stderr.String())
	assert.Equal(t, filepath.Join(cache, "libtorch-2.11.0-cpu")+"\n", stdout.String())

	stdout.Reset()
	assert.Equal(t, 1, run([]string{"install", "--gpu"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "there is no option --gpu; --help lists them")
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files are left")
}

// The installer names the shim as cgotorch looks for it.
func TestInstallerAndLoaderAgreeOnTheShim(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	cache := t.TempDir()
	t.Setenv(cgotorch.EnvCache, cache)
	folder := filepath.Join(cache, "libtorch-2.15.0-cpu")
	library := append([]byte("\x7fELF\x02\x01"), make([]byte, 58)...) // as long as it says
	sum := sha256.Sum256(library)
	shim := "shim/libcgotorch-" + cgotorch.ShimID() + ".so"
	for name, content := range map[string][]byte{
		"libtorch.json": nil, "lib/libtorch_cpu.so": library, "lib/libtorch_cpu.dylib": library,
		shim: library, shim + ".sha256": []byte(hex.EncodeToString(sum[:]) + "\n"),
		"stubs/libtorch.so": library, "stubs/libc10_cuda.so": library, "stubs/libtorch_cuda.so": library,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
	t.Setenv("LIBTORCH", "")
	t.Setenv(cgotorch.EnvLibtorch, "")
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"install", "--cpu"}, &stdout, &stderr), stderr.String())
	assert.Equal(t, "==> ready: "+folder+"\n", stdout.String())
	found, err := cgotorch.Find()
	require.NoError(t, err)
	assert.Equal(t, folder, found.Dir)
	assert.Empty(t, stderr.String())

	// A variable that leads programs elsewhere is warned of, one that leads here is not.
	t.Setenv(cgotorch.EnvLibtorch, folder)
	require.Equal(t, 0, run([]string{"install", "--cpu"}, &stdout, &stderr), stderr.String())
	assert.Empty(t, stderr.String())
	t.Setenv(cgotorch.EnvLibtorch, "/no/where")
	require.Equal(t, 0, run([]string{"install", "--cpu"}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stderr.String(), "install_libtorch: warning: $GOTORCH_LIBTORCH names /no/where, which keeps programs from using this: unset it\n")
}

// A module that did no more than get gotorch has the checksums of what its
// packages import, not of what this command would: "go run" of it would fail.
func TestNothingIsImportedFromOtherModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(out)) {
		assert.True(t, strings.HasPrefix(path, "github.com/wangkuiyi/gotorch/"), path)
	}
}

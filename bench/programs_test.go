package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseSampleReadsTheLastLine(t *testing.T) {
	s, err := parseSample([]byte("a warning\n" +
		`{"name":"add","seconds":8.5e-07,"peak_rss_mb":123.5,"torch":"2.15.0","threads":2,"check":null}` + "\n"))
	require.NoError(t, err)
	assert.Equal(t, sample{Name: "add", Seconds: 8.5e-7, PeakMB: 123.5, Torch: "2.15.0", Threads: 2}, s)

	_, err = parseSample([]byte("Segmentation fault\n"))
	assert.ErrorContains(t, err, "the output is not a result")
	_, err = parseSample(nil)
	assert.ErrorContains(t, err, "the output is not a result")
}

func TestFindPythonSaysWhatIsMissing(t *testing.T) {
	_, err := findPython("", filepath.Join(t.TempDir(), "python"))
	require.ErrorIs(t, err, errNoProgram)
	assert.ErrorContains(t, err, "so Python is left out")

	noTorch := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(noTorch, []byte("#!/bin/sh\nexit 1\n"), 0o755))
	t.Setenv("PYTHON", noTorch)
	_, err = findPython("", "")
	require.ErrorIs(t, err, errNoProgram)
	assert.ErrorContains(t, err, "has no torch with numpy")
}

func TestCxx11ABI(t *testing.T) {
	dir := t.TempDir()
	assert.Empty(t, cxx11ABI(dir))
	for manifest, want := range map[string]string{
		`{"cxx11_abi": true}`: "1", `{"cxx11_abi": false}`: "0", `{"cxx11_abi": 1}`: "1",
		`{"version": "2.15.0"}`: "", `{`: "",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "libtorch.json"), []byte(manifest), 0o644))
		assert.Equal(t, want, cxx11ABI(dir), manifest)
	}
}

func TestRunReportsWhatAProgramSays(t *testing.T) {
	script := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(script, []byte(`#!/bin/sh
[ "$2" = broken ] && { echo "no libtorch" >&2; exit 1; }
echo '{"name":"'$2'","seconds":2,"threads":'$4'}'
`), 0o755))
	p := program{script}

	s, err := p.run("add", 3, false)
	require.NoError(t, err)
	assert.Equal(t, 2.0, s.Seconds)
	assert.Equal(t, 3, s.Threads)
	assert.Positive(t, s.wall)

	_, err = p.run("broken", 1, false)
	assert.ErrorContains(t, err, "no libtorch")
}

func TestPrepareExports(t *testing.T) {
	dir := t.TempDir()
	rows := []row{{goName: "add"}, {goName: "pt2-mlp", python: "pt2-mlp"}}

	programs := [languages]program{inGo: {"gobench"}}
	left, err := prepareExports(rows, &programs, dir)
	require.NoError(t, err)
	assert.Equal(t, rows[:1], left, "there is no Python")
	assert.Equal(t, program{"gobench"}, programs[inGo])

	python := filepath.Join(dir, "python")
	require.NoError(t, os.WriteFile(python, []byte(`#!/bin/sh
echo "$@" > "$3/arguments"
`), 0o755))
	programs[inPython] = program{python, "pybench.py"}
	left, err = prepareExports(rows[:1], &programs, dir)
	require.NoError(t, err)
	assert.Equal(t, rows[:1], left)
	assert.Len(t, programs[inPython], 2, "no row needs an export")

	left, err = prepareExports(rows, &programs, dir)
	require.NoError(t, err)
	assert.Equal(t, rows, left)
	folder := filepath.Join(dir, "exports")
	assert.Equal(t, program{"gobench", "-exports", folder}, programs[inGo])
	assert.Equal(t, program{python, "pybench.py", "-exports", folder}, programs[inPython])
	arguments, err := os.ReadFile(filepath.Join(folder, "arguments"))
	require.NoError(t, err)
	assert.Equal(t, "pybench.py -exports "+folder+" -export\n", string(arguments))

	require.NoError(t, os.WriteFile(python, []byte("#!/bin/sh\necho no export >&2; exit 1\n"), 0o755))
	_, err = prepareExports(rows, &programs, dir)
	assert.ErrorContains(t, err, "no export")
}

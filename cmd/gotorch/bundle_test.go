package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// whole returns an installation that a bundle can be made of.
func whole(t *testing.T) installation {
	t.Helper()
	i := newInstallation(t)
	i.library("stubs/libtorch.so", "")
	licence := filepath.Join(i.dir, "share", "licenses", "torch-2.15.0", "LICENSE")
	require.NoError(t, os.MkdirAll(filepath.Dir(licence), 0o755))
	require.NoError(t, os.WriteFile(licence, []byte("BSD"), 0o644))
	return i
}

// of returns a bundle of this test's program, and what it says.
func of(t *testing.T, i installation) (*bundle, *bytes.Buffer) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	var log bytes.Buffer
	return &bundle{program: program, out: filepath.Join(t.TempDir(), "app"), installation: i.candidate(), log: &log,
		load: func(env ...string) (loaded, error) {
			assert.True(t, strings.HasPrefix(env[0], cgotorch.EnvLibtorch+"="))
			return loaded{Version: "2.15.0"}, nil
		}}, &log
}

// A bundle has the program, all that it needs where it looks for that, and what was added.
func TestBundle(t *testing.T) {
	i := whole(t)
	b, log := of(t, i)
	model := filepath.Join(t.TempDir(), "models")
	require.NoError(t, os.MkdirAll(filepath.Join(model, "deep"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(model, "deep", "net.pt"), []byte("net"), 0o600))
	b.with = []string{model}
	require.NoError(t, b.make())
	program := filepath.Base(b.program)
	want := []string{program, "models/deep/net.pt", "libtorch/libtorch.json", "libtorch/lib/libtorch_cpu.so", "libtorch/lib/libc10.so", "libtorch/lib/libextra.so.1",
		"libtorch/shim/" + filepath.Base(i.candidate().Shim), "libtorch/stubs/libtorch.so", "libtorch/licenses/torch-2.15.0/LICENSE"}
	for _, name := range want {
		info, err := os.Stat(filepath.Join(b.out, name))
		require.NoError(t, err)
		assert.Zero(t, info.Mode()&0o022, "nobody else may write %s", name)
	}
	info, err := os.Stat(filepath.Join(b.out, program))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), info.Mode())
	assert.Contains(t, log.String(), "checked    its libtorch 2.15.0 loads here\n")
	assert.Regexp(t, `wants      GLIBC_2\.\d+`, log.String())

	folder := b.out
	b.out += archiveEnd
	require.NoError(t, b.make())
	file, err := os.Open(b.out)
	require.NoError(t, err)
	defer file.Close()
	zip, err := gzip.NewReader(file)
	require.NoError(t, err)
	archive, files := tar.NewReader(zip), 0
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if header.Typeflag == tar.TypeReg {
			files++
			data, err := io.ReadAll(archive)
			require.NoError(t, err)
			same, err := os.ReadFile(filepath.Join(filepath.Dir(folder), header.Name))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(same, data), header.Name)
		}
	}
	assert.Equal(t, len(want), files)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(b.out), ".bundle-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestRefusedBundles(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755))
	i := whole(t)
	mend := func() {}
	for want, prepare := range map[string]func(i installation, b *bundle){
		"is there already: remove it":     func(_ installation, b *bundle) { b.out = t.TempDir() },
		"no such file":                    func(_ installation, b *bundle) { b.program = "/no/where" },
		"is no program that Go has built": func(_ installation, b *bundle) { b.program = text },
		"the bundle lacks libraries that not every machine has: libextra.so.1": func(i installation, _ *bundle) {
			require.NoError(i.t, os.Rename(filepath.Join(i.dir, "lib/libextra.so.1"), filepath.Join(i.dir, "extra")))
			mend = func() {
				require.NoError(i.t, os.Rename(filepath.Join(i.dir, "extra"), filepath.Join(i.dir, "lib/libextra.so.1")))
			}
		},
		"/none: no such file": func(_ installation, b *bundle) { b.with = []string{"/none"} },
		"the bundle has a " + filepath.Base(os.Args[0]) + " already": func(_ installation, b *bundle) { b.with = []string{b.program} },
		"is neither a file nor a folder":                             func(_ installation, b *bundle) { b.with = []string{"/dev/null"} },
		"the bundle's libtorch does not load: it is broken": func(_ installation, b *bundle) {
			b.load = func(...string) (loaded, error) { return loaded{}, errors.New("it is broken") }
		},
		"is another's folder, and may need more than is in it": func(i installation, _ *bundle) {
			require.NoError(i.t, os.Rename(filepath.Join(i.dir, "lib"), filepath.Join(i.dir, "theirs")))
			require.NoError(i.t, os.Symlink("theirs", filepath.Join(i.dir, "lib")))
			mend = func() {
				require.NoError(i.t, os.Remove(filepath.Join(i.dir, "lib")))
				require.NoError(i.t, os.Rename(filepath.Join(i.dir, "theirs"), filepath.Join(i.dir, "lib")))
			}
		},
	} {
		b, _ := of(t, i)
		prepare(i, b)
		err := b.make()
		mend()
		mend = func() {}
		if assert.Error(t, err) {
			assert.Contains(t, strings.ReplaceAll(err.Error(), "stat /none", "/none"), want)
		}
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(b.out), ".bundle-*"))
		assert.Empty(t, left)
	}
	b, _ := of(t, i)
	data, err := os.ReadFile(b.program)
	require.NoError(t, err)
	b.program = filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.WriteFile(b.program, bytes.ReplaceAll(data, []byte("// Every function of the shim, once."), []byte("// Every function of the shim, then.")), 0o755))
	assert.ErrorContains(t, b.make(), "was built with another version of gotorch than this")

	var stdout, stderr bytes.Buffer
	assert.Equal(t, 2, run([]string{"bundle"}, &stdout, &stderr))
	assert.Equal(t, "gotorch bundle: want one PROGRAM, as \"go build\" makes it (--help says more)\n", stderr.String())
	assert.Equal(t, 0, run([]string{"bundle", "-h"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "Usage: gotorch bundle")
}

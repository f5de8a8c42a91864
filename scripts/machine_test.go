//go:build linux

package scripts

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testMachine runs the installer with an empty cache, tiny wheels instead of
// PyPI's, a dummy shim, and tools of the test's own before the system's.
type testMachine struct {
	t           *testing.T
	dir         string // everything lies in it
	cache       string
	shim        string // the shim's sources
	path        string // $PATH without the tools of one test
	environment []string
}

func newMachine(t *testing.T) *testMachine {
	t.Helper()
	for _, tool := range []string{"bash", "g++", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	if err := exec.Command("python3", "-m", "pip", "--version").Run(); err != nil {
		t.Skip("pip is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	m := &testMachine{t: t, dir: dir, cache: filepath.Join(dir, "cache"), shim: filepath.Join(dir, "shim"), path: filepath.Join(dir, "system") + ":" + os.Getenv("PATH")}
	m.executable(filepath.Join(dir, "system", "df"), "echo; echo /dev/x 200000000 100000000 100000000 50% /") // with room, whatever this one has
	m.environment = []string{"HOME=" + dir, "GOTORCH_CACHE=" + m.cache, "PIP_NO_INDEX=1", "PIP_FIND_LINKS=" + wheels(t), "PIP_CONFIG_FILE=/dev/null"}
	for _, name := range m.fileNames(Installer()) {
		data, err := fs.ReadFile(Installer(), name)
		require.NoError(t, err)
		m.write(filepath.Join(dir, "scripts", name), string(data))
	}
	m.write(filepath.Join(dir, "scripts", "libtorch_pins.txt"), pinsOfWheels(t))
	m.write(filepath.Join(m.shim, "dummy.cc"), "#include \"dummy.h\"\n#include <ATen/Version.h>\nextern \"C\" int fake_torch();\nextern \"C\" int id_size() { return sizeof(CTORCH_SHIM_ID) + fake_torch(); }\n")
	m.write(filepath.Join(m.shim, "dummy.h"), "")
	m.write(filepath.Join(m.shim, "json.h"), "")
	m.write(filepath.Join(m.shim, "gloo.h"), "")
	return m
}

// command makes a run of the installer.
func (m *testMachine) command(arguments ...string) *exec.Cmd {
	cmd := exec.Command("bash", append([]string{filepath.Join(m.dir, "scripts", InstallerName), "--shim-src", m.shim}, arguments...)...)
	cmd.Env = append(os.Environ(), "LIBTORCH=", "CXX=", "PATH="+filepath.Join(m.dir, "tools")+":"+m.path)
	cmd.Env = append(cmd.Env, m.environment...)
	return cmd
}

// ok runs the installer, which must succeed, and returns what it printed.
func (m *testMachine) ok(arguments ...string) string {
	m.t.Helper()
	out, err := m.command(arguments...).CombinedOutput()
	require.NoError(m.t, err, string(out))
	return string(out)
}

// fails runs the installer, which must fail, and returns what it printed.
func (m *testMachine) fails(arguments ...string) string {
	m.t.Helper()
	out, err := m.command(arguments...).CombinedOutput()
	require.Error(m.t, err, string(out))
	return string(out)
}

// tool puts a bash script before the system's command of that name.
func (m *testMachine) tool(name, script string) {
	m.executable(filepath.Join(m.dir, "tools", name), script)
}

func (m *testMachine) executable(path, script string) {
	m.write(path, "#!/bin/bash\n"+script+"\n")
	require.NoError(m.t, os.Chmod(path, 0o755))
}

func (m *testMachine) removeTools() {
	require.NoError(m.t, os.RemoveAll(filepath.Join(m.dir, "tools")))
}

// downloaded puts the tiny wheels where an interrupted install leaves them, so
// that pip need not fetch them.
func (m *testMachine) downloaded() {
	m.t.Helper()
	found, err := filepath.Glob(filepath.Join(wheels(m.t), "*.whl"))
	require.NoError(m.t, err)
	for _, path := range found {
		data, err := os.ReadFile(path)
		require.NoError(m.t, err)
		m.write(filepath.Join(m.cache, "downloads", digestOf(m.t, path), filepath.Base(path)), string(data))
	}
}

// slowPython has a script run where Python's command line has the given word.
func (m *testMachine) slowPython(word, script string) {
	m.tool("python3", fmt.Sprintf(`if [[ "$*" == *%s* ]]; then %s; fi; PATH='%s' exec python3 "$@"`, word, script, m.path))
}

// hide takes commands away: $PATH becomes a folder of links to all others.
func (m *testMachine) hide(names ...string) {
	hidden := map[string]bool{}
	for _, name := range names {
		hidden[name] = true
	}
	folder := filepath.Join(m.dir, "path")
	require.NoError(m.t, os.MkdirAll(folder, 0o755))
	for _, dir := range filepath.SplitList(m.path) {
		entries, _ := os.ReadDir(dir) // folders in $PATH need not be there
		for _, entry := range entries {
			if !hidden[entry.Name()] {
				_ = os.Symlink(filepath.Join(dir, entry.Name()), filepath.Join(folder, entry.Name())) // the first of a name wins
			}
		}
	}
	m.path = folder
}

func (m *testMachine) write(path, text string) {
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(m.t, os.WriteFile(path, []byte(text), 0o644))
}

// read returns a file in the cache.
func (m *testMachine) read(name string) string {
	m.t.Helper()
	data, err := os.ReadFile(filepath.Join(m.cache, name))
	require.NoError(m.t, err)
	return string(data)
}

// list returns the names in a folder of the cache.
func (m *testMachine) list(name string) []string {
	m.t.Helper()
	return m.fileNames(os.DirFS(filepath.Join(m.cache, name)))
}

func (m *testMachine) fileNames(files fs.FS) []string {
	m.t.Helper()
	entries, err := fs.ReadDir(files, ".")
	require.NoError(m.t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// temporary returns what is left of temporary folders and files.
func (m *testMachine) temporary() []string {
	var left []string
	for _, pattern := range []string{".tmp-*", ".current-*", ".lock.d"} {
		found, err := filepath.Glob(filepath.Join(m.cache, pattern))
		require.NoError(m.t, err)
		left = append(left, found...)
	}
	return left
}

// wholeInstallation checks that an installation's shim finds all its libraries.
func (m *testMachine) wholeInstallation(name string) {
	m.t.Helper()
	shims, err := filepath.Glob(filepath.Join(m.cache, name, "shim/libcgotorch-*.so"))
	require.NoError(m.t, err)
	require.NotEmpty(m.t, shims)
	out, err := exec.Command("env", "-u", "LD_LIBRARY_PATH", "ldd", shims[0]).CombinedOutput()
	require.NoError(m.t, err, string(out))
	assert.Contains(m.t, string(out), "libtorch_cpu.so")
	assert.NotContains(m.t, string(out), "not found")
	assert.FileExists(m.t, filepath.Join(m.cache, name, "libtorch.json"))
	assert.DirExists(m.t, filepath.Join(m.cache, name, "include/ATen"))
}

func (m *testMachine) nothingInstalled() {
	m.t.Helper()
	found, err := filepath.Glob(filepath.Join(m.cache, "libtorch-*"))
	require.NoError(m.t, err)
	assert.Empty(m.t, found)
}

// pins changes the pins that the installer reads.
func (m *testMachine) pins(change *strings.Replacer) {
	m.write(filepath.Join(m.dir, "scripts", "libtorch_pins.txt"), change.Replace(pinsOfWheels(m.t)))
}

// digest returns the SHA-256 of the wheel whose name starts with prefix.
func (m *testMachine) digest(prefix string) string {
	found, err := filepath.Glob(filepath.Join(wheels(m.t), prefix+"-*.whl"))
	require.NoError(m.t, err)
	require.Len(m.t, found, 1)
	return digestOf(m.t, found[0])
}

// libtorchFolder makes a folder like an unpacked official zip.
func (m *testMachine) libtorchFolder(name string) string {
	folder := filepath.Join(m.dir, name)
	for member, data := range torchFiles(m.t, "2.15.0") {
		if rest, ok := strings.CutPrefix(member, "torch/"); ok && !strings.Contains(member, "cuda") {
			m.write(filepath.Join(folder, rest), string(data))
		}
	}
	m.write(filepath.Join(folder, "lib", "libcudart.so.13"), string(library(m.t, "libcudart.so.13", "int fake_cudart() { return 1; }")))
	m.write(filepath.Join(folder, "build-version"), "2.15.0+cpu\n")
	return folder
}

var (
	wheelsOnce   sync.Once
	wheelsFolder string
)

func TestMain(m *testing.M) {
	code := m.Run()
	if wheelsFolder != "" {
		_ = os.RemoveAll(wheelsFolder) // only tidiness
	}
	os.Exit(code)
}

// wheels returns a folder of tiny wheels laid out as PyPI's are.
func wheels(t *testing.T) string {
	t.Helper()
	wheelsOnce.Do(func() {
		folder, err := os.MkdirTemp("", "gotorch-wheels-")
		require.NoError(t, err)
		for _, version := range []string{"2.15.0", "2.11.0"} {
			wheel(t, folder, "torch", version, "cp311-cp311", torchFiles(t, version))
		}
		cudart := library(t, "libcudart.so.13", "int fake_cudart() { return 1; }")
		cublas := library(t, "libcublas.so.13", "int fake_cublas() { return 1; }")
		wheel(t, folder, "nvidia-cuda-runtime", "13.2.0", "py3-none", map[string][]byte{
			"nvidia/cu13/lib/libcudart.so.13": cudart, "nvidia/cu13/include/cuda.h": nil})
		wheel(t, folder, "nvidia-cublas", "13.4.0", "py3-none", map[string][]byte{"nvidia/cu13/lib/libcublas.so.13": cublas})
		wheel(t, folder, "torchvision", "0.29.2", "py3-none", map[string][]byte{
			"torchvision/_C_stable.so": operators(t), "torchvision/image_stable.so": nil, "torchvision/__init__.py": nil,
			"torchvision-0.29.2.dist-info/LICENSE": []byte("BSD\n")})
		wheelsFolder = folder
	})
	require.NotEmpty(t, wheelsFolder)
	return wheelsFolder
}

// operators returns a library that is linked as torchvision's is.
func operators(t *testing.T) []byte {
	others := [][]byte{torchFiles(t, "2.15.0")["torch/lib/libtorch_cpu.so"]}
	for _, name := range []string{"libtorch.so", "libc10_cuda.so", "libtorch_cuda.so"} {
		others = append(others, library(t, name, "// "+name))
	}
	return library(t, "_C_stable.so", "int fake_operators() { return 1; }", others...)
}

// pinsOfWheels returns the pins of the tiny wheels.
func pinsOfWheels(t *testing.T) string {
	var text strings.Builder
	for _, version := range []string{"2.15.0", "2.11.0"} {
		lines := []string{"cpu torch " + version, "cpu nvidia-cuda-runtime 13.2.0", "cuda nvidia-cublas 13.4.0"}
		if version == "2.15.0" {
			lines = append(lines, "torchvision torchvision 0.29.2")
		}
		for _, line := range lines {
			fields := strings.Fields(line)
			found, err := filepath.Glob(filepath.Join(wheels(t), strings.ReplaceAll(fields[1], "-", "_")+"-"+fields[2]+"-*.whl"))
			require.NoError(t, err)
			require.Len(t, found, 1)
			fmt.Fprintln(&text, version, "linux-"+machineName(), fields[0], fields[1]+"=="+fields[2], digestOf(t, found[0]))
		}
	}
	return text.String()
}

// torchFiles returns the members of a tiny torch wheel. 2.11.0 has the old
// strings of libstdc++, which the real one has not.
func torchFiles(t *testing.T, version string) map[string][]byte {
	numbers := strings.Split(version, ".")
	check := "_ZN3c106detail14torchCheckFailEPKcS2_jRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
	if version == "2.11.0" {
		check = "_ZN3c106detail14torchCheckFailEPKcS2_jRKSs"
	}
	cudart := library(t, "libcudart.so.13", "int fake_cudart() { return 1; }")
	cublas := library(t, "libcublas.so.13", "int fake_cublas() { return 1; }")
	c10 := library(t, "libc10.so", "void "+check+"() {}")
	cpu := library(t, "libtorch_cpu.so", "int fake_cudart(); void "+check+"(); int fake_torch() { "+check+"(); return fake_cudart(); }", c10, cudart)
	return map[string][]byte{
		"torch/__init__.py":              nil,
		"torch/lib/libc10.so":            c10,
		"torch/lib/libtorch_cpu.so":      cpu,
		"torch/lib/libtorch_cuda.so":     library(t, "libtorch_cuda.so", "int fake_cublas(); int fake_cuda() { return fake_cublas(); }", cublas),
		"torch/lib/libtorch_python.so":   nil,
		"torch/include/ATen/Version.h":   nil,
		"torch/include/torch/extra/file": nil,
		"torch/include/torch/headeronly/version.h": fmt.Appendf(nil, "#define TORCH_VERSION_MAJOR %s\n#define TORCH_VERSION_MINOR %s\n#define TORCH_VERSION_PATCH %s\n",
			numbers[0], numbers[1], numbers[2]),
	}
}

var (
	libraries      = map[string][]byte{}
	librariesMutex sync.Mutex
)

// library compiles C to a shared library that links to others.
func library(t *testing.T, name, source string, others ...[]byte) []byte {
	t.Helper()
	librariesMutex.Lock()
	defer librariesMutex.Unlock()
	key := name + source
	if data, ok := libraries[key]; ok {
		return data
	}
	dir := t.TempDir()
	arguments := []string{"-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", filepath.Join(dir, "out"), "-Wl,-soname," + name,
		"-Wl,--disable-new-dtags,-rpath,$ORIGIN", "-Wl,--no-as-needed"}
	for i, other := range others {
		path := filepath.Join(dir, fmt.Sprintf("other%d.so", i))
		require.NoError(t, os.WriteFile(path, other, 0o644))
		arguments = append(arguments, path)
	}
	cmd := exec.Command("g++", arguments...)
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(filepath.Join(dir, "out"))
	require.NoError(t, err)
	libraries[key] = data
	return data
}

// wheel writes a wheel with the given members.
func wheel(t *testing.T, folder, name, version, tag string, members map[string][]byte) {
	t.Helper()
	stem := strings.ReplaceAll(name, "-", "_") + "-" + version
	file, err := os.Create(filepath.Join(folder, stem+"-"+tag+"-manylinux_2_28_"+machineName()+".whl"))
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	write := func(member string, data []byte) {
		w, err := archive.Create(member)
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
	}
	for member, data := range members {
		write(member, data)
	}
	write(stem+".dist-info/METADATA", []byte("Metadata-Version: 2.1\nName: "+name+"\nVersion: "+version+"\n"))
	write(stem+".dist-info/WHEEL", []byte("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: "+tag+"-manylinux_2_28_"+machineName()+"\n"))
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
}

// zipFolder packs a folder under a top folder of the given name and returns the
// zip's SHA-256.
func zipFolder(t *testing.T, folder, top, path string) string {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	require.NoError(t, filepath.WalkDir(folder, func(member string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(folder, member)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(member)
		if err != nil {
			return err
		}
		w, err := archive.Create(filepath.ToSlash(filepath.Join(top, relative)))
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}))
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
	return digestOf(t, path)
}

func digestOf(t *testing.T, path string) string {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func machineName() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64"
	}
	return "x86_64"
}

func which(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	require.NoError(t, err)
	return path
}

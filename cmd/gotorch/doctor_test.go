package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// The names of c10's function that tells the C++ ABI, in the new and the old one.
const (
	newCheck = "_ZN3c106detail14torchCheckFailEPKcS2_jRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
	oldCheck = "_ZN3c106detail14torchCheckFailEPKcS2_jRKSs"
)

// An installation is a whole one, in a temporary folder, for a test to break.
type installation struct {
	t   *testing.T
	dir string
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	i := installation{t, t.TempDir()}
	i.manifest(manifest{Version: "2.15.0", Variant: "cpu", CXX11ABI: true})
	i.library("lib/libextra.so.1", "int extra() { return 1; }")
	i.library("lib/libc10.so", "void "+newCheck+"() {}")
	i.library("lib/libtorch_cpu.so", "int extra(); void "+newCheck+"(); int cpu() { "+newCheck+"(); return extra(); }", "lib/libc10.so", "lib/libextra.so.1")
	i.library("shim/"+filepath.Base(i.candidate().Shim), "int cpu(); void "+newCheck+"(); int shim() { "+newCheck+"(); return cpu(); }", "lib/libtorch_cpu.so")
	return i
}

func (i installation) candidate() cgotorch.Installation {
	return cgotorch.Installation{Dir: i.dir, Origin: "of a test", Shim: filepath.Join(i.dir, "shim", "libcgotorch-"+cgotorch.ShimID()+".so")}
}

func (i installation) manifest(m manifest) {
	data, err := json.Marshal(m)
	require.NoError(i.t, err)
	require.NoError(i.t, os.WriteFile(filepath.Join(i.dir, "libtorch.json"), data, 0o644))
}

// library compiles C to a shared library that links to others of the folder.
func (i installation) library(name, source string, others ...string) {
	i.t.Helper()
	path := filepath.Join(i.dir, name)
	require.NoError(i.t, os.MkdirAll(filepath.Dir(path), 0o755))
	arguments := []string{"-shared", "-fPIC", "-x", "c", "-", "-x", "none", "-o", path, "-Wl,-soname," + filepath.Base(name),
		"-Wl,-rpath,$ORIGIN/../lib", "-Wl,--allow-shlib-undefined"}
	for _, other := range others {
		arguments = append(arguments, filepath.Join(i.dir, other))
	}
	cmd := exec.Command("gcc", arguments...)
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.CombinedOutput()
	require.NoError(i.t, err, string(out))
}

// torchvision adds what stands for torchvision's operators.
func (i installation) torchvision() {
	require.NoError(i.t, os.Mkdir(filepath.Join(i.dir, "torchvision"), 0o755))
	for name, text := range map[string]string{"_C_stable.so": "", "version": "torchvision==0.29.2\n"} {
		require.NoError(i.t, os.WriteFile(filepath.Join(i.dir, "torchvision", name), []byte(text), 0o644))
	}
}

func (i installation) remove(name string) {
	require.NoError(i.t, os.RemoveAll(filepath.Join(i.dir, name)))
}

// healthy returns a machine on which everything works.
func (i installation) healthy() machine {
	return machine{goos: "linux", goarch: "amd64", system: "Test 1", compiler: "g++ 12", candidates: []cgotorch.Installation{i.candidate()},
		load: func() (loaded, error) {
			return loaded{Version: "2.15.0", Capability: "AVX2", CUDATrouble: "no NVIDIA driver on this machine"}, nil
		}}
}

func TestDoctor(t *testing.T) {
	fix := "to mend it: " + cgotorch.InstallCommand
	for _, test := range []struct {
		name    string
		prepare func(i installation, m *machine)
		state   State
		words   []string
	}{
		{"healthy", func(installation, *machine) {}, OK, []string{
			"linux/amd64, Test 1", "shim " + cgotorch.ShimID(), "g++ 12", "(of a test): ready", "libtorch 2.15.0 (cpu) in ", "all found",
			"C++11 ABI (_GLIBCXX_USE_CXX11_ABI=1), the shim's and libtorch's", "libtorch 2.15.0, CPU capability AVX2",
			"none: no NVIDIA driver, and this libtorch is for the CPU", "torchvision   no operators", "install --with torchvision"}},
		{"torchvision", func(i installation, m *machine) { i.torchvision() }, OK, []string{"torchvision   operators of torchvision==0.29.2\n"}},
		{"torchvision does not load", func(i installation, m *machine) {
			i.torchvision()
			m.load = func() (loaded, error) {
				return loaded{Version: "2.15.0", Torchvision: "undefined symbol: aoti_torch_x"}, nil
			}
		}, Wrong, []string{"torchvision/_C_stable.so cannot be loaded: undefined symbol: aoti_torch_x", fix + " --force --with torchvision"}},
		{"nothing installed", func(_ installation, m *machine) { m.candidates = nil }, Wrong,
			[]string{"no libtorch is ready for this gotorch", fix + "\n"}},
		{"folder is gone", func(i installation, m *machine) { i.remove("") }, Wrong,
			[]string{"(of a test): the folder is not there", "no libtorch is ready", fix}},
		{"variable names a wrong folder", func(i installation, m *machine) {
			m.candidates = []cgotorch.Installation{{Dir: "/no/where", Origin: "$GOTORCH_LIBTORCH", Shim: "/no/where/shim/x.so"}}
		}, Wrong, []string{"$GOTORCH_LIBTORCH keeps other places from being looked at", "unset GOTORCH_LIBTORCH, then " + cgotorch.InstallCommand}},
		{"no shim", func(i installation, m *machine) { i.remove("shim") }, Wrong,
			[]string{"(of a test): it has no shim", "no libtorch is ready", fix}},
		{"shim of another gotorch", func(i installation, m *machine) {
			require.NoError(i.t, os.Rename(i.candidate().Shim, filepath.Join(i.dir, "shim", "libcgotorch-0000000000000000.so")))
		}, Wrong, []string{"its shim was built for another version of gotorch", fix}},
		{"shim is cut off", func(i installation, m *machine) { require.NoError(i.t, os.Truncate(i.candidate().Shim, 4096)) }, Wrong,
			[]string{"(of a test): ", ".so is cut off: 4096 bytes of ", "no libtorch is ready", fix}},
		{"others may write", func(i installation, m *machine) { require.NoError(i.t, os.Chmod(filepath.Join(i.dir, "lib"), 0o777)) }, Wrong,
			[]string{"(of a test): it is passed over, as its code may be somebody else's: everybody may write ", "/lib; mend that, or set $GOTORCH_LIBTORCH", "no libtorch is ready"}},
		{"cache cannot be read", func(i installation, m *machine) {
			i.t.Setenv(cgotorch.EnvLibtorch, "")
			i.t.Setenv(cgotorch.EnvCache, i.dir)
			require.NoError(i.t, os.Mkdir(filepath.Join(i.dir, "current"), 0o755))
			m.candidates = cgotorch.Candidates()
		}, Wrong, []string{"(beside the executable): the folder is not there", "(the user's cache): ", "/current is a folder, and should be a file", "no libtorch is ready"}},
		{"second place is ready", func(i installation, m *machine) {
			m.candidates = append([]cgotorch.Installation{{Dir: "/no/where", Origin: "beside the executable", Shim: "/no"}}, m.candidates...)
		}, Note, []string{"place 1       /no/where (beside the executable): the folder is not there", "(of a test): ready", "used          libtorch 2.15.0"}},
		{"library is missing", func(i installation, m *machine) { i.remove("lib/libextra.so.1") }, Wrong,
			[]string{"missing: libextra.so.1, which libtorch_cpu.so needs", fix + " --force"}},
		{"libtorch_cpu is missing", func(i installation, m *machine) { i.remove("lib/libtorch_cpu.so") }, Wrong,
			[]string{"lib/libtorch_cpu.so is not there", fix + " --force"}},
		{"library is damaged", func(i installation, m *machine) {
			require.NoError(i.t, os.Truncate(filepath.Join(i.dir, "lib/libtorch_cpu.so"), 100))
		}, Wrong, []string{"broken: ", "libtorch_cpu.so", fix + " --force"}},
		{"version too old", func(i installation, m *machine) { i.manifest(manifest{Version: "1.12.1"}) }, Wrong,
			[]string{"libtorch 1.12.1 is out of range: gotorch is made for 1.13.1 to 2.15", fix + "\n"}},
		{"version too new", func(i installation, m *machine) { i.manifest(manifest{Version: "2.16.0+cpu"}) }, Wrong,
			[]string{"libtorch 2.16.0+cpu is out of range"}},
		{"manifest is broken", func(i installation, m *machine) {
			require.NoError(i.t, os.WriteFile(filepath.Join(i.dir, "libtorch.json"), []byte("{"), 0o644))
		}, Note, []string{"libtorch.json, which tells the version, is missing or broken"}},
		{"manifest tells another version", func(i installation, m *machine) { i.manifest(manifest{Version: "2.11.0"}) }, Wrong,
			[]string{"the library is libtorch 2.15.0, but libtorch.json says 2.11.0"}},
		{"wrong C++ ABI", func(i installation, m *machine) {
			i.library("lib/libc10.so", "void "+oldCheck+"() {}")
		}, Wrong, []string{"wrong: the shim was built with the C++11 ABI (_GLIBCXX_USE_CXX11_ABI=1), libtorch with the old ABI", fix + " --force"}},
		{"loading fails", func(i installation, m *machine) {
			m.load = func() (loaded, error) { return loaded{}, errors.New("undefined symbol: _ZN2at3addE") }
		}, Wrong, []string{"loading       undefined symbol: _ZN2at3addE", fix + " --force"}},
		{"no compiler", func(i installation, m *machine) { m.compiler = "" }, Note, []string{"no C++ compiler", "apt-get install g++"}},
		{"emulated platform", func(i installation, m *machine) { m.goarch = "arm64" }, Note, []string{"linux/arm64", "tested here under an emulator only"}},
		{"untested platform", func(i installation, m *machine) { m.goos, m.goarch = "darwin", "arm64" }, Note, []string{"darwin/arm64", "never run here"}},
		{"unsupported platform", func(i installation, m *machine) { m.goos = "windows" }, Wrong, []string{"windows/amd64", "gotorch does not support it", "use Linux on x86-64"}},
		{"driver, CPU variant", func(i installation, m *machine) { m.driver = "580.65.06" }, Note,
			[]string{"there is an NVIDIA driver (580.65.06), but this libtorch is for the CPU", fix + " --cuda"}},
		{"CUDA variant, no driver", func(i installation, m *machine) { i.cuda() }, Note,
			[]string{"libtorch_cuda is there, but unusable: no NVIDIA driver on this machine", "install the NVIDIA driver", "--cpu"}},
		{"CUDA variant, old driver", func(i installation, m *machine) { i.cuda(); m.driver = "535.183.01" }, Wrong,
			[]string{"unusable: driver 535.183.01 is older than 580, which CUDA 13 needs", "install a newer NVIDIA driver"}},
		{"CUDA variant, driver does not start", func(i installation, m *machine) {
			i.cuda()
			m.driver = "580.65.06"
			m.load = func() (loaded, error) {
				return loaded{Version: "2.15.0", CUDATrouble: "the NVIDIA driver does not start (cuInit gives 999)"}, nil
			}
		}, Wrong, []string{"driver 580.65.06 and libtorch_cuda are there, but unusable: the NVIDIA driver does not start (cuInit gives 999)"}},
		{"CUDA works", func(i installation, m *machine) {
			i.cuda()
			m.driver = "580.65.06"
			m.load = func() (loaded, error) { return loaded{Version: "2.15.0", CUDACount: 2}, nil }
		}, OK, []string{"usable, driver 580.65.06, devices: 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := newInstallation(t)
			m := i.healthy()
			test.prepare(i, &m)
			checks := diagnose(m)
			var out bytes.Buffer
			printChecks(&out, checks)
			for _, words := range test.words {
				assert.Contains(t, out.String(), words)
			}
			assert.Equal(t, test.state, worst(checks), out.String())
		})
	}
}

// cuda adds libtorch_cuda, which links to the driver.
func (i installation) cuda() {
	i.library("lib/libcuda.so.1", "int driver() { return 1; }")
	i.library("lib/libtorch_cuda.so", "int driver(); int cuda() { return driver(); }", "lib/libcuda.so.1")
	i.remove("lib/libcuda.so.1")
}

// The doctor finds what the loader finds through links to folders and rpaths.
func TestMissingLibrariesFollowsLinks(t *testing.T) {
	i := newInstallation(t)
	linked := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(i.dir, "lib"), filepath.Join(linked, "lib")))
	missing, err := missingLibraries(filepath.Join(linked, "lib", "libtorch_cpu.so"))
	require.NoError(t, err)
	assert.Empty(t, missing)
}

func TestParseVersion(t *testing.T) {
	for _, test := range []struct {
		text    string
		numbers [3]int
		ok      bool
	}{
		{"2.15.0", [3]int{2, 15, 0}, true},
		{"1.13.1+cu117", [3]int{1, 13, 1}, true},
		{"2.15", [3]int{}, false},
		{"", [3]int{}, false},
		{"2.x.0", [3]int{2}, false},
	} {
		numbers, ok := parseVersion(test.text)
		assert.Equal(t, test.ok, ok, test.text)
		assert.Equal(t, test.numbers, numbers, test.text)
	}
}

func TestParseLoaded(t *testing.T) {
	l, err := parseLoaded("2.15.0\nAVX512\n0\nnot installed\nno driver:\nreally\n")
	require.NoError(t, err)
	assert.Equal(t, loaded{Version: "2.15.0", Capability: "AVX512", Torchvision: "not installed", CUDATrouble: "no driver:\nreally"}, l)
	l, err = parseLoaded("2.15.0\nAVX512\n3\n\n\n")
	require.NoError(t, err)
	assert.Equal(t, loaded{Version: "2.15.0", Capability: "AVX512", CUDACount: 3}, l)
	for _, text := range []string{"", "2.15.0\nAVX2\nmany\n\n"} {
		_, err = parseLoaded(text)
		assert.ErrorContains(t, err, "the process that loaded it said")
	}
}

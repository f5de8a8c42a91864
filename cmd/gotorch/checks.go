package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// The libtorch versions that gotorch is tested with: from the oldest to any patch
// of the newest.
var (
	oldest = [3]int{1, 13, 1}
	newest = [3]int{2, 15, 1 << 30}
)

// again is the command that installs what an installation lacks.
const again = cgotorch.InstallCommand + " --force"

func checkPlatform(m machine) Check {
	check := Check{Name: "platform", Detail: m.goos + "/" + m.goarch}
	if m.system != "" {
		check.Detail += ", " + m.system
	}
	switch m.goos + "/" + m.goarch {
	case "linux/amd64":
	case "linux/arm64":
		check.State = Note
		check.Detail += ": gotorch was tested here under an emulator only"
	case "darwin/arm64":
		check.State = Note
		check.Detail += ": gotorch was compiled for this, and never run here"
	default:
		check.State = Wrong
		check.Detail += ": gotorch does not support it"
		check.Fix = "use Linux on x86-64 or arm64, or macOS on arm64"
	}
	return check
}

func checkCompiler(m machine) Check {
	if m.compiler == "" {
		return Check{Name: "compiler", State: Note, Detail: "no C++ compiler: none can be installed without",
			Fix: "apt-get install g++, or name yours in $CXX"}
	}
	return Check{Name: "compiler", Detail: m.compiler}
}

// checkNothing is for a machine where no candidate is ready.
func checkNothing(m machine) Check {
	why, command := cgotorch.Remedy(m.candidates)
	check := Check{Name: "used", State: Wrong, Detail: "no libtorch is ready for this gotorch", Fix: command}
	if why != "" {
		check.Detail += ", and " + why
	}
	return check
}

// checkFiles looks at an installation's files without loading them.
func checkFiles(m machine, installation cgotorch.Installation) []Check {
	checks := []Check{checkVersion(readManifest(installation.Dir).Version)}
	if m.goos != "linux" {
		return checks // the libraries are not ELF files
	}
	return append(checks, checkLibraries(installation), checkABI(installation))
}

func checkVersion(version string) Check {
	check := Check{Name: "version", Detail: "libtorch " + version}
	numbers, ok := parseVersion(version)
	switch {
	case version == "":
		check.State, check.Fix = Note, again
		check.Detail = "libtorch.json, which tells the version, is missing or broken"
	case !ok:
		check.State, check.Fix = Note, again
		check.Detail += " is no version that can be compared"
	case less(numbers, oldest) || less(newest, numbers):
		check.State, check.Fix = Wrong, cgotorch.InstallCommand
		check.Detail += " is out of range: gotorch is made for 1.13.1 to 2.15"
	}
	return check
}

// parseVersion reads the three numbers of a version such as "2.15.0+cpu".
func parseVersion(version string) (numbers [3]int, ok bool) {
	version, _, _ = strings.Cut(version, "+")
	parts := strings.Split(version, ".")
	if len(parts) != len(numbers) {
		return numbers, false
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil {
			return numbers, false
		}
		numbers[i] = n
	}
	return numbers, true
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// checkLibraries looks for the shared libraries that the shim, libtorch_cpu and
// libtorch_cuda link to.
func checkLibraries(installation cgotorch.Installation) Check {
	check := Check{Name: "libraries", Detail: "all found"}
	library := filepath.Join(installation.Dir, "lib", "libtorch_cpu.so")
	if !exists(library) {
		return Check{Name: "libraries", State: Wrong, Detail: library + " is not there", Fix: again}
	}
	paths := []string{library}
	for _, path := range []string{installation.Shim, filepath.Join(installation.Dir, "lib", "libtorch_cuda.so")} {
		if exists(path) {
			paths = append(paths, path)
		}
	}
	missing, err := missingLibraries(paths...)
	switch {
	case err != nil:
		check.State, check.Detail, check.Fix = Wrong, "broken: "+err.Error(), again
	case len(missing) > 0:
		check.State, check.Detail, check.Fix = Wrong, "missing: "+strings.Join(missing, "; "), again
	}
	return check
}

// checkABI compares the C++ ABI of libtorch with the shim's.
func checkABI(installation cgotorch.Installation) Check {
	check := Check{Name: "C++ ABI"}
	path := filepath.Join(installation.Dir, "lib", "libc10.so")
	theirs, known, err := cxx11ABI(path)
	switch {
	case err != nil:
		check.State, check.Detail, check.Fix = Wrong, "libc10 cannot be read: "+err.Error(), again
		return check
	case !known:
		check.State, check.Detail = Note, path+" does not tell its C++ ABI"
		return check
	}
	check.Detail = "of libtorch: " + abiName(theirs)
	if !exists(installation.Shim) {
		return check
	}
	ours, known, err := cxx11ABI(installation.Shim)
	switch {
	case err != nil:
		check.State, check.Detail, check.Fix = Wrong, "the shim cannot be read: "+err.Error(), again
	case known && ours != theirs:
		check.State, check.Fix = Wrong, again
		check.Detail = fmt.Sprintf("wrong: the shim was built with the %s, libtorch with the %s", abiName(ours), abiName(theirs))
	case known:
		check.Detail = abiName(theirs) + ", the shim's and libtorch's"
	}
	return check
}

func abiName(cxx11 bool) string {
	if cxx11 {
		return "C++11 ABI (_GLIBCXX_USE_CXX11_ABI=1)"
	}
	return "old ABI (_GLIBCXX_USE_CXX11_ABI=0)"
}

// checkLoading loads libtorch and compares what it says with the manifest.
func checkLoading(m machine, installation cgotorch.Installation) []Check {
	l, err := m.load()
	if err != nil {
		return []Check{{Name: "loading", State: Wrong, Detail: err.Error(), Fix: again}}
	}
	check := Check{Name: "loading", Detail: fmt.Sprintf("libtorch %s, CPU capability %s", l.Version, l.Capability)}
	about := readManifest(installation.Dir)
	// Debian's 1.13.1 calls itself 1.13.0: patches are not compared.
	if said, ok := parseVersion(l.Version); ok {
		if written, ok := parseVersion(about.Version); ok && (said[0] != written[0] || said[1] != written[1]) {
			check.State, check.Fix = Wrong, again
			check.Detail = fmt.Sprintf("the library is libtorch %s, but libtorch.json says %s", l.Version, about.Version)
		}
	}
	return []Check{check, checkCUDA(m, installation, l), checkTorchvision(installation, l)}
}

// checkTorchvision says whether torchvision's operators are there, which not everybody
// needs, and whether they load.
func checkTorchvision(installation cgotorch.Installation, l loaded) Check {
	check := Check{Name: "torchvision"}
	library := installation.Torchvision()
	switch {
	case !exists(library):
		check.Detail = "no operators, which parts of torch/vision/ops need; they come with: " + cgotorch.InstallCommand + " " + cgotorch.TorchvisionOption
	case l.Torchvision != "":
		check.State, check.Detail = Wrong, library+" cannot be loaded: "+l.Torchvision
		check.Fix = again + " " + cgotorch.TorchvisionOption
	default:
		version, _ := os.ReadFile(filepath.Join(filepath.Dir(library), "version")) // it is only told
		check.Detail = "operators of " + strings.TrimSpace(string(version))
	}
	return check
}

// minDriver is the oldest NVIDIA driver for CUDA 13, which the wheels are for.
const minDriver = 580

// checkCUDA says whether CUDA is usable and, if it could be, why it is not.
func checkCUDA(m machine, installation cgotorch.Installation, l loaded) Check {
	check := Check{Name: "CUDA"}
	present := exists(filepath.Join(installation.Dir, "lib", "libtorch_cuda.so"))
	major, _, _ := strings.Cut(m.driver, ".")
	number, err := strconv.Atoi(major)
	old := err == nil && number < minDriver
	switch {
	case l.CUDATrouble == "":
		check.Detail = fmt.Sprintf("usable, driver %s, devices: %d", m.driver, l.CUDACount)
	case m.driver == "" && !present:
		check.Detail = "none: no NVIDIA driver, and this libtorch is for the CPU"
	case m.driver == "":
		check.State = Note
		check.Detail = "libtorch_cuda is there, but unusable: " + l.CUDATrouble
		check.Fix = "install the NVIDIA driver, or take the CPU variant: " + cgotorch.InstallCommand + " --cpu"
	case !present:
		check.State = Note
		check.Detail = "there is an NVIDIA driver (" + m.driver + "), but this libtorch is for the CPU"
		check.Fix = cgotorch.InstallCommand + " --cuda"
	case old:
		check.State = Wrong
		check.Detail = fmt.Sprintf("libtorch_cuda is there, but unusable: driver %s is older than %d, which CUDA 13 needs; %s", m.driver, minDriver, l.CUDATrouble)
		check.Fix = "install a newer NVIDIA driver, or take the CPU variant: " + cgotorch.InstallCommand + " --cpu"
	default:
		check.State = Wrong
		check.Detail = "driver " + m.driver + " and libtorch_cuda are there, but unusable: " + l.CUDATrouble
		check.Fix = again + " --cuda"
	}
	return check
}

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// machine is what the doctor looks at besides the installations' files.
type machine struct {
	goos, goarch string
	system       string                  // the operating system in words, or ""
	compiler     string                  // the C++ compiler in words, or ""
	driver       string                  // the NVIDIA driver's version, or "" where there is none
	candidates   []cgotorch.Installation // as cgotorch.Candidates gives them
	load         func() (loaded, error)  // loads the shim and libtorch
}

// loaded is what libtorch says of itself once it is loaded.
type loaded struct {
	Version     string // such as "2.15.0"
	Capability  string // the vector instructions in use
	CUDATrouble string // why CUDA cannot be used, or ""
	CUDACount   int
	Torchvision string // why torchvision's operators cannot be used, or ""
}

// thisMachine looks at the machine that the program runs on.
func thisMachine() machine {
	return machine{
		goos:       runtime.GOOS,
		goarch:     runtime.GOARCH,
		system:     systemName(),
		compiler:   compilerName(),
		driver:     driverVersion(),
		candidates: cgotorch.Candidates(),
		load:       func() (loaded, error) { return loadElsewhere() },
	}
}

func systemName() string {
	data, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	match := regexp.MustCompile(`(?m)^PRETTY_NAME="?([^"\n]*)`).FindSubmatch(data)
	if match == nil {
		return ""
	}
	return string(match[1])
}

// compilerName returns the first line of the version of the compiler that the
// installer takes.
func compilerName() string {
	candidates := []string{"g++", "clang++", "c++"}
	if fields := strings.Fields(os.Getenv("CXX")); len(fields) > 0 {
		candidates = fields[:1]
	}
	for _, name := range candidates {
		if output, err := exec.Command(name, "--version").Output(); err == nil {
			line, _, _ := strings.Cut(string(output), "\n")
			return line
		}
	}
	return ""
}

// driverVersion returns the NVIDIA driver's version, "unknown" for one that does
// not tell it, or "".
func driverVersion() string {
	if data, err := os.ReadFile("/proc/driver/nvidia/version"); err == nil {
		if match := regexp.MustCompile(`Kernel Module\D*? (\d+[.\d]*)`).FindSubmatch(data); match != nil {
			return string(match[1])
		}
		return "unknown"
	}
	output, err := exec.Command("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader").Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
	return line
}

// loadElsewhere loads libtorch in another process, which a broken library may
// end, with this environment and more, and returns what it says.
func loadElsewhere(env ...string) (loaded, error) {
	executable, err := os.Executable()
	if err != nil {
		return loaded{}, err
	}
	command := exec.Command(executable, "doctor", "-load")
	command.Env = append(os.Environ(), env...)
	output, err := command.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return loaded{}, errors.New(firstLines(exit.Stderr, 8))
	case errors.As(err, &exit):
		return loaded{}, fmt.Errorf("the process that loaded it crashed (%w): %s", err, firstLines(exit.Stderr, 1))
	case err != nil:
		return loaded{}, err
	}
	return parseLoaded(string(output))
}

// printLoaded loads libtorch in this process and prints what it says, for
// parseLoaded.
func printLoaded() (string, error) {
	if err := cgotorch.Load(); err != nil {
		return "", err
	}
	torchvision := ""
	if err := ops.LoadLibrary(); err != nil {
		torchvision = strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return fmt.Sprintf("%s\n%s\n%d\n%s\n%s\n", cgotorch.Version(), cgotorch.CPUCapability(), cgotorch.CUDACount(), torchvision, cgotorch.CUDATrouble()), nil
}

func parseLoaded(text string) (loaded, error) {
	lines := strings.SplitN(strings.TrimRight(text, "\n"), "\n", 5)
	if len(lines) < 3 {
		return loaded{}, fmt.Errorf("the process that loaded it said %q", text)
	}
	count, err := strconv.Atoi(lines[2])
	if err != nil {
		return loaded{}, fmt.Errorf("the process that loaded it said %q", text)
	}
	l := loaded{Version: lines[0], Capability: lines[1], CUDACount: count}
	if len(lines) > 3 {
		l.Torchvision = lines[3]
	}
	if len(lines) > 4 {
		l.CUDATrouble = lines[4]
	}
	return l, nil
}

// firstLines returns at most count lines of text.
func firstLines(text []byte, count int) string {
	lines := strings.SplitN(strings.TrimSpace(string(text)), "\n", count+1)
	return strings.Join(lines[:min(len(lines), count)], "\n")
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

const importPath = "github.com/wangkuiyi/gotorch/bench"

// A program is how a language's benchmarks are started; empty if it has none.
type program []string

// run runs a benchmark once.
func (p program) run(name string, threads int, quick bool) (sample, error) {
	args := append(slices.Clone(p[1:]), "-name", name, "-threads", strconv.Itoa(threads))
	if quick {
		args = append(args, "-quick")
	}
	cmd := exec.Command(p[0], args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start).Seconds()
	if err != nil {
		return sample{}, fmt.Errorf("%s -name %s: %w\n%s", filepath.Base(p[0]), name, err, stderr.String())
	}
	s, err := parseSample(stdout.Bytes())
	if err != nil {
		return sample{}, fmt.Errorf("%s -name %s: %w", filepath.Base(p[0]), name, err)
	}
	if s.Name != name {
		return sample{}, fmt.Errorf("%s -name %s answered for %q", filepath.Base(p[0]), name, s.Name)
	}
	s.wall = took
	return s, nil
}

// parseSample reads a program's last line of output.
func parseSample(output []byte) (s sample, err error) {
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &s); err != nil {
		return s, fmt.Errorf("the output is not a result: %w", err)
	}
	return s, nil
}

// sourceDir returns this package's folder.
func sourceDir() (string, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", importPath).Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the sources of %s; run this within gotorch's module: %w", importPath, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// must runs a command of a build and gives its output with an error.
func must(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// buildGo builds the Go program in dir.
func buildGo(dir string) (program, error) {
	path := filepath.Join(dir, "gobench")
	return program{path}, must("go", "build", "-o", path, importPath+"/gobench")
}

// errNoProgram is a language that this machine cannot run: the rest goes on.
var errNoProgram = errors.New("left out")

// buildCpp builds the C++ program in dir against the libtorch that Go uses.
func buildCpp(source, dir string, libtorch cgotorch.Installation) (program, error) {
	if _, err := exec.LookPath("cmake"); err != nil {
		return nil, fmt.Errorf("there is no cmake, so C++ is %w", errNoProgram)
	}
	if !haveCompiler() {
		return nil, fmt.Errorf("there is no C++ compiler, so C++ is %w", errNoProgram)
	}
	if _, err := os.Stat(filepath.Join(libtorch.Dir, "include", "torch", "csrc", "api", "include", "torch", "torch.h")); err != nil {
		return nil, fmt.Errorf("%s has no headers, so C++ is %w", libtorch.Dir, errNoProgram)
	}
	args := []string{"-S", filepath.Join(source, "cpp"), "-B", filepath.Join(dir, "cpp"), "-DLIBTORCH=" + libtorch.Dir}
	if abi := cxx11ABI(libtorch.Dir); abi != "" {
		args = append(args, "-DCXX11_ABI="+abi)
	}
	if err := must("cmake", args...); err != nil {
		return nil, err
	}
	if err := must("cmake", "--build", filepath.Join(dir, "cpp"), "--parallel"); err != nil {
		return nil, err
	}
	return program{filepath.Join(dir, "cpp", "cppbench")}, nil
}

func haveCompiler() bool {
	for _, name := range []string{os.Getenv("CXX"), "c++", "g++", "clang++"} {
		if name == "" {
			continue
		}
		if _, err := exec.LookPath(strings.Fields(name)[0]); err == nil {
			return true
		}
	}
	return false
}

// cxx11ABI returns "1" or "0" as the installation's manifest says, or "".
func cxx11ABI(dir string) string {
	var manifest struct {
		ABI any `json:"cxx11_abi"`
	}
	data, err := os.ReadFile(filepath.Join(dir, "libtorch.json"))
	if err != nil || json.Unmarshal(data, &manifest) != nil {
		return ""
	}
	switch manifest.ABI {
	case true, 1.0, "1":
		return "1"
	case false, 0.0, "0":
		return "0"
	}
	return ""
}

// findPython returns the Python program, if there is a Python with torch: the
// given one, $PYTHON or python3.
func findPython(source, python string) (program, error) {
	if python == "" {
		python = os.Getenv("PYTHON")
	}
	if python == "" {
		python = "python3"
	}
	path, err := exec.LookPath(python)
	if err != nil {
		return nil, fmt.Errorf("there is no %s, so Python is %w", python, errNoProgram)
	}
	if err := exec.Command(path, "-c", "import numpy, torch").Run(); err != nil {
		return nil, fmt.Errorf("%s has no torch with numpy (name one that has with -python or $PYTHON), so Python is %w",
			python, errNoProgram)
	}
	return program{path, filepath.Join(source, "pybench.py")}, nil
}

// prepareExports lets Python write the models that rows need to a folder in dir, and
// tells Go and Python where they are. Without Python these rows are left out.
func prepareExports(rows []row, programs *[languages]program, dir string) ([]row, error) {
	python := programs[inPython]
	switch {
	case !slices.ContainsFunc(rows, row.isExported):
		return rows, nil
	case python == nil:
		return slices.DeleteFunc(slices.Clone(rows), row.isExported), nil
	}
	folder, err := filepath.Abs(filepath.Join(dir, "exports"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "exporting ...")
	for _, l := range []language{inGo, inPython} {
		programs[l] = append(programs[l], "-exports", folder)
	}
	return rows, must(python[0], append(python[1:], "-exports", folder, "-export")...)
}

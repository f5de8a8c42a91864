package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/internal/filekind"
)

const compileUsage = `Usage: gotorch compile [-o OUT.pt2] [-python PYTHON] MODEL.pt2

Compiles a program of torch.export, or of export.Save, by PyTorch's AOTInductor, to MODEL_aoti.pt2. That needs a Python
with torch, and a C++ compiler: -python names it, else $GOTORCH_PYTHON, else it is python3. What it makes is native code
for this machine's kind of processor and libtorch. Go runs it without Python, by aoti.Load of package torch/aoti, which
also replaces its weights; Python's torch._inductor.aoti_load_package runs it, too.
`

// envPython names the Python that is used.
const envPython = "GOTORCH_PYTHON"

// compileScript is what Python does. The status noTorch says that it cannot. Small weights
// are kept as such, so that they can be replaced.
const compileScript = `
import sys
try:
    import torch
except ImportError:
    sys.exit(3)
torch._inductor.aoti_compile_and_package(torch.export.load(sys.argv[1]), package_path=sys.argv[2],
    inductor_configs={"always_keep_tensor_constants": True})
`

const noTorch = 3

// runCompile compiles a program.
func runCompile(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("compile", flag.ContinueOnError)
	out := flags.String("o", "", "")
	python := flags.String("python", os.Getenv(envPython), "")
	others, status, done := commandline.Line{Usage: compileUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, func(others []string) error {
		switch {
		case len(others) != 1:
			return errors.New("want one MODEL.pt2")
		case *out != "" && !strings.HasSuffix(*out, ".pt2"):
			return fmt.Errorf("-o %s does not end in .pt2, as PyTorch wants", *out)
		}
		return nil
	})
	if done {
		return status
	}
	model := others[0]
	if *out == "" {
		*out = strings.TrimSuffix(model, ".pt2") + "_aoti.pt2"
	}
	if *python == "" {
		*python = "python3"
	}
	if err := compile(model, *out, *python, stderr); err != nil {
		fmt.Fprintf(stderr, "gotorch compile: %v\n", err)
		return 1
	}
	fmt.Fprintln(stdout, *out)
	fmt.Fprintf(stderr, "Run it in Go: model, err := aoti.Load(%q); then y, err := model.Run(x). \"gotorch summary %s\" says what it takes.\n", *out, *out)
	return 0
}

// compile compiles a program in a folder beside the result, which takes its name when it
// is complete.
func compile(model, out, python string, stderr io.Writer) error {
	kind, err := kindOf(model)
	if err != nil {
		return err
	}
	if kind != filekind.PT2 {
		return fmt.Errorf("%s: not a program of torch.export, but %s", model, kind)
	}
	path, err := exec.LookPath(python)
	if err != nil {
		return fmt.Errorf("there is no Python: %w; -python or $%s names one with torch", err, envPython)
	}
	dir, err := os.MkdirTemp(filepath.Dir(out), ".compile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "model.pt2")
	cmd := exec.Command(path, "-c", compileScript, model, made)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) && exit.ExitCode() == noTorch {
		return fmt.Errorf("%s has no torch: pip installs it, or -python or $%s names another", path, envPython)
	} else if err != nil {
		return fmt.Errorf("%s: AOTInductor has failed: %w", model, err)
	}
	return os.Rename(made, out)
}

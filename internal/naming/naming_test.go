package naming

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"FC1": "fc1", "InProjWeight": "in_proj_weight", "LayerNorm2": "layer_norm2", "ParamGroups": "param_groups",
		"LR": "lr", "LRDecay": "lr_decay", "weight": "weight", "": "",
	} {
		assert.Equal(t, want, SnakeCase(name))
	}
}

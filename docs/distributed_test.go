package docs_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The manifests of the page on several machines are YAML, and fit the schema of PyTorchJob
// where GOTORCH_PYTORCHJOB_CRD names its file: "make kubernetes-check" runs that.
func TestManifests(t *testing.T) {
	blocks := codeOf(t, "distributed.md", "yaml")
	require.Len(t, blocks, 2)
	var manifests []map[string]any
	for _, block := range blocks {
		var manifest map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(block), &manifest), "%s", block)
		assert.Equal(t, "PyTorchJob", manifest["kind"])
		manifests = append(manifests, manifest)
	}
	spec := manifests[1]["spec"].(map[string]any)
	assert.IsType(t, "", spec["nprocPerNode"], "the schema wants a string")

	file := os.Getenv("GOTORCH_PYTORCHJOB_CRD")
	if file == "" {
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var crd struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct {
					Schema map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &crd))
	require.Equal(t, "v1", crd.Spec.Versions[0].Name)
	schema := crd.Spec.Versions[0].Schema.Schema
	for _, manifest := range manifests {
		assert.Empty(t, misfits("", manifest, schema))
	}
	spec["nprocPerNode"], spec["nodes"] = 8, 4
	delete(spec, "pytorchReplicaSpecs")
	assert.Equal(t, []string{".spec.nodes is not in the schema", ".spec.nprocPerNode is int, want string", ".spec.pytorchReplicaSpecs is missing"},
		misfits("", manifests[1], schema))
}

// misfits says where a value does not fit the schema of a custom resource.
func misfits(path string, value any, schema map[string]any) (list []string) {
	switch value := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		others, _ := schema["additionalProperties"].(map[string]any)
		for name, child := range value {
			own, known := properties[name].(map[string]any)
			switch {
			case known:
				list = append(list, misfits(path+"."+name, child, own)...)
			case others != nil:
				list = append(list, misfits(path+"."+name, child, others)...)
			case properties != nil:
				list = append(list, path+"."+name+" is not in the schema")
			}
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, there := value[name.(string)]; !there {
				list = append(list, fmt.Sprintf("%s.%s is missing", path, name))
			}
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, child := range value {
			list = append(list, misfits(fmt.Sprintf("%s[%d]", path, i), child, items)...)
		}
	}
	names := map[string]string{"map[string]interface {}": "object", "[]interface {}": "array", "string": "string", "int": "integer", "bool": "boolean"}
	if got := fmt.Sprintf("%T", value); names[got] != schema["type"] {
		list = append(list, fmt.Sprintf("%s is %s, want %v", path, got, schema["type"]))
	}
	slices.SortFunc(list, strings.Compare)
	return list
}

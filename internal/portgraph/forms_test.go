package portgraph

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every form is a call that Go compiles, with arguments of the types of its slots.
func TestFormsCompile(t *testing.T) {
	arguments := map[string]string{"t": "x", "o": "x", "n": "1.5", "i": "1", "f": "0.5", "b": "true", "s": "1, 2", "l": "[]int{1}", "S": "x, x", "T": "[]*torch.Tensor{x}"}
	var body strings.Builder
	imports := map[string]bool{"torch": true}
	count := 0
	for _, op := range slices.Sorted(maps.Keys(merged())) {
		for _, f := range merged()[op] {
			call := slots.ReplaceAllStringFunc(f, func(s string) string {
				kind := slots.FindStringSubmatch(s)[2]
				if strings.HasPrefix(kind, "=") {
					return ""
				}
				require.Contains(t, arguments, kind, f)
				return arguments[kind]
			})
			for name := range paths {
				imports[name] = imports[name] || strings.Contains(call, name+".")
			}
			fmt.Fprintf(&body, "\t%s // %s\n", strings.ReplaceAll(call, "OPTIONS", ", torch.TensorOptions{}"), op)
			count++
		}
	}
	assert.Greater(t, count, 700)
	source := "package forms\n\nimport (\n"
	for name, path := range paths {
		if imports[name] {
			source += fmt.Sprintf("\t%q\n", path)
		}
	}
	source += ")\n\nfunc _(x *torch.Tensor) {\n" + body.String() + "}\n"
	folder, err := os.MkdirTemp("testdata", "forms")
	require.NoError(t, err)
	defer os.RemoveAll(folder)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "forms.go"), []byte(source), 0o600))
	out, err := exec.Command("go", "build", "-gcflags=-e", "./"+folder).CombinedOutput() //nolint:gosec // it is ours
	require.NoError(t, err, string(out))
}

// merged returns all forms of each operator.
func merged() map[string][]form {
	all := maps.Clone(forms)
	for op, f := range generated {
		all[op] = append(slices.Clip(all[op]), f)
	}
	return all
}

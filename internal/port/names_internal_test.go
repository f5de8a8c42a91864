package port

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Without Python names.txt cannot be made anew, but it is stale where it differs from the
// table in the documents, which comes from the same functions, or from the Go that there is.
func TestNamesAreCurrent(t *testing.T) {
	const remedy = "python3 scripts/port_names.py writes names.txt anew"
	table, err := os.ReadFile("../../docs/pytorch-to-go.md")
	require.NoError(t, err)
	row := regexp.MustCompile("^\\| `([\\w.]+)` \\| `((?:torch|x|linalg|fft|special|functional)\\.\\w+)\\(")
	names, space, rows := loadNames(), "", 0
	for line := range strings.Lines(string(table)) {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			space = strings.TrimSpace(name)
		}
		m := row.FindStringSubmatch(line)
		if m == nil || !slices.Contains([]string{"torch", "torch.Tensor", "torch.linalg", "torch.fft", "torch.special", "torch.nn.functional"}, space) {
			continue
		}
		rows++
		assert.Equal(t, m[2], names[space+"."+m[1]].goName, "%s.%s: %s", space, m[1], remedy)
	}
	assert.Greater(t, rows, 1000)

	tensor := newProgram(nil).tensor
	for _, e := range names {
		if name, ok := strings.CutPrefix(e.goName, "x."); ok {
			assert.NotNil(t, member(tensor, name), "%s is %s: %s", e.python, e.goName, remedy)
		}
	}
}

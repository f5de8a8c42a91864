package torchtest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// number is a number in a line of output.
var number = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?`)

// CheckLines compares what a program printed with the lines that its Python source
// prints: to the letter if exact, else numbers with a point may differ by
// tolerance, relatively, and counts by slack.
func CheckLines(t *testing.T, want []string, got string, exact bool, tolerance float64, slack int) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if exact {
		assert.Equal(t, want, lines)
		return
	}
	require.Len(t, lines, len(want))
	for i, line := range lines {
		require.Equal(t, number.ReplaceAllString(want[i], "#"), number.ReplaceAllString(line, "#"))
		numbers := number.FindAllString(line, -1)
		for k, text := range number.FindAllString(want[i], -1) {
			w, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			g, err := strconv.ParseFloat(numbers[k], 64)
			require.NoError(t, err)
			if strings.ContainsAny(text, ".e") {
				assert.InEpsilon(t, w, g, tolerance, line)
			} else {
				assert.InDelta(t, w, g, float64(slack), line)
			}
		}
	}
}

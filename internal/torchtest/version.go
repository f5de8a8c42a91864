package torchtest

import (
	"os"
	"strings"
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
)

// Old reports whether libtorch is of version 1, such as Debian's.
func Old() bool { return strings.HasPrefix(torch.Version(), "1.") }

// Python returns the Python, with torch of the golden files' version, that $GOTORCH_PYTHON
// names, as make python-check does. A test without it is skipped.
func Python(t testing.TB) string {
	t.Helper()
	python := os.Getenv("GOTORCH_PYTHON")
	if python == "" {
		t.Skip("GOTORCH_PYTHON names no Python with torch: make python-check runs this")
	}
	return python
}

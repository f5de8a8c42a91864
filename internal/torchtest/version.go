package torchtest

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
)

// Old reports whether libtorch is of version 1, such as Debian's.
func Old() bool { return Before(2, 0) }

// Before reports whether libtorch is older than a version.
func Before(major, minor int) bool {
	var have [2]int
	if _, err := fmt.Sscanf(torch.Version(), "%d.%d", &have[0], &have[1]); err != nil {
		panic(err)
	}
	return slices.Compare(have[:], []int{major, minor}) < 0
}

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

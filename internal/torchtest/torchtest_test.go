package torchtest_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

const root = "../.."

// A golden file is of one instruction set, which tests take on each processor that
// has it. Where AMD's processors make and read the files, none is compared within a
// tolerance.
func TestGoldenFiles(t *testing.T) {
	files, exact, tensors := 0, 0, 0
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(filepath.Dir(path)) != "testdata" || !strings.Contains(filepath.Base(path), ".json") {
			return err
		}
		file := torchtest.ReadFile(t, path)
		var header struct{ Header *torchtest.Header }
		if json.Unmarshal(file, &header) != nil || header.Header == nil {
			return nil
		}
		h := *header.Header
		files++
		tensors += strings.Count(string(file), `"dtype":`)
		assert.Equal(t, "avx2", h.ISA, path)
		assert.Equal(t, 2, h.Threads, path)
		assert.FileExists(t, filepath.Join(root, h.Script))
		if h.Exact() {
			exact++
		}
		return nil
	}))
	t.Logf("%d golden files with %d tensors: %d files are compared bit for bit, %d within a tolerance", files, tensors, exact, files-exact)
	assert.GreaterOrEqual(t, files, 48)
	if torch.CPUCapability() == "AVX2" && torch.Version() == "2.15.0" && amd() {
		assert.Equal(t, files, exact)
	}
}

// amd reports whether the processor is one of AMD's.
func amd() bool {
	text, err := os.ReadFile("/proc/cpuinfo")
	return err == nil && strings.Contains(string(text), "AuthenticAMD")
}

func TestIntegersAreComparedAsIntegers(t *testing.T) {
	// 2⁵³ + 1, which no float64 is.
	g := torchtest.Tensor{DType: "int64", Shape: []int{1}, Data: "AQAAAAAAIAA="}
	assert.Equal(t, []int64{1<<53 + 1}, torch.ToSlice[int64](g.Make(t)))
	var other testing.T
	assert.True(t, g.Check(&other, torch.FromSlice([]int64{1<<53 + 1}), false, 0.1))
	assert.False(t, g.Check(&other, torch.FromSlice([]int64{1 << 53}), false, 0.1))
	assert.True(t, other.Failed())

	// Roundings may differ where the values are not exact, if the test says so.
	assert.True(t, g.Check(t, torch.FromSlice([]int64{1 << 53}), false, 1))
	assert.False(t, g.Check(new(testing.T), torch.FromSlice([]int64{1 << 53}), true, 1))
	assert.False(t, g.Check(new(testing.T), torch.FromSlice([]int64{1<<53 - 2}), false, 1))
}

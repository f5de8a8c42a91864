package cuda

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
)

// TestManagement asks a library of the test's own what NVIDIA's tells.
func TestManagement(t *testing.T) {
	before := managementLibrary
	t.Cleanup(func() { managementLibrary = before })
	managementLibrary = "no-such-library.so"
	ask := func(method, uuid string, n int) (numbers []int, err error) {
		err = torch.Try(func() {
			callManagement("cuda.Test", method, uuid, func(r *torch.Results) {
				for range n {
					numbers = append(numbers, r.Int())
				}
			})
		})
		return numbers, err
	}
	_, err := ask("power", "one", 1)
	assert.ErrorContains(t, err, "cuda.Test: NVML cannot be loaded: no-such-library.so")

	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler")
	}
	managementLibrary = filepath.Join(t.TempDir(), "libnvml.so")
	out, err := exec.Command(compiler, "-shared", "-fPIC", "-o", managementLibrary, filepath.Join("testdata", "nvml.c")).CombinedOutput()
	require.NoError(t, err, string(out))
	for method, want := range map[string][]int{"utilization": {70, 30}, "temperature": {55}, "power": {123456}, "clock": {1980}} {
		got, err := ask(method, "one", len(want))
		require.NoError(t, err, method)
		assert.Equal(t, want, got, method)
	}
	_, err = ask("utilization", "two", 2)
	assert.EqualError(t, err, "cuda.Test: nvmlDeviceGetUtilizationRates: Not Supported")
	_, err = ask("clock", "three", 1)
	assert.EqualError(t, err, "cuda.Test: nvmlDeviceGetHandleByUUID: Invalid Argument")

	lines := strings.Split(processes("cuda.Test", 1, "one"), "\n")
	require.Len(t, lines, 21)
	assert.Equal(t, "GPU:1", lines[0])
	assert.Equal(t, "process       1019 uses   163840.000 MB GPU memory", lines[20])
	assert.Equal(t, "GPU:0\nno processes are running", processes("cuda.Test", 0, "two"))
}

func TestArchitectures(t *testing.T) {
	list := architectures("  - NVCC architecture flags: -gencode;arch=compute_75,code=sm_75;-gencode;arch=compute_90a,code=sm_90a;" +
		"-gencode;arch=compute_120,code=[sm_120,compute_120]\n  - CuDNN 91.9\n")
	assert.Equal(t, []string{"sm_75", "sm_90a", "sm_120", "compute_120"}, list)
	assert.Equal(t, "-gencode compute=compute_75,code=sm_75 -gencode compute=compute_120,code=compute_120", gencodeFlags([]string{"sm_75", "compute_120"}))
	assert.Empty(t, gencodeFlags(nil))
}

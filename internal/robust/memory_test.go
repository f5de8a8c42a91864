package robust

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

func init() { children["memory limit"] = memoryLimit }

// memoryLimit makes tensors until that fails, and goes on, three times. Much smaller
// tensors than those of the test still end the process: then it is Go's own runtime
// that gets no memory.
func memoryLimit() {
	size, err := strconv.Atoi(os.Getenv("GOTORCH_TEST_BYTES"))
	if err != nil {
		panic(err)
	}
	for range 3 {
		var kept []*torch.Tensor
		err := torch.Try(func() {
			for {
				kept = append(kept, torch.Ones([]int{size / 4}))
			}
		})
		expectError(torch.OutOfMemoryError, "memory", func() { panic(err) })
		expect("some", len(kept)*size > 100<<20, true)
		for _, x := range kept {
			x.Close()
		}
		small := torch.Ones([]int{20, 20})
		expect("a product", small.Mm(small).Max().Item(), 20.0)
	}
	fmt.Println(cgotorch.PeakBytes()>>20, "MB")
}

func TestMemoryLimit(t *testing.T) {
	if sanitized {
		t.Skip("a sanitizer itself takes more address space than the limit")
	}
	_, err := exec.LookPath("bash")
	require.NoError(t, err, "it sets the limit")
	for _, size := range []int{4 << 20, 400 << 10, 40 << 10} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Setenv("GOTORCH_TEST_BYTES", strconv.Itoa(size))
			survives(t, "memory limit", "bash", "-c", `ulimit -v 4000000; exec "$0"`)
		})
	}
}

package attention_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/attention"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

var all = []attention.SDPBackend{attention.Math, attention.FlashAttention, attention.EfficientAttention,
	attention.CuDNNAttention, attention.Overrideable}

// needsKernels skips a test where libtorch has no such kernels.
func needsKernels(t *testing.T) {
	if err := torch.Try(func() { attention.SDPAKernel(all, func() {}) }); err != nil {
		require.NotEqual(t, "2.15.0", torch.Version())
		t.Skip("as this libtorch says: ", err)
	}
}

// Each list of backends gives what it gives in Python, or its error.
func TestGolden(t *testing.T) {
	needsKernels(t)
	var cases []struct {
		Backends, Enabled []string
		Priority          bool
		X                 torchtest.Tensor
		Y                 *torchtest.Tensor
		Error             string
	}
	header := torchtest.Golden(t, "testdata/sdpa_kernel.json", &cases)
	require.NotEmpty(t, cases)
	for _, c := range cases {
		var backends []attention.SDPBackend
		for _, name := range c.Backends {
			for _, b := range all {
				if b.String() == name {
					backends = append(backends, b)
				}
			}
		}
		require.Len(t, backends, len(c.Backends))
		x := c.X.Make(t)
		attention.SDPAKernel(backends, func() {
			enabled := []string{}
			for _, b := range attention.EnabledBackends() {
				enabled = append(enabled, b.String())
			}
			assert.Equal(t, c.Enabled, enabled, c.Backends)
			var y *torch.Tensor
			err := torch.Try(func() { y = functional.ScaledDotProductAttention(x, x, x) })
			if c.Error != "" {
				assert.ErrorContains(t, err, c.Error)
				return
			}
			require.NoError(t, err)
			c.Y.Check(t, y, header.Exact(), 1e-6, c.Backends)
		}, attention.SDPAKernelOptions{SetPriority: c.Priority})
		assert.Equal(t, []attention.SDPBackend{1, 2, 0, 3, 4}, attention.EnabledBackends(), "as it was")
	}
}

func TestRestoredAfterPanic(t *testing.T) {
	needsKernels(t)
	before := attention.EnabledBackends()
	assert.PanicsWithValue(t, "no", func() {
		attention.SDPAKernel([]attention.SDPBackend{attention.Math}, func() {
			assert.Equal(t, []attention.SDPBackend{attention.Math}, attention.EnabledBackends())
			panic("no")
		}, attention.SDPAKernelOptions{SetPriority: true})
	})
	assert.Equal(t, before, attention.EnabledBackends())
}

func TestRefused(t *testing.T) {
	assert.ErrorContains(t, torch.Try(func() { attention.SDPAKernel(nil, nil) }), "f must not be nil")
	for _, b := range []attention.SDPBackend{-1, 5} {
		err := torch.Try(func() { attention.SDPAKernel([]attention.SDPBackend{b}, func() {}) })
		assert.ErrorContains(t, err, fmt.Sprintf("there is no backend %d; the last one is 4, OVERRIDEABLE", b))
	}
}

func ExampleSDPAKernel() {
	attention.SDPAKernel([]attention.SDPBackend{attention.Math}, func() {
		fmt.Println(attention.EnabledBackends()) // here functional.ScaledDotProductAttention takes no other
	})
	// Output: [MATH]
}

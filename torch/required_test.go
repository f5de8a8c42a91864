package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// TestNilFunctionsAndTargets has nil where Python has None.
func TestNilFunctionsAndTargets(t *testing.T) {
	x := torch.Ones([]int{1})
	assert.Equal(t, torch.Float32, x.To(nil).DType(), "nothing changes")
	assert.Equal(t, torch.Device{}, internals.DeviceOf(nil))
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"WithDevice": {Call: func() { torch.WithDevice(torch.CPU, nil) }, Kind: torch.TypeError, Words: "the function is nil"},
		"Autocast":   {Call: func() { torch.Autocast(torch.CPU, nil) }, Kind: torch.TypeError, Words: "the function is nil"},
		"To": {Call: func() { x.To((*torch.Device)(nil)) }, Kind: torch.TypeError,
			Words: "want a DType, a Device, a MemoryFormat or a *Tensor, not a *torch.Device"},
	})
}

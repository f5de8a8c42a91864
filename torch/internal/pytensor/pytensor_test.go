package pytensor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/pytensor"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestTensorsAreWrittenAsInPython(t *testing.T) {
	for want, v := range map[string]torch.Operand{
		"1.5": 1.5, "False": torch.NewTensor(false), "0.30000001192092896": torch.NewTensor(float32(0.3)),
		"7": torch.NewTensor(7), "tensor([0.3000])": torch.NewTensor([]float32{0.3}),
	} {
		assert.Equal(t, want, pytensor.Format(v))
	}
}

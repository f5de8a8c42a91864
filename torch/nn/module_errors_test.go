package nn_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var errorKinds = map[string]torch.ErrorKind{
	"RuntimeError": torch.RuntimeError, "IndexError": torch.IndexError, "ValueError": torch.ValueError,
	"TypeError": torch.TypeError, "NotImplementedError": torch.NotImplementedError,
}

func zeros(size ...int) *torch.Tensor { return torch.Zeros(size) }

var activationErrors = map[string]func(){
	"Hardtanh limits":      func() { nn.NewHardtanh(nn.HardtanhOptions{MinVal: new(2.0), MaxVal: new(1.0)}) },
	"GELU approximate":     func() { nn.NewGELU(nn.GELUOptions{Approximate: "sigmoid"}).Forward(zeros(3)) },
	"GLU odd":              func() { nn.NewGLU().Forward(zeros(3)) },
	"Softshrink negative":  func() { nn.NewSoftshrink(nn.SoftshrinkOptions{Lambd: new(-1.0)}).Forward(zeros(3)) },
	"CELU zero":            func() { nn.NewCELU(nn.CELUOptions{Alpha: new(0.0)}).Forward(zeros(3)) },
	"PReLU channels":       func() { nn.NewPReLU(nn.PReLUOptions{NumParameters: new(2)}).Forward(zeros(4, 3)) },
	"RReLU limits":         func() { nn.NewRReLU(nn.RReLUOptions{Lower: new(1.0), Upper: new(0.0)}).Forward(zeros(3)) },
	"Softmax dim":          func() { nn.NewSoftmax(1).Forward(zeros(3)) },
	"Softmax2d dimensions": func() { nn.NewSoftmax2d().Forward(zeros(2, 3)) },
}

var normalizationErrors = map[string]func(){
	"BatchNorm1d dimensions":    func() { nn.NewBatchNorm1d(3).Forward(zeros(2, 3, 4, 4)) },
	"BatchNorm2d dimensions":    func() { nn.NewBatchNorm2d(3).Forward(zeros(1, 3)) },
	"BatchNorm3d dimensions":    func() { nn.NewBatchNorm3d(3).Forward(zeros(2, 3, 4, 4)) },
	"BatchNorm1d of one value":  func() { nn.NewBatchNorm1d(3).Forward(zeros(1, 3)) },
	"BatchNorm2d channels":      func() { nn.NewBatchNorm2d(4).Forward(zeros(2, 3, 4, 4)) },
	"InstanceNorm1d dimensions": func() { nn.NewInstanceNorm1d(3).Forward(zeros(2, 3, 4, 4)) },
	"InstanceNorm2d dimensions": func() { nn.NewInstanceNorm2d(3).Forward(zeros(1, 3)) },
	"InstanceNorm3d dimensions": func() { nn.NewInstanceNorm3d(3).Forward(zeros(1, 3)) },
	"InstanceNorm2d channels": func() {
		nn.NewInstanceNorm2d(4, nn.InstanceNormOptions{Affine: true}).Forward(zeros(2, 3, 4, 4))
	},
	"InstanceNorm2d channels without batch": func() {
		nn.NewInstanceNorm2d(4, nn.InstanceNormOptions{Affine: true}).Forward(zeros(3, 4, 4))
	},
	"InstanceNorm1d of one value":  func() { nn.NewInstanceNorm1d(3).Forward(zeros(2, 3, 1)) },
	"LayerNorm shape":              func() { nn.NewLayerNorm(5).Forward(zeros(2, 3, 4, 4)) },
	"RMSNorm shape":                func() { nn.NewRMSNorm(5).Forward(zeros(2, 3, 4, 4)) },
	"GroupNorm groups":             func() { nn.NewGroupNorm(2, 3) },
	"GroupNorm of one value":       func() { nn.NewGroupNorm(3, 3).Forward(zeros(1, 3)) },
	"LocalResponseNorm dimensions": func() { nn.NewLocalResponseNorm(2).Forward(zeros(1, 3)) },
	"CrossMapLRN2d dimensions":     func() { nn.NewCrossMapLRN2d(2).Forward(zeros(1, 3)) },
	"Dropout above":                func() { nn.NewDropout(nn.DropoutOptions{P: new(2.0)}) },
	"AlphaDropout below":           func() { nn.NewAlphaDropout(nn.DropoutOptions{P: new(-0.5)}) },
	"Dropout1d dimensions":         func() { nn.NewDropout1d().Forward(zeros(2, 3, 4, 4)) },
}

func TestModulesRefuseInPythonsWords(t *testing.T) {
	var cases []struct{ Name, Kind, Message string }
	header := torchtest.Golden(t, "testdata/errors.json", &cases)
	calls := map[string]func(){}
	for _, part := range []map[string]func(){activationErrors, normalizationErrors} {
		maps.Copy(calls, part)
	}
	require.Len(t, calls, len(cases))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, calls, c.Name)
			e := fails(t, calls[c.Name])
			if header.Torch == torch.Version() {
				assert.Equal(t, c.Message, e.Message)
				assert.Equal(t, errorKinds[c.Kind], e.Kind)
			}
		})
	}
}

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

func TestModulesRefuseInPythonsWords(t *testing.T) {
	var cases []struct{ Name, Kind, Message string }
	header := torchtest.Golden(t, "testdata/errors.json", &cases)
	calls := map[string]func(){}
	for _, part := range []map[string]func(){activationErrors} {
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

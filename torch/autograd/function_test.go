package autograd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func floats(x *torch.Tensor) []float64 { return torch.ToSlice[float64](x) }

func leaf(values ...float64) *torch.Tensor { return torch.FromSlice(values).SetRequiresGrad(true) }

// Exp is exp with a Backward that uses the output.
type Exp struct{}

func (Exp) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	y := inputs[0].Exp()
	ctx.SaveForBackward(y)
	return []*torch.Tensor{y}
}

func (Exp) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{grads[0].Mul(ctx.SavedTensors()[0])}
}

func TestFunction(t *testing.T) {
	x := leaf(0, 1, 2)
	y := autograd.Apply1(Exp{}, x)
	assert.Equal(t, "ExpBackward", y.GradFn().Name())
	y.Sum().Backward()
	assert.Equal(t, floats(x.Exp()), floats(x.Grad()))
	assert.Equal(t, floats(x.Exp()), floats(y))
}

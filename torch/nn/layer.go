package nn

import (
	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// pick returns a if the condition holds, else b.
func pick[T any](condition bool, a, b T) T {
	if condition {
		return a
	}
	return b
}

// fill sets all elements of a parameter, if there is one, to value.
func fill(x *torch.Tensor, value float64) {
	if x != nil {
		nninit.Constant(x, value)
	}
}

// pair is [Module.Run] for what gives two tensors.
func (m *Module) pair(x *torch.Tensor, f func(x *torch.Tensor) (a, b *torch.Tensor)) (a, b *torch.Tensor) {
	outputs := m.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		a, b := f(inputs[0])
		return []*torch.Tensor{a, b}
	}, x)
	return outputs[0], outputs[1]
}

// toFloat returns an option that is a real number.
func toFloat(op string, v torch.Number) float64 {
	f, ok := number.Float(v)
	if !ok {
		panic(torch.Errorf("nn."+op, torch.TypeError, "want an integer or a floating-point number, not a %T", v))
	}
	return f
}
